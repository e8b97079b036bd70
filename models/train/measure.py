"""Measures a system by the published protocols, and on our own dev intents. Test splits are read here and nowhere else."""

import json
import random

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from . import corpora, heads, loop, micro, small, teacher

SEEDS = 5
DEV = ("dev", "dev_centre")
SHOTS = (10, 5)
# The part of BM25 beside the vectors. Chosen; not searched, and too much for questions that share no word with their entry.
LEXICAL_RETRIEVAL = 0.3


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


def few_shot(system: Encoder, data: corpora.Labelled) -> dict[int, dict[str, float]]:
    """By examples per label: mean accuracy over seeds, official and clean, of the kernel ridge alone and fused with TF-IDF.

    Nothing but the chosen examples is seen: the weights of TF-IDF come from them too.
    """
    test_texts, truth, clean = [text for text, _ in data.test], np.array([label for _, label in data.test]), np.array(data.clean)
    test = system.encode(test_texts)
    by_label: dict[str, list[str]] = {}
    for text, label in data.train:
        by_label.setdefault(label, []).append(text)

    def accuracy(shots: int) -> dict[str, float]:
        rows = {"alone": [], "alone clean": [], "fused": [], "fused clean": []}
        for seed in range(SEEDS):
            rng = random.Random(seed)
            chosen = [(text, label) for label in sorted(by_label) for text in rng.sample(by_label[label], min(shots, len(by_label[label])))]
            texts, labels = [text for text, _ in chosen], [label for _, label in chosen]
            vectors, lexical = system.encode(texts), heads.tfidf().fit(texts)
            own, asked = lexical.transform(texts), lexical.transform(test_texts)
            dense = heads.kernel(vectors, vectors), heads.kernel(test, vectors)
            shared = [(sparse @ own.T).toarray() / 2 for sparse in (own, asked)]
            for name, weight in (("alone", 0.0), ("fused", heads.LEXICAL)):
                head = heads.KernelRidge(dense[0] + weight * shared[0], labels)
                hits = np.array(head.predict(dense[1] + weight * shared[1])) == truth
                rows[name].append(hits.mean())
                rows[f"{name} clean"].append(hits[clean].mean())
        return {name: 100 * float(np.mean(values)) for name, values in rows.items()}

    return {shots: accuracy(shots) for shots in SHOTS}


def out_of_scope(system: Encoder, data: corpora.Labelled, landmarks: int = 3_000) -> dict[str, float]:
    """AUROC, and recall with the threshold that keeps 95 % of the validation rows; KRR score and prototype cosine, z-summed."""
    rng = random.Random(0)
    rows = rng.sample(data.train, min(landmarks, len(data.train)))
    train, labels = system.encode([text for text, _ in rows]), [label for _, label in rows]
    head = heads.KernelRidge(heads.kernel(train, train), labels)
    prototypes = np.stack([train[[other == label for other in labels]].mean(0) for label in head.labels])
    prototypes /= np.linalg.norm(prototypes, axis=1, keepdims=True)

    def parts(texts: list[str]) -> np.ndarray:
        vectors = system.encode(texts)
        return np.stack([head.scores(heads.kernel(vectors, train)).max(1), (vectors @ prototypes.T).max(1)], 1)

    kept = parts([text for text, _ in data.validation])
    mean, spread = kept.mean(0), kept.std(0)
    score = lambda texts: ((parts(texts) - mean) / spread).sum(1)
    inside, outside = score([text for text, _ in data.test]), score(data.oos_test)
    threshold = np.quantile(((kept - mean) / spread).sum(1), 0.05)
    auroc = roc_auc_score([1] * len(inside) + [0] * len(outside), np.concatenate([inside, outside]))
    return {"auroc": 100 * auroc, "recall": 100 * float((outside < threshold).mean()), "kept": 100 * float((inside >= threshold).mean())}


def retrieval(left: np.ndarray, right: np.ndarray) -> float:
    """How often each left vector's nearest right one is its partner, in percent."""
    return 100 * float((np.argmax(left @ right.T, 1) == np.arange(len(left))).mean())


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
            share = words / np.maximum(words.max(1, keepdims=True), 1e-9)
            outcome[f"{name} fused"] = ranks(dense + LEXICAL_RETRIEVAL * share, truth)
            outside = [row["q"] for row in corpora.intents_oos(split) if row["lang"] == asked]
            strange = (system.encode(outside) @ index.T).max(1)
            outcome[f"{name} dense"]["oos auroc"] = 100 * roc_auc_score([1] * len(dense) + [0] * len(strange), np.concatenate([dense.max(1), strange]))
    return outcome


def command(arguments) -> None:
    system = load(arguments)
    data = arguments.data
    found: dict[str, object] = {"system": system.name, **{split: dev_intents(system, split) for split in DEV}}
    for name in ("banking77", "clinc150", "hwu64"):
        for shots, values in few_shot(system, getattr(corpora, name)(data)).items():
            found[f"{name} {shots}-shot"] = values
    found["clinc150 oos"] = out_of_scope(system, corpora.clinc150(data))
    found["banking77 oos"] = out_of_scope(system, corpora.banking77_oos(data))
    for name in ("tatoeba", "parallel_test", "ntrex"):
        pairs = getattr(corpora, name)(data)
        english, spanish = (system.encode([pair[side] for pair in pairs]) for side in (0, 1))
        found[name] = {"es→en": retrieval(spanish, english), "en→es": retrieval(english, spanish)}
    _, rows = corpora.faq(data)
    part = lambda language, index: system.encode([row[language][index] for row in rows])
    found["faq pairs"] = {"rows": len(rows), **{f"{asked}→{given}": retrieval(part(asked, 0), part(given, 1)) for asked, given in (("en", "en"), ("es", "es"), ("es", "en"))}}
    path = arguments.work / f"measured-{system.name}.json"
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False))
    for name, values in found.items():
        print(name, json.dumps(values, ensure_ascii=False) if name not in DEV else "")
        if name in DEV:
            for row, figures in values.items():
                print("   ", row, {key: round(value, 1) for key, value in figures.items()})
