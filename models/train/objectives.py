"""What the encoders are trained on: vectors to agree with, and groups of texts that mean the same."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from . import corpora, teacher

# Source: the prototype that the design notes describe; not searched again.
TEMPERATURE = 0.05
# The weight of agreeing on who is near whom in a batch. Source: the same prototype.
NEIGHBOURS = 0.2


class Texts:
    """Every text of the training by its number; a text met twice has one number."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.number: dict[str, int] = {}

    def add(self, text: str) -> int:
        if text not in self.number:
            self.number[text] = len(self.all)
            self.all.append(text)
        return self.number[text]


class Groups:
    """Groups of texts, by their numbers, that mean the same; texts of different groups are one another's negatives.

    Neighbours in the list are alike, as entries of one business are: a batch takes runs of `run` groups, so that near ones meet.
    """

    def __init__(self, groups: list[list[int]], run: int = 1, members: int = 2) -> None:
        self.run, self.members = run, members
        self.texts, self.sizes = np.array([text for group in groups for text in group]), np.array([len(group) for group in groups])
        self.starts = np.cumsum(self.sizes) - self.sizes

    def batch(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of texts, and of their groups; about `size` of them."""
        runs, wanted = -(-len(self.sizes) // self.run), max(1, size // (self.run * self.members))
        chosen = rng.choice(runs, min(wanted, runs), replace=False)[:, None] * self.run + np.arange(self.run)
        members = max(self.members, size // chosen.size) if wanted > runs else self.members
        chosen = chosen[chosen < len(self.sizes)]
        sizes = self.sizes[chosen][:, None]
        # The places with the lowest of as many random numbers as a group has texts.
        drawn = np.where(np.arange(max(sizes.max(), members)) < sizes, rng.random((len(chosen), max(sizes.max(), members))), 1.0)
        places = np.argpartition(drawn, members - 1, axis=1)[:, :members] if members < drawn.shape[1] else np.argsort(drawn, axis=1)
        real = places < sizes
        return self.texts[(self.starts[chosen][:, None] + places)[real]], np.repeat(chosen, real.sum(1))


@dataclass
class Lessons:
    """What one training reads."""

    texts: Texts
    own: dict[str, dict[int, str]]
    """By source: the texts that should get the teacher's vector of an English text, be it that text itself or its translation."""
    ours: Groups
    others: list[Groups]
    documentation: int
    """How many of the texts, the first ones, are documentation."""

    def targets(self, work: Path) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of texts, and the teacher's vectors they should get."""
        numbers, vectors = [], []
        # Each source is read by the teacher on its own, so that a new row in one costs nothing in the others.
        for texts in self.own.values():
            english = list(dict.fromkeys(texts.values()))
            row = {text: i for i, text in enumerate(english)}
            numbers += texts
            vectors.append(teacher.vectors(english, work)[[row[text] for text in texts.values()]])
        return np.array(numbers), np.concatenate(vectors)


def labelled_for_training(data: Path, without: set[str]) -> dict[str, list[tuple[str, str]]]:
    """The labelled sets whose licence allows it, but for those held out."""
    sets = {"banking77": corpora.banking77(data).train, "clinc150": corpora.clinc150(data).train, "bitext": corpora.bitext(data), "nlupp": corpora.nlupp(data)}
    if "banking77" in without:
        # The other set of the same bank's questions.
        sets.pop("nlupp")
    return {name: rows for name, rows in sets.items() if name not in without}


def lessons(data: Path, without: set[str], pairs: int | None) -> Lessons:
    texts = Texts()
    own: dict[str, dict[int, str]] = {}
    met: set[int] = set()

    def teach(source: str, number: int, text: str) -> int:
        if number not in met:
            met.add(number)
            own.setdefault(source, {})[number] = text
        return number

    english = lambda source, text: teach(source, texts.add(text), text)
    translated = lambda source, en, es: [english(source, en), teach(source, texts.add(es), en)]
    several = lambda groups: [list(dict.fromkeys(group)) for group in groups if len(set(group)) > 1]

    translations = [translated("parallel", en, es) for en, es in corpora.parallel(data, pairs)]
    documentation = len(texts.all)
    everyday = [translated("everyday", en, es) for en, es in corpora.everyday()]
    words = [[*(english("glossary", word) for word in en), *(teach("glossary", texts.add(word), en[0]) for word in es)] for en, es in corpora.glossary()]
    intents, single = [], []
    for intent in sorted(corpora.intents("train"), key=lambda intent: intent.business):
        entry = [translated("intents", part["en"], part["es"]) for part in (intent.question, intent.answer, {language: intent.entry(language) for language in ("en", "es")})]
        said = {"en": [english("intents", text) for text in intent.phrasings["en"]], "es": [texts.add(text) for text in intent.phrasings["es"]]}
        intents.append([*(number for pair in entry for number in pair), *said["en"], *said["es"]])
        single += [[texts.add(intent.entry(language)), *said[language]] for language in ("en", "es")]
    sets = []
    for name, rows in labelled_for_training(data, without).items():
        groups: dict[str, list[int]] = {}
        for text, label in rows:
            groups.setdefault(label, []).append(english(name, text))
        sets.append(Groups(several(groups.values())))
    answers, _ = corpora.faq(data)
    faq = [[texts.add(text) for text in pair] for pair in answers]
    for language, text in corpora.letters():
        number = texts.add(text)
        if language == "en":
            teach("letters", number, text)
    others = [Groups(several(single), run=10), *sets, *(Groups(several(groups)) for groups in (translations, everyday, words, faq))]
    return Lessons(texts, own, Groups(several(intents), run=10, members=3), others, documentation)


def agreement(vectors: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """1 − cosine to the target, and the divergence of the neighbourhoods in the batch."""
    cosine = 1 - (vectors * targets).sum(-1).mean()
    wanted = F.softmax(targets @ targets.T / TEMPERATURE, -1)
    found = F.log_softmax(vectors @ vectors.T / TEMPERATURE, -1)
    return cosine + NEIGHBOURS * F.kl_div(found, wanted, reduction="batchmean")


def contrast(vectors: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Each text finds the others of its group among all of the batch.

    Source: Khosla et al. 2020, equation 2.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    scores = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself, -1e4)
    partners = (groups[:, None] == groups[None, :]) & ~itself
    found = torch.log_softmax(scores, -1)
    # Sums, and no choice of rows: to know how many there are would wait for the device.
    return -((found * partners).sum(-1) / partners.sum(-1).clamp(min=1)).sum() / partners.any(-1).sum()
