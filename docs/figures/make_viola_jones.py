"""The figures of docs/viola_jones.md: `python -m docs.figures.make_viola_jones`, from the root.

Every number in them is computed by `haar` from the chapter's examples. `viola_jones_face.png` is
the chapter's photo: a generated face, kept as a file, so that its pixels are the same everywhere.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from PIL import Image

import haar
from docs.figures.grids import Board, text_of, tint, written
from haar import Cascade, HaarFeature, Node, Rectangle, Stage, WeakClassifier
from haar.drawing import draw_feature, tilted_rectangle, triangle
from haar.shapes import BASIC, place
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, PALE, SOFT

FOLDER = Path(__file__).parent
FACE = FOLDER / "viola_jones_face.png"

I = np.array([[2, 2, 4, 0], [2, 2, 1, 1], [5, 5, 0, 2], [1, 5, 7, 1]], np.uint8)  # noqa: E741
UPRIGHT = Rectangle(x=1, y=1, width=2, height=3)
TILTED = Rectangle(x=2, y=0, width=2, height=1)
BOXES = np.array(
    [
        [100, 100, 50, 50],
        [104, 102, 52, 52],
        [114, 106, 50, 50],
        [98, 103, 48, 48],
        [200, 60, 40, 40],
    ]
)
SCALE = 2.5
"""At which the photo is scanned: the face in it is about 2.5 windows wide."""

PLUS, MINUS = OKABE_ITO[0], OKABE_ITO[4]


def toy_cascade() -> Cascade:
    """Six features that were chosen by eye: the chapter's cascade."""
    shapes = (
        ((5, 6, 14, 8, -1), (5, 10, 14, 4, 2)),
        ((6, 5, 12, 5, -1), (10, 5, 4, 5, 3)),
        ((6, 11, 12, 8, -1), (6, 11, 12, 4, 2)),
        ((4, 6, 6, 6, -1), (6, 8, 2, 2, 9)),
        ((14, 6, 6, 6, -1), (16, 8, 2, 2, 9)),
        ((0, 11, 24, 5, -1), (8, 11, 8, 5, 3)),
    )
    features = tuple(HaarFeature(tuple(Rectangle(*r) for r in shape)) for shape in shapes)

    def stump(feature: int, threshold: float, left: float, right: float) -> WeakClassifier:
        return WeakClassifier((Node(feature, threshold),), (left, right))

    stages = (
        Stage(1, (stump(0, 0.03, 0, 1),)),
        Stage(2, (stump(1, 0.02, 0, 1), stump(2, 0.0, 0, 1))),
        Stage(3, (stump(3, 0.0, 2, 0), stump(4, 0.0, 2, 0), stump(5, 0.05, 0, 1))),
    )
    return Cascade(24, 24, "haar", stages, features)


# -- integral images ------------------------------------------------------------------------------


def look_ups(
    board: Board, top: float, parts: list[tuple[str, int, Any]], result: tuple[int, Any]
) -> None:
    """Small pictures: which pixels each look-up adds or subtracts, and what is left."""
    left = 0.6
    for sign, value, covered in parts:
        color = MINUS if sign == "−" else PLUS
        if sign:
            board.say(left - 0.42, top + 1.0, sign, 14, color)
        fill = {(y, x): tint(color) for y, x in np.argwhere(covered).tolist()}
        board.grid(np.zeros((4, 4)), left, top, colors=fill, size=0.5, zeros="")
        board.say(left + 1, top + 2.5, text_of(value), 12, color)
        left += 3.0
    board.say(left - 0.42, top + 1.0, "=", 14)
    value, covered = result
    fill = {(y, x): tint(INK, 0.3) for y, x in np.argwhere(covered).tolist()}
    board.grid(np.zeros((4, 4)), left, top, colors=fill, size=0.5, zeros="")
    board.say(left + 1, top + 2.5, text_of(value), 12)


def integral() -> Board:
    """Four look-ups for an upright rectangle."""
    S = haar.integral_image(I)
    x, y, w, h, _ = UPRIGHT
    board = Board(15.2, 10.6)
    inside = {(i, j): tint(INK, 0.3) for i in range(y, y + h) for j in range(x, x + w)}
    board.grid(I, 0.6, 1.6, colors=inside, name="image  $I$")
    board.box(0.6 + x, 1.6 + y, w, h, INK, 2.2)
    board.arrow((5.1, 3.6), (7.2, 3.6))
    places = [("", y + h, x + w), ("−", y, x + w), ("−", y + h, x), ("+", y, x)]
    marks = {(Y, X): tint(MINUS if sign == "−" else PLUS) for sign, Y, X in places}
    board.grid(S, 8.4, 1.1, colors=marks, name="integral image  $S$")
    for label in range(5):
        board.say(8.1, 1.6 + label, str(label), 8, SOFT)
        board.say(8.9 + label, 6.4, str(label), 8, SOFT)
    rows, columns = np.mgrid[:4, :4]
    parts = [(s, int(S[Y, X]), (rows < Y) & (columns < X)) for s, Y, X in places]
    value = int(haar.rectangle_sum(S, x, y, w, h))
    covered = (rows >= y) & (rows < y + h) & (columns >= x) & (columns < x + w)
    look_ups(board, 7.3, parts, (value, covered))
    return board


def tilted() -> Board:
    """Four look-ups for a tilted rectangle."""
    T = haar.tilted_integral_image(I)
    x, y, w, h, _ = TILTED
    board = Board(15.2, 10.6)
    turned = tilted_rectangle(TILTED, 4, 4)
    inside = {(i, j): tint(INK, 0.3) for i, j in np.argwhere(turned).tolist()}
    board.grid(I, 0.6, 1.6, colors=inside, name="image  $I$")
    board.arrow((5.1, 3.6), (7.2, 3.6))
    places = [
        ("", y + w + h, x + w - h), ("−", y + h, x - h), ("−", y + w, x + w), ("+", y, x),
    ]  # fmt: skip
    marks = {(Y, X): tint(MINUS if sign == "−" else PLUS) for sign, Y, X in places}
    board.grid(T, 8.4, 1.1, colors=marks, name="tilted integral image  $T$")
    for label in range(5):
        board.say(8.1, 1.6 + label, str(label), 8, SOFT)
        board.say(8.9 + label, 6.4, str(label), 8, SOFT)
    parts = [(s, int(T[Y, X]), triangle(X, Y, 4, 4)) for s, Y, X in places]
    look_ups(board, 7.3, parts, (int(haar.tilted_sum(T, x, y, w, h)), turned))
    return board


# -- features -------------------------------------------------------------------------------------


def features() -> Board:
    """The five kinds of Viola and Jones, and one of the tilted ones, each in a 24 × 24 window."""
    board = Board(21.2, 5.2)
    cell = 3 / 24
    sizes = ((7, 6), (12, 4), (4, 10), (8, 4), (6, 6))
    names = ("two side by side", "two", "three side by side", "three", "four")
    for k, (shape, (dx, dy), name) in enumerate(zip(BASIC, sizes, names, strict=True)):
        left, top = 0.4 + 3.5 * k, 0.5
        feature = place(shape, 5, 6, dx, dy)
        whole, *bright = feature.rectangles
        for part, fill in ((whole, INK), *((part, "white") for part in bright)):
            at = left + part.x * cell, top + part.y * cell
            board.axes.add_patch(
                Polygon(
                    _corners(*at, part.width * cell, part.height * cell),
                    facecolor=fill, edgecolor=INK, linewidth=0.8,
                )
            )  # fmt: skip
        board.box(left, top, 3, 3, SOFT, 1.0)
        board.say(left + 1.5, 4.05, name, 9)
        board.say(left + 1.5, 4.65, f"{count(shape.columns, shape.rows):,}", 9, SOFT)
    left, top = 0.4 + 3.5 * 5, 0.5
    for x, y, w, h, fill in ((10, 3, 12, 6, INK), (14, 7, 4, 6, "white")):
        turned = [(x, y), (x + w, y + w), (x + w - h, y + w + h), (x - h, y + h)]
        points = [(left + px * cell, top + py * cell) for px, py in turned]
        board.axes.add_patch(Polygon(points, facecolor=fill, edgecolor=INK, linewidth=0.8))
    board.box(left, top, 3, 3, SOFT, 1.0)
    board.say(left + 1.5, 4.05, "tilted", 9)
    board.say(left + 1.5, 4.65, "(not among them)", 9, SOFT)
    return board


def _corners(x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def count(columns: int, rows: int, side: int = 24) -> int:
    """How many rectangles of a multiple of columns × rows pixels lie in a window."""

    def along(cells: int) -> int:
        return sum(side - cells * d + 1 for d in range(1, side // cells + 1))

    return along(columns) * along(rows)


# -- the cascade at work --------------------------------------------------------------------------


class Sheet:
    """A figure of several pictures, saved as PNG."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def save(self, path: Path) -> Path:
        """Write the PNG, in few colours: it is mostly grey."""
        drawn = BytesIO()
        self.figure.savefig(drawn, dpi=100, format="png")
        Image.open(drawn).convert("RGB").quantize(96).save(path, optimize=True)
        return path


def cascade() -> Sheet:
    """The six features on the face, how far every window got, and what was found."""
    photo, detector = Image.open(FACE), toy_cascade()
    scan = detector.scan(photo, scale=SCALE)
    candidates = detector.candidates(photo, threads=1)
    (found,) = detector.detect(photo, threads=1)
    with matplotlib.rc_context({"font.size": 9, "text.color": INK}):
        figure = Figure(figsize=(8, 5.4), facecolor="white", layout="constrained")
        halves: Any = figure.subfigures(2, 1, height_ratios=(1, 1.9))
        upper, lower = halves
        features: Any = detector.features
        stage = [k for k, own in enumerate(detector.stages) for _ in own.weak]
        window = photo.crop((found[0], found[1], found[0] + found[2], found[1] + found[3]))
        window = window.resize((240, 240), Image.Resampling.BICUBIC)
        axes = upper.subplots(1, 6)
        for feature, k, axis in zip(features, stage, axes, strict=True):
            axis.imshow(draw_feature(window, feature, (24, 24), (0, 0, 240, 240)))
            axis.set_title(f"stage {k}", fontsize=9)
            axis.set(xticks=[], yticks=[])
        left, middle, right = lower.subplots(1, 3)
        shades = matplotlib.colors.ListedColormap(["#F2F2F2", PALE, "#5B8DB8", "#123B5D"])
        left.imshow(scan.reached, cmap=shades, vmin=0, vmax=3)
        left.set_title("the stage that rejects a window;\ndark: accepted", fontsize=9)
        left.set(xticks=[], yticks=[], xlabel="windows from left to right, scale 2.5")
        middle.imshow(photo, cmap="gray")
        for x, y, w, h in candidates.tolist():
            middle.add_patch(Polygon(_corners(x, y, w, h), fill=False, edgecolor=PALE, lw=0.4))
        middle.set_title(f"{len(candidates)} accepted windows, all scales", fontsize=9)
        right.imshow(photo, cmap="gray")
        right.add_patch(
            Polygon(_corners(*found.tolist()), fill=False, edgecolor=OKABE_ITO[1], lw=2)
        )
        right.set_title("after grouping", fontsize=9)
        for axis in (middle, right):
            axis.set(xticks=[], yticks=[], xlim=(-0.5, 95.5), ylim=(95.5, -0.5))
    return Sheet(figure)


def grouping() -> Board:
    """Five rectangles become two clusters; one of them is large enough."""
    board = Board(20.2, 7.4)
    unit = 1 / 18
    groups = haar.group_rectangles(BOXES)

    def at(box: Any, left: float) -> tuple[float, float, float, float]:
        x, y, w, h = box.tolist()
        return left + (x - 90) * unit, 0.9 + (y - 50) * unit, w * unit, h * unit

    for k, box in enumerate(BOXES):
        color = OKABE_ITO[k] if k < 4 else SOFT
        board.box(*at(box, 0.6), color, 1.6)
    for k, (x, y) in enumerate(((1.7, 3.3), (4.4, 3.2), (5.1, 6.9), (0.65, 5.0), (7.5, 1.05))):
        board.say(x, y, "ABCDE"[k], 11, OKABE_ITO[k] if k < 4 else SOFT)
    board.arrow((9.4, 3.9), (11.2, 3.9))
    for box, n in zip(groups.rectangles, groups.counts, strict=True):
        board.box(*at(box, 11.2), ACCENT, 2.6)
        x, y, w, h = at(box, 11.2)
        board.say(x + w / 2, y + h / 2, f"{n} windows", 11)
    x, y, w, h = at(BOXES[4], 11.2)
    board.box(x, y, w, h, LINE, 1.2, style="--")
    board.say(x + w / 2, y + h / 2, "dropped", 9, SOFT)
    return board


FIGURES = written(
    {
        "viola_jones_integral.svg": integral,
        "viola_jones_tilted.svg": tilted,
        "viola_jones_features.svg": features,
        "viola_jones_cascade.png": cascade,
        "viola_jones_grouping.svg": grouping,
    }
)


def face() -> Image.Image:
    """The photo of the chapter."""
    from scratchnet.fer.faces import generate_faces

    return Image.fromarray(generate_faces(7, np.random.default_rng(0), size=96).images[6])


def main(folder: Path = FOLDER) -> list[Path]:
    """Draw every figure into `folder`; the photo is drawn only if it is not there."""
    if not FACE.exists():
        face().save(FACE)
    for name, write in FIGURES.items():
        write(folder / name)
    return [folder / name for name in FIGURES]


if __name__ == "__main__":
    main()
