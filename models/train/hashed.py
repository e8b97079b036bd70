"""Hashed features, bucket for bucket those of `shared/learn/src/hashed.rs`: character n-grams within words, words and pairs of words."""

import functools
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

# Source: Fowler, Noll and Vo, FNV-1a of 32 bits.
OFFSET, PRIME = 0x811C9DC5, 0x01000193
# The property White_Space; `str.split` also takes four control characters.
SPACE = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# Soft hyphens, zero-width characters and variation selectors: they hide words from a filter and from nobody else.
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
# Endings that make a word with dots a link. Chosen: the usual ones, without those that are words where a space is missing.
ENDINGS = frozenset("com net org info biz io co es mx ar cl pe uk eu ru cn xyz top shop store online site club link click app dev example".split())
LINK, MAIL = "‹link›", "‹mail›"
GRAM, WORD, PAIR = b"c", b"w", b"p"


@dataclass(frozen=True)
class Recipe:
    """What is taken from a text; `bits` is the logarithm of the width."""

    bits: int
    shortest: int
    longest: int
    accents: bool = False
    symbols: bool = False
    words: bool = True
    ignored: tuple[str, ...] = ()


def is_word(character: str) -> bool:
    """Letters, marks and numbers; and the letters in a box, which Unicode calls alphabetic."""
    return unicodedata.category(character)[0] in "LMN" or 0x1F150 <= ord(character) <= 0x1F169 or 0x1F170 <= ord(character) <= 0x1F189


@functools.lru_cache(200_000)
def _small(character: str) -> str:
    return "0" if character in "0123456789" else character.lower()


def fold(text: str, accents: bool) -> str:
    """Compatible characters, lower case, every digit 0; without accents unless they are wanted."""
    text = INVISIBLE.sub("", text)
    if accents:
        text = unicodedata.normalize("NFKC", text)
    else:
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(map(_small, text))


def is_link(chunk: str) -> bool:
    if "://" in chunk or chunk.startswith("www."):
        return True
    while chunk and not is_word(chunk[0]):
        chunk = chunk[1:]
    while chunk and not is_word(chunk[-1]):
        chunk = chunk[:-1]
    labels = chunk.split("/")[0].split(".")
    return len(labels) > 1 and labels[-1] in ENDINGS and all(label and all(is_word(c) or c == "-" for c in label) for label in labels)


def is_mail(chunk: str) -> bool:
    name, _, host = chunk.partition("@")
    return bool(name) and "." in host.strip(".")


@functools.lru_cache(500_000)
def _pieces(chunk: str) -> tuple[str, ...]:
    if is_mail(chunk):
        return (MAIL,)
    if is_link(chunk):
        return (LINK,)
    pieces: list[str] = []
    last = None
    for character in chunk:
        kind = is_word(character)
        if kind == last:
            pieces[-1] += character
        else:
            pieces.append(character)
        last = kind
    return tuple(pieces)


def tokens(text: str, recipe: Recipe) -> list[str]:
    """Words, runs of symbols, links and addresses, in order."""
    found = [piece for chunk in SPACE.split(fold(text, recipe.accents)) if chunk for piece in _pieces(chunk)]
    is_kept = lambda piece: piece in (LINK, MAIL) or (piece not in recipe.ignored if is_word(piece[0]) else recipe.symbols)
    return [piece for piece in found if is_kept(piece)]


def fnv(data: bytes, start: int = OFFSET) -> int:
    for byte in data:
        start = ((start ^ byte) * PRIME) & 0xFFFFFFFF
    return start


def bucket(value: int, bits: int) -> int:
    """Xor-folded, as the authors of FNV advise for fewer than 32 bits."""
    return (value >> bits ^ value) & ((1 << bits) - 1)


@functools.lru_cache(500_000)
def _grams(token: str, recipe: Recipe) -> tuple[int, ...]:
    padded = f" {token} "
    encoded = [character.encode() for character in padded]
    found = []
    for start in range(len(padded)):
        value = fnv(GRAM)
        for length, data in enumerate(encoded[start : start + recipe.longest], 1):
            value = fnv(data, value)
            if length >= recipe.shortest and (length > 1 or padded[start] != " "):
                found.append(bucket(value, recipe.bits))
    return tuple(found)


@functools.lru_cache(2_000_000)
def _whole(kind: bytes, text: str, bits: int) -> int:
    return bucket(fnv(kind + text.encode()), bits)


def buckets(text: str, recipe: Recipe) -> list[int]:
    """Every feature of a text, as often as it occurs."""
    found: list[int] = []
    previous = None
    for token in tokens(text, recipe):
        is_mark = token in (LINK, MAIL)
        if not is_mark:
            found += _grams(token, recipe)
        if recipe.words and (is_mark or is_word(token[0])):
            found.append(_whole(WORD, token, recipe.bits))
            if previous is not None:
                found.append(_whole(PAIR, f"{previous} {token}", recipe.bits))
            previous = token
    return found


def features(texts: list[str], recipe: Recipe) -> csr_matrix:
    """1 + ln of how often, with norm 1; an empty text has no entry."""
    indptr, indices, values = [0], [], []
    for text in texts:
        found, counts = np.unique(np.array(buckets(text, recipe), np.int32), return_counts=True)
        value = 1 + np.log(counts)
        indices.append(found)
        values.append((value / max(np.linalg.norm(value), 1e-12)).astype(np.float32))
        indptr.append(indptr[-1] + len(found))
    shape = (len(texts), 1 << recipe.bits)
    return csr_matrix((np.concatenate(values or [[]]), np.concatenate(indices or [[]]), indptr), shape, dtype=np.float32)
