"""scratchnet finetune --data faces/: the shipped network, or another, learns one's own faces.

scratchnet crop photos/ faces/                    photos in one sub-folder an expression
scratchnet finetune --data faces/ --freeze        only the last layer: seconds
scratchnet finetune --data faces/                 all layers, with augmentation
scratchnet finetune --resume runs/NAME            go on after an interruption
scratchnet predict --model runs/NAME/model ...

Of an ensemble it is the first network that learns.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

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
from scratchnet.fer.finetune import HEAD_RATE, RECIPE, finetune, read_finetuning
from scratchnet.fer.pretrained import load_networks, pretrained_folder
from scratchnet.fer.recipe import Recipe, write_run
from scratchnet.fer.sources import TRAINING

NAMES = (
    *("epochs", "batch_size", "max_rate", "weight_decay", "augment", "label_smoothing", "average"),
    *("patience", "validation_share", "seed"),
)
USUAL = {name: getattr(RECIPE, name) for name in NAMES}
USUAL["max_rate"] = f"{RECIPE.max_rate}; with --freeze {HEAD_RATE}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="a folder of folders, or a CSV")
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="where to begin; default: the one in the box"
    )
    parser.add_argument(
        "--freeze", action="store_true", default=None, help="train the last layer only"
    )
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: the folder's")
    parser.add_argument("--out", type=Path, help="the run folder; default: runs/DATE-finetuned")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="a run folder to go on with")
    recipe_options(parser, USUAL)


def new_run(options: argparse.Namespace) -> tuple[Path, Recipe, dict[str, Any]]:
    """The run folder, the recipe, the data, and the model that the options ask for."""
    if options.data is None:
        raise ValueError("finetune expects --data, a folder of folders of faces, or --resume RUN")
    run = new_folder(options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-finetuned")
    usual = replace(RECIPE, max_rate=HEAD_RATE) if options.freeze else RECIPE
    data = {
        "path": str(options.data.resolve()),
        "classes": options.classes,
        "fer_plus": None,
        "model": None if options.model is None else str(options.model.resolve()),
        "freeze": bool(options.freeze),
    }
    return run, replace(usual, **chosen(options, NAMES)), data


def run(options: argparse.Namespace) -> int:
    check_packages()
    if options.resume is None:
        folder, recipe, data = new_run(options)
    else:
        others = (*NAMES, "data", "model", "freeze", "classes", "out")
        folder = settings_of(options, others)
        recipe, data = read_finetuning(folder)
    (model,) = load_networks(data["model"] or pretrained_folder(), 1)
    faces = load_with_bar(data["path"], data["classes"], recipe.split_seed)
    learn = faces.split(TRAINING)
    write_run(folder, recipe, data)
    print(f"{len(learn):,} faces to train on; the run is kept in {folder}", flush=True)
    how: dict[str, Any] = {"freeze": data["freeze"], "resume": options.resume is not None}
    with resumable(folder, "scratchnet finetune"):
        if not data["freeze"]:
            compile_with_bar(model, recipe)
        tuned = finetune(model, learn, recipe, folder, callbacks=[ProgressBar()], **how)
    report(folder, tuned, faces, recipe.seed)
    return 0
