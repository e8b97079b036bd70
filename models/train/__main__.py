"""One command per step: `python -m train micro --data DIR`, run from the folder `models`."""

import argparse
import os
from pathlib import Path

# Threads that spin while they wait cost four times the time on a small machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from . import encoders, export, language, measure, micro, small, spam, urgency, wordpiece  # noqa: E402

STEPS = {"tokenizer": wordpiece.command, "big": small.command, "small": small.command, "micro": micro.command, "encoders": encoders.command, "export": export.command, "measure": measure.command, "language": language.command, "spam": spam.command, "urgency": urgency.command}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("model", nargs="?", help="for `export` and `measure`: micro, small or teacher; `measure` also takes big")
    parser.add_argument("--data", type=Path, required=True, help="the folder with the public datasets; nothing of it is copied")
    parser.add_argument("--work", type=Path, default=Path("../target/models"), help="where tokenizers, teacher vectors and weights go")
    parser.add_argument("--without", type=lambda names: set(filter(None, names.split(","))), default=set(), help="sets that the encoder must not read, with commas between: banking77,clinc150")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="how many updates, if not the recipe's own number")
    parser.add_argument("--minutes", type=float, help="end after these, if the updates are not done before")
    parser.add_argument("--begin", type=Path, help="weights of `big` or `small` to go on from, instead of the teacher's layers")
    parser.add_argument("--pairs", type=int, help="how many sentences of documentation are read; all, if not given")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    STEPS[arguments.step](arguments)


if __name__ == "__main__":
    main()
