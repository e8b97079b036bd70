"""Small linear classifiers over hashed features: fitting, int8, and the file that `shared/learn/src/linear_model.rs` reads."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from . import checksums
from .hashed import Recipe, features
from .heads import tfidf

MODELS = Path(__file__).resolve().parent.parent
MAGIC, VERSION = b"ORLM", 1
FOLDS = 5
# Steps of L-BFGS at most. Chosen for time; whether more would help was not measured.
ROUNDS = 150
# How far a host's probabilities may be from these.
AGREEMENT = 1e-4


@dataclass
class Linear:
    """Scores are features @ weights + bias; probabilities their softmax at a temperature."""

    labels: list[str]
    recipe: Recipe
    weights: np.ndarray
    bias: np.ndarray
    temperature: float = 1.0

    def scores(self, x) -> np.ndarray:
        return x @ self.weights + self.bias

    def probabilities(self, texts: list[str]) -> np.ndarray:
        return softmax(self.scores(features(texts, self.recipe).astype(np.float64)) / self.temperature, axis=1)

    def quantised(self) -> tuple[np.ndarray, np.ndarray]:
        """Int8 with one scale a label."""
        scale = (np.maximum(np.abs(self.weights).max(0), 1e-12) / 127).astype(np.float32)
        return np.clip(np.round(self.weights / scale), -127, 127).astype(np.int8), scale

    def as_stored(self) -> "Linear":
        """What a reader of the file has."""
        levels, scale = self.quantised()
        return Linear(self.labels, self.recipe, levels * scale.astype(np.float64), self.bias.astype(np.float32).astype(np.float64), float(np.float32(self.temperature)))

    def to_bytes(self) -> bytes:
        """Little-endian; the layout stands in `linear_model.rs`."""
        recipe = self.recipe
        text = lambda value: struct.pack("B", len(value.encode())) + value.encode()
        flags = recipe.accents | recipe.symbols << 1 | recipe.words << 2
        head = MAGIC + struct.pack("<BBBBBBHf", VERSION, recipe.bits, recipe.shortest, recipe.longest, flags, len(self.labels), len(recipe.ignored), self.temperature)
        levels, scale = self.quantised()
        names = b"".join(map(text, [*self.labels, *recipe.ignored]))
        return head + names + scale.tobytes() + self.bias.astype("<f4").tobytes() + levels.tobytes()


def fit(x, y: np.ndarray, labels: list[str], recipe: Recipe, strength: float, weight: np.ndarray | None = None) -> Linear:
    """Multinomial logistic regression; `strength` is C of scikit-learn, `y` holds indices of labels, each at least once."""
    model = LogisticRegression(C=strength, max_iter=ROUNDS, tol=1e-4).fit(x, y, weight)
    weights, bias = model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64)
    if len(labels) == 2:
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    # The softmax does not see what all labels have in common; int8 does.
    return Linear(labels, recipe, weights - weights.mean(1, keepdims=True), bias - bias.mean())


def folds(groups: list, seed: int = 0) -> np.ndarray:
    """A fold for each row; rows of one group share it."""
    names = sorted(set(groups))
    place = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % FOLDS, strict=True))
    return np.array([place[group] for group in groups])


def held_out(x, fold: np.ndarray, train: Callable[[np.ndarray], Linear]) -> np.ndarray:
    """Each row's scores by the model that saw none of its fold; `train` takes the rows to learn from."""
    found = None
    for i in range(FOLDS):
        scores = train(np.flatnonzero(fold != i)).scores(x[fold == i])
        found = np.zeros((len(fold), scores.shape[1])) if found is None else found
        found[fold == i] = scores
    return found


def baseline(texts: list[str], y: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Held-out scores of TF-IDF over words and characters with a vocabulary of the training folds, and logistic regression."""
    found = np.zeros((len(y), y.max() + 1))
    for i in range(FOLDS):
        views = tfidf()
        seen = views.fit_transform([text for text, at in zip(texts, fold, strict=True) if at != i])
        model = LogisticRegression(C=10, max_iter=ROUNDS).fit(seen, y[fold != i])
        found[fold == i] = model.predict_log_proba(views.transform([text for text, at in zip(texts, fold, strict=True) if at == i]))
    return found


def temperature(scores: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The one at which held-out truth is likeliest."""
    loss = lambda log: -np.average(log_softmax(scores / np.exp(log), axis=1)[np.arange(len(y)), y], weights=weight)
    return float(np.exp(minimize_scalar(loss, bounds=(-4, 4), method="bounded").x))


def write(model: Linear, name: str, texts: list[str]) -> None:
    """The file, its goldens and checksums in `models/<name>`; the card is written by hand."""
    folder = MODELS / name
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").write_bytes(model.to_bytes())
    rows = [{"text": text, "probabilities": [round(float(p), 7) for p in row]} for text, row in zip(texts, model.as_stored().probabilities(texts), strict=True)]
    golden = {"about": "texts and the probability of each label, by NumPy from the weights as stored", "agreement": AGREEMENT, "labels": model.labels, "rows": rows}
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    checksums.write(folder, ["model.bin", "golden.json"])
