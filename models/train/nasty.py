"""Texts that nobody should send, the same here and in `shared/infer/tests/nasty`: both make them from one seed, so none is stored."""

import hashlib
import struct

COUNT, BLOCK = 5_000, 100
# Where a text is cut before it is read. Source: `MAX_BYTES` in shared/infer.
MAX_BYTES = 16_384
# First code point, how many.
ALPHABETS = [
    (0x20, 95), (0x61, 26), (0xA0, 96), (0x100, 256), (0x300, 112), (0x370, 400), (0x591, 350), (0x900, 128), (0xE01, 58), (0x00, 32), (0x200B, 5), (0x202A, 5),
    (0x2066, 4), (0xFEFF, 1), (0x4E00, 2000), (0x3041, 180), (0xAC00, 2000), (0x1F300, 700), (0xFE00, 16), (0xFF01, 94), (0x1D400, 500), (0xE0020, 95), (0xE000, 50), (0xFFFC, 2),
]
WORDS = "no me deja entrar contraseña ¿dónde está mi pedido? it won't let me in I've paid twice!! ñandú café naïve e-mail a@b.example https://x.example/?q=1 $1,299.50 10:30 don't l'été Straße ﬁn ½ İ".split()


class Random:
    """Source: Knuth's MMIX generator; the same in Rust."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def character(rng: Random, alphabet: int) -> str:
    first, count = ALPHABETS[alphabet]
    return chr(first + rng.below(count))


def text(rng: Random, number: int) -> str:
    if number % 250 == 0:
        alphabet = rng.below(len(ALPHABETS))
        return "".join(character(rng, alphabet) for _ in range(10_000))
    kind, length = rng.below(4), rng.below(60)
    if kind == 0:
        alphabet = rng.below(len(ALPHABETS))
        return "".join(character(rng, alphabet) for _ in range(length))
    if kind == 1:
        return "".join(character(rng, rng.below(len(ALPHABETS))) for _ in range(length))
    words = [WORDS[rng.below(len(WORDS))] for _ in range(length)]
    if kind == 2:
        return " ".join(words)
    return "".join(word + character(rng, rng.below(len(ALPHABETS))) for word in words)


def digests(tokenizer, seed: int = 1) -> list[str]:
    """One digest of the ids of each hundred texts."""
    rng, found = Random(seed), []
    for start in range(0, COUNT, BLOCK):
        digest = hashlib.sha256()
        for number in range(start, start + BLOCK):
            cut = text(rng, number).encode()[:MAX_BYTES].decode(errors="ignore")
            ids = tokenizer.encode(cut).ids
            digest.update(struct.pack(f"<{len(ids) + 1}I", len(ids), *ids))
        found.append(digest.hexdigest()[:16])
    return found
