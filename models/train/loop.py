"""The training loop of every encoder: a batch that should agree with its targets, and a batch of groups that should find itself."""

import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from . import objectives, wordpiece

# How much groups count beside the targets. Chosen; not searched.
CONTRAST = 0.5
# How often a turn is our own intents', which are the domain. Chosen.
OURS_EVERY = 3
# Training reads this much of a text, and drops some of its pieces, so that no single one is leant on. Chosen; not searched.
TRAINED_TOKENS, DROPPED = 64, 0.1
WARM_UP = 0.03
# How often a text that is not documentation is a target while one of documentation is: there is far more of that. Chosen; not searched.
OURS_TIMES = 4
# Texts of a batch are read in this many parts of like length: padded to its longest, a batch is two thirds padding. Chosen.
PARTS = 6

Part = tuple[torch.Tensor, torch.Tensor]
"""Ids, and a mask that is 1 where a piece counts; both `[n, length]`."""


def means(x: torch.Tensor, masks: list[torch.Tensor]) -> torch.Tensor:
    """Shape: the pieces of all parts below one another `[pieces, d]` in, the unit vector along each text's sum out."""
    split = zip(x.split([mask.numel() for mask in masks]), masks, strict=True)
    return F.normalize(torch.cat([(part.reshape(*mask.shape, -1) * mask.unsqueeze(-1)).sum(1) for part, mask in split]), dim=-1)


class Rows:
    """Every text in pieces, in one array that stays beside the model."""

    def __init__(self, texts: list[str], work: Path, device: str) -> None:
        tokenizer = wordpiece.load(work)
        self.lengths = np.zeros(len(texts), np.int64)
        ids = np.zeros((len(texts), TRAINED_TOKENS), np.int16)
        for start in range(0, len(texts), 10_000):
            for i, row in enumerate(tokenizer.encode_batch(texts[start : start + 10_000]), start):
                kept = row.ids[:TRAINED_TOKENS]
                ids[i, : len(kept)] = kept
                self.lengths[i] = len(kept)
        self.ids, self.device = torch.tensor(ids, device=device), device

    def read(self, model: nn.Module, numbers: np.ndarray) -> torch.Tensor:
        """Shape: `[n, d]`, the vectors of these texts, some of their pieces dropped."""
        order = np.argsort(self.lengths[numbers], kind="stable")
        sorted_numbers, back = sent(np.stack([numbers[order], np.argsort(order)]), self.device)
        ids = self.ids[sorted_numbers].long()
        kept, parts, start = self.kept(ids), [], 0
        for some in np.array_split(self.lengths[numbers[order]], min(PARTS, len(order))):
            parts.append(tuple(it[start : start + len(some), : int(some[-1])] for it in (ids, kept)))
            start += len(some)
        return model(parts)[back]

    @staticmethod
    def kept(ids: torch.Tensor) -> torch.Tensor:
        """1 where a piece is read."""
        real = ids != wordpiece.PAD
        edge = (ids == wordpiece.START) | (ids == wordpiece.END)
        kept = real & (edge | (torch.rand(ids.shape, device=ids.device) > DROPPED))
        # A text of which all was dropped is read whole.
        whole = (kept & ~edge).any(1, keepdim=True)
        return torch.where(whole, kept, real).float()


def sent(numbers: np.ndarray, device: str) -> torch.Tensor:
    """On the device, without waiting for what it still does."""
    here = torch.from_numpy(numbers)
    return here.pin_memory().to(device, non_blocking=True) if device == "cuda" else here


class Targets:
    """Numbers of texts and the vectors they should get, in an endless shuffled order."""

    def __init__(self, numbers: np.ndarray, vectors: np.ndarray, documentation: int, device: str, rng: np.random.Generator) -> None:
        self.numbers, self.vectors, self.device = numbers, torch.tensor(vectors, device=device, dtype=torch.float16), device
        self.turns = np.repeat(np.arange(len(numbers)), np.where(numbers < documentation, 1, OURS_TIMES))
        self.order, self.rng = self.turns[:0], rng

    def batch(self, size: int) -> tuple[np.ndarray, torch.Tensor]:
        if len(self.order) < size:
            self.order = self.rng.permutation(self.turns)
        chosen, self.order = self.order[:size], self.order[size:]
        return self.numbers[chosen], self.vectors[sent(chosen, self.device)].float()


def train(
    model: nn.Module,
    rows: Rows,
    lessons: objectives.Lessons,
    targets: Targets,
    *,
    steps: int,
    minutes: float | None,
    rates: dict[str, float],
    sizes: tuple[int, int],
    rng: np.random.Generator,
) -> None:
    """Until `steps` are done or `minutes` are over, whichever is first; the rate falls along a cosine towards that end.

    `rates`: by the beginning of a parameter's name; the empty name is every other's.
    """
    model.train()
    by_rate: dict[str, list[nn.Parameter]] = {name: [] for name in rates}
    for name, parameter in model.named_parameters():
        by_rate[max((prefix for prefix in rates if name.startswith(prefix)), key=len)].append(parameter)
    optimizer = torch.optim.AdamW([{"params": own, "lr": rates[name], "top": rates[name]} for name, own in by_rate.items() if own], weight_decay=0.0, betas=(0.9, 0.98), fused=rows.device == "cuda")
    started, step, turn, progress = time.time(), 0, 0, 0.0
    while progress < 1:
        factor = min(1, (progress + 1 / steps) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = group["top"] * factor
        numbers, wanted = targets.batch(sizes[0])
        if step % OURS_EVERY == 0:
            grouped, groups = lessons.ours.batch(rng, sizes[1])
        else:
            grouped, groups = lessons.others[turn % len(lessons.others)].batch(rng, sizes[1])
            turn += 1
        with torch.autocast(rows.device, torch.bfloat16, enabled=rows.device == "cuda"):
            taught, alike = rows.read(model, np.concatenate([numbers, grouped])).float().split([len(numbers), len(grouped)])
        agreed = objectives.agreement(taught, wanted)
        contrasted = objectives.contrast(alike, sent(groups, rows.device))
        optimizer.zero_grad()
        (agreed + CONTRAST * contrasted).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        passed = time.time() - started
        progress = max(step / steps, passed / 60 / minutes if minutes else 0)
        if step % max(1, steps // 40) == 0:
            print(f"step {step:>6} targets {agreed.item():.3f} groups {contrasted.item():.3f} {passed:.0f} s", flush=True)
    print(f"{step} steps in {time.time() - started:.0f} s", flush=True)
    model.eval()


@torch.inference_mode()
def _vectors(model: nn.Module, ids: torch.Tensor) -> np.ndarray:
    with torch.autocast(ids.device.type, torch.bfloat16, enabled=ids.device.type == "cuda"):
        return model([(ids, (ids != wordpiece.PAD).float())]).float().cpu().numpy()


def _in_order(lengths: list[int], size: int, batch) -> np.ndarray:
    """`batch` of each `size` rows of like length, put back in their order: padding costs as much as text."""
    order = np.argsort(lengths, kind="stable")
    vectors = np.concatenate([batch(order[start : start + size]) for start in range(0, len(order), size)])
    back = np.empty_like(vectors)
    back[order] = vectors
    return back


def encode_rows(model: nn.Module, rows: Rows) -> np.ndarray:
    """Shape: `[n, d]`, unit vectors of all rows, as training cut them."""
    batch = lambda chosen: _vectors(model, rows.ids[torch.tensor(chosen, device=rows.device), : int(rows.lengths[chosen].max())].long())
    return _in_order(rows.lengths, 4096, batch)


def encode(model: nn.Module, texts: list[str], work: Path) -> np.ndarray:
    """Shape: `[n, d]`, unit vectors of the texts."""
    tokenizer, device = wordpiece.load(work), next(model.parameters()).device
    rows = [row.ids for row in tokenizer.encode_batch(texts)]
    lengths = [len(row) for row in rows]
    # The last of a batch is its longest.
    padded = lambda chosen: [rows[i] + [wordpiece.PAD] * (lengths[chosen[-1]] - lengths[i]) for i in chosen]
    return _in_order(lengths, 512, lambda chosen: _vectors(model, torch.tensor(padded(chosen), device=device)))
