"""Where a Spanish piece begins: at the rows of the English pieces that stand where it stands in translations.

So the teacher's layers, which know English, understand some Spanish before the first update.
"""

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


def spanish_rows(table: torch.Tensor, data: Path, work: Path, limit: int | None) -> torch.Tensor:
    """The table with the rows of Spanish pieces moved to those of their translations."""
    tokenizer = wordpiece.load(work)
    both = pairs(data, limit)
    ids = [[row.ids for row in tokenizer.encode_batch([pair[side] for pair in both], add_special_tokens=False)] for side in (0, 1)]
    rows = [(en, es) for en, es in zip(*ids, strict=True) if en and es and max(len(en), len(es)) <= LONGEST]
    often = [np.bincount(np.concatenate([row[side] for row in rows]), minlength=wordpiece.VOCABULARY) for side in (0, 1)]
    is_spanish = often[1] / often[1].sum() > LIKELIER * often[0] / often[0].sum()
    sources, found, likely = model_1(rows)
    moved, length = table.clone(), table.norm(dim=1)
    order = np.lexsort((-likely, sources))
    starts = np.searchsorted(sources[order], np.arange(wordpiece.VOCABULARY + 1))
    changed = 0
    for piece in np.flatnonzero(is_spanish):
        best = order[starts[piece] : min(starts[piece] + KEPT, starts[piece + 1])]
        if piece <= wordpiece.END or not len(best):
            continue
        row = (torch.tensor(likely[best], dtype=table.dtype)[:, None] * table[found[best]]).sum(0)
        moved[piece] = row * (length[found[best]].mean() / row.norm())
        changed += 1
    print(f"{changed} Spanish pieces begin at their translations, from {len(rows)} pairs", flush=True)
    return moved
