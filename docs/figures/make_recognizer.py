"""The figures of docs/recognizer.md: `python -m docs.figures.make_recognizer`, from the root.

    recognizer_astronaut.png    what `scratchnet predict --draw` draws of a portrait
    recognizer_dialects.svg     each class's share of labels, of votes, of what the network expects

What was measured on FER2013's faces is kept in docs/data and docs/figures/fer2013:

    recognizer.json             `python -m docs.figures.make_recognizer fer2013.csv.gz
    fer2013/box_*.png           fer2013new.csv`: the numbers and the pictures of `scratchnet
                                evaluate`, and accuracies view by view; some minutes. After a change
                                of the network in the box, once more.
    label_shift.csv, .json      before and after `match_labels`, of runs of examples/train_fer.py:
                                the network in the box, and ten epochs of a small one
    seen.json                   written down by hand: what the networks in the box said of the faces
                                that were found in photos
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from docs.figures.plots import panels, save_svg
from scratchnet import metrics
from scratchnet.fer import EmotionRecognizer
from scratchnet.fer.annotate import draw_answers
from scratchnet.fer.evaluation import evaluate
from scratchnet.fer.evaluation.candidate import Candidate
from scratchnet.fer.photos import read_photo
from scratchnet.fer.pretrained import pretrained_folder
from scratchnet.fer.recipe import Recipe
from scratchnet.fer.sources import load_faces
from scratchnet.fer.train import held_out, training_faces
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO

FOLDER = Path(__file__).parent
DATA = FOLDER.parent / "data"
PHOTO = FOLDER.parents[1] / "tests" / "data" / "astronaut.jpg"
PART = "PublicTest"

PICTURES = {
    "confusion": "box_confusion.png",
    "reliability_scaled": "box_reliability.png",
    "coverage": "box_coverage.png",
    "votes": "box_votes.png",
}
"""Of an evaluation: what is kept, and its name in docs/figures/fer2013."""
NUMBERS = ("images", "accuracy", "calibration", "coverage", "second_opinion")
BINS = 5


# -- measuring ------------------------------------------------------------------------------------


def measure(data: Path, fer_plus: Path, folder: Path = DATA, figures: Path = FOLDER) -> None:
    """Examine the network in the box: write recognizer.json and fer2013/box_*.png anew."""
    with tempfile.TemporaryDirectory() as name:
        report = evaluate(pretrained_folder(), data, name, fer_plus=fer_plus, part=PART)
        for theirs, ours in PICTURES.items():
            shutil.copy(Path(name, f"{theirs}.png"), figures / "fer2013" / ours)
    found = {key: report[key] for key in NUMBERS} | looks(data, fer_plus)
    text = json.dumps(found, indent=1, allow_nan=False)
    (folder / "recognizer.json").write_text(text + "\n", encoding="utf-8")


def looks(data: Path, fer_plus: Path) -> dict[str, Any]:
    """Accuracies view by view, confidence by bins, and each class's share of the held-out faces."""
    candidate = Candidate(pretrained_folder())
    T, recipe = candidate.temperature, Recipe(**candidate.card["recipe"])
    faces = load_faces(data, np.random.default_rng(recipe.split_seed), classes=7)
    test = faces.split(PART)
    scores = candidate.scores(test.images)
    many = len(candidate.models)
    p = candidate.probabilities(scores, T)

    def right(views: Any, scores: Any = scores, labels: Any = test.labels) -> int:
        answers = candidate.probabilities(scores[views], T).argmax(axis=1)
        return int((answers == labels).sum())

    learn, votes = training_faces(faces, fer_plus)
    assert votes is not None
    check = held_out(learn, recipe)[1]
    counted = votes[check].sum(axis=0, dtype=np.float64)
    theirs = candidate.scores(learn.images[check])
    held = candidate.probabilities(theirs, 1.0)
    bins = metrics.reliability_bins(p, test.labels, BINS)
    return {
        "weights_sha256": [network["weights_sha256"] for network in candidate.card["networks"]],
        "right": {
            "each view": [right(slice(v, v + 1)) for v in range(len(scores))],
            "each network": [right(slice(n, None, many)) for n in range(many)],
            "together": right(slice(None)),
        },
        "bins": {name: np.asarray(column).tolist() for name, column in bins._asdict().items()},
        "held_out": {
            "faces": len(check),
            "labels": (np.bincount(learn.labels[check], minlength=7) / len(check)).tolist(),
            "votes": (counted / counted.sum()).tolist(),
            "network": held.mean(axis=0, dtype=np.float64).tolist(),
            "right": {
                "each network": [
                    right(slice(n, None, many), theirs, learn.labels[check]) for n in range(many)
                ],
                "together": right(slice(None), theirs, learn.labels[check]),
            },
        },
    }


def measured() -> dict[str, Any]:
    """recognizer.json."""
    found: dict[str, Any] = json.loads((DATA / "recognizer.json").read_text(encoding="utf-8"))
    return found


def shifted() -> dict[str, Any]:
    """label_shift.json."""
    found: dict[str, Any] = json.loads((DATA / "label_shift.json").read_text(encoding="utf-8"))
    return found


# -- drawing --------------------------------------------------------------------------------------


def astronaut(path: Path) -> None:
    """The portrait with its answer, as far down as the shoulders, in few colours."""
    picture = read_photo(PHOTO)
    drawn = draw_answers(picture, EmotionRecognizer.pretrained()(PHOTO))
    part = drawn.crop((0, 0, drawn.width, round(0.6 * drawn.height)))
    part.quantize(160, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


def dialects(path: Path) -> None:
    """Four bars a class."""
    found = measured()["held_out"]
    figure, (axes,) = panels(1, 1, 2.8)
    names = Candidate(pretrained_folder()).class_names
    rows = {
        "labels of FER2013": (found["labels"], INK),
        "votes of FER+": (found["votes"], OKABE_ITO[1]),
        "the first network, at first": (shifted()["expected_before"], OKABE_ITO[5]),
        "the answer, in the end": (found["network"], ACCENT),
    }
    for n, (words, (shares, color)) in enumerate(rows.items()):
        places = np.arange(len(names)) + 0.21 * (n - 1.5)
        axes.bar(places, 100 * np.array(shares), 0.2, color=color, label=words)
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel="% of the held-out faces")
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9.5)
    save_svg(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "recognizer_astronaut.png": astronaut,
    "recognizer_dialects.svg": dialects,
}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`; with a data set and FER+'s votes, measure first."""
    parser = argparse.ArgumentParser(description="Draw the figures of docs/recognizer.md.")
    parser.add_argument("data", nargs="?", type=Path, help="fer2013.csv.gz, to measure anew")
    parser.add_argument("fer_plus", nargs="?", type=Path, help="fer2013new.csv, with it")
    options = parser.parse_args()
    if options.data is not None:
        if options.fer_plus is None:
            parser.error("fer2013new.csv is missing")
        measure(options.data, options.fer_plus)
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
