"""`small`: micro's table with a few transformer layers above it, which begin as no change at all."""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from . import micro, objectives, wordpiece

DIMENSIONS, LAYERS, HEADS, HIDDEN = micro.DIMENSIONS, 3, 4, 4 * micro.DIMENSIONS
STEPS = 1_500
DISTILLED_BATCH, PAIRS_BATCH = 96, 80
RATE = 8e-4
# What training reads of a text; the layers see longer ones only when they are used. Chosen; not measured.
TRAINED_TOKENS = 40


class Layer(nn.Module):
    """Pre-LN attention and feed-forward. Both outputs start at zero, so that a new layer changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(DIMENSIONS), nn.LayerNorm(DIMENSIONS)
        self.qkv, self.out = nn.Linear(DIMENSIONS, 3 * DIMENSIONS), nn.Linear(DIMENSIONS, DIMENSIONS)
        self.up, self.down = nn.Linear(DIMENSIONS, HIDDEN), nn.Linear(HIDDEN, DIMENSIONS)
        for last in (self.out, self.down):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        n, length, _ = x.shape
        heads = lambda part: part.reshape(n, length, HEADS, DIMENSIONS // HEADS).transpose(1, 2)
        q, k, v = (heads(part) for part in self.qkv(self.norm_1(x)).chunk(3, -1))
        weights = torch.softmax(q @ k.transpose(-1, -2) * (DIMENSIONS // HEADS) ** -0.5 + bias, -1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(n, length, DIMENSIONS))
        return x + self.down(torch.relu(self.up(self.norm_2(x))))


class Small(nn.Module):
    """Shape: rows of ids in, `[n, d]` unit vectors out."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=False)
        self.places = nn.Parameter(torch.zeros(wordpiece.MAX_TOKENS, DIMENSIONS))
        self.scale = nn.Parameter(1 / table.norm(dim=1).mean() * DIMENSIONS**0.5)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Shape: `[n, length]` twice in, `[n, d]` unit vectors out."""
        x = self.table(ids) * self.scale + self.places[: ids.shape[1]]
        bias = ((1 - mask) * -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias)
        mean = (x * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return F.normalize(mean, dim=-1)

    def forward(self, rows: list[list[int]]) -> torch.Tensor:
        if self.training:
            rows = [row[:TRAINED_TOKENS] for row in rows]
        device, order = self.places.device, sorted(range(len(rows)), key=lambda i: len(rows[i]))
        vectors: list[torch.Tensor] = []
        # Rows of like length together: padding costs as much as text.
        for start in range(0, len(order), 64):
            part = [rows[i] for i in order[start : start + 64]]
            length = len(part[-1])
            ids = torch.tensor([row + [0] * (length - len(row)) for row in part], device=device)
            mask = torch.tensor([[1.0] * len(row) + [0.0] * (length - len(row)) for row in part], device=device)
            vectors.append(self.hidden(ids, mask))
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(vectors)[back]


def command(arguments) -> None:
    """Begins where `micro` ended: run that first, with the same `--without`."""
    reader = micro.Reader(arguments.work)
    distilled = objectives.distilled(arguments.data, arguments.work, arguments.without, DIMENSIONS, arguments.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Small(micro.load(arguments.work, arguments.without).table.weight.detach().clone()).to(device)
    micro.train(model, reader, arguments, distilled, steps=arguments.steps or STEPS, rate=RATE, sizes=(DISTILLED_BATCH, PAIRS_BATCH))
    torch.save(model.state_dict(), arguments.work / micro.weights("small", arguments.without))


def load(work: Path, without: set[str]) -> Small:
    model = Small(torch.ones(wordpiece.VOCABULARY, DIMENSIONS))
    model.load_state_dict(torch.load(work / micro.weights("small", without), map_location="cpu", weights_only=True))
    return model.eval()
