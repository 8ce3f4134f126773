"""scratchnet evaluate: every number and figure of an honest evaluation, in one folder."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from scratchnet.fer.evaluation import as_text, evaluate
from scratchnet.fer.pretrained import pretrained_folder


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a model folder; default: the one in the box"
    )
    parser.add_argument(
        "--data", type=Path, help="fer2013.csv, or a folder of folders; default: generated faces"
    )
    parser.add_argument("--fer-plus", type=Path, help="FER+'s fer2013new.csv: a second opinion")
    parser.add_argument("--part", help="what to examine; default: the first that is not Training")
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: the network's own")
    parser.add_argument(
        "--store-temperature", action="store_true", help="write it into the model's card"
    )
    parser.add_argument("--out", type=Path, default=Path("runs") / "evaluation")


def run(options: argparse.Namespace) -> int:
    if find_spec("matplotlib") is None:
        raise ValueError('matplotlib missing; pip install "scratchnet[examples]"')
    report = evaluate(
        pretrained_folder() if options.model is None else options.model,
        options.data,
        options.out,
        options.classes,
        fer_plus=options.fer_plus,
        part=options.part,
        store_temperature=options.store_temperature,
    )
    print(as_text(report))
    print(f"all numbers and pictures: {options.out / 'report.html'}")
    return 0
