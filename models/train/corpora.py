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
# Source: `Glance::CHARS`.
HEARD = 220


@dataclass
class Labelled:
    """Texts with one label each; what is tested on is the bench's to read."""

    name: str
    train: list[tuple[str, str]]
    validation: list[tuple[str, str]] = field(default_factory=list)


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


def banking77(data: Path) -> Labelled:
    with open(data / "banking77" / "train.csv", encoding="utf-8", newline="") as file:
        return Labelled("banking77", [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)])


def clinc150(data: Path) -> Labelled:
    sets = json.loads("\n".join(lines(data / "clinc150" / "data_full.json.gz")))
    pairs = lambda name: [(text, label) for text, label in sets[name]]
    return Labelled("clinc150", pairs("train"), pairs("val"))


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


def tatoeba(data: Path) -> list[tuple[str, str]]:
    folder = data / "tatoeba_laser"
    return list(zip(lines(folder / "tatoeba.spa-eng.eng.gz"), lines(folder / "tatoeba.spa-eng.spa.gz"), strict=True))


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


def letters() -> list[tuple[str, str]]:
    """What our own synthetic customers write to a desk or into a form: language and text, no labels; as much of it as a desk's larger
    encoder hears (`Glance::CHARS` in `shared/knowledge`)."""
    rows = [row for name in ("tickets", "problems", "messages") for row in _jsonl(OURS / name / "train.jsonl")]
    beginning = lambda text: text if len(text) <= HEARD else text[:HEARD].rsplit(maxsplit=1)[0]
    return [(row["lang"], beginning((row.get("text") or f"{row['subject']}\n{row['body']}").strip())) for row in rows]


def intents_oos(split: str) -> list[dict]:
    """Questions that no entry of that split answers."""
    return _jsonl(OURS / "intents" / f"{split}_oos.jsonl")
