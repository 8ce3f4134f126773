"""What train and finetune have in common: packages, options of a recipe, data, and the report."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.fer.augment import AUGMENTATIONS
from scratchnet.fer.averaging import averaged_predictions
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.networks import NETWORKS
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import CHOICES, RUN, Recipe
from scratchnet.fer.report import write_report
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.train import optimizer_of
from scratchnet.sequential import Sequential
from scratchnet.warmup import Step, augmentation, compiled, missing, training_step


def check_packages() -> None:
    """Refuse now what would fail after the training.

    Raises:
        ValueError: matplotlib or tqdm is missing.
    """
    needed = ("matplotlib", "tqdm")
    missing = [package for package in needed if importlib.util.find_spec(package) is None]
    if missing:
        raise ValueError(f'{" and ".join(missing)} missing; pip install -e ".[examples]"')


def recipe_options(parser: argparse.ArgumentParser, usual: Mapping[str, Any]) -> None:
    """An option for each field of a recipe that is in `usual`, which says its default in words."""
    for field in fields(Recipe):
        if field.name in usual:
            parser.add_argument(
                "--" + field.name.replace("_", "-"),
                type=type(field.default),
                choices=NETWORKS if field.name == "network" else CHOICES.get(field.name),
                help=f"default: {usual[field.name]}",
            )


def chosen(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Those of the named options that were given."""
    values = {name: getattr(options, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def settings_of(options: argparse.Namespace, names: Iterable[str]) -> Path:
    """The run folder that --resume names, beside which none of the named options may be given."""
    given = chosen(options, names)
    if given:
        others = ", ".join("--" + name.replace("_", "-") for name in given)
        raise ValueError(f"--resume goes on with the settings of its run; leave out {others}")
    return Path(options.resume)


@contextmanager
def resumable(run: Path, program: str) -> Iterator[None]:
    """If it is stopped with Ctrl-C, say what is kept, and what to type to go on."""
    try:
        yield
    except KeyboardInterrupt:
        kept = "the best network so far" if (run / "model").exists() else "nothing"
        print(f"\nstopped, {kept} is kept; go on with: {program} --resume {run}")
        raise


def new_folder(run: Path) -> Path:
    """The run folder, which must not be a run already."""
    if (run / RUN).exists():
        raise ValueError(
            f"{run} is a run already; resume it with --resume, or choose another with --out"
        )
    return run


def load_with_bar(path: str | None, classes: int | None, seed: int) -> Dataset:
    """`load_faces`, with a bar while a large file is read and somebody watches."""
    from tqdm import tqdm

    hidden = path is None or None  # None: hidden where nobody watches
    with tqdm(desc="reading faces", unit="B", unit_scale=True, disable=hidden) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return load_faces(path, np.random.default_rng(seed), classes=classes, progress=progress)


def training_steps(network: Sequential, recipe: Recipe) -> list[Step]:
    """What a training of such a built network does again and again."""
    shape = network.input_shape or ()
    steps = [training_step(network.layers, shape, optimizer_of(recipe, 2))]
    return steps if AUGMENTATIONS[recipe.augment] is None else [*steps, augmentation]


def compile_with_bar(network: Sequential, recipe: Recipe) -> None:
    """Compile what such a training calls, with a bar unless it is on disk already."""
    from tqdm import tqdm

    calls = missing(*training_steps(network, recipe))
    for _ in tqdm(compiled(calls), "compiling kernels", len(calls), disable=not calls):
        pass


def report(run: Path, model: Sequential, faces: Dataset, seed: int) -> None:
    """Write the report on each part that was not trained on, and print the accuracy.

    Duplicates are counted against all of Training, as `evaluate` counts them, even if the run left
    out some of it.
    """
    rows = model.history.rows
    seconds = sum(row["seconds"] for row in rows)
    print(f"{len(rows)} epochs in {seconds / 60:.1f} minutes")
    preprocess, training = Preprocessing(**model.preprocessing), faces.split(TRAINING)
    tests = {usage: faces.split(usage) for usage in faces.usages() if usage != TRAINING}
    for name, test in tests.items():
        x = preprocess(test.images)
        metrics = write_report(
            run if len(tests) == 1 else run / name,
            model=model,
            history=model.history,
            class_names=test.class_names,
            test_images=x,
            test_labels=test.labels,
            pictures=test.images,
            leaked_mask=leaks(training.images, test.images),
            seconds={"training": seconds},
            counts=faces.counts(),
            monitor="val_accuracy",
            rng=np.random.default_rng(seed),
        )
        mirrored = averaged_predictions([model], x).argmax(axis=1)
        print(f"{name}, with mirror images: {np.mean(mirrored == test.labels):.1%} right")
        print(f"{name}: {result(metrics)}")
        if metrics["leaked_images"] and "without_leaked" in metrics:
            clean = result(metrics["without_leaked"])
            print(f"without the {metrics['leaked_images']} that are also in Training: {clean}")
    print(f"model, history, metrics and pictures: {run}")


def result(metrics: Mapping[str, Any]) -> str:
    """An accuracy in words."""
    low, high = metrics["accuracy_interval"]
    return f"{metrics['accuracy']:.1%} right, 95 % interval {low:.1%} to {high:.1%}"
