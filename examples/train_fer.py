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

import numpy as np
from tqdm import tqdm

from scratchnet.callbacks import ProgressBar
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.folder import read_face
from scratchnet.fer.labels import class_names
from scratchnet.fer.networks import NETWORKS, make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.report import write_report
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.train import MAX_RATES, Recipe, overfit, read_run, train, write_run


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Train a hand-written network on facial expressions.",
        epilog="Without --data it draws its own faces.",
    )
    parser.add_argument("--data", type=Path, help="fer2013.csv[.gz|.zip], or a folder of folders")
    parser.add_argument("--network", choices=NETWORKS, default="residual", help="default: residual")
    parser.add_argument("--classes", type=int, choices=(6, 7), help="default: 7, or the folder's")
    parser.add_argument("--epochs", type=int, help="default: 8 on generated faces, else 20")
    parser.add_argument("--batch-size", type=int, default=128, help="default: 128")
    parser.add_argument("--max-rate", type=float, help="top learning rate; default: the network's")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--out", type=Path, help="the run folder; default: runs/DATE-NETWORK")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="a run folder to go on with")
    parser.add_argument("--test", type=Path, metavar="IMAGE", help="learn one picture by heart")
    return parser.parse_args()


def load_with_bar(path: str | None, classes: int | None, seed: int) -> Dataset:
    with tqdm(desc="reading faces", unit="B", unit_scale=True, disable=path is None) as bar:

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


def main() -> None:
    options = arguments()
    if options.test is not None:
        test_one_picture(options.test, options.network, options.classes or 7)
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

    faces = load_with_bar(data["path"], data["classes"], recipe.seed)
    learn = faces.split(TRAINING)
    tests = {usage: faces.split(usage) for usage in faces.usages() if usage != TRAINING}
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
        low, high = metrics["accuracy_interval"]
        print(f"{name}: {metrics['accuracy']:.1%} right, 95 % interval {low:.1%} to {high:.1%}")
    print(f"model, history, metrics and pictures: {run}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"train_fer: {error}", file=sys.stderr)
        sys.exit(2)
