"""What both encoders are trained on: the teacher's vectors, and pairs of texts that mean the same."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch.nn import functional as F

from . import corpora, teacher

# Source: the prototype that the design notes describe; not searched again.
TEMPERATURE = 0.05
# The weight of agreeing with the teacher on who is near whom in a batch. Source: the same prototype.
NEIGHBOURS = 0.2
# How many sentences of documentation are read; the teacher needs a third of a second for a hundred of them.
DOCUMENTATION = 50_000


@dataclass
class Distilled:
    """Texts, and the vectors they should get; a Spanish text has its English partner's."""

    texts: list[str]
    targets: np.ndarray


@dataclass
class Pairs:
    """Groups of texts that mean the same; two of one group make a pair, two of different groups a negative."""

    groups: list[list[str]]

    def batch(self, rng: random.Random, size: int) -> tuple[list[str], list[str]]:
        chosen = rng.sample(self.groups, min(size, len(self.groups)))
        left, right = zip(*(rng.sample(group, 2) for group in chosen), strict=True)
        return list(left), list(right)


def labelled_for_training(data: Path, without: set[str]) -> dict[str, list[tuple[str, str]]]:
    """The labelled sets whose licence allows it, but for those held out."""
    sets = {"banking77": corpora.banking77(data).train, "clinc150": corpora.clinc150(data).train, "bitext": corpora.bitext(data), "nlupp": corpora.nlupp(data)}
    if "banking77" in without:
        # The other set of the same bank's questions.
        sets.pop("nlupp")
    return {name: rows for name, rows in sets.items() if name not in without}


def distilled(data: Path, work: Path, without: set[str], dimensions: int, seed: int) -> Distilled:
    """The teacher's vectors, turned and cut to the student's dimensions by their principal components."""
    # Each source is read by the teacher on its own, so that a new row in one costs nothing in the others.
    sources: list[list[str]] = [[], []]
    partners: list[tuple[int, int, str]] = []
    for en, es in corpora.parallel(data, DOCUMENTATION, random.Random(seed)):
        partners.append((0, len(sources[0]), es))
        sources[0].append(en)
    for intent in corpora.intents("train"):
        for part in ("question", "answer"):
            partners.append((1, len(sources[1]), getattr(intent, part)["es"]))
            sources[1].append(getattr(intent, part)["en"])
        sources[1] += intent.phrasings["en"]
    sources += [sorted({text for text, _ in rows}) for rows in labelled_for_training(data, without).values()]
    starts = np.cumsum([0] + [len(source) for source in sources])
    vectors = np.concatenate([teacher.vectors(source, work) for source in sources])
    projection = PCA(dimensions, svd_solver="covariance_eigh").fit(vectors).components_.T
    targets = vectors @ projection
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    texts = [text for source in sources for text in source] + [es for _, _, es in partners]
    index = [*range(len(vectors)), *(starts[source] + row for source, row, _ in partners)]
    return Distilled(texts, targets[index].astype(np.float32))


def pairs(data: Path, without: set[str]) -> list[Pairs]:
    """Kinds of pairs, each drawn from in turn: our intents in and across languages, labelled sets, translations, answers."""
    ours, within = [], []
    for intent in corpora.intents("train"):
        both = intent.phrasings["en"] + intent.phrasings["es"]
        ours.append([*both, *intent.question.values(), *(intent.entry(language) for language in ("en", "es")), *intent.answer.values()])
        within += [intent.phrasings["es"] + [intent.entry("es")], intent.phrasings["en"] + [intent.entry("en")]]
    sets = []
    for rows in labelled_for_training(data, without).values():
        groups: dict[str, list[str]] = {}
        for text, label in rows:
            groups.setdefault(label, []).append(text)
        sets.append(Pairs([sorted(set(group)) for group in groups.values() if len(set(group)) > 1]))
    answers, _ = corpora.faq(data)
    return [Pairs(ours), Pairs(within), *sets, Pairs([list(pair) for pair in corpora.parallel(data, 60_000, random.Random(7))]), Pairs(answers)]


def agreement(vectors: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """1 − cosine to the teacher, and the divergence of the neighbourhoods in the batch."""
    cosine = 1 - (vectors * targets).sum(-1).mean()
    wanted = F.softmax(targets @ targets.T / TEMPERATURE, -1)
    found = F.log_softmax(vectors @ vectors.T / TEMPERATURE, -1)
    return cosine + NEIGHBOURS * F.kl_div(found, wanted, reduction="batchmean")


def contrast(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """InfoNCE both ways: each text finds its partner among all of the batch."""
    scores = left @ right.T / TEMPERATURE
    truth = torch.arange(len(left), device=left.device)
    return (F.cross_entropy(scores, truth) + F.cross_entropy(scores.T, truth)) / 2
