"""Spam among contact messages: `python -m train spam --data DIR`."""

import json
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.special import expit
from sklearn.metrics import f1_score, roc_auc_score, roc_curve

from . import corpora, hashed, linear

LABELS = ["ham", "spam"]
RECIPE = hashed.Recipe(bits=16, shortest=2, longest=5, symbols=True)
# C of the logistic regression. Chosen by cross-validation among 3, 10, 30 and 100, the largest.
STRENGTH = 100.0
# What a text message counts beside a contact message, which is what the filter will read. Chosen; not searched.
SMS_WEIGHT = 0.1
# Text messages this much alike are one group. Chosen.
ALIKE = 0.7


def messages(split: str) -> list[dict]:
    """Ours; their links end in `.example`, which the features see as any other link."""
    return corpora._jsonl(corpora.OURS / "messages" / f"{split}.jsonl")


def sms(data: Path, split: str) -> list[tuple[str, str]]:
    """English text messages of one part of the grouped split; the part `sealed` is for nobody here."""
    parts = json.loads((data / "clean_test_indices" / "sms_spam_grouped_split.json").read_text())
    rows = [line.split("\t", 1) for line in corpora.lines(data / "sms_spam" / "SMSSpamCollection")]
    return [(text, label) for i, (label, text) in enumerate(rows) if parts.get(str(i)) == split]


def groups(x) -> list[str]:
    """Near-copies in one group."""
    alike = (x @ x.T).tocsr()
    alike.data[alike.data < ALIKE] = 0
    alike.eliminate_zeros()
    return [f"sms {group}" for group in connected_components(alike, directed=False)[1]]


def report(name: str, y: np.ndarray, score: np.ndarray, threshold: float = 0.0) -> None:
    false, true, _ = roc_curve(y, score)
    print(f"{name}: AUROC {100 * roc_auc_score(y, score):.1f}, F1 {100 * f1_score(y, score > threshold):.1f}, "
          f"false positives at 95 % recall {100 * false[np.argmax(true >= 0.95)]:.1f} %, n {len(y)}")


def command(arguments) -> None:
    ours, theirs = messages("train"), sms(arguments.data, "train")
    texts = [row["text"] for row in ours] + [text for text, _ in theirs]
    y = np.array([LABELS.index(label) for label in [row["label"] for row in ours] + [label for _, label in theirs]])
    x = hashed.features(texts, RECIPE)
    is_ours = np.arange(len(y)) < len(ours)
    weight = np.where(is_ours, 1.0, SMS_WEIGHT)
    fold = linear.folds([row["kind"] for row in ours] + groups(x[len(ours) :]), arguments.seed)
    train = lambda at, strength=STRENGTH: linear.fit(x[at], y[at], LABELS, RECIPE, strength, weight[at])
    for strength in (3.0, 10.0, 30.0, 100.0):
        scores = linear.held_out(x, fold, lambda at: train(at, strength))
        margin = scores[:, 1] - scores[:, 0]
        report(f"5-fold, messages by kind, C {strength:g}", y[is_ours], margin[is_ours])
        report(f"5-fold, SMS by near-copies, C {strength:g}", y[~is_ours], margin[~is_ours])
    scores = linear.held_out(x, fold, train)
    plain = linear.baseline(texts, y, fold)
    report("TF-IDF with a vocabulary, messages", y[is_ours], (plain[:, 1] - plain[:, 0])[is_ours])
    report("TF-IDF with a vocabulary, SMS", y[~is_ours], (plain[:, 1] - plain[:, 0])[~is_ours])
    model = train(np.arange(len(y)))
    model.temperature = linear.temperature(scores[is_ours], y[is_ours])
    # How surely ham is let through: what a threshold costs, read on held-out messages.
    probability = expit((scores[:, 1] - scores[:, 0])[is_ours] / model.temperature)
    for threshold in (0.5, 0.8, 0.9):
        ham, spam = probability[y[is_ours] == 0] > threshold, probability[y[is_ours] == 1] > threshold
        print(f"  above {threshold}: {100 * spam.mean():.1f} % of spam, {100 * ham.mean():.1f} % of ham")
    print(f"temperature {model.temperature:.3f}")

    stored = model.as_stored()
    dev = messages("dev")
    for name, rows in (("dev messages", [(row["text"], row["label"]) for row in dev]), ("SMS dev", sms(arguments.data, "dev"))):
        chances = stored.probabilities([text for text, _ in rows])
        report(name, np.array([LABELS.index(label) for _, label in rows]), chances[:, 1], 0.5)
    linear.write(model, "spam", [row["text"] for row in dev[:58]] + ["", "Buy now!!! http://cheap.example/x 50 % OFF"])
