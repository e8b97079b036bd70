"""`small`: a transformer of the teacher's own layers, some left out, over the bilingual pieces; `big`, its teacher, keeps them all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from . import int4, loop, objectives, teacher, translate, wordpiece

DIMENSIONS, HEADS, HIDDEN = teacher.DIMENSIONS, teacher.HEADS, teacher.HIDDEN
# The teacher's layers that each begins with. Chosen: as far apart as may be, the first and the last among them; not searched.
LAYERS = {"big": (0, 1, 2, 3, 4, 5), "small": (0, 2, 3, 5)}
EPSILON = 1e-12
STEPS = 12_000
SIZES = {"cuda": (768, 768), "cpu": (96, 96)}
# New pieces have far to go, the teacher's layers have not. Chosen; not searched.
RATES = {"table": 1e-3, "": 2e-4}


class Linear(nn.Linear):
    """A matrix that is used as it will be stored."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, int4.rounded(self.weight), self.bias)


class Layer(nn.Module):
    """Post-LN attention and feed-forward, as in BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = Linear(DIMENSIONS, 3 * DIMENSIONS), Linear(DIMENSIONS, DIMENSIONS)
        self.up, self.down = Linear(DIMENSIONS, HIDDEN), Linear(HIDDEN, DIMENSIONS)
        self.norm_1, self.norm_2 = nn.LayerNorm(DIMENSIONS, EPSILON), nn.LayerNorm(DIMENSIONS, EPSILON)

    def forward(self, x: torch.Tensor, masks: list[torch.Tensor]) -> torch.Tensor:
        """Shape: the pieces of all parts below one another `[pieces, 384]`; of each part its mask `[n, length]`, true where a piece counts."""
        parts = self.qkv(x).split([mask.numel() for mask in masks])
        x = self.norm_1(x + self.out(torch.cat([self.attention(part, mask) for part, mask in zip(parts, masks, strict=True)])))
        return self.norm_2(x + self.down(F.gelu(self.up(x))))

    @staticmethod
    def attention(qkv: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        q, k, v = qkv.reshape(*mask.shape, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        read = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        return read.transpose(1, 2).reshape(-1, DIMENSIONS)


class Transformer(nn.Module):
    """Shape: parts in, each ids and mask `[n, length]`; `[n of all, 384]` unit vectors out."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.table = nn.Embedding(wordpiece.VOCABULARY, DIMENSIONS)
        self.places = nn.Parameter(torch.zeros(wordpiece.MAX_TOKENS, DIMENSIONS))
        self.norm = nn.LayerNorm(DIMENSIONS, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def forward(self, parts: list[loop.Part]) -> torch.Tensor:
        table, masks = int4.rounded(self.table.weight), [mask for _, mask in parts]
        places = torch.cat([self.places[: ids.shape[1]].repeat(len(ids), 1) for ids, _ in parts])
        x = self.norm(F.embedding(torch.cat([ids.flatten() for ids, _ in parts]), table) + places)
        counted = [mask > 0 for mask in masks]
        for layer in self.layers:
            x = layer(x, counted)
        return loop.means(x, masks)


def begun(arguments, layers: tuple[int, ...]) -> Transformer:
    """The teacher with the other vocabulary: a piece of its own keeps its row, another gets the mean of the rows it is read as, and a
    Spanish one those of its translations."""
    source, model = teacher.weights(), Transformer(len(layers))
    known = teacher.tokenizer()
    known.no_padding()
    own, table = known.get_vocab(), source["embeddings.word_embeddings.weight"]
    with torch.no_grad():
        for piece, i in wordpiece.load(arguments.work).get_vocab().items():
            ids = [own[piece]] if piece in own else known.encode(piece.removeprefix("##"), add_special_tokens=False).ids
            model.table.weight[i] = table[ids or [own["[UNK]"]]].mean(0)
        rows = translate.spanish_rows(model.table.weight.detach(), arguments.data, arguments.work, arguments.pairs)
    model.load_state_dict({"table.weight": rows, **teacher.parts(source, layers, wordpiece.MAX_TOKENS)})
    return model


def thinned(big: Transformer, layers: tuple[int, ...]) -> Transformer:
    """`big` without the other layers."""
    model, at = Transformer(len(layers)), {f"{layer}": f"{place}" for place, layer in enumerate(layers)}
    state = {tuple(name.split(".")): value for name, value in big.state_dict().items()}
    kept = {".".join([*name[:1], at[name[1]], *name[2:]] if name[0] == "layers" else name): value for name, value in state.items() if name[0] != "layers" or name[1] in at}
    model.load_state_dict(kept)
    return model


def weights(name: str, without: set[str]) -> str:
    return "-".join([name, *(f"no-{held_out}" for held_out in sorted(without))]) + ".pt"


@dataclass
class Course:
    """What every encoder's training begins with: the lessons, and their texts in pieces beside the model."""

    lessons: objectives.Lessons
    rows: loop.Rows

    @classmethod
    def read(cls, arguments) -> "Course":
        # Of these matrix products, what the teacher makes of a text is all that is not rounded far more anyway.
        torch.set_float32_matmul_precision("high")
        lessons = objectives.lessons(arguments.data, arguments.without, arguments.pairs)
        return cls(lessons, loop.Rows(lessons.texts.all, arguments.work, "cuda" if torch.cuda.is_available() else "cpu"))


def command(arguments) -> None:
    course = Course.read(arguments)
    learn(arguments.step, course, targets(arguments.step, course, arguments), arguments, arguments.minutes)


def learn(name: str, course: Course, aims: tuple[np.ndarray, np.ndarray], arguments, minutes: float | None) -> None:
    """`big` agrees with the teacher where it can read; `small`, which begins as a part of it, with `big`, everywhere. Where there is no `big`, `small` has
    the teacher instead."""
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    device, big = course.rows.device, arguments.work / weights("big", arguments.without)
    if arguments.begin:
        model = load_file(name, arguments.begin)
    elif name == "small" and big.exists():
        model = thinned(load_file("big", big), LAYERS[name])
    else:
        model = begun(arguments, LAYERS[name])
    loop.train(
        model.to(device), course.rows, course.lessons, loop.Targets(*aims, course.lessons.documentation, device, rng),
        steps=arguments.steps or STEPS, minutes=minutes, rates=RATES, sizes=SIZES[device], rng=rng,
    )
    int4.save(model.state_dict(), arguments.work / weights(name, arguments.without))


def targets(name: str, course: Course, arguments) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of texts and the vectors they should get: `big`'s of every text, but the teacher's for `big` itself or where there is none."""
    work, without = arguments.work, arguments.without
    if name == "big" or not (work / weights("big", without)).exists():
        return course.lessons.targets(work)
    return np.arange(len(course.lessons.texts.all)), loop.encode_rows(load("big", work, without).to(course.rows.device), course.rows)


def load(name: str, work: Path, without: set[str]) -> Transformer:
    return load_file(name, work / weights(name, without)).eval()


def load_file(name: str, path: Path) -> Transformer:
    model = Transformer(len(LAYERS[name]))
    model.load_state_dict(int4.load(path))
    return model
