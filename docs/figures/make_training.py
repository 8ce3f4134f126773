"""The figures of docs/training.md: `python -m docs.figures.make_training`, from the root.

They draw what was measured on FER2013's faces, which is kept in docs/data:

    fer_seven.csv       history.csv of: python examples/train_fer.py --data fer2013.csv.gz
                        --classes 6 --network seven
    fer_seven_test.csv  of its metrics.json: how many faces of PublicTest were right
    over_fitting.csv    python -m docs.figures.make_training fer2013.csv.gz: a tenth of the training
                        faces, half of them to learn from, once with nothing against over-fitting
                        and once by the usual recipe; some minutes
    leaks.csv           the same command: faces that are on both sides of a split
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from docs.figures.plots import panels, save_svg, title
from scratchnet.fer.content import leaks
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.recipe import Recipe
from scratchnet.fer.sources import TRAINING, load_faces
from scratchnet.fer.splits import split_by_content
from scratchnet.fer.train import train
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO

FOLDER = Path(__file__).parent
DATA = FOLDER.parent / "data"

SAMPLE = 0.1
"""The share of FER2013's training faces that the two small runs see, learning or validating."""

BARE = Recipe(
    network="simple",
    epochs=20,
    batch_size=64,
    schedule="constant",
    max_rate=1e-3,
    weight_decay=0.0,
    augment="none",
    label_smoothing=0.0,
    average=0.0,
    patience=20,
    validation_share=0.5,
)
USUAL = Recipe(
    network="simple",
    epochs=20,
    batch_size=64,
    max_rate=1e-3,
    average=0.97,
    patience=20,
    validation_share=0.5,
)
RUNS = {"bare": BARE, "usual": USUAL}


# -- measuring ------------------------------------------------------------------------------------


def measure_over_fitting(faces: Dataset) -> pd.DataFrame:
    """The histories of both recipes, on the same few faces."""
    few = faces.split(TRAINING).sample(SAMPLE, np.random.default_rng(0))
    histories = []
    for name, recipe in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            history = train(few, recipe, Path(folder)).history.to_frame()
        history.insert(0, "run", name)
        histories.append(history.drop(columns="seconds"))
    return pd.concat(histories)


def measure_leaks(faces: Dataset) -> pd.DataFrame:
    """How many faces of one side are also on the other, byte for byte: a row a split."""
    learn, public = faces.split(TRAINING), faces.split("PublicTest")
    rng = np.random.default_rng(0)
    order, fifth = rng.permutation(len(learn)), len(learn) // 5
    kept, held = split_by_content(learn.labels, learn.images, 0.2, rng)
    sides = {
        "its own": (public.images, learn.images),
        "random": (learn.images[order[:fifth]], learn.images[order[fifth:]]),
        "by content": (learn.images[held], learn.images[kept]),
    }
    return pd.DataFrame(
        {"split": name, "held_out": len(ours), "leaked": int(leaks(theirs, ours).sum())}
        for name, (ours, theirs) in sides.items()
    )


def measure(data: Path, folder: Path = DATA) -> None:
    """Write over_fitting.csv and leaks.csv anew."""
    faces = load_faces(data, np.random.default_rng(0), classes=6)
    measure_leaks(faces).to_csv(folder / "leaks.csv", index=False)
    measure_over_fitting(faces).to_csv(folder / "over_fitting.csv", index=False)


# -- drawing --------------------------------------------------------------------------------------


def histories() -> dict[str, pd.DataFrame]:
    """The small runs by name, and "seven"."""
    small = pd.read_csv(DATA / "over_fitting.csv")
    found = {name: small[small["run"] == name].reset_index(drop=True) for name in RUNS}
    return found | {"seven": pd.read_csv(DATA / "fer_seven.csv")}


def curves(axes: Axes, history: pd.DataFrame, column: str) -> None:
    """Training and validation; a dot at the lowest validation loss."""
    epochs = history["epoch"]
    for name, color in ((column, OKABE_ITO[1]), (f"val_{column}", ACCENT)):
        label = "validation" if name.startswith("val_") else "training"
        axes.plot(epochs, history[name], color=color, linewidth=2, label=label)
    best = int(history["val_loss"].argmin())
    first = epochs.iloc[best], history[f"val_{column}"].iloc[best]
    axes.plot(*first, "o", color=ACCENT, markersize=7)
    axes.axvline(first[0], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    axes.grid(color=LINE, linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", xlim=(0.5, len(history) + 0.5))


def over_fitting(path: Path) -> None:
    """The same faces and network twice: nothing against over-fitting, and the usual recipe."""
    figure, axes = panels(2, 2, 4.8, sharey="row", sharex=True)
    runs = [histories()[name] for name in RUNS]
    for place, (column, run) in zip(axes, product(("loss", "accuracy"), runs), strict=True):
        curves(place, run, column)
    for place, words in zip(axes, ("nothing against it", "the usual recipe"), strict=False):
        title(place, words)
        place.set_xlabel("")
    axes[0].set(ylabel="loss", ylim=(0, None))
    axes[1].legend(frameon=False, fontsize=9.5, loc="lower left")
    axes[2].set(ylabel="accuracy", ylim=(0, 1.02))
    save_svg(figure, path)


def seven(path: Path) -> None:
    """Twenty epochs on all of FER2013: loss and accuracy."""
    figure, axes = panels(1, 2, 2.9)
    history = histories()["seven"]
    for place, column in zip(axes, ("loss", "accuracy"), strict=True):
        curves(place, history, column)
        title(place, column)
    axes[0].legend(frameon=False, fontsize=9.5)
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "training_over_fitting.svg": over_fitting,
    "training_seven.svg": seven,
}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`; with a data set, measure first."""
    parser = argparse.ArgumentParser(description="Draw the figures of docs/training.md.")
    parser.add_argument("data", nargs="?", type=Path, help="fer2013.csv.gz, to measure anew")
    options = parser.parse_args()
    if options.data is not None:
        measure(options.data)
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
