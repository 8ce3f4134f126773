"""What predict, detect and crop have in common: options, the recogniser, progress, complaints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import haar
from scratchnet.fer.pretrained import load_cascade, pretrained_folder
from scratchnet.fer.recognizer import EmotionRecognizer

MANY = 20
"""From so many photos on, progress is told."""


def size(text: str) -> tuple[int, int]:
    """40 or 40x60."""
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise argparse.ArgumentTypeError(f"expects 40 or 40x60 (width x height), got {text!r}")
    return int(sides[0]), int(sides[-1])


def cascade_options(parser: argparse.ArgumentParser) -> None:
    """How faces are found."""
    parser.add_argument(
        "--cascade", default="own", help="a file, or a name of OpenCV's; default: own, in the box"
    )
    parser.add_argument("--min-size", type=size, metavar="W[xH]", help="of a face, in pixels")
    parser.add_argument(
        "--min-neighbors", type=int, default=3, help="a face needs more windows; default: 3"
    )
    parser.add_argument(
        "--scale-factor", type=float, default=1.1, help="from one size to the next; default: 1.1"
    )


def the_cascade(options: argparse.Namespace) -> haar.Cascade:
    return load_cascade(options.cascade)


def search(options: argparse.Namespace) -> dict[str, Any]:
    """The options of `cascade_options` as arguments of `Cascade.detect`."""
    names = ("min_size", "min_neighbors", "scale_factor")
    return {name: getattr(options, name) for name in names}


def model_options(parser: argparse.ArgumentParser) -> None:
    """Which network is asked."""
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a model folder; default: the one in the box"
    )
    parser.add_argument(
        "--classes",
        type=int,
        choices=(6, 7),
        help="6 counts Disgust as Angry; default: the network's own",
    )
    parser.add_argument(
        "--networks",
        type=int,
        metavar="N",
        help="of an ensemble only the first N: 1 is the fastest; default: all of them",
    )
    parser.add_argument(
        "--eyes",
        metavar="CASCADE",
        help="turn faces upright by their eyes, for a network that was trained on such faces; "
        "default: as the model's card says",
    )


def the_recognizer(options: argparse.Namespace) -> EmotionRecognizer:
    folder = pretrained_folder() if options.model is None else options.model
    eyes = {} if options.eyes is None else {"eyes": load_cascade(options.eyes)}
    return EmotionRecognizer.load(
        folder,
        the_cascade(options),
        networks=options.networks,
        classes=options.classes,
        **eyes,
        **search(options),
    )


def progress(items: Iterable[Any], total: int, verb: str, unit: str = "photos") -> Iterator[Any]:
    """The items, while stderr tells how many are done: as a bar with tqdm, else line by line."""
    if total < MANY:
        yield from items
    elif find_spec("tqdm") is not None and sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(items, verb, total, unit=f" {unit}")
    else:
        for done, item in enumerate(items, 1):
            yield item
            if done % (total // 10) == 0:
                print(f"{verb}: {done:,} of {total:,} {unit}", file=sys.stderr, flush=True)


def teller(command: str) -> Callable[[str], None]:
    """Says what is wrong, on stderr, in one line that begins with the command's name."""

    def tell(complaint: str) -> None:
        print(f"scratchnet {command}: {complaint}", file=sys.stderr, flush=True)

    return tell


def count(number: int, noun: str) -> str:
    """1 face, 2 faces, no face."""
    return f"{number:,} {noun}s" if number > 1 else f"1 {noun}" if number else f"no {noun}"
