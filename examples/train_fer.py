"""Train a hand-written network on facial expressions, from one command.

    python examples/train_fer.py                                generated faces, about two minutes
    python examples/train_fer.py --data fer2013.csv             the real thing: Kaggle's FER2013
    python examples/train_fer.py --data fer2013.csv --fer-plus fer2013new.csv    and FER+'s votes
    python examples/train_fer.py --data FOLDER                  one sub-folder of pictures a class
    python examples/train_fer.py --resume runs/NAME             go on after an interruption
    python examples/train_fer.py --test face.png                can it learn one picture by heart?

Leaves a run folder: the model, history.csv, metrics.json and the pictures. Ctrl-C stops it with the
best weights saved. Every choice of a recipe (`scratchnet.fer.recipe.Recipe`) is an option, too.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.callbacks import ProgressBar
from scratchnet.fer.averaging import averaged_predictions
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.folder import read_face
from scratchnet.fer.labels import class_names
from scratchnet.fer.networks import NETWORKS, make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import CHOICES, MAX_RATES, Recipe, read_run, write_run
from scratchnet.fer.report import write_report
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.train import overfit, train, training_faces

DEFAULTS = Recipe()
SHORT = {"epochs": 6, "batch_size": 64, "average": 0.97}
"""What a run on generated faces does otherwise, to end after two minutes."""
VOTES = 0.5
"""The share of the targets that FER+ decides where no other is given."""
SPECIAL = {
    "max_rate": "the network's",
    "votes": f"{VOTES} with --fer-plus",
    **{name: f"{getattr(DEFAULTS, name)}; generated faces: {SHORT[name]}" for name in SHORT},
}
"""What --help says where the default depends on something."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Train a hand-written network on facial expressions.",
        epilog="Without --data it draws its own faces.",
    )
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz|.zip], or a folder of folders")
    parser.add_argument("--fer-plus", type=Path, help="FER+'s fer2013new.csv, for --data's faces")
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: 7, or the folder's")
    for field in fields(Recipe):
        usual = SPECIAL.get(field.name, field.default)
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=type(field.default),
            choices=NETWORKS if field.name == "network" else CHOICES.get(field.name),
            help=f"default: {usual}",
        )
    parser.add_argument("--out", type=Path, help="the run folder; default: runs/DATE-NETWORK")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="a run folder to go on with")
    parser.add_argument("--test", type=Path, metavar="IMAGE", help="learn one picture by heart")
    return parser.parse_args()


def check_packages() -> None:
    missing = [package for package in ("matplotlib", "tqdm") if find_spec(package) is None]
    if missing:
        raise ValueError(f'{" and ".join(missing)} missing; pip install -e ".[examples]"')


def new_run(options: argparse.Namespace) -> tuple[Path, Recipe, dict[str, Any]]:
    """The run folder, the recipe and the data that the options ask for."""
    network = options.network or DEFAULTS.network
    run = options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-{network}"
    if (run / "run.json").exists():
        raise ValueError(f"{run} is a run already; resume it with --resume, or choose another")
    defaults = {"network": network, "max_rate": MAX_RATES[network]}
    if options.data is None:
        defaults |= SHORT
    if options.fer_plus is not None:
        defaults["votes"] = VOTES
    given = {field.name: getattr(options, field.name) for field in fields(Recipe)}
    chosen = {name: value for name, value in given.items() if value is not None}
    recipe = Recipe(**(defaults | chosen))
    path, fer_plus = (
        None if p is None else str(p.resolve()) for p in (options.data, options.fer_plus)
    )
    return run, recipe, {"path": path, "classes": options.classes, "fer_plus": fer_plus}


def old_run(options: argparse.Namespace) -> tuple[Path, Recipe, dict[str, Any]]:
    """The run folder to go on with, and the recipe and the data it began with."""
    given = [name for name, value in vars(options).items() if value is not None]
    if given != ["resume"]:
        others = ", ".join("--" + name.replace("_", "-") for name in given if name != "resume")
        raise ValueError(f"--resume goes on with the settings of its run; leave out {others}")
    return options.resume, *read_run(options.resume)


def load_with_bar(path: str | None, classes: int | None, seed: int) -> Dataset:
    from tqdm import tqdm

    hidden = path is None or None  # None: hidden where nobody watches
    with tqdm(desc="reading faces", unit="B", unit_scale=True, disable=hidden) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return load_faces(path, np.random.default_rng(seed), classes=classes, progress=progress)


def test_one_picture(image: Path, network: str, classes: int) -> None:
    face = read_face(image)
    names = class_names(classes)
    label = names.index("Happy")
    probabilities = overfit(face, label, network, classes)
    for step, p in enumerate(probabilities, 1):
        print(f"step {step:3}  probability of {names[label]!r} {p:6.1%}")
    if probabilities[-1] < 0.99:
        raise ValueError(f"{network} could not learn one picture by heart")
    print(f"{network} learned {image.name} by heart in {len(probabilities)} steps")


def result(metrics: dict[str, Any]) -> str:
    low, high = metrics["accuracy_interval"]
    return f"{metrics['accuracy']:.1%} right, 95 % interval {low:.1%} to {high:.1%}"


def main() -> None:
    options = arguments()
    if options.test is not None:
        test_one_picture(options.test, options.network or DEFAULTS.network, options.classes or 7)
        return
    check_packages()
    run, recipe, data = (new_run if options.resume is None else old_run)(options)

    faces = load_with_bar(data["path"], data["classes"], recipe.split_seed)
    learn, votes = training_faces(faces, data["fer_plus"])
    tests = {usage: faces.split(usage) for usage in faces.usages() if usage != TRAINING}
    write_run(run, recipe, data)
    shape = (1, *learn.images.shape[1:])
    network = make_network(recipe.network, len(learn.class_names))
    print(network.build(shape, np.random.default_rng(0)).summary())
    print(f"{len(learn):,} faces to train on; the run is kept in {run}", flush=True)

    try:
        resume = bool(options.resume)
        model = train(learn, recipe, run, votes=votes, callbacks=[ProgressBar()], resume=resume)
    except KeyboardInterrupt:
        kept = "the best network so far is kept" if (run / "model").exists() else "nothing to keep"
        print(f"\nstopped, {kept}; go on with: python examples/train_fer.py --resume {run}")
        raise
    rows = model.history.rows
    seconds = sum(row["seconds"] for row in rows)
    print(f"{len(rows)} epochs in {seconds / 60:.1f} minutes")

    preprocess = Preprocessing(**model.preprocessing)
    for name, test in tests.items():
        metrics = write_report(
            run if len(tests) == 1 else run / name,
            model=model,
            history=model.history,
            class_names=test.class_names,
            test_images=preprocess(test.images),
            test_labels=test.labels,
            pictures=test.images,
            leaked_mask=leaks(learn.images, test.images),
            seconds={"training": seconds},
            counts=faces.counts(),
            monitor="val_accuracy",
            rng=np.random.default_rng(recipe.seed),
        )
        mirrored = averaged_predictions([model], preprocess(test.images)).argmax(axis=1)
        print(f"{name}, with mirror images: {np.mean(mirrored == test.labels):.1%} right")
        print(f"{name}: {result(metrics)}")
        if metrics["leaked_images"] and "without_leaked" in metrics:
            clean = result(metrics["without_leaked"])
            print(f"without the {metrics['leaked_images']} that are also in Training: {clean}")
    print(f"model, history, metrics and pictures: {run}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError, FloatingPointError) as error:
        print("train_fer:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
