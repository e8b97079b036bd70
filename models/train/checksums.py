"""What proves that the files of a model are those that were measured."""

import hashlib
from pathlib import Path


def write(folder: Path, names: list[str]) -> None:
    """`SHA256SUMS` of the named files, and their sizes to the terminal."""
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(sums))
    for name in names:
        print(f"{folder.name}/{name}: {(folder / name).stat().st_size} B")
