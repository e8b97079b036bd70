"""Language identification for short text: `python -m train language --data DIR`."""

import random
from pathlib import Path

import numpy as np

from . import corpora, hashed, linear

LABELS = ["es", "en", "pt", "fr", "it", "ca", "gl", "de", "other"]
CODES = {"por": "pt", "fra": "fr", "ita": "it", "cat": "ca", "glg": "gl", "deu": "de"}
# Tatoeba's heroes, who tell it from other corpora and say nothing of a language.
NAMES = ("tom", "mary", "maria", "marie", "john")
RECIPE = hashed.Recipe(bits=14, shortest=1, longest=5, accents=True, symbols=True, ignored=NAMES)
# C of the logistic regression. Chosen; not searched.
STRENGTH = 30.0
# A short text without any sign is likelier to be in a language that the product speaks. Chosen.
PRIOR = {"es": 3.0, "en": 3.0, "other": 2.0}
# How many sentences each corpus gives, so that manuals do not drown the rest. Chosen.
PARALLEL, TATOEBA_ENGLISH, OTHER = 6_000, 6_000, 200
# Pieces of one to four words taken of each sentence of a small language, and of the others. Chosen.
CROPS, CROPS_LARGE = 5, 1
LENGTHS = {"1-2": (1, 2), "3-5": (3, 5), "6+": (6, 10_000)}


def sentences(data: Path, rng: random.Random) -> list[tuple[str, str, str]]:
    """Text, label and group; nothing of the Spanish–English thousand, not even an English sentence that another language shares with it."""
    folder = data / "tatoeba_laser"
    sealed = {text.strip().lower() for pair in corpora.tatoeba(data) for text in pair}
    rows, english = [], {}
    for path in sorted(folder.glob("tatoeba.*-eng.eng.gz")):
        code = path.name.split(".")[1].removesuffix("-eng")
        if code == "spa":
            continue
        own = corpora.lines(folder / f"tatoeba.{code}-eng.{code}.gz")
        pairs = [(theirs.strip(), en.strip()) for theirs, en in zip(own, corpora.lines(path), strict=True)]
        english |= {en: en for _, en in pairs if en.lower() not in sealed}
        label = CODES.get(code, "other")
        if label == "other":
            pairs = rng.sample(pairs, min(OTHER, len(pairs)))
        rows += [(theirs, label, en) for theirs, en in pairs if theirs.lower() not in sealed]
    rows += [(en, "en", en) for en in rng.sample(sorted(english), min(TATOEBA_ENGLISH, len(english)))]
    for en, es in rng.sample(corpora.parallel(data), PARALLEL) + corpora.everyday():
        rows += [(en, "en", en), (es, "es", en)]
    for intent in corpora.intents("train"):
        rows += [(text, language, intent.id) for language in ("en", "es") for text in intent.texts(language)]
    for name, texts in (("messages", ["text"]), ("tickets", ["subject", "body"])):
        for row in corpora._jsonl(corpora.OURS / name / "train.jsonl"):
            rows += [(row[part], row["lang"], row[texts[-1]]) for part in texts if row["lang"] in LABELS and row[part].strip()]
    return rows


def cropped(text: str, times: int, rng: random.Random) -> list[str]:
    words = text.split()
    found = []
    for _ in range(times):
        length = rng.randint(1, 4)
        if len(words) > length:
            start = rng.randrange(len(words) - length + 1)
            found.append(" ".join(words[start : start + length]))
    return found


def augmented(rows: list[tuple[str, str, str]], rng: random.Random) -> list[tuple[str, str, str]]:
    """Pieces as well as sentences; a third of the pieces and a tenth of the sentences as people type them, without accents."""
    found = []
    for text, label, group in rows:
        times = CROPS if label in CODES.values() else CROPS_LARGE
        bare = hashed.fold(text, False)
        found.append((bare if label != "other" and rng.random() < 0.1 else text, label, group))
        found += [(hashed.fold(piece, False) if label != "other" and rng.random() < 0.33 else piece, label, group) for piece in cropped(text, times, rng)]
    return found


def report(name: str, texts: list[str], truth: np.ndarray, scores: np.ndarray) -> None:
    words = np.array([len(text.split()) for text in texts])
    right = scores.argmax(1) == truth
    print(f"{name}: accuracy in percent, mean over labels")
    for length, (low, high) in LENGTHS.items():
        at = (words >= low) & (words <= high)
        by = {LABELS[i]: 100 * right[at & (truth == i)].mean() for i in range(len(LABELS)) if (at & (truth == i)).any()}
        if by:
            print(f"  {length:4} words: {np.mean(list(by.values())):5.1f}  " + "  ".join(f"{label} {value:.1f}" for label, value in by.items()), f" n {at.sum()}")


def command(arguments) -> None:
    rng = random.Random(arguments.seed)
    rows = augmented(sentences(arguments.data, rng), rng)
    texts = [text for text, _, _ in rows]
    y = np.array([LABELS.index(label) for _, label, _ in rows])
    x = hashed.features(texts, RECIPE)
    counts = np.bincount(y, minlength=len(LABELS))
    print(f"{len(texts)} texts, {x.nnz / len(texts):.0f} features each:", dict(zip(LABELS, counts.tolist())), flush=True)
    weight = (np.array([PRIOR.get(label, 1.0) for label in LABELS]) / counts)[y]
    weight *= len(y) / weight.sum()
    train = lambda at: linear.fit(x[at], y[at], LABELS, RECIPE, STRENGTH, weight[at])
    scores = linear.held_out(x, linear.folds([group for _, _, group in rows], arguments.seed), train)
    report("5-fold cross-validation, by sentence", texts, y, scores)
    model = train(np.arange(len(y)))
    model.temperature = linear.temperature(scores, y, weight)
    print(f"temperature {model.temperature:.3f}")

    stored = model.as_stored()
    for name, pairs in (("Tatoeba, 1,000 pairs", corpora.tatoeba(arguments.data)), ("parallel test_2000", corpora.parallel_test(arguments.data))):
        sides = [text for pair in pairs for text in pair]
        truth = np.array([LABELS.index("en"), LABELS.index("es")] * len(pairs))
        report(name, sides, truth, np.log(np.maximum(stored.probabilities(sides), 1e-30)))
    # Our own texts only: the others' stay out of the repository.
    own = [text for intent in corpora.intents("train") for language in ("en", "es") for text in intent.phrasings[language]]
    linear.write(model, "language", rng.sample(own, 50) + GOLDENS)


GOLDENS = ["", "hola", "thanks", "obrigado pela ajuda", "merci beaucoup", "grazie mille", "bon dia a tothom", "moitas grazas", "wo ist mein Paket?", "спасибо большое"]
