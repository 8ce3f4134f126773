"""Train a hand-written network on facial expressions, from one command.

    python examples/train_fer.py                                generated faces, about two minutes
    python examples/train_fer.py --data fer2013.csv             the real thing: Kaggle's FER2013
    python examples/train_fer.py --data FOLDER                  one sub-folder of pictures a class
    python examples/train_fer.py --resume runs/NAME             go on after an interruption
    python examples/train_fer.py --test face.png                can it learn one picture by heart?

Leaves a run folder: the model, history.csv, metrics.json and the pictures. Ctrl-C stops it with the
best weights saved.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scratchnet.callbacks import ProgressBar
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.fer2013 import load_fer2013
from scratchnet.fer.folder import load_folder, read_face
from scratchnet.fer.labels import class_names
from scratchnet.fer.networks import NETWORKS, make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.report import write_report
from scratchnet.fer.splits import split_by_content
from scratchnet.fer.train import MAX_RATES, Recipe, overfit, read_run, train, write_run

GENERATED = {"Training": 7000, "PublicTest": 1500}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Train a hand-written network on facial expressions.",
        epilog="Without --data it draws its own faces.",
    )
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz|.zip], or a folder of folders")
    parser.add_argument("--network", choices=NETWORKS, default="residual", help="default: residual")
    parser.add_argument("--classes", type=int, choices=(6, 7), default=7, help="default: 7")
    parser.add_argument("--epochs", type=int, help="default: 8 on generated faces, else 20")
    parser.add_argument("--batch-size", type=int, default=128, help="default: 128")
    parser.add_argument("--max-rate", type=float, help="top learning rate; default: the network's")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--out", type=Path, help="the run folder; default: runs/DATE-NETWORK")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="a run folder to go on with")
    parser.add_argument("--test", type=Path, metavar="IMAGE", help="learn one picture by heart")
    return parser.parse_args()


def load_data(data: dict[str, Any], seed: int) -> tuple[Dataset, dict[str, Dataset]]:
    """The training faces and the test faces by the name of their part."""
    classes, path = int(data["classes"]), data["path"]
    if path is None:
        drawn = generate_faces(
            sum(GENERATED.values()), np.random.default_rng(seed), classes=classes
        )
        usage = np.repeat(list(GENERATED), list(GENERATED.values()))
        faces = Dataset(drawn.images, drawn.labels, drawn.class_names, usage)
    elif Path(path).is_dir():
        faces = load_folder(path)
        learn, test = split_by_content(
            faces.labels, faces.images, 0.15, np.random.default_rng(seed)
        )
        return faces.select(learn), {"Test": faces.select(test)}
    else:
        faces = load_with_bar(Path(path), classes)
    if faces.usage is None or "Training" not in faces.usages():
        raise DataError(f"{path} has no rows of Usage 'Training'; is it FER2013's CSV?")
    tests = [name for name in faces.usages() if name != "Training"]
    if not tests:
        raise DataError(f"{path} has no rows of Usage 'PublicTest' to report on")
    return faces.split("Training"), {name: faces.split(name) for name in tests}


def load_with_bar(path: Path, classes: int) -> Dataset:
    from tqdm import tqdm

    with tqdm(desc=f"reading {path.name}", unit="B", unit_scale=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return load_fer2013(path, classes=classes, progress=progress)


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


def main() -> None:
    options = arguments()
    if options.test is not None:
        test_one_picture(options.test, options.network, options.classes)
        return
    if options.resume is not None:
        run = options.resume
        recipe, data = read_run(run)
    else:
        run = options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-{options.network}"
        if (run / "run.json").exists():
            raise ValueError(f"{run} is a run already; resume it with --resume, or choose another")
        recipe = Recipe(
            network=options.network,
            epochs=options.epochs or (8 if options.data is None else 20),
            batch_size=options.batch_size,
            max_rate=options.max_rate or MAX_RATES[options.network],
            seed=options.seed,
        )
        data = {
            "path": None if options.data is None else str(options.data.resolve()),
            "classes": options.classes,
        }

    learn, tests = load_data(data, recipe.seed)
    parts = {"Training": learn, **tests}
    write_run(run, recipe, data)
    shape = (1, *learn.images.shape[1:])
    network = make_network(recipe.network, len(learn.class_names))
    print(network.build(shape, np.random.default_rng(0)).summary())
    print(f"{len(learn):,} faces to train on; the run is kept in {run}", flush=True)

    start = time.perf_counter()
    try:
        model = train(learn, recipe, run, callbacks=[ProgressBar()], resume=bool(options.resume))
    except KeyboardInterrupt:
        print(
            f"\nstopped; the best network so far is in {run / 'model'}, if an epoch was finished."
        )
        print(f"go on with: python examples/train_fer.py --resume {run}")
        sys.exit(130)
    seconds = time.perf_counter() - start

    preprocess = Preprocessing(**model.preprocessing)
    counts = pd.DataFrame(
        {part: np.bincount(d.labels, minlength=len(d.class_names)) for part, d in parts.items()},
        index=learn.class_names,
    )
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
            counts=counts,
            monitor="val_accuracy",
            rng=np.random.default_rng(recipe.seed),
        )
        low, high = metrics["accuracy_interval"]
        print(f"{name}: {metrics['accuracy']:.1%} right, 95 % interval {low:.1%} to {high:.1%}")
    print(f"model, history, metrics and pictures: {run}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"train_fer: {error}", file=sys.stderr)
        sys.exit(2)
