"""Where a Spanish piece begins: at the rows of the English pieces that stand where it stands in translations.

So the teacher's layers, which know English, understand some Spanish before the first update.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch

from . import corpora, wordpiece

# Longer pairs say little about which word is which. Chosen.
LONGEST = 24
# Chosen: no row changed much after these; not searched.
ROUNDS = 4
# Everyday words against those of manuals. Chosen.
OURS_TIMES = 4
# A piece is Spanish if it is this much likelier in Spanish text; what both use keeps the teacher's row. Chosen.
LIKELIER = 3
# How many translations a row is mixed of. Chosen.
KEPT = 4


def pairs(data: Path, limit: int | None) -> list[tuple[str, str]]:
    ours = corpora.everyday() + [(en, es) for side_en, side_es in corpora.glossary() for en in side_en[:2] for es in side_es]
    ours += [(part["en"], part["es"]) for intent in corpora.intents("train") for part in (intent.question, intent.answer)]
    return corpora.parallel(data, limit) + ours * OURS_TIMES


def model_1(rows: list[tuple[list[int], list[int]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spanish pieces, English pieces, and how likely the first brings about the second; the padding stands for no word at all.

    Source: Brown et al. 1993, model 1.
    """
    spanish = np.concatenate([np.tile(np.array([wordpiece.PAD, *es]), len(en)) for en, es in rows])
    english = np.concatenate([np.repeat(np.array(en), len(es) + 1) for en, es in rows])
    # One span for each English word: the Spanish words of its pair.
    spans = np.concatenate([[0], np.cumsum(np.concatenate([np.full(len(en), len(es) + 1) for en, es in rows]))])
    keys, cell = np.unique(spanish.astype(np.int64) * wordpiece.VOCABULARY + english, return_inverse=True)
    sources, found = keys // wordpiece.VOCABULARY, keys % wordpiece.VOCABULARY
    likely = np.ones(len(keys))
    for _ in range(ROUNDS):
        shares = likely[cell]
        shares /= np.repeat(np.add.reduceat(shares, spans[:-1]), np.diff(spans))
        counts = np.bincount(cell, shares, len(keys))
        likely = counts / np.bincount(sources, counts, wordpiece.VOCABULARY)[sources]
    return sources, found, likely


def mixtures(data: Path, work: Path, limit: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The Spanish pieces; of each, the English ones it is mixed of and their shares, zero where it has fewer. Read from `work` if they were
    found before.

    Shape: `[n]`, `[n, KEPT]`, `[n, KEPT]`.
    """
    both = pairs(data, limit)
    digest = hashlib.sha256("\0".join(text for pair in both for text in pair).encode()).hexdigest()[:16]
    cache = work / f"translations-{digest}.npz"
    if not cache.exists():
        np.savez(cache, *aligned(both, work))
    stored = np.load(cache)
    return tuple(stored[name] for name in stored.files)


def aligned(both: list[tuple[str, str]], work: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tokenizer = wordpiece.load(work)
    ids = [[row.ids for row in tokenizer.encode_batch([pair[side] for pair in both], add_special_tokens=False)] for side in (0, 1)]
    rows = [(en, es) for en, es in zip(*ids, strict=True) if en and es and max(len(en), len(es)) <= LONGEST]
    often = [np.bincount(np.concatenate([row[side] for row in rows]), minlength=wordpiece.VOCABULARY) for side in (0, 1)]
    is_spanish = often[1] / often[1].sum() > LIKELIER * often[0] / often[0].sum()
    print(f"aligning {len(rows)} pairs …", flush=True)
    sources, found, likely = model_1(rows)
    order = np.lexsort((-likely, sources))
    starts = np.searchsorted(sources[order], np.arange(wordpiece.VOCABULARY + 1))
    pieces = np.array([piece for piece in np.flatnonzero(is_spanish) if piece > wordpiece.END and starts[piece] < starts[piece + 1]])
    of, shares = np.zeros((len(pieces), KEPT), np.int16), np.zeros((len(pieces), KEPT), np.float32)
    for at, piece in enumerate(pieces):
        best = order[starts[piece] : min(starts[piece] + KEPT, starts[piece + 1])]
        of[at, : len(best)], shares[at, : len(best)] = found[best], likely[best]
    return pieces, of, shares


def spanish_rows(table: torch.Tensor, data: Path, work: Path, limit: int | None) -> torch.Tensor:
    """The table with the rows of Spanish pieces moved to those of their translations, as long as those are on average."""
    pieces, of, shares = mixtures(data, work, limit)
    of, shares = torch.from_numpy(of).long(), torch.from_numpy(shares).to(table.dtype)
    moved, there = table.clone(), (shares > 0).to(table.dtype)
    length = (table.norm(dim=1)[of] * there).sum(1) / there.sum(1)
    moved[torch.from_numpy(pieces)] = torch.nn.functional.normalize((shares[..., None] * table[of]).sum(1), dim=1) * length[:, None]
    print(f"{len(pieces)} Spanish pieces begin at their translations", flush=True)
    return moved
