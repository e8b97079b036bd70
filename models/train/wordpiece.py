"""The tokenizer of both encoders: one WordPiece for English and Spanish, lower-case and without accents.

Its English pieces are the teacher's own, so that the teacher's layers read what they are used to; its Spanish ones are trained.
"""

import random
import re
from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from . import corpora, teacher

# Chosen: at 4 bits a number, micro's table of it is below 2 MB and small's below 4.
VOCABULARY = 16_384
# How many pieces Spanish text is given before the two lists are joined. Chosen; not searched.
SPANISH = 7_000
# The longest text an encoder reads, in tokens, the two at its ends included; what is beyond is cut. Chosen; not measured.
MAX_TOKENS = 128
PAD, UNKNOWN, START, END = range(4)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
# Everyday words must not drown in those of software manuals. Chosen; not searched.
OURS_TIMES = 8


def path(work: Path) -> Path:
    return work / "tokenizer.json"


def load(work: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path(work)))
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def blank(model: models.WordPiece) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=True)])
    return tokenizer


def spanish_pieces(texts: list[str]) -> list[str]:
    tokenizer = blank(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=64))
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=SPANISH, special_tokens=SPECIAL, limit_alphabet=120, show_progress=False))
    return sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)


def english_pieces(texts: list[str]) -> list[str]:
    """The teacher's pieces: those that these texts use, by how often, then the rest by their own order, which is that of frequency."""
    known = teacher.tokenizer()
    known.no_truncation()
    known.no_padding()
    counts = Counter(piece for row in known.encode_batch(texts, add_special_tokens=False) for piece in row.tokens)
    order = sorted(known.get_vocab(), key=known.get_vocab().get)
    usual = [piece for piece in order if re.fullmatch(r"(##)?[a-z]+", piece) or (len(piece.removeprefix("##")) == 1 and piece.isascii())]
    # Twice may be chance.
    used = [piece for piece, count in counts.most_common() if count > 2]
    known_good = set(usual)
    return [piece for piece in dict.fromkeys([*used, *usual]) if piece in known_good]


def command(arguments) -> None:
    """Reads both sides of the parallel text and our own texts; no labelled set."""
    rng = random.Random(arguments.seed)
    both = corpora.parallel(arguments.data) + corpora.everyday() * OURS_TIMES
    rng.shuffle(both)
    ours = {language: [text for intent in corpora.intents("train") for text in intent.texts(language)] * OURS_TIMES for language in ("en", "es")}
    spanish = spanish_pieces([es for _, es in both] + ours["es"])
    letters = [mark + character for character in "abcdefghijklmnopqrstuvwxyz0123456789" for mark in ("", "##")]
    english = english_pieces([en for en, _ in both] + ours["en"])
    pieces = list(dict.fromkeys([*SPECIAL, *letters, *spanish, *english]))[:VOCABULARY]
    tokenizer = blank(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]", max_input_chars_per_word=64))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", START), ("[SEP]", END)])
    tokenizer.save(str(path(arguments.work)), pretty=False)
    for language, texts in (("en", [en for en, _ in both[:5_000]]), ("es", [es for _, es in both[:5_000]])):
        words = sum(len(text.split()) for text in texts)
        print(f"{language}: {sum(len(row.ids) - 2 for row in tokenizer.encode_batch(texts)) / words:.2f} pieces a word")
    print(f"{tokenizer.get_vocab_size()} pieces")
