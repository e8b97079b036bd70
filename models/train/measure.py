"""Measures a system by the published protocols, and on our own dev intents. Test splits are read here and nowhere else."""

import json
import random

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from . import corpora, heads, micro, small, teacher

SEEDS = 5
SHOTS = (10, 5)
# The part of BM25 beside the vectors. Chosen; not searched, and too much for questions that share no word with their entry.
LEXICAL_RETRIEVAL = 0.3


class Encoder:
    """A system that makes unit vectors."""

    def __init__(self, name: str, encode) -> None:
        self.name, self.encode = name, encode


def load(arguments) -> Encoder:
    if arguments.model == "teacher":
        return Encoder("teacher", teacher.Teacher().encode)
    module = {"micro": micro, "small": small}[arguments.model]
    model, reader = module.load(arguments.work, arguments.without), micro.Reader(arguments.work)

    @torch.inference_mode()
    def encode(texts: list[str]) -> np.ndarray:
        parts = [model(reader(texts[start : start + 256])).cpu().numpy() for start in range(0, len(texts), 256)]
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)

    return Encoder(micro.weights(arguments.model, arguments.without).removesuffix(".pt"), encode)


def few_shot(system: Encoder, data: corpora.Labelled) -> dict[int, dict[str, float]]:
    """By examples per label: mean accuracy over seeds, official and clean, of the kernel ridge alone and fused with TF-IDF.

    The weights of TF-IDF come from all training texts, without their labels: only the rows named `alone` see nothing but the examples.
    """
    train_texts, test_texts = [text for text, _ in data.train], [text for text, _ in data.test]
    train, test = system.encode(train_texts), system.encode(test_texts)
    lexical = heads.tfidf().fit(train_texts)
    sparse_train, sparse_test = lexical.transform(train_texts), lexical.transform(test_texts)
    truth = np.array([label for _, label in data.test])
    clean = np.array(data.clean)
    by_label: dict[str, list[int]] = {}
    for i, (_, label) in enumerate(data.train):
        by_label.setdefault(label, []).append(i)

    def accuracy(shots: int) -> dict[str, float]:
        rows = {"alone": [], "alone clean": [], "fused": [], "fused clean": []}
        for seed in range(SEEDS):
            rng = random.Random(seed)
            chosen = [i for label in sorted(by_label) for i in rng.sample(by_label[label], min(shots, len(by_label[label])))]
            labels = [data.train[i][1] for i in chosen]
            dense = heads.kernel(train[chosen], train[chosen]), heads.kernel(test, train[chosen])
            shared = [(sparse @ sparse_train[chosen].T).toarray() / 2 for sparse in (sparse_train[chosen], sparse_test)]
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


def dev_intents(system: Encoder, split: str = "dev") -> dict[str, dict[str, float]]:
    """Entries are question and answer, of all businesses in one index; queries are what people say."""
    intents = corpora.intents(split)
    outcome = {}
    for asked, indexed in (("en", "en"), ("es", "es"), ("es", "en")):
        entries = [intent.entry(indexed) for intent in intents]
        queries = [(text, i) for i, intent in enumerate(intents) for text in intent.phrasings[asked]]
        truth = np.array([i for _, i in queries])
        lexical = heads.Bm25(entries, indexed)
        words = np.stack([lexical.scores(text) for text, _ in queries])
        name = f"{asked}→{indexed}"
        outcome[f"{name} bm25"] = ranks(words, truth)
        dense = system.encode([text for text, _ in queries]) @ system.encode(entries).T
        outcome[f"{name} dense"] = ranks(dense, truth)
        share = words / np.maximum(words.max(1, keepdims=True), 1e-9) if asked == indexed else 0
        outcome[f"{name} fused"] = ranks(dense + LEXICAL_RETRIEVAL * share, truth)
        if split == "dev" and asked == indexed:
            outside = [row["q"] for row in corpora.dev_oos() if row["lang"] == asked]
            strange = (system.encode(outside) @ system.encode(entries).T).max(1)
            inside = dense.max(1)
            outcome[f"{name} dense"]["oos auroc"] = 100 * roc_auc_score([1] * len(inside) + [0] * len(strange), np.concatenate([inside, strange]))
    return outcome


def command(arguments) -> None:
    system = load(arguments)
    data = arguments.data
    found: dict[str, object] = {"system": system.name, "dev intents": dev_intents(system)}
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
        print(name, json.dumps(values, ensure_ascii=False) if name != "dev intents" else "")
        if name == "dev intents":
            for row, figures in values.items():
                print("   ", row, {key: round(value, 1) for key, value in figures.items()})
