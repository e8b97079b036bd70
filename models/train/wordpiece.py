"""The tokenizer: one small WordPiece for Spanish and English, lower-case and without accents."""

import random
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from . import corpora

# Chosen: 1.6 MB of table at 192 dimensions.
VOCABULARY = 8_192
# The longest text an encoder reads, in tokens; what is beyond is cut. Chosen; not measured.
MAX_TOKENS = 128
SPECIAL = ["[PAD]", "[UNK]"]
# What stands for a text without any piece.
EMPTY = [SPECIAL.index("[UNK]")]


def path(work: Path) -> Path:
    return work / "tokenizer.json"


def load(work: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path(work)))
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def command(arguments) -> None:
    """Trains it on both sides of the parallel text, our own texts and the labelled sets that may be read."""
    rng = random.Random(arguments.seed)
    texts = [side for pair in corpora.parallel(arguments.data, 60_000, rng) for side in pair]
    ours = []
    for intent in corpora.intents("train"):
        for language in ("en", "es"):
            ours += [intent.question[language], intent.answer[language], *intent.phrasings[language]]
    # Everyday words must not drown in those of software manuals.
    texts += ours * 8
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=64))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=True)])
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, limit_alphabet=200, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path(arguments.work)), pretty=False)
    print(f"{tokenizer.get_vocab_size()} pieces from {len(texts)} texts")
