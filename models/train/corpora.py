"""Reads the public datasets and our own synthetic data; says what each may be used for.

Nothing here reads a test split for training: the readers that training calls open training and validation files only.
"""

import csv
import functools
import gzip
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

OURS = Path(__file__).resolve().parent.parent / "data"


@dataclass
class Labelled:
    """Texts with one label each, by split."""

    name: str
    train: list[tuple[str, str]]
    test: list[tuple[str, str]]
    validation: list[tuple[str, str]] = field(default_factory=list)
    oos_validation: list[str] = field(default_factory=list)
    oos_test: list[str] = field(default_factory=list)
    clean: list[int] = field(default_factory=list)
    """Indices of `test` rows without a near-copy in `train`."""


@dataclass
class Intent:
    """An entry of a help centre, and what people say who look for it."""

    id: str
    business: str
    question: dict[str, str]
    answer: dict[str, str]
    phrasings: dict[str, list[str]]

    def entry(self, language: str) -> str:
        """What is indexed."""
        return f"{self.question[language]} {self.answer[language]}"

    def texts(self, language: str) -> list[str]:
        return [self.question[language], self.answer[language], *self.phrasings[language]]


@functools.cache
def lines(path: Path) -> list[str]:
    """The lines of a file, which several readers want; none of them may change the list."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def _jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in lines(path) if line.strip()]


def _clean(data: Path, name: str) -> list[int]:
    return json.loads((data / "clean_test_indices" / name).read_text())


def banking77(data: Path) -> Labelled:
    def read(split: str) -> list[tuple[str, str]]:
        with open(data / "banking77" / f"{split}.csv", encoding="utf-8", newline="") as file:
            return [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)]

    return Labelled("banking77", read("train"), read("test"), clean=_clean(data, "banking77_test_csv.json"))


def clinc150(data: Path) -> Labelled:
    sets = json.loads("\n".join(lines(data / "clinc150" / "data_full.json.gz")))
    pairs = lambda name: [(text, label) for text, label in sets[name]]
    texts = lambda name: [text for text, _ in sets[name]]
    return Labelled(
        "clinc150", pairs("train"), pairs("test"), pairs("val"), texts("oos_val"), texts("oos_test"),
        clean=_clean(data, "clinc150_data_full_json_test.json"),
    )


def _two_files(folder: Path) -> list[tuple[str, str]]:
    texts, labels = lines(folder / "seq.in"), lines(folder / "label")
    return [(text, label) for text, label in zip(texts, labels, strict=True) if text.strip()]


def hwu64(data: Path) -> Labelled:
    """For measuring only: CC BY-SA."""
    folder = data / "hwu64"
    return Labelled("hwu64", _two_files(folder / "train"), _two_files(folder / "test"), clean=_clean(data, "hwu64_test.json"))


def banking77_oos(data: Path) -> Labelled:
    """The hard out-of-scope test: 27 intents of the same domain held out. Its own 50-intent file is the only one to train on."""
    folder = data / "banking77_oos"
    texts = lambda path: [text for text, _ in _two_files(path)]
    return Labelled(
        "banking77_oos", _two_files(folder / "train"), _two_files(folder / "test"), _two_files(folder / "valid"),
        texts(folder / "id-oos" / "valid"), texts(folder / "id-oos" / "test"),
    )


def bitext(data: Path) -> list[tuple[str, str]]:
    """Customer service, synthetic; rows with the flag W are offensive."""
    rows = []
    for name in ("bitext_20k.csv.gz", "bitext_8k.csv.gz"):
        for row in csv.DictReader(lines(data / "bitext_cs" / name)):
            row = {key.lstrip("\ufeff"): value for key, value in row.items()}
            if "W" not in (row.get("flags") or ""):
                rows.append((row["utterance"], row["intent"]))
    return rows


def nlupp(data: Path) -> list[tuple[str, str]]:
    """Each text with its set of intents as one label."""
    rows = []
    for domain in ("banking", "hotels"):
        for path in sorted((data / "nlupp" / domain).glob("fold*.json")):
            for row in json.loads(path.read_text()):
                rows.append((row["text"], domain + ":" + "+".join(sorted(row.get("intents") or ["none"]))))
    return rows


def parallel(data: Path, limit: int | None = None) -> list[tuple[str, str]]:
    """English and Spanish sides: strings of products, documentation translated by people, then that translated by machine.

    With `limit`, the strings and that many of the others, those by people first: they are shuffled within their file, always alike.
    """
    read = lambda name: [tuple(line.split("\t")[:2]) for line in lines(data / "parallel_en_es" / name) if line.count("\t") >= 2]
    documentation = []
    for name in ("ccby.tsv.gz", "ccby_mt.tsv.gz"):
        rows = read(name)
        random.Random(0).shuffle(rows)
        documentation += rows
    return read("permissive.tsv.gz") + documentation[:limit]


def everyday() -> list[tuple[str, str]]:
    """Our own everyday sentences, English and Spanish."""
    return [tuple(line.split("\t")) for path in sorted((OURS / "pairs").glob("*.tsv")) for line in lines(path)]


def glossary() -> list[tuple[list[str], list[str]]]:
    """Our own words that mean the same, English and Spanish."""
    sides = [line.split("\t") for line in lines(OURS / "glossary.tsv")]
    return [tuple(side.split(" / ") for side in pair) for pair in sides]


def parallel_test(data: Path) -> list[tuple[str, str]]:
    return [tuple(line.split("\t")[:2]) for line in lines(data / "parallel_en_es" / "test_2000.tsv.gz")]


def ntrex(data: Path) -> list[tuple[str, str]]:
    return [tuple(line.split("\t")[:2]) for line in lines(data / "parallel_en_es" / "test_only_ntrex128_ccbysa.tsv.gz")]


def tatoeba(data: Path) -> list[tuple[str, str]]:
    folder = data / "tatoeba_laser"
    return list(zip(lines(folder / "tatoeba.spa-eng.eng.gz"), lines(folder / "tatoeba.spa-eng.spa.gz"), strict=True))


def mtod(data: Path) -> tuple[list[tuple[str, str]], Labelled]:
    """Voice intents, for measuring only: English rows, and the Spanish splits."""
    def read(language: str, split: str) -> list[tuple[str, str]]:
        rows = [line.split("\t") for line in lines(data / "fb_mtod_en_es" / language / f"{split}-{language}.tsv.gz")]
        return [(row[2].strip(), row[0]) for row in rows if len(row) > 2]

    return read("en", "eval"), Labelled("mtod_es", read("es", "train"), read("es", "test"))


def faq(data: Path) -> tuple[list[list[str]], list[dict]]:
    """Question–answer pairs to train on, and aligned ones to measure on, none of which occurs in the parallel text."""
    spanish = {row["id"]: row for row in _jsonl(data / "faq_pairs" / "es.jsonl")}
    seen = {line.split("\t")[1].strip().lower() for name in ("ccby.tsv.gz", "ccby_mt.tsv.gz") for line in lines(data / "parallel_en_es" / name) if "\t" in line}
    train, test = [], []
    for row in _jsonl(data / "faq_pairs" / "en.jsonl"):
        other = spanish.get(row["id"])
        if other and other["question"].strip().lower() not in seen:
            test.append({"en": (row["question"], row["answer"]), "es": (other["question"], other["answer"])})
        else:
            train += [[side["question"], side["answer"]] for side in (row, other) if side]
    measured = {text for row in test for side in row.values() for text in side}
    return [pair for pair in train if not measured & set(pair)], test


def intents(split: str) -> list[Intent]:
    """Our own. The files whose names begin with `dev` hold businesses that training never sees: `dev`, riddles without a common word, and
    `dev_centre`, a help centre as people ask it."""
    paths = sorted((OURS / "intents").glob("*.jsonl"))
    wanted = [path for path in paths if not path.stem.endswith("_oos") and (path.stem if path.stem.startswith("dev") else "train") == split]
    return [Intent(row["id"], row["business"], row["question"], row["answer"], row["phrasings"]) for path in wanted for row in _jsonl(path)]


def intents_oos(split: str) -> list[dict]:
    """Questions that no entry of that split answers."""
    return _jsonl(OURS / "intents" / f"{split}_oos.jsonl")
