"""The road from 58 %: from the report's nine convolutions to the network in the box, step by step.

    python examples/ablation.py --data fer2013.csv.gz --fer-plus fer2013new.csv      all steps
    python examples/ablation.py --data fer2013.csv.gz --only 1 5                     some of them
    python examples/ablation.py --data fer2013.csv.gz --faults                       how to get 15 %

Each step changes one thing, trains anew for the same number of epochs with the same seed, and
leaves a run folder; the last one is then asked for mirror images as well, and is trained with
further seeds (`--seeds`), whose answers are averaged. Called again after an interruption, it goes
on. The table is written to OUT/ablation.md and .csv, the picture to OUT/ablation.png. Minutes are
those of the middle epoch, times the epochs: a short pause of the machine does not count.

`--faults` trains the report's three convolutions once soundly and with faults that people make. The
report saw an accuracy of 0.15 and took it for guessing. Guessing one of six classes is right one
time in six; 15.4 % is the share of Angry, class 0, and what "the largest of six NaN" returns.

Chapter: docs/ablation.md
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from scratchnet import visualize
from scratchnet.callbacks import ProgressBar
from scratchnet.explain import unit_activity
from scratchnet.fer.averaging import averaged_predictions
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.networks import make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import Recipe, command, read_run, write_run
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.train import train, training_faces
from scratchnet.metrics import bootstrap_interval
from scratchnet.optimizers import SGD, Adam, Optimizer
from scratchnet.sequential import Sequential
from scratchnet.visualize.figure import blank_figure, headline, tidy
from scratchnet.visualize.palette import ACCENT, INK, PALE

REPORT = Recipe(
    network="nine",
    batch_size=1024,
    schedule="constant",
    max_rate=1e-3,
    weight_decay=0.0,
    augment="none",
    label_smoothing=0.0,
    average=0.0,
)
"""The report's own training: Adam, large batches, nothing else."""

ROAD: list[tuple[str, dict[str, Any]]] = [
    ("the report's nine convolutions", {}),
    ("batches of 128, not of 1,024", {"batch_size": 128}),
    ("faces mirrored, turned, scaled and shifted", {"augment": "usual"}),
    ("batch norm, which bears three times the rate", {"network": "nine-norm", "max_rate": 3e-3}),
    ("residual blocks", {"network": "wide"}),
    ("a rate that rises and falls once", {"schedule": "one-cycle"}),
    ("weight decay", {"weight_decay": 0.05}),
    ("label smoothing", {"label_smoothing": 0.05}),
    ("averaged weights", {"average": 0.998}),
    ("half of each target by FER+'s votes", {"votes": 0.5}),
]
"""What each step changes; changes stay."""

COLUMNS = ("step", "change", "validation", "accuracy", "low", "high", "clean", "minutes", "command")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The road from 58 %, a change at a time.")
    parser.add_argument("--data", type=Path, required=True, help="fer2013.csv[.gz|.zip]")
    parser.add_argument("--fer-plus", type=Path, help="for the last step; else it is left out")
    parser.add_argument("--epochs", type=int, default=10, help="of every step; default: 10")
    parser.add_argument("--seeds", type=int, default=3, help="networks averaged at the end")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of steps; default: all")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--faults", action="store_true", help="how to get 15 %% instead")
    return parser.parse_args()


def recipes(epochs: int, votes: bool) -> list[tuple[str, Recipe]]:
    """Every step with its whole recipe; no run ends early."""
    recipe, road = replace(REPORT, epochs=epochs, patience=epochs), []
    for change, fields in ROAD if votes else ROAD[:-1]:
        recipe = replace(recipe, **fields)
        road.append((change, recipe))
    return road


# -- one step -------------------------------------------------------------------------------------


def step(
    run: Path, recipe: Recipe, data: dict[str, Any], faces: Dataset
) -> tuple[Sequential, float, float]:
    """Train, or go on training, or load what is trained: network, validation accuracy, minutes."""
    if (run / "run.json").exists() and read_run(run) != (recipe, data):
        raise ValueError(f"{run} was begun with other settings; choose another --out")
    finished = run / "finished.json"
    if not finished.exists():
        fer_plus = data["fer_plus"] if recipe.votes else None
        learn, votes = training_faces(faces, fer_plus)
        write_run(run, recipe, data)
        model = train(learn, recipe, run, votes=votes, callbacks=[ProgressBar()], resume=True)
        rows = model.history.rows
        result = {
            "validation": max(row["val_accuracy"] for row in rows),
            "minutes": len(rows) * median(row["seconds"] for row in rows) / 60,
        }
        finished.write_text(json.dumps(result) + "\n", encoding="utf-8")
    result = json.loads(finished.read_text(encoding="utf-8"))
    return Sequential.load(run / "model"), result["validation"], result["minutes"]


def judged(
    models: Sequence[Sequential], test: Dataset, leaked: np.ndarray, *, flip: bool
) -> dict[str, float]:
    """Accuracy on all test faces, its 95 % interval, and without those that are in Training."""
    x = Preprocessing(**models[0].preprocessing)(test.images)
    correct = averaged_predictions(models, x, flip=flip).argmax(axis=1) == test.labels
    low, high = bootstrap_interval(correct, np.random.default_rng(0))
    figures = {
        "accuracy": correct.mean(),
        "low": low,
        "high": high,
        "clean": correct[~leaked].mean(),
    }
    return {name: float(value) for name, value in figures.items()}


def road(options: argparse.Namespace, faces: Dataset, test: Dataset) -> pd.DataFrame:
    """All rows of the table."""
    leaked = leaks(faces.split(TRAINING).images, test.images)
    steps = recipes(options.epochs, options.fer_plus is not None)
    paths = {"path": str(options.data.resolve()), "classes": 6}
    rows, last = [], None

    def add(number: float, change: str, models: list[Sequential], flip: bool, **more: Any) -> None:
        figures = judged(models, test, leaked, flip=flip)
        rows.append({"step": number, "change": change, **more, **figures})
        print(f"{number:4} {change}: {figures['accuracy']:.1%}", flush=True)
        write(options.out, rows)

    for number, (change, recipe) in enumerate(steps, 1):
        if options.only and number not in options.only:
            continue
        fer_plus = str(options.fer_plus.resolve()) if recipe.votes else None
        data = paths | {"fer_plus": fer_plus}
        model, validation, minutes = step(options.out / f"{number:02}", recipe, data, faces)
        last = recipe, data, model
        line = command(recipe, data)
        add(number, change, [model], False, validation=validation, minutes=minutes, command=line)
    if last is not None and not options.only:
        recipe, data, model = last
        add(len(steps) + 1, "mirror images, too", [model], True)
        models, spent = [model], 0.0
        for seed in range(1, options.seeds):
            run = options.out / f"{len(steps):02}-seed-{seed}"
            model, _, minutes = step(run, replace(recipe, seed=seed), data, faces)
            models, spent = [*models, model], spent + minutes
        if len(models) > 1:
            add(len(steps) + 2, f"the mean of {len(models)} networks", models, True, minutes=spent)
    return pd.DataFrame(rows, columns=list(COLUMNS))


# -- table and picture ----------------------------------------------------------------------------


def write(out: Path, rows: list[dict[str, Any]]) -> None:
    """The table as CSV and Markdown, and the picture, of the rows so far."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.to_csv(out / "ablation.csv", index=False)
    lines = [
        "| step | PublicTest | 95 % interval | without leaked | held-out | minutes | command |"
    ]
    lines.append("| --- " * 7 + "|")
    for row in table.itertuples():
        validation = "" if np.isnan(row.validation) else f"{row.validation:.1%}"
        minutes = "" if np.isnan(row.minutes) else f"{row.minutes:.0f}"
        line = f"`{row.command}`" if isinstance(row.command, str) else ""
        lines.append(
            f"| {row.change} | {row.accuracy:.1%} | {row.low:.1%} to {row.high:.1%} | "
            f"{row.clean:.1%} | {validation} | {minutes} | {line} |"
        )
    (out / "ablation.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    visualize.save_figure(picture(table), out / "ablation.png")


def picture(table: pd.DataFrame) -> Any:
    """Accuracy and interval of every step, from top to bottom."""
    figure = blank_figure(9, 1.4 + 0.36 * len(table))
    axes = figure.add_subplot()
    places = np.arange(len(table))[::-1]
    axes.hlines(places, 100 * table["low"], 100 * table["high"], color=PALE, linewidth=6)
    axes.plot(100 * table["accuracy"], places, "o", color=ACCENT)
    for place, accuracy in zip(places, table["accuracy"], strict=True):
        axes.annotate(f"{accuracy:.1%}", (100 * accuracy, place), (0, 7), color=INK, fontsize=8,
                      ha="center", textcoords="offset points")  # fmt: skip
    axes.set_yticks(places, table["change"])
    axes.set(xlabel="accuracy on PublicTest, six classes (%), with its 95 % interval")
    tidy(axes, grid="x")
    first, last = table["accuracy"].iloc[0], table["accuracy"].iloc[-1]
    headline(figure, f"From {first:.1%} to {last:.1%}, a change at a time")
    return figure


# -- how to get 15 % ------------------------------------------------------------------------------


def faults(faces: Dataset, test: Dataset, epochs: int) -> None:
    """The report's three convolutions, sound and with faults: what each one's accuracy tells."""
    cases: list[tuple[str, str, Optimizer, bool]] = [
        ("sound: normalised faces, Adam at 0.001", "picture", Adam(1e-3), False),
        ("grey values up to 255, SGD at 1", "none", SGD(1.0, momentum=0.9), False),
        ("Adam at 0.1: ReLUs die", "picture", Adam(0.1), False),
        ("labels in another order than faces", "picture", Adam(1e-3), True),
    ]
    learn = faces.split(TRAINING)
    for name, normalize, optimizer, misaligned in cases:
        rng = np.random.default_rng(0)
        preprocess = Preprocessing(size=learn.images.shape[-1], normalize=normalize)
        labels = rng.permutation(learn.labels) if misaligned else learn.labels
        model = make_network("simple", len(learn.class_names))
        model.build((1, *learn.images.shape[1:]), rng)
        print(f"\n{name}")
        try:
            model.fit(preprocess(learn.images), labels, rng=rng, optimizer=optimizer, epochs=epochs)
        except FloatingPointError as error:
            print(f"    scratchnet stops: {error}")
        with np.errstate(invalid="ignore"):
            answers = model.scores(preprocess(test.images)).argmax(axis=1)
        share = np.bincount(answers, minlength=len(test.class_names)) / len(answers)
        most = int(share.argmax())
        print(
            f"    {np.mean(answers == test.labels):.1%} right; {share[most]:.0%} of the answers "
            f"are {test.class_names[most]}; {np.mean(test.labels == most):.1%} of the faces are"
        )
        units = [layer.activity for layer in unit_activity(model, preprocess(test.images))]
        print(f"    {np.mean(np.concatenate(units) == 0):.0%} of the units are 0 for every face")


def main() -> None:
    options = arguments()
    rng = np.random.default_rng(0)
    faces = load_faces(options.data, rng, classes=6)
    test = faces.split(next(usage for usage in faces.usages() if usage != TRAINING))
    if options.faults:
        faults(faces, test, min(options.epochs, 3))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    road(options, faces, test)
    print(f"table and picture: {options.out / 'ablation.md'}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError, FloatingPointError) as error:
        print("ablation:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
