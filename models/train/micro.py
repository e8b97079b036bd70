"""`micro`: one row of a table for each piece of text, and their mean."""

from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA
from torch import nn
from torch.nn import functional as F

from . import int4, loop, small, wordpiece

DIMENSIONS = 192
STEPS = 6_000
SIZES = {"cuda": (2048, 768), "cpu": (512, 384)}
RATES = {"": 4e-3}
# Where the search begins is found on about so many texts. Chosen.
SOME = 200_000


class Micro(nn.Module):
    """Shape: parts in, each ids and mask `[n, length]`; `[n of all, 192]` unit vectors out."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=False)

    def forward(self, parts: list[loop.Part]) -> torch.Tensor:
        ids = torch.cat([ids.flatten() for ids, _ in parts])
        return loop.means(F.embedding(ids, int4.rounded(self.table.weight)), [mask for _, mask in parts])


def first_table(rows: loop.Rows, numbers: np.ndarray, vectors: np.ndarray) -> torch.Tensor:
    """Least squares from bags of pieces to the targets: where the search begins."""
    ids, lengths = rows.ids.cpu().numpy()[numbers], rows.lengths[numbers]
    counts = csr_matrix(
        (np.repeat(1 / lengths, lengths).astype(np.float32), ids[ids != wordpiece.PAD], np.cumsum([0, *lengths])),
        shape=(len(ids), wordpiece.VOCABULARY),
    )
    device = rows.device
    gram = torch.tensor((counts.T @ counts).toarray(), device=device) + 1e-1 * torch.eye(wordpiece.VOCABULARY, device=device)
    return torch.linalg.solve(gram, torch.tensor(counts.T @ vectors, device=device))


def command(arguments) -> None:
    course = small.Course.read(arguments)
    learn(course, small.targets("micro", course, arguments), arguments, arguments.minutes)


def learn(course: small.Course, aims: tuple[np.ndarray, np.ndarray], arguments, minutes: float | None) -> None:
    """Agrees with what `small` agrees with, cut to its dimensions by principal components."""
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    device = course.rows.device
    numbers, vectors = aims
    some = slice(None, None, max(1, len(numbers) // SOME))
    vectors = vectors @ PCA(DIMENSIONS, svd_solver="covariance_eigh").fit(vectors[some]).components_.T
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    model = Micro(first_table(course.rows, numbers[some], vectors[some])).to(device)
    loop.train(
        model, course.rows, course.lessons, loop.Targets(numbers, vectors, course.lessons.documentation, device, rng),
        steps=arguments.steps or STEPS, minutes=minutes, rates=RATES, sizes=SIZES[device], rng=rng,
    )
    int4.save(model.state_dict(), arguments.work / small.weights("micro", arguments.without))


def load(work: Path, without: set[str]) -> Micro:
    model = Micro(torch.zeros(wordpiece.VOCABULARY, DIMENSIONS))
    model.load_state_dict(int4.load(work / small.weights("micro", without)))
    return model.eval()
