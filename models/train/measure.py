"""A quick look at a system while it is being trained: our own dev sets, and few examples of CLINC150 on its validation rows.

No test split is read: `cargo xtask bench models` alone does that, on what was exported.
"""

import json
import random

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from . import corpora, heads, loop, micro, small, teacher

SEEDS = 3
SHOTS = 10
DEV = ("dev", "dev_centre")


class Encoder:
    """A system that makes unit vectors; it keeps them, for several protocols read the same texts."""

    def __init__(self, name: str, encode) -> None:
        self.name, self.known = name, {}
        self._encode = encode

    def encode(self, texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, self._encode(new), strict=True))
        return np.stack([self.known[text] for text in texts])


def load(arguments) -> Encoder:
    if arguments.model == "teacher":
        return Encoder("teacher", teacher.Teacher().encode)
    name, work, without = arguments.model, arguments.work, arguments.without
    model = micro.load(work, without) if name == "micro" else small.load(name, work, without)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    return Encoder(small.weights(name, without).removesuffix(".pt"), lambda texts: loop.encode(model, texts, work))


def few_shot(system: Encoder, data: corpora.Labelled) -> dict[str, float]:
    """Mean accuracy on validation rows of the kernel ridge alone and fused with TF-IDF, in percent. Nothing but the chosen examples is seen."""
    asked_texts, truth = [text for text, _ in data.validation], np.array([label for _, label in data.validation])
    asked = system.encode(asked_texts)
    by_label: dict[str, list[str]] = {}
    for text, label in data.train:
        by_label.setdefault(label, []).append(text)
    rows: dict[str, list[float]] = {"alone": [], "fused": []}
    for seed in range(SEEDS):
        rng = random.Random(seed)
        chosen = [(text, label) for label in sorted(by_label) for text in rng.sample(by_label[label], SHOTS)]
        texts, labels = [text for text, _ in chosen], [label for _, label in chosen]
        vectors, lexical = system.encode(texts), heads.tfidf().fit(texts)
        own, other = lexical.transform(texts), lexical.transform(asked_texts)
        for name, weight in (("alone", 0.0), ("fused", heads.LEXICAL)):
            head = heads.KernelRidge(heads.kernel(vectors, vectors) + weight * (own @ own.T).toarray() / 2, labels)
            found = head.predict(heads.kernel(asked, vectors) + weight * (other @ own.T).toarray() / 2)
            rows[name].append((np.array(found) == truth).mean())
    return {name: 100 * float(np.mean(values)) for name, values in rows.items()}


def ranks(scores: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    own = scores[np.arange(len(truth)), truth][:, None]
    # Ties count against the system: to find nothing is not to find the right one.
    order = (scores >= own).sum(1) - 1
    return {"top-1": 100 * float((order == 0).mean()), "top-3": 100 * float((order < 3).mean()), "mrr": 100 * float((1 / (order + 1)).mean())}


def dev_intents(system: Encoder, split: str) -> dict[str, dict[str, float]]:
    """Entries are question and answer, of all businesses in one index; queries are what people say."""
    intents = corpora.intents(split)
    outcome = {}
    for asked, indexed in (("en", "en"), ("es", "es"), ("es", "en")):
        entries = [intent.entry(indexed) for intent in intents]
        queries = [(text, i) for i, intent in enumerate(intents) for text in intent.phrasings[asked]]
        truth = np.array([i for _, i in queries])
        lexical = heads.Bm25(entries, indexed)
        words = np.stack([lexical.scores(text) for text, _ in queries])
        name, index = f"{asked}→{indexed}", system.encode(entries)
        outcome[f"{name} bm25"] = ranks(words, truth)
        dense = system.encode([text for text, _ in queries]) @ index.T
        outcome[f"{name} dense"] = ranks(dense, truth)
        if asked == indexed:
            outside = [row["q"] for row in corpora.intents_oos(split) if row["lang"] == asked]
            strange = (system.encode(outside) @ index.T).max(1)
            outcome[f"{name} dense"]["oos auroc"] = 100 * roc_auc_score([1] * len(dense) + [0] * len(strange), np.concatenate([dense.max(1), strange]))
    return outcome


def command(arguments) -> None:
    system = load(arguments)
    found: dict[str, object] = {"system": system.name, **{split: dev_intents(system, split) for split in DEV}}
    found["clinc150 validation, 10-shot"] = few_shot(system, corpora.clinc150(arguments.data))
    path = arguments.work / f"measured-{system.name}.json"
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False))
    for name, values in found.items():
        print(name, json.dumps(values, ensure_ascii=False) if name not in DEV else "")
        if name in DEV:
            for row, figures in values.items():
                print("   ", row, {key: round(value, 1) for key, value in figures.items()})
