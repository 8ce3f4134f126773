"""scratchnet finetune --data faces/: the shipped network, or another, learns one's own faces.

scratchnet crop photos/ faces/                    photos in one sub-folder an expression
scratchnet finetune --data faces/ --freeze        only the last layer: seconds
scratchnet finetune --data faces/                 all layers, with augmentation
scratchnet predict --model runs/NAME/model ...
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from scratchnet.callbacks import ProgressBar
from scratchnet.commands.training import (
    check_packages,
    chosen,
    load_with_bar,
    new_folder,
    recipe_options,
    report,
)
from scratchnet.fer.finetune import HEAD_RATE, RECIPE, finetune
from scratchnet.fer.pretrained import pretrained_folder
from scratchnet.fer.recipe import write_run
from scratchnet.fer.sources import TRAINING
from scratchnet.sequential import Sequential

NAMES = (
    *("epochs", "batch_size", "max_rate", "weight_decay", "augment", "label_smoothing", "average"),
    *("patience", "validation_share", "seed"),
)
USUAL = {name: getattr(RECIPE, name) for name in NAMES}
USUAL["max_rate"] = f"{RECIPE.max_rate}; with --freeze {HEAD_RATE}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="a folder of folders, or a CSV")
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="where to begin; default: the one in the box"
    )
    parser.add_argument("--freeze", action="store_true", help="train the last layer only")
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: the folder's")
    parser.add_argument("--out", type=Path, help="the run folder; default: runs/DATE-finetuned")
    recipe_options(parser, USUAL)


def run(options: argparse.Namespace) -> int:
    check_packages()
    folder = new_folder(options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-finetuned")
    model = Sequential.load(pretrained_folder() if options.model is None else options.model)
    usual = replace(RECIPE, max_rate=HEAD_RATE) if options.freeze else RECIPE
    recipe = replace(usual, **chosen(options, NAMES))
    faces = load_with_bar(str(options.data), options.classes, recipe.seed)
    learn = faces.split(TRAINING)
    data = {"path": str(options.data.resolve()), "classes": options.classes, "fer_plus": None}
    write_run(folder, recipe, data)
    print(f"{len(learn):,} faces to train on; the run is kept in {folder}", flush=True)
    tuned = finetune(model, learn, recipe, folder, freeze=options.freeze, callbacks=[ProgressBar()])
    report(folder, tuned, faces, learn, recipe.seed)
    return 0
