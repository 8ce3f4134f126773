"""Draw docs/figures/preprocessing.png: one generated face through every operation of vision.

python -m docs.figures.make_preprocessing
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from scratchnet.fer import generate_faces
from scratchnet.fer.drawing.shape import LEFT_EYE, RIGHT_EYE, face_box
from scratchnet.vision import geometry
from scratchnet.vision.align import TEMPLATE, align, plausible
from scratchnet.vision.clahe import clahe
from scratchnet.vision.equalise import equalise
from scratchnet.vision.fit import cover_crop, to_height
from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.grey import to_grey
from scratchnet.vision.histogram import histograms
from scratchnet.vision.median import median_filter
from scratchnet.vision.pixels import to_bytes
from scratchnet.vision.resize import resize
from scratchnet.vision.tan_triggs import tan_triggs
from scratchnet.vision.threshold import otsu, otsu_threshold, threshold
from scratchnet.vision.tone import gamma, linear
from scratchnet.visualize import save_figure
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, PALE, SOFT

FOLDER = Path(__file__).parent
SEED, SIZE = 12, 192
HAPPY = 3
MARK = OKABE_ITO[1]
PANEL, GAP, LETTERS, HEADING = 1.62, 0.12, 0.4, 0.34
"""Inches: a panel's side, the gap between two, the room for its label and for a row's heading."""

Array = NDArray[Any]


class Panel(NamedTuple):
    """A picture, what was done to it, points (K, 2) to mark in it, and how many pixels wide it is
    drawn (as wide as the picture, if 0)."""

    name: str
    detail: str
    picture: Array
    points: Array | None = None
    side: int = 0


def scene() -> tuple[Array, Array]:
    """The face (SIZE, SIZE) uint8 and its landmarks (68, 2)."""
    faces = generate_faces(1, np.random.default_rng(SEED), size=SIZE, emotions=[HAPPY])
    return faces.images[0], faces.landmarks[0]


def rows() -> dict[str, list[Panel]]:
    """The figure: a heading and seven panels a row."""
    face, landmarks = scene()
    rng = np.random.default_rng(0)
    return {
        "Grey and size": size_row(face),
        "Against noise and specks": noise_row(face, rng),
        "Black and white": threshold_row(face),
        "Light": light_row(face),
        "Place": place_row(face, landmarks),
    }


def size_row(face: Array) -> list[Panel]:
    tint = [255 * (face / 255) ** exponent for exponent in (0.8, 1.05, 1.35)]
    colours = to_bytes(np.stack(tint, axis=-1))
    small = resize(face, (24, 24), "area")
    wide = np.pad(face[16:144], ((0, 0), (32, 32)), "edge")
    return [
        Panel("in colour", "a drawn face, tinted", colours),
        Panel("grey", ".299 R + .587 G + .114 B", to_grey(colours)),
        Panel("resize, by area", "24 × 24: means", small),
        Panel("resize, bilinear", "24 × 24 to 192 × 192", resize(small, (SIZE, SIZE))),
        Panel("a wide photo", "128 × 256", wide, side=256),
        Panel("cover and crop", "192 × 192", cover_crop(wide, (SIZE, SIZE))),
        Panel("by height", "64 × 128", to_height(wide, 64), side=256),
    ]


def noise_row(face: Array, rng: np.random.Generator) -> list[Panel]:
    noisy = to_bytes(face + 28 * rng.standard_normal(face.shape))
    specks = np.where(rng.random(face.shape) < 0.06, rng.choice([0, 255], face.shape), face)
    specks = specks.astype(np.uint8)
    return [
        Panel("noise", "everywhere, little", noisy),
        Panel("Gaussian", "σ = 1.2", gaussian_blur(noisy, 1.2)),
        Panel("Gaussian", "σ = 3", gaussian_blur(noisy, 3.0)),
        Panel("specks", "few, but black or white", specks),
        Panel("Gaussian", "σ = 1.2: smeared", gaussian_blur(specks, 1.2)),
        Panel("median", "3 × 3: gone", median_filter(specks, 3)),
        Panel("median", "9 × 9: details too", median_filter(specks, 9)),
    ]


def threshold_row(face: Array) -> list[Panel]:
    t = int(otsu_threshold(face))
    dim = linear(face, contrast=0.5, brightness=-50)
    return [
        *(Panel("fixed threshold", f"t = {at}", threshold(face, at)) for at in (70, 127, 190)),
        Panel("histogram", f"Otsu's t = {t}", histograms(face)),
        Panel("Otsu", f"t = {t}", otsu(face)),
        Panel("a dim photo", "half the contrast", dim),
        Panel("Otsu", f"t = {int(otsu_threshold(dim))}, found again", otsu(dim)),
    ]


def light_row(face: Array) -> list[Panel]:
    light = np.linspace(1.0, 0.16, SIZE) ** 1.3
    lit = to_bytes(face * light)
    return [
        Panel("light from the left", "the right is in shadow", lit),
        Panel("linear", "contrast 1.8, brightness 90", linear(lit, 1.8, 90)),
        Panel("gamma", "γ = 0.5", gamma(lit, 0.5)),
        Panel("equalise", "one curve for all", equalise(lit)),
        Panel("CLAHE", "a curve for each tile", clahe(lit, 5.0, (4, 4))),
        Panel("Tan–Triggs", "σ 2 and 4", shown(tan_triggs(lit, inner=2, outer=4))),
        Panel("Tan–Triggs", "of the face in even light", shown(tan_triggs(face, inner=2, outer=4))),
    ]


def place_row(face: Array, landmarks: Array) -> list[Panel]:
    def moved(matrix: Array) -> Array:
        matrix = geometry.around(geometry.centre(face.shape), matrix)
        return geometry.warp_affine(face[None], matrix, border="edge")[0]

    tilt = geometry.around(
        geometry.centre(face.shape),
        geometry.compose(
            geometry.rotation(-16), geometry.scaling(0.85), geometry.translation(9, 9)
        ),
    )
    tilted = geometry.warp_affine(face[None], tilt, border="edge")[0]
    there = geometry.move(tilt, landmarks)
    found, box = (
        np.array([there[eye].mean(axis=0) for eye in (LEFT_EYE, RIGHT_EYE)]),
        face_box(there),
    )
    assert plausible(found, box)
    return [
        Panel("rotate", "15°", moved(geometry.rotation(15))),
        Panel("shift", "30 right, 20 up", moved(geometry.translation(30, -20))),
        Panel("scale", "1.4", moved(geometry.scaling(1.4))),
        Panel("flip", "left is right", moved(geometry.flip())),
        Panel("affine", "any 2 × 3 matrix: a shear", moved(geometry.shear(0.25, 0.05))),
        Panel("a tilted face", "its eyes are found", tilted, found),
        Panel(
            "align",
            "eyes to the template",
            align(tilted, box, found, (SIZE, SIZE)),
            TEMPLATE * SIZE,
        ),
    ]


def shown(x: Array) -> Array:
    """Numbers around 0 as grey values: three deviations are black and white."""
    return to_bytes(128 + 127 * x / (3 * x.std()))


# -- drawing --------------------------------------------------------------------------------------


def write(path: Path) -> None:
    """Draw the figure into this file."""
    table = rows()
    columns = max(map(len, table.values()))
    width = columns * PANEL + (columns + 1) * GAP
    high = HEADING + PANEL + LETTERS
    height = len(table) * high + 2 * GAP
    figure = Figure(figsize=(width, height), dpi=120, facecolor="white")
    FigureCanvasAgg(figure)
    for r, (heading, panels) in enumerate(table.items()):
        top = height - GAP - r * high
        style = {"fontsize": 13, "fontweight": "bold", "color": INK, "va": "center"}
        figure.text(GAP / width, (top - HEADING / 2) / height, heading, **style)
        for c, panel in enumerate(panels):
            corner = GAP + c * (PANEL + GAP), top - HEADING - PANEL
            place = (corner[0] / width, corner[1] / height, PANEL / width, PANEL / height)
            draw(figure.add_axes(place), panel)
    save_figure(figure, path)
    with Image.open(path) as drawn:  # mostly greys: 256 colours need two thirds of the bytes
        few = drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def draw(axes: Axes, panel: Panel) -> None:
    """One panel: the picture, and below it two lines of letters."""
    picture = panel.picture
    if picture.shape == (256,):
        draw_histogram(axes, picture)
    else:
        draw_picture(axes, picture, panel.side or picture.shape[1])
    if panel.points is not None:
        x, y = panel.points.T
        axes.plot(x, y, "o", markersize=13, markerfacecolor="none", color=MARK, markeredgewidth=2)
        axes.plot(x, y, "-", color=MARK, linewidth=1.2)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    style = {"transform": axes.transAxes, "va": "top", "ha": "left"}
    axes.text(0, -0.035, panel.name, fontsize=10, color=INK, **style)
    axes.text(0, -0.125, panel.detail, fontsize=8.2, color=SOFT, **style)


def draw_picture(axes: Axes, picture: Array, side: int) -> None:
    """Square pixels; what is not square stands on the panel's floor, at its share of the size."""
    H, W = picture.shape[:2]
    axes.imshow(
        picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest", extent=(0, W, H, 0)
    )
    axes.set_xlim(0, side)
    axes.set_ylim(H, H - side)


def draw_histogram(axes: Axes, counts: Array) -> None:
    """Dark and bright class in two shades, Otsu's threshold between them."""
    n, s = counts.cumsum(), (counts * np.arange(256)).cumsum()
    between = (n[-1] * s - n * s[-1]) ** 2.0 / np.maximum(n * (n[-1] - n), 1)
    t = int(between.argmax())
    axes.bar(np.arange(t + 1), counts[: t + 1], width=1, color=ACCENT)
    axes.bar(np.arange(t + 1, 256), counts[t + 1 :], width=1, color=PALE)
    axes.plot(np.arange(256), 0.97 * counts.max() * between / between.max(), color=MARK, lw=1.6)
    axes.axvline(t + 0.5, color=MARK, lw=1.2, ls=(0, (3, 2)))
    axes.axhline(0, color=LINE, lw=1)
    axes.set_xlim(-2, 257)
    axes.set_ylim(0, 1.02 * counts.max())


FIGURES: dict[str, Callable[[Path], None]] = {"preprocessing.png": write}


def main(folder: Path = FOLDER) -> Path:
    """Draw the figure into `folder`."""
    path = folder / "preprocessing.png"
    write(path)
    return path


if __name__ == "__main__":
    main()
