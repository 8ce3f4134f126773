"""Every figure of the book that code alone can draw, drawn again: `python -m docs.make_figures`.

    python -m docs.make_figures                  all of them, into docs/figures
    python -m docs.make_figures conv2d svm       those that have one of these words in their name
    python -m docs.make_figures --check          drawn elsewhere, and compared with docs/figures
    python -m docs.make_figures --list           where every file in docs/figures comes from

A module docs/figures/make_*.py says what it draws in FIGURES: file name → function that writes it.
Drawing twice on one machine gives the same bytes. Elsewhere, other versions of matplotlib may place
a letter otherwise, and --check tells.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

FOLDER = Path(__file__).with_name("figures")

TRAIN = "python examples/train_fer.py --data fer2013.csv.gz --classes 6 --network"
COMPARE = "python examples/compare_classical.py --out docs/figures/classical"
EXAMINE = "python -m docs.figures.make_recognizer fer2013.csv.gz fer2013new.csv"
MEASURED = {
    "overview.png": "python examples/train_fer.py --out runs/generated && "
    "python docs/figures/make_overview.py runs/generated/model",
    "detect.png": "python examples/benchmarks/detect.py --repeats 3 "
    "--figure docs/figures/detect.png",
    "fer2013/seven.png": f"{TRAIN} seven; its confusion.png",
    "fer2013/nine.png": f"{TRAIN} nine --epochs 8; its confusion.png",
    "fer2013/simple.png": f"{TRAIN} simple --epochs 8; its confusion.png",
    "fer2013/vgg.png": f"{TRAIN} vgg --epochs 8; its confusion.png",
    "fer2013/ablation.png": "python examples/ablation.py --data fer2013.csv.gz --fer-plus "
    "fer2013new.csv --epochs 5 --seeds 1; its ablation.png",
    "classical/comparison.csv": COMPARE,
    "classical/comparison.md": COMPARE,
    "classical/comparison.png": COMPARE,
    "classical/fer2013.csv": "python examples/compare_classical.py --data fer2013.csv.gz; "
    "its comparison.csv",
    "classical/fer2013.md": "python examples/compare_classical.py --data fer2013.csv.gz; "
    "its comparison.md",
    **dict.fromkeys(
        (f"fer2013/box_{name}.png" for name in ("confusion", "coverage", "reliability", "votes")),
        EXAMINE,
    ),
    "viola_jones_face.png": "python -m docs.figures.make_viola_jones, once it is deleted",
    "cascade_training_faces.png": "python -m docs.figures.make_cascade_training, "
    "once it is deleted",
}
"""What needs photos, a training or a watch, or is itself the data of a chapter: its command."""


def figures() -> dict[str, Callable[[Path], None]]:
    """File name below docs/figures → function that writes it, of all modules.

    Raises:
        ValueError: two modules claim one file.
    """
    found: dict[str, Callable[[Path], None]] = {}
    for path in sorted(FOLDER.glob("make_*.py")):
        own = getattr(import_module(f"docs.figures.{path.stem}"), "FIGURES", {})
        if twice := found.keys() & own.keys():
            raise ValueError(f"{path.name} draws {sorted(twice)}, and so does a module before it")
        found |= own
    return found


def chosen(words: Sequence[str]) -> dict[str, Callable[[Path], None]]:
    """The figures with one of these words in their name; no words are all.

    Raises:
        ValueError: a word that is in no name.
    """
    every = figures()
    if lost := [word for word in words if not any(word in name for name in every)]:
        raise ValueError(f"no figure has {lost} in its name; --list shows all names")
    return {n: f for n, f in every.items() if not words or any(word in n for word in words)}


def same(drawn: Path, kept: Path) -> bool:
    """Whether two files show the same: equal bytes, or equal pixels, however they were packed."""
    if not kept.exists():
        return False
    if drawn.suffix == ".png":
        with Image.open(drawn) as a, Image.open(kept) as b:
            return np.array_equal(np.asarray(a.convert("RGB")), np.asarray(b.convert("RGB")))
    return drawn.read_bytes() == kept.read_bytes()


def check(folder: Path, words: Sequence[str] = (), quiet: bool = False) -> list[str]:
    """The figures that differ from those in `folder`."""
    different = []
    with tempfile.TemporaryDirectory() as name:
        for file, write in tqdm(chosen(words).items(), unit="figure", disable=quiet):
            write(Path(name, file))
            if not same(Path(name, file), folder / file):
                different.append(file)
    return different


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    parser = argparse.ArgumentParser(description="Draw the book's figures.")
    parser.add_argument("words", nargs="*", help="of the names of the figures; default: all")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--list", action="store_true", help="where each file comes from")
    options = parser.parse_args(arguments)
    try:
        todo = chosen(options.words)
    except ValueError as error:
        parser.error(str(error))
    if options.list:
        for file, command in sorted(dict.fromkeys(todo, "drawn here").items() | MEASURED.items()):
            print(f"{file:32} {command}")
        return 0
    if options.check:
        different = check(folder, options.words)
        for file in different:
            print(f"{file} is not what its module draws; python -m docs.make_figures {file}")
        return 1 if different else 0
    for file, write in tqdm(todo.items(), unit="figure"):
        write(folder / file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
