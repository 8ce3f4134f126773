"""The figures of docs/appearance_model.md: `python -m docs.figures.make_appearance_model`.

Three examples for paper, and what the model has learned from generated faces and finds in others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from scratchnet.classical import ActiveAppearanceModel
from scratchnet.classical.active_appearance import FittedFace
from scratchnet.classical.piecewise_affine import PiecewiseAffine, barycentric, bilinear
from scratchnet.classical.procrustes import nearest_similarity
from scratchnet.fer.drawing import shape as parts
from scratchnet.fer.faces import GeneratedFaces, generate_faces
from scratchnet.vision.geometry import move
from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
from scratchnet.visualize.palette import ACCENT, INK, LINE, OKABE_ITO, PALE, SOFT

Array = NDArray[Any]

BLUE, ORANGE = OKABE_ITO[0], OKABE_ITO[1]
LEARN, TESTS = 300, 40
OFF = 0.1
"""How far off the starts are, in place and in size."""
MESHED = 6
"""Of the happy faces, the one that is cut up."""

X = np.array([(0, 0), (3, 0), (0, 3)], float)
Y = np.array([(3, 1), (7, 6), (2, 5)], float)
BASE = np.array([(0, 0), (4, 0), (0, 4)], float)
SHAPE = np.array([(1, 1), (5, 3), (3, 6)], float)
P = np.array([(1, 2)], float)
TEMPLATE = np.array([0, 4, 8, 4, 0], float)
SIGNAL = np.array([0, 0, 4, 8, 4, 0, 0], float)


# -- the faces ------------------------------------------------------------------------------------


class Found(NamedTuple):
    """Unseen faces, where the search began and where it ended."""

    faces: GeneratedFaces
    starts: Array
    """(N, 68, 2)."""
    fits: list[FittedFace]


@cache
def learned() -> tuple[ActiveAppearanceModel, GeneratedFaces]:
    """The chapter's model and the faces that it has learned from."""
    faces = generate_faces(LEARN, np.random.default_rng(0))
    return ActiveAppearanceModel().fit(faces.images, faces.landmarks), faces


@cache
def found() -> Found:
    """The chapter's unseen faces, from starts 10 % off."""
    model, _ = learned()
    faces = generate_faces(TESTS, np.random.default_rng(1))
    starts = starts_beside(model.mean_shape_, faces.landmarks, OFF)
    pairs = zip(faces.images, starts, strict=True)
    return Found(faces, starts, [model.fit_face(*pair) for pair in pairs])


def eye_distances(landmarks: Array) -> Array:
    """(N,) from the middle of one eye to that of the other, for landmarks (N, 68, 2)."""
    left, right = (landmarks[:, eye].mean(axis=1) for eye in (parts.LEFT_EYE, parts.RIGHT_EYE))
    distances: Array = np.linalg.norm(right - left, axis=1)
    return distances


def mistakes(landmarks: Array, truth: Array) -> Array:
    """(N,): how far landmarks (N, 68, 2) are from the truth, on average, in distances of eyes."""
    off: Array = np.linalg.norm(landmarks - truth, axis=2).mean(axis=1) / eye_distances(truth)
    return off


def starts_beside(mean: Array, truth: Array, off: float) -> Array:
    """Starts (N, 68, 2): the mean shape over each face, then `off` aside and too large or small.

    Args:
        off: the shift, as a share of the distance between the eyes, in any direction; and the share
            by which the start is too large or too small.
    """
    rng, N = np.random.default_rng(2), len(truth)
    placed = move(nearest_similarity(np.broadcast_to(mean, truth.shape), truth), mean)
    angle, size = rng.uniform(0, 2 * np.pi, N), rng.choice([1 - off, 1 + off], N)
    aside = off * eye_distances(truth)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    centre = placed.mean(axis=1, keepdims=True)
    starts: Array = centre + size[:, None, None] * (placed - centre) + aside[:, None]
    return starts


# -- by hand --------------------------------------------------------------------------------------


def by_hand(path: Path) -> None:
    """Two triangles, one warped point, one step along a line."""
    figure = Figure(figsize=(9.4, 3.3), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    procrustes, warp, step = figure.subplots(1, 3, width_ratios=[1, 1.3, 1.2])

    moved = move(nearest_similarity(X, Y), X)
    for corners, color, name, style, place in (
        (X, SOFT, "$x$", ":", (0.8, 0.8)),
        (moved, BLUE, "$T x$", "--", (5.9, 3.0)),
        (Y, ORANGE, "$y$", "-", (4.4, 6.1)),
    ):
        outline(procrustes, corners, color, style)
        write(procrustes, place, name, color)
    for start, end in zip(moved, Y, strict=True):
        arrow(procrustes, start, end)
    procrustes.set(xlim=(-0.4, 7.6), ylim=(7.0, -0.6))
    say(procrustes, "Only the arrows are shape")

    weights = barycentric(P, BASE)
    image = weights @ SHAPE
    outline(warp, BASE, SOFT, "-")
    outline(warp, SHAPE + (5, 0), BLUE, "-")
    for corners, names, far in ((BASE, "abc", 0.6), (SHAPE + (5, 0), ("a'", "b'", "c'"), 0.6)):
        centre = corners.mean(axis=0)
        for corner, name in zip(corners, names, strict=True):
            away = (corner - centre) / np.linalg.norm(corner - centre)
            write(warp, corner + far * away, f"${name}$", INK)
    for point, name in ((P[0], "$p$"), (image[0] + (5, 0), "$W$")):
        warp.plot(*point, "o", color=ORANGE, markersize=8, zorder=4)
        write(warp, point + (0.55, 0.1), name, INK)
    arrow(warp, P[0] + (0.9, 0.15), image[0] + (4.7, -0.05), PALE)
    warp.set(xlim=(-1.0, 11.0), ylim=(7.6, -1.2))
    say(warp, "The same shares of three corners")

    x = np.arange(len(SIGNAL))
    step.plot(x, SIGNAL, "-", color=ORANGE, linewidth=2, label="image")
    for s, color, name in ((0.0, PALE, "template, $s=0$"), (0.75, BLUE, "after one step")):
        step.plot(x[:5] + s, TEMPLATE, "o--", color=color, linewidth=1.5, markersize=5, label=name)
    step.set(xlim=(-0.3, 6.3), ylim=(-0.8, 14), xticks=range(7), yticks=[0, 4, 8])
    step.legend(frameon=False, fontsize=9, loc="upper left")
    tidy(step)
    say(step, "One step: three quarters of the way")
    for axes in (procrustes, warp):
        axes.set(aspect="equal", xticks=[], yticks=[], anchor="N")
        axes.spines[:].set_visible(False)
    with matplotlib.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "path"}):
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


# -- on faces -------------------------------------------------------------------------------------


def mesh(path: Path) -> None:
    """Landmarks, mesh, mean shape, and the face within it; then its edges."""
    model, faces = learned()
    number = int(np.flatnonzero(faces.labels == 3)[MESHED])
    image, landmarks = faces.images[number], faces.landmarks[number].astype(np.float64)
    rim = model._rim @ landmarks
    base, triangles = model.mesh_.shape, model.triangles_
    figure = blank_figure(10.4, 3.0, margin=0.05)
    marked, meshed, mean, warped, edges = figure.subplots(1, 5)
    for axes in (marked, meshed):
        axes.imshow(image, cmap="gray", vmin=0, vmax=255)
        axes.set(xlim=(-0.5, 47.5), ylim=(47.5, -0.5))
    marked.plot(*landmarks.T, ".", color=ORANGE, markersize=5)
    meshed.triplot(*rim.T, triangles, color=OKABE_ITO[5], linewidth=0.7)
    mean.triplot(*base.T, triangles, color=ACCENT, linewidth=0.6)
    size = model.mesh_.mask.shape
    warped.imshow(white_outside(model, model.shape_free(image, landmarks)), cmap="gray")
    blur = model.blurs[-1]
    strength = np.hypot(*model._texture(image, landmarks, blur).reshape(2, -1))
    edges.imshow(model.mesh_.picture(1 - strength, 1.0), cmap="gray", vmin=0, vmax=1)
    for axes in (mean, warped, edges):
        axes.set(xlim=(-1.5, size[1] + 0.5), ylim=(size[0] + 0.5, -1.5), aspect="equal")
    names = ("68 landmarks", "mesh and rim", "the mean shape", "the face, warped", "its edges")
    for axes, name in zip((marked, meshed, mean, warped, edges), names, strict=True):
        bare(axes, name)
    headline(figure, "A face is cut along a mesh, and sewn together again on the mean shape")
    save(figure, path)


def shape_modes(path: Path) -> None:
    """The mean shape moved along each of the first modes by 2½ standard deviations."""
    shapes = learned()[0].shape_model_
    figure = blank_figure(9.6, 2.75, margin=0.02)
    reach = 0.62 * np.ptp(shapes.mean, axis=0).max()
    share = 100 * shapes.variances / shapes.variances.sum()
    for k, axes in enumerate(figure.subplots(1, 5)):
        away = 2.5 * np.sqrt(shapes.variances[k]) * shapes.modes[k]
        for sign, color, width in ((0, LINE, 1.2), (-1, BLUE, 1.5), (1, ORANGE, 1.5)):
            lines(axes, shapes.mean + sign * away, color, width)
        axes.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal")
        bare(axes, f"mode {k + 1}: {share[k]:.0f} %")
    headline(figure, "How faces differ in shape: the mean (grey) ± 2½ standard deviations")
    save(figure, path)


def appearance_modes(path: Path) -> None:
    """Edges of the mean texture and along its first modes; and combined modes, in their shapes."""
    model, _ = learned()
    textures, combined = model.texture_models_[-1], model.combined_
    K = len(model.shape_model_.variances)
    figure = blank_figure(9.6, 4.3, margin=0.02)
    grid = figure.subplots(2, 7)
    shown = [(0, 0.0), *((k, 2.5 * sign) for k in range(3) for sign in (-1, 1))]
    for axes, (k, amount) in zip(grid[0], shown, strict=True):
        texture = textures.mean + amount * np.sqrt(textures.variances[k]) * textures.modes[k]
        sketch(axes, model, texture, model.mean_shape_)
        bare(axes, f"mode {k + 1}, {sign_of(amount)}" if amount else "mean texture")
    for axes, (k, amount) in zip(grid[1], shown, strict=True):
        c = np.zeros((1, combined.n_components_))
        c[0, k] = amount * np.sqrt(combined.explained_variance_[k])
        both = combined.inverse_transform(c)[0]
        p, amounts = both[:K] / model.weight_, both[K:]
        shape = model.shape_model_.join(np.eye(3), p)
        sketch(axes, model, textures.mean + amounts @ textures.modes, shape)
        bare(axes, f"c{k + 1}, {sign_of(amount)}" if amount else "mean of both")
    headline(figure, "Edges: texture modes on the mean shape; below, shape and texture in one")
    save(figure, path)


def fits(path: Path) -> None:
    """Faces with the start and with what was found; the error from step to step, and of all."""
    faces, starts, results = found()
    truth = faces.landmarks.astype(np.float64)
    ends = np.stack([fit.landmarks for fit in results])
    before, after = mistakes(starts, truth), mistakes(ends, truth)
    figure = blank_figure(9.6, 4.9, margin=0.04)
    grid = figure.add_gridspec(2, 5)
    wanted = (3, 5, 6, 0)  # happy, surprise, neutral, angry
    chosen = [int(np.flatnonzero(faces.labels == label)[1]) for label in wanted]
    for column, number in enumerate(chosen):
        for row, (shape, off) in enumerate(((starts, before), (ends, after))):
            axes = figure.add_subplot(grid[row, column])
            axes.imshow(faces.images[number], cmap="gray", vmin=0, vmax=255)
            lines(axes, shape[number], ORANGE if row == 0 else OKABE_ITO[5], 1.6)
            axes.set(xlim=(-0.5, 47.5), ylim=(47.5, -0.5))
            bare(axes, f"{'start' if row == 0 else 'found'}: {100 * off[number]:.1f} % off")
    steps = figure.add_subplot(grid[0, 4])
    for number in chosen:
        color = ORANGE if after[number] == after.max() else ACCENT
        way = results[number].path
        off = 100 * mistakes(way, np.broadcast_to(truth[number], way.shape))
        steps.plot(off, color=color, linewidth=1.6)
    steps.set(xlabel="steps", ylim=(0, None))
    steps.set_title("% off, step by step", fontsize=10, color=INK)
    everyone = figure.add_subplot(grid[1, 4])
    everyone.plot(100 * before, 100 * after, "o", color=ACCENT, markersize=4, alpha=0.7)
    everyone.axhline(3, color=PALE, linewidth=1.4)
    everyone.set(xlabel="start, % off", ylim=(0, None))
    everyone.set_title(f"{len(after)} faces: found, % off", fontsize=10, color=INK)
    for axes in (steps, everyone):
        tidy(axes)
    headline(figure, "Unseen faces: where the search starts, and where it ends")
    save(figure, path)


# -- drawing --------------------------------------------------------------------------------------

LINES = (
    (parts.JAW, False), (parts.LEFT_BROW, False), (parts.RIGHT_BROW, False),
    (parts.BRIDGE, False), (parts.NOSTRILS, False), (parts.LEFT_EYE, True),
    (parts.RIGHT_EYE, True), (parts.OUTER_LIPS, True), (parts.INNER_LIPS, True),
)  # fmt: skip


def lines(axes: Axes, landmarks: Array, color: str, width: float) -> None:
    """A face (68, 2) in nine strokes."""
    for part, closed in LINES:
        points = landmarks[part]
        points = np.vstack([points, points[:1]]) if closed else points
        axes.plot(*points.T, color=color, linewidth=width, solid_capstyle="round")


def sketch(axes: Axes, model: ActiveAppearanceModel, texture: Array, shape: Array) -> None:
    """A texture (2M,) as a pencil would draw it, in a shape (68, 2) of the reference frame."""
    zoom = 3.0
    outer = model._rim @ shape
    low = outer.min(axis=0) - 1.0
    canvas = PiecewiseAffine.over(zoom * (outer - low), model.triangles_)
    strength = model.mesh_.picture(np.hypot(*texture.reshape(2, -1)))
    ink = canvas.picture(bilinear(strength, canvas.points(model.mesh_.shape)))
    extent = (low[0], low[0] + ink.shape[1] / zoom, low[1] + ink.shape[0] / zoom, low[1])
    axes.imshow(1 - ink, cmap="gray", vmin=0.1, vmax=1, extent=extent)
    reach = 1.3 * np.abs(model.mean_shape_).max(axis=0)
    axes.set(xlim=(-reach[0], reach[0]), ylim=(1.08 * reach[1], -1.08 * reach[1]))


def white_outside(model: ActiveAppearanceModel, picture: Array) -> Array:
    """The same picture of the mesh, with paper around it."""
    return np.where(model.mesh_.mask, picture, picture.max())


def sign_of(amount: float) -> str:
    return "+" if amount > 0 else "−"


def outline(axes: Axes, corners: Array, color: str, style: str) -> None:
    axes.plot(*np.vstack([corners, corners[:1]]).T, style, color=color, linewidth=2)


def arrow(axes: Axes, start: Array, end: Array, color: str = INK) -> None:
    style = {"arrowstyle": "-|>", "color": color, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", tuple(end), tuple(start), arrowprops=style, zorder=3)


def write(axes: Axes, place: Any, words: str, color: str) -> None:
    axes.text(*place, words, fontsize=12.5, color=color, ha="center", va="center", zorder=5)


def say(axes: Axes, words: str) -> None:
    axes.set_title(words, fontsize=10.5, color=INK, loc="left")


def bare(axes: Axes, caption: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(caption, fontsize=10, color=SOFT, labelpad=3)


def save(figure: Figure, path: Path) -> None:
    """A PNG of few colours: a third of the bytes."""
    with Image.open(save_figure(figure, path)) as drawn:
        few = drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


FIGURES: dict[str, Callable[[Path], None]] = {
    "appearance_model_by_hand.svg": by_hand,
    "appearance_model_mesh.png": mesh,
    "appearance_model_shapes.png": shape_modes,
    "appearance_model_textures.png": appearance_modes,
    "appearance_model_fits.png": fits,
}


def main(folder: Path = Path(__file__).parent) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
