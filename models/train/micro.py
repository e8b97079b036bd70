"""`micro`: one row of a table for each piece of text, and their mean."""

import random
import time
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import nn
from torch.nn import functional as F

from . import objectives, wordpiece

DIMENSIONS = 192
# Chosen: a minute and a half on two cores; not searched.
STEPS = 3_000
DISTILLED_BATCH, PAIRS_BATCH = 512, 192
RATE = 4e-3
# How much pairs count beside the teacher. Chosen; not searched.
CONTRAST = 0.5


class Micro(nn.Module):
    """Shape: ids and offsets of an embedding bag in, `[n, d]` unit vectors out."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag.from_pretrained(table, freeze=False, mode="mean")

    def forward(self, rows: list[list[int]]) -> torch.Tensor:
        device = self.table.weight.device
        flat = torch.tensor([i for row in rows for i in row] or [0], device=device)
        offsets = torch.tensor(np.cumsum([0] + [len(row) for row in rows[:-1]]), device=device)
        return F.normalize(self.table(flat, offsets), dim=-1)


class Reader:
    """Pieces of texts, kept: every text is read many times."""

    def __init__(self, work: Path) -> None:
        self.tokenizer = wordpiece.load(work)
        self.known: dict[str, list[int]] = {}

    def __call__(self, texts: list[str]) -> list[list[int]]:
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        for text, encoding in zip(new, self.tokenizer.encode_batch(new), strict=True):
            self.known[text] = encoding.ids or wordpiece.EMPTY
        return [self.known[text] for text in texts]


def first_table(distilled: objectives.Distilled, reader: Reader) -> torch.Tensor:
    """Least squares from bags of pieces to the teacher's vectors: where the search begins."""
    rows = reader(distilled.texts)
    counts = csr_matrix(
        (
            np.concatenate([np.full(len(row), 1 / len(row), np.float32) for row in rows]),
            np.concatenate([np.array(row) for row in rows]),
            np.cumsum([0] + [len(row) for row in rows]),
        ),
        shape=(len(rows), wordpiece.VOCABULARY),
    )
    gram = (counts.T @ counts).toarray() + 1e-1 * np.eye(wordpiece.VOCABULARY, dtype=np.float32)
    table = np.linalg.solve(gram.astype(np.float32), np.asarray(counts.T @ distilled.targets))
    return torch.tensor(table, dtype=torch.float32)


def train(model: nn.Module, reader: Reader, arguments, distilled: objectives.Distilled, *, steps: int, rate: float, sizes: tuple[int, int]) -> None:
    """The loop of both encoders: a batch of the teacher's, a batch of pairs of the next kind."""
    rng = random.Random(arguments.seed)
    torch.manual_seed(arguments.seed)
    kinds = objectives.pairs(arguments.data, arguments.without)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.05)
    targets = torch.tensor(distilled.targets, device=next(model.parameters()).device)
    started, order = time.time(), []
    # Our own intents every second time: they are the domain.
    turns = [0, 1] * (len(kinds) - 2)
    turns = [kind for pair in zip(turns, (list(range(2, len(kinds))) * 2), strict=True) for kind in pair]
    for step in range(steps):
        if len(order) < sizes[0]:
            order = rng.sample(range(len(distilled.texts)), len(distilled.texts))
        batch, order = order[: sizes[0]], order[sizes[0] :]
        left, right = kinds[turns[step % len(turns)]].batch(rng, sizes[1])
        vectors = model(reader([distilled.texts[i] for i in batch] + left + right))
        taught, one, other = vectors.split([len(batch), len(left), len(right)])
        agreed, contrasted = objectives.agreement(taught, targets[batch]), objectives.contrast(one, other)
        loss = agreed + CONTRAST * contrasted
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % max(1, steps // 20) == 0:
            print(f"step {step:>6} teacher {agreed.item():.3f} pairs {contrasted.item():.3f} {time.time() - started:.0f} s", flush=True)


def command(arguments) -> None:
    reader = Reader(arguments.work)
    distilled = objectives.distilled(arguments.data, arguments.work, arguments.without, DIMENSIONS, arguments.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Micro(first_table(distilled, reader)).to(device)
    train(model, reader, arguments, distilled, steps=arguments.steps or STEPS, rate=RATE, sizes=(DISTILLED_BATCH, PAIRS_BATCH))
    torch.save(model.state_dict(), arguments.work / weights("micro", arguments.without))


def weights(model: str, without: set[str]) -> str:
    return "-".join([model, *(f"no-{name}" for name in sorted(without))]) + ".pt"


def load(work: Path, without: set[str]) -> Micro:
    model = Micro(torch.zeros(wordpiece.VOCABULARY, DIMENSIONS))
    model.load_state_dict(torch.load(work / weights("micro", without), map_location="cpu", weights_only=True))
    return model.eval()
