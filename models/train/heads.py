"""Heads and lexical views, as `shared/infer` has them: what a function builds from a tenant's own examples."""

import math
import re
import unicodedata
from collections import Counter

import numpy as np
import snowballstemmer
from scipy.linalg import cho_factor, cho_solve
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union

# Source: the prototype that the design notes describe; not picked again on validation data.
SHARPNESS, RIDGE, LEXICAL = 3.0, 0.1, 0.15
# Source: Robertson & Zaragoza 2009, §3.3.
K1, B = 1.2, 0.75


def tfidf():
    """Words and pairs of words, and character n-grams within words."""
    return make_union(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), strip_accents="unicode"),
        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5), strip_accents="unicode"),
    )


def kernel(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """exp(3(cos − 1)) of unit vectors."""
    return np.exp(SHARPNESS * (left @ right.T - 1))


class KernelRidge:
    """One Cholesky over all examples; scores are in [0, 1] or near it.

    `lexical`, the examples' TF-IDF similarities, joins the kernel with a small weight.
    """

    def __init__(self, gram: np.ndarray, labels: list[str]) -> None:
        self.labels = sorted(set(labels))
        column = {label: i for i, label in enumerate(self.labels)}
        truth = np.zeros((len(labels), len(self.labels)))
        truth[np.arange(len(labels)), [column[label] for label in labels]] = 1
        factor = cho_factor(gram + RIDGE * np.eye(len(gram)))
        self.weights = cho_solve(factor, truth)

    def scores(self, gram: np.ndarray) -> np.ndarray:
        return gram @ self.weights

    def predict(self, gram: np.ndarray) -> list[str]:
        return [self.labels[i] for i in self.scores(gram).argmax(1)]


def fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


class Bm25:
    """Okapi BM25 over stems without accents; the language of the entries chooses the stemmer."""

    def __init__(self, entries: list[str], language: str) -> None:
        self.stem = snowballstemmer.stemmer({"en": "english", "es": "spanish"}[language]).stemWord
        self.known: dict[str, str] = {}
        self.entries = [Counter(self.terms(entry)) for entry in entries]
        self.lengths = np.array([sum(counts.values()) for counts in self.entries], float)
        seen = Counter(term for counts in self.entries for term in counts)
        self.weight = {term: math.log(1 + (len(entries) - n + 0.5) / (n + 0.5)) for term, n in seen.items()}

    def terms(self, text: str) -> list[str]:
        words = re.findall(r"\w+", text.lower())
        return [self.known.setdefault(word, fold(self.stem(word))) for word in words]

    def scores(self, query: str) -> np.ndarray:
        norms = K1 * (1 - B + B * self.lengths / self.lengths.mean())
        found = np.zeros(len(self.entries))
        for term in self.terms(query):
            weight = self.weight.get(term)
            if weight:
                counts = np.array([counts[term] for counts in self.entries], float)
                found += weight * counts * (K1 + 1) / (counts + norms)
        return found
