"""How urgent a ticket is: `python -m train urgency --data DIR`. Reads our own tickets alone."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.metrics import f1_score

from . import corpora, hashed, linear

LABELS = ["low", "normal", "high", "critical"]
# Politeness is no priority, nor is its lack.
POLITE = tuple("please pls plz kindly thanks thank thx regards sincerely dear cheers hi hello hey sorry team favor porfa gracias saludo saludos cordial cordialmente "
               "atentamente estimado estimada estimados estimadas hola buenas buenos disculpad disculpen perdon atte".split())
RECIPE = hashed.Recipe(bits=15, shortest=2, longest=5, ignored=POLITE)
# How far each label is along the scale.
STEPS = np.array([-1.5, -0.5, 0.5, 1.5])
# C of the logistic regression. Chosen by cross-validation among 1, 3, 10, 30 and 100.
STRENGTH = 1.0


def tickets(split: str) -> tuple[list[str], np.ndarray, list[str]]:
    """Texts, labels and topics."""
    rows = corpora._jsonl(corpora.OURS / "tickets" / f"{split}.jsonl")
    texts = [f"{row['subject']}\n{row['body']}" for row in rows]
    return texts, np.array([LABELS.index(row["priority"]) for row in rows]), [row["topic"] for row in rows]


def fit(x, y: np.ndarray, strength: float) -> linear.Linear:
    """One direction for all labels, each a step further along it: the adjacent-categories model, which is a softmax too.

    Source: Agresti 2010, Analysis of Ordinal Categorical Data, §4.1. Every label weighs the same.
    """
    rows, count = np.arange(len(y)), len(LABELS)
    weight = (len(y) / count / np.bincount(y, minlength=count))[y]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        direction, bias = values[:-count], values[-count:]
        scores = np.outer(x @ direction, STEPS) + bias
        error = (softmax(scores, axis=1) - np.eye(count)[y]) * weight[:, None]
        value = -(weight * log_softmax(scores, axis=1)[rows, y]).sum() + direction @ direction / (2 * strength)
        return value, np.concatenate([x.T @ (error @ STEPS) + direction / strength, error.sum(0)])

    found = minimize(loss, np.zeros(x.shape[1] + count), jac=True, method="L-BFGS-B", options={"maxiter": linear.ROUNDS}).x
    return linear.Linear(LABELS, RECIPE, np.outer(found[:-count], STEPS), found[-count:])


def report(name: str, y: np.ndarray, scores: np.ndarray) -> float:
    guess = scores.argmax(1)
    f1 = 100 * f1_score(y, guess, average="macro")
    within = 100 * (abs(guess - y) < 2).mean()
    print(f"{name}: macro-F1 {f1:.1f}, accuracy {100 * (guess == y).mean():.1f}, at most one step off {within:.1f}, mean steps {abs(guess - y).mean():.2f}, n {len(y)}")
    return f1


def command(arguments) -> None:
    texts, y, topics = tickets("train")
    x = hashed.features(texts, RECIPE).astype(np.float64)
    fold = linear.folds(topics, arguments.seed)
    weight = (len(y) / len(LABELS) / np.bincount(y))[y]
    for strength in (1.0, 3.0, 10.0, 30.0, 100.0):
        report(f"5-fold by topic, ordinal, C {strength:g}", y, linear.held_out(x, fold, lambda at: fit(x[at], y[at], strength)))
        report(f"5-fold by topic, multinomial, C {strength:g}", y, linear.held_out(x, fold, lambda at: linear.fit(x[at], y[at], LABELS, RECIPE, strength, weight[at])))
    report("TF-IDF with a vocabulary", y, linear.baseline(texts, y, fold))
    scores = linear.held_out(x, fold, lambda at: fit(x[at], y[at], STRENGTH))
    report("always normal", y, np.eye(len(LABELS))[np.ones(len(y), int)])
    model = fit(x, y, STRENGTH)
    model.temperature = linear.temperature(scores, y, weight)
    print(f"temperature {model.temperature:.3f}")
    dev, truth, _ = tickets("dev")
    report("dev", truth, model.as_stored().probabilities(dev))
    linear.write(model, "urgency", dev[:58] + ["", "PLEASE, THE SHOP IS DOWN!!!"])
