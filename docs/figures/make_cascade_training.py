"""The figures of docs/cascade_training.md: `python -m docs.figures.make_cascade_training`.

Points on a plane, boosted; and a small cascade of generated faces. `cascade_training_faces.png` is
a sheet of the faces that the chapter trains with, kept as a file, so that its pixels are the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

import haar
from docs.figures.grids import Board, tint, written
from haar.boosting import ALGORITHMS, boost
from haar.cascade import WeakClassifier
from haar.drawing import pixel_weights
from haar.splits import Split, threshold_split
from haar.strip import Strip
from scratchnet.visualize.palette import INK, LINE, OKABE_ITO, SOFT

Array = NDArray[Any]

FOLDER = Path(__file__).parent
FACES = FOLDER / "cascade_training_faces.png"
SIDE, COLUMNS, ROWS = 24, 20, 16  # of the sheet of faces
INSIDE, OUTSIDE = OKABE_ITO[1], OKABE_ITO[0]  # faces, or what stands for them, and all others
ROUNDS = 60


# -- points on a plane ----------------------------------------------------------------------------


class Points(Strip):
    """Samples that are columns of numbers instead of windows; feature f is row f."""

    def __init__(self, table: Array) -> None:
        self.table = np.asarray(table, np.float32)

    def __len__(self) -> int:
        return self.table.shape[1]

    def __getitem__(self, chosen: Array) -> Points:
        return Points(self.table[:, chosen])

    def values(self, feature: Any) -> Array:
        return self.table[feature]

    def search(self, chosen: Array, P: Array, N: Array, criterion: str) -> Split | None:
        """`haar.splits.SplitSearch`."""
        splits = [
            threshold_split(f, values[chosen], P, N, criterion)
            for f, values in enumerate(self.table)
        ]
        return max(filter(None, splits), key=lambda split: split.score, default=None)


class Round(NamedTuple):
    """One round of boosting."""

    weights: Array  # before it, (N,)
    tree: WeakClassifier
    outputs: Array  # (N,)


def boosted(points: Array, face: Array, algorithm: str) -> Iterator[Round]:
    """Round after round of stumps about the coordinates of points (2, N)."""
    samples, boosting = Points(points), ALGORITHMS[algorithm](face)
    weights = boosting.weights
    for tree, outputs in boost(samples, range(len(points)), samples.search, boosting):  # type: ignore[arg-type]
        yield Round(weights, tree, outputs)
        weights = boosting.weights


def disc(number: int, seed: int, noise: float = 0.0) -> tuple[Array, Array]:
    """Points (2, number) in a square, and which of them lie in a disc; a share is told wrongly."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1, 1, (2, number))
    inside = np.square(points).sum(axis=0) < 0.55
    return points, inside ^ (rng.random(number) < noise)


def score(rounds: list[Round], points: Array) -> Array:
    """The sums of stumps at points, of which those above 0 are faces."""
    samples = Points(points)
    total = np.zeros(len(samples))
    for _, tree, _ in rounds:
        leaves = samples.outputs(tree, range(2))  # type: ignore[arg-type]
        total += leaves - (max(tree.leaves) / 2 if min(tree.leaves) == 0 else 0)
    return total


# -- pictures of it -------------------------------------------------------------------------------


class Sheet:
    """A figure of several pictures, saved as PNG."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def save(self, path: Path) -> Path:
        """Write the PNG in few colours; the same drawing gives the same bytes."""
        drawn = BytesIO()
        self.figure.savefig(drawn, dpi=110, format="png", metadata={"Software": None})
        Image.open(drawn).convert("RGB").quantize(128).save(path, optimize=True)
        return path


def bare(axes: Any) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_edgecolor(LINE)


def stumps() -> Sheet:
    """Points as large as they weigh, each round's stump, and what all so far say together."""
    points, face = disc(70, 8)
    rounds = [one for one, _ in zip(boosted(points, face, "discrete"), range(ROUNDS), strict=False)]
    shown = (1, 2, 3, 4, 8, ROUNDS)
    grid = np.stack(np.meshgrid(*[np.linspace(-1.04, 1.04, 240)] * 2)).reshape(2, -1)
    with matplotlib.rc_context({"font.size": 9, "text.color": INK}):
        figure = Figure(figsize=(8.4, 5.9), facecolor="white", layout="constrained")
        for axes, number in zip(figure.subplots(2, 3).flat, shown, strict=True):
            so_far = rounds[:number]
            said = (score(so_far, grid) > 0).reshape(240, 240)
            axes.imshow(
                said, extent=(-1.04, 1.04, -1.04, 1.04), origin="lower",
                cmap=ListedColormap([tint(OUTSIDE, 0.16), tint(INSIDE, 0.3)]), vmin=0, vmax=1,
            )  # fmt: skip
            weights, tree, _ = so_far[-1]
            node = tree.nodes[0]
            (axes.axhline if node.feature else axes.axvline)(node.threshold, color=INK, lw=1.8)
            for own, color, marker in ((face, INSIDE, "o"), (~face, OUTSIDE, "s")):
                axes.scatter(
                    *points[:, own], s=4 + 3000 * weights[own], color=color, marker=marker,
                    edgecolor="white", linewidth=0.6, zorder=3,
                )  # fmt: skip
            wrong = int(((score(so_far, points) > 0) != face).sum())
            stump = "1 stump" if number == 1 else f"{number} stumps"
            axes.set_title(f"{stump}: {wrong} of {len(face)} wrong", fontsize=10)
            axes.set(xlim=(-1.04, 1.04), ylim=(-1.04, 1.04))
            bare(axes)
    return Sheet(figure)


def errors_of(algorithm: str) -> tuple[Array, Array, Array]:
    """(ROUNDS,) each: errors in training, on new points, and the bound on the former."""
    points, face = disc(400, 1, 0.05)
    fresh, true = disc(4000, 2, 0.05)
    rounds: list[Round] = []
    wrong, wrong_new, bounds = [], [], []
    bound = 1.0
    for one in boosted(points, face, algorithm):
        rounds.append(one)
        share = one.weights[(one.outputs > 0) != face].sum()
        bound *= 2 * np.sqrt(share * (1 - share))
        wrong.append(((score(rounds, points) > 0) != face).mean())
        wrong_new.append(((score(rounds, fresh) > 0) != true).mean())
        bounds.append(bound)
        if len(rounds) == ROUNDS:
            break
    return np.array(wrong), np.array(wrong_new), np.array(bounds)


def errors() -> Sheet:
    """Errors against rounds, discrete and gentle."""
    with matplotlib.rc_context({"font.size": 9, "text.color": INK}):
        figure = Figure(figsize=(8.4, 3.4), facecolor="white", layout="constrained")
        x = np.arange(1, ROUNDS + 1)
        names = {"discrete": "discrete AdaBoost", "gentle": "Gentle AdaBoost"}
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (name, title) in zip(panels, names.items(), strict=True):
            wrong, fresh, bound = errors_of(name)
            lines = [(wrong, INK, "-", "400 points to learn from"),
                     (fresh, OKABE_ITO[4], "-", "4,000 new points")]  # fmt: skip
            if name == "discrete":
                lines.append((bound, SOFT, ":", r"the bound  $\prod\, 2\sqrt{ε(1-ε)}$"))
            for values, color, style, label in lines:
                axes.plot(x, values, style, color=color, lw=1.6, label=label)
            axes.axhline(0.05, color=LINE, lw=1.2, zorder=0)
            axes.set_title(title, loc="left", fontsize=10)
            axes.set(xlabel="stumps", xlim=(0, ROUNDS), ylim=(0, 1))
            axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, colors=SOFT)
            axes.grid(axis="y", color=LINE, lw=0.6)
            axes.legend(frameon=False, fontsize=8.5, loc="upper right")
        panels[0].set_ylabel("wrong", color=SOFT)
        panels[1].annotate(
            "one label in twenty is false", (ROUNDS, 0.05), (-2, -3), textcoords="offset points",
            ha="right", va="top", fontsize=8, color=SOFT,
        )  # fmt: skip
    return Sheet(figure)


# -- cuts, by sorting and by histogram ------------------------------------------------------------


def cuts() -> Board:
    """The same five samples: sorted, with all four cuts; and in three bins, with two."""
    board = Board(20.4, 7.6)
    faces = (True, True, False, True, False)
    weights = ("1/6", "1/6", "1/4", "1/6", "1/4")
    board.say(4.4, 0.5, "by sorting: every cut", 12)
    board.say(15.6, 0.5, "by histogram: every cut between bins", 12)
    for k, (face, weight) in enumerate(zip(faces, weights, strict=True)):
        color = INSIDE if face else OUTSIDE
        height = 2.0 if face else 3.0
        left = 0.7 + 1.55 * k
        board.box(left, 5.4 - height, 1.2, height, color, 1.2, tint(color))
        board.say(left + 0.6, 5.4 - height / 2, weight, 10)
        board.say(left + 0.6, 5.85, str(k + 1), 10)
    errors = ("1/3", "1/6", "5/12", "1/4")
    for k, error in enumerate(errors):
        x = 0.7 + 1.55 * k + 1.375
        best = k == 1
        board.box(x, 1.7, 0, 4.4, INK if best else SOFT, 2.2 if best else 0.9, style="--")
        board.say(x, 6.6, error, 11 if best else 9.5, INK if best else SOFT)
    board.say(4.4, 7.25, "error of “below is a face”", 9, SOFT)
    bins = (("1, 2", 1 / 3, "1/3", 0, ""), ("3, 4", 1 / 6, "1/6", 1 / 4, "1/4"),
            ("5", 0, "", 1 / 4, "1/4"))  # fmt: skip
    for k, (name, P, p, N, n) in enumerate(bins):
        left = 11.3 + 3.0 * k
        for at, share, text, color in ((0.15, P, p, INSIDE), (1.25, N, n, OUTSIDE)):
            if share:
                board.box(left + at, 5.4 - 12 * share, 1.0, 12 * share, color, 1.2, tint(color))
                board.say(left + at + 0.5, 5.4 - 6 * share, text, 10)
        board.box(left, 5.4, 2.4, 0, SOFT, 1.2)
        board.say(left + 1.2, 5.85, name, 10)
    for k, error in enumerate(("1/6", "1/4")):
        x = 11.3 + 3.0 * k + 2.7
        board.box(x, 1.1, 0, 5.0, INK if k == 0 else SOFT, 2.2 if k == 0 else 0.9, style="--")
        board.say(x, 6.6, error, 11 if k == 0 else 9.5, INK if k == 0 else SOFT)
    board.say(15.6, 7.25, "weights of faces and of others, added up in each bin", 9, SOFT)
    return board


# -- faces ----------------------------------------------------------------------------------------


def read_faces() -> NDArray[np.uint8]:
    """The generated faces, (320, 24, 24)."""
    sheet = np.asarray(Image.open(FACES))
    tiles = sheet.reshape(ROWS, SIDE, COLUMNS, SIDE).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, SIDE, SIDE))


def draw_faces() -> Image.Image:
    """The sheet of faces."""
    from haar.samples import Sample, cut_all
    from scratchnet.fer.faces import generate_faces

    drawn = generate_faces(COLUMNS * ROWS, np.random.default_rng(0), size=64)
    samples = [
        Sample(grey, tuple(box.tolist()))
        for grey, box in zip(drawn.images, drawn.boxes, strict=True)
    ]
    tiles = cut_all(samples, (SIDE, SIDE), area=True).reshape(ROWS, COLUMNS, SIDE, SIDE)
    return Image.fromarray(tiles.swapaxes(1, 2).reshape(ROWS * SIDE, COLUMNS * SIDE))


def draw_wall(height: int, width: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(height, width): grain of many sizes, the background of the chapter."""
    wall = np.full((height, width), 32)
    for grain in (1, 2, 4, 8, 16, 32):
        patches = rng.integers(0, 33, (-(-height // grain), -(-width // grain)))
        wall += patches.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width]
    return wall.astype(np.uint8)


def small_training() -> haar.Cascade:
    """The chapter's cascade: three stages, in seconds."""
    noise = np.random.default_rng(1)
    walls = [draw_wall(120, 160, noise) for _ in range(12)]
    return haar.train_cascade(
        read_faces(), walls, rng=np.random.default_rng(0), stages=3, hit_rate=0.99,
        false_alarms=0.2, negatives_per_stage=400,
    )  # fmt: skip


def features() -> Sheet:
    """The first features of each stage on the mean of the faces."""
    cascade = small_training()
    mean = read_faces().mean(axis=0)
    shown = 5
    with matplotlib.rc_context({"font.size": 9, "text.color": INK}):
        figure = Figure(figsize=(8.4, 5.7), facecolor="white", layout="constrained")
        rows = figure.subplots(len(cascade.stages), shown, squeeze=False)
        for k, (row, stage) in enumerate(zip(rows, cascade.stages, strict=True)):
            for axes in row:
                axes.imshow(mean, cmap="gray")
                bare(axes)
            number = len(stage.weak)
            row[0].set_ylabel(f"stage {k}: {number} features", fontsize=9)
            for axes, weak in zip(row, stage.weak, strict=False):
                node = weak.nodes[0]
                weights = pixel_weights(cascade.features[node.feature], SIDE, SIDE)
                colors = np.zeros((SIDE, SIDE, 4))
                colors[weights > 0], colors[weights < 0] = (1, 1, 1, 0.7), (0, 0, 0, 0.7)
                axes.imshow(colors)
                low, high = weak.leaves
                sign = "<" if low > high else "≥"
                question = f"{sign} {node.threshold:+.4f}: {max(low, high):+.2f}"
                axes.set_title(question.replace("-", "−"), fontsize=8.5, color=SOFT)
            for axes in row[number:]:
                axes.set_visible(False)
        rows[0, -1].set_visible(True)
        rows[0, -1].set_title("the mean face", fontsize=8.5, color=SOFT)
    return Sheet(figure)


FIGURES = written(
    {
        "cascade_training_stumps.png": stumps,
        "cascade_training_errors.png": errors,
        "cascade_training_cuts.svg": cuts,
        "cascade_training_features.png": features,
    }
)


def main(folder: Path = FOLDER) -> list[Path]:
    """Draw every figure into `folder`; the faces are drawn only if they are not there."""
    if not FACES.exists():
        draw_faces().save(FACES, optimize=True)
    for name, write in FIGURES.items():
        write(folder / name)
    return [folder / name for name in FIGURES]


if __name__ == "__main__":
    main()
