"""scratchnet train: a network from random weights, its report, and a run folder to go on with.

scratchnet train                                  generated faces, about two minutes
scratchnet train --data fer2013.csv               Kaggle's FER2013
scratchnet train --data faces/                    one sub-folder of faces an expression
scratchnet train --resume runs/NAME               go on after an interruption
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.callbacks import ProgressBar
from scratchnet.commands.training import (
    check_packages,
    chosen,
    compile_with_bar,
    load_with_bar,
    new_folder,
    recipe_options,
    report,
    resumable,
    settings_of,
)
from scratchnet.fer.networks import make_network
from scratchnet.fer.recipe import MAX_RATES, Recipe, read_run, write_run
from scratchnet.fer.train import train, training_faces

EPILOG = "Without --data it draws its own faces. Ctrl-C stops it with the best weights saved."

NAMES = [field.name for field in fields(Recipe)]
SHORT = {"epochs": 6, "batch_size": 64, "average": 0.97}
"""What a run on generated faces does otherwise, to end after two minutes."""
VOTES = 0.5
"""The share of the targets that FER+ decides where no other is given."""
USUAL = {
    **{field.name: field.default for field in fields(Recipe)},
    "max_rate": "the network's",
    "votes": f"{VOTES} with --fer-plus",
    **{name: f"{getattr(Recipe(), name)}; generated faces: {SHORT[name]}" for name in SHORT},
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz|.zip], or a folder of folders")
    parser.add_argument("--fer-plus", type=Path, help="FER+'s fer2013new.csv, for --data's faces")
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: 7, or the folder's")
    recipe_options(parser, USUAL)
    parser.add_argument("--out", type=Path, help="the run folder; default: runs/DATE-NETWORK")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="a run folder to go on with")


def new_run(options: argparse.Namespace) -> tuple[Path, Recipe, dict[str, Any]]:
    """The run folder, the recipe and the data that the options ask for."""
    network = options.network or Recipe().network
    run = new_folder(options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-{network}")
    usual: dict[str, Any] = {"network": network, "max_rate": MAX_RATES[network]}
    if options.data is None:
        usual |= SHORT
    if options.fer_plus is not None:
        usual["votes"] = VOTES
    recipe = Recipe(**(usual | chosen(options, NAMES)))
    paths = {"path": options.data, "fer_plus": options.fer_plus}
    data = {name: None if path is None else str(path.resolve()) for name, path in paths.items()}
    return run, recipe, data | {"classes": options.classes}


def old_run(options: argparse.Namespace) -> tuple[Path, Recipe, dict[str, Any]]:
    """The run folder to go on with, and the recipe and the data it began with."""
    run = settings_of(options, [*NAMES, "data", "fer_plus", "classes", "out"])
    return run, *read_run(run)


def run(options: argparse.Namespace, program: str = "scratchnet train") -> int:
    """Train; `program` is what people typed, to go on with after an interruption."""
    check_packages()
    folder, recipe, data = (new_run if options.resume is None else old_run)(options)
    faces = load_with_bar(data["path"], data["classes"], recipe.split_seed)
    learn, votes = training_faces(faces, data["fer_plus"])
    write_run(folder, recipe, data)
    network = make_network(recipe.network, len(learn.class_names))
    network.build((1, *learn.images.shape[1:]), np.random.default_rng(0))
    print(network.summary())
    print(f"{len(learn):,} faces to train on; the run is kept in {folder}", flush=True)
    how: dict[str, Any] = {"votes": votes, "resume": options.resume is not None}
    with resumable(folder, program):
        compile_with_bar(network, recipe)
        model = train(learn, recipe, folder, callbacks=[ProgressBar()], **how)
    report(folder, model, faces, recipe.seed)
    return 0
