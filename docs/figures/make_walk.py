"""The figures of docs/walk.md: `python -m docs.figures.make_walk`, from the root.

    walk_batch.png      eight drawn faces, as the network gets them
    walk_step.png       one face forward through the network, and the gradient back
    walk_photo.png      a photo: accepted windows, the face, its crop, the input
    walk_network.png    that face through the network in the box

Everything in them is computed by the library, as on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image

import haar
from docs.figures.plots import WIDTH, title
from haar.explain import Watched, accepted, watch, windows_left
from haar.scales import plan_levels
from scratchnet import Sequential
from scratchnet.fer import EmotionRecognizer, generate_faces
from scratchnet.fer.augment import Augment
from scratchnet.fer.crops import cut_face, framed
from scratchnet.fer.faces import GeneratedFaces
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.visualize import save_figure
from scratchnet.visualize.figure import mosaic, tidy
from scratchnet.visualize.palette import (
    ACCENT,
    DIVERGING,
    INK,
    INTENSITY,
    OKABE_ITO,
    SOFT,
    class_colors,
)

Array = NDArray[Any]

FOLDER = Path(__file__).parent
PHOTO = FOLDER.parents[1] / "tests" / "data" / "astronaut.jpg"
WINDOW, BOX = OKABE_ITO[1], OKABE_ITO[5]
TILES = 16
"""Feature maps that are shown of a layer, at most."""


class Step(NamedTuple):
    """One training step, halted before the weights move."""

    faces: GeneratedFaces
    inputs: Array  # (8, 1, 48, 48), pre-processed
    outputs: list[Array]  # of each layer; first the augmented inputs
    gradients: list[Array]  # of the loss by each of them, in the same order
    model: Sequential
    loss: float


@cache
def training_step() -> Step:
    """The step of the page."""
    faces = generate_faces(8, np.random.default_rng(1))
    inputs = Preprocessing()(faces.images)
    x = Augment()(inputs.astype(np.float64), np.random.default_rng(1))
    layers = [
        *(Conv2D(8, 5, padding=2), ReLU(), MaxPool2D(4)),
        *(Conv2D(16, 3, padding=1), ReLU(), MaxPool2D(4)),
        *(Flatten(), Dense(7)),
    ]
    model = Sequential(layers).build((1, 48, 48), np.random.default_rng(0), np.float64)
    outputs = [x]
    for layer in model.layers:
        outputs.append(layer.forward(outputs[-1], training=True))
    loss = SoftmaxCrossEntropy()
    value = loss.forward(outputs[-1], faces.labels)
    gradients = [loss.backward()]
    for layer in reversed(model.layers):
        gradients.insert(0, layer.backward(gradients[0]))
    return Step(faces, inputs, outputs, gradients, model, value)


class Look(NamedTuple):
    """What the cascade did with the photo."""

    picture: Image.Image
    watched: list[Watched]
    windows: Array  # (N, 4) the accepted ones
    box: tuple[int, int, int, int]


@cache
def look() -> Look:
    """The search of the page."""
    with Image.open(PHOTO) as photo:
        picture = photo.convert("RGB")
    cascade = haar.Cascade.frontal_face()
    grey = np.asarray(picture.convert("L"))
    watched = watch(grey, cascade, plan_levels(picture.size, (24, 24), 1.1))
    ((x, y, w, h),) = cascade.detect(picture).tolist()
    return Look(picture, watched, accepted(watched).rectangles, (x, y, w, h))


def recognizer() -> EmotionRecognizer:
    """The one in the box."""
    return EmotionRecognizer.pretrained()


# -- drawing --------------------------------------------------------------------------------------


def sheet(height: float) -> Figure:
    """An empty white figure of a page's width."""
    figure = Figure(figsize=(WIDTH, height), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def split(whole: Any, rows: int, columns: int, **options: Any) -> Sequence[Any]:
    """Parts of a figure, each with a layout of its own."""
    parts: Sequence[Any] = (
        whole.subfigures(rows, columns, squeeze=False, **options).ravel().tolist()
    )
    return parts


def show(axes: Axes, picture: Array, words: str = "", **options: Any) -> None:
    """A picture without ticks and frame, and what it is above it."""
    axes.imshow(picture, interpolation="nearest", **options)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    title(axes, words, 8)


def tiles(maps: Array, columns: int | None = None) -> Array:
    """Up to sixteen maps (C, h, w) side by side."""
    shown = maps[:TILES]
    return mosaic(shown, columns or int(np.ceil(np.sqrt(len(shown)))), zoom=1, gap=1)


def scale_of(maps: Array) -> dict[str, Any]:
    """Colours: bright is active; where there are signs, purple above 0 and orange below."""
    high = float(np.quantile(np.abs(maps[maps != 0]), 0.995)) if maps.any() else 1.0
    if maps.min() < 0:
        return {"cmap": DIVERGING, "vmin": -high, "vmax": high}
    return {"cmap": INTENSITY, "vmin": 0, "vmax": high}


def save_small(figure: Figure, path: Path) -> None:
    """Write the figure in 160 colours: they are enough for photos in grey, at half of the bytes."""
    save_figure(figure, path)
    with Image.open(path) as drawn:
        few = drawn.convert("RGB").quantize(160, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def bars(axes: Axes, names: Sequence[str], values: Array, words: str) -> None:
    """A bar a class."""
    axes.barh(names, values, color=class_colors(names))
    reach = 1.15 * np.abs(values).max()
    axes.set_xlim(-reach if values.min() < 0 else 0, reach)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.invert_yaxis()
    tidy(axes, grid=None)
    axes.tick_params(labelsize=7)
    title(axes, words, 8)


def shape_of(y: Array) -> str:
    """8 × 12 × 12, without the batch."""
    return " × ".join(map(str, y.shape[1:]))


def batch(path: Path) -> None:
    """Drawn, centred and scaled, augmented: a column a face."""
    step = training_step()
    figure = sheet(3.1)
    grid = figure.subplots(3, 8)
    rows = (step.faces.images, step.inputs[:, 0], step.outputs[0][:, 0])
    limits = ((0, 255), (-2.5, 2.5), (-2.5, 2.5))
    for axes, pictures, (low, high) in zip(grid, rows, limits, strict=True):
        for n, place in enumerate(axes):
            show(place, pictures[n], cmap="gray", vmin=low, vmax=high)
    for n, label in enumerate(step.faces.labels):
        title(grid[0, n], step.faces.class_names[label], 9)
    for place, words in zip(grid[:, 0], ("drawn", "scaled", "augmented"), strict=True):
        place.set_ylabel(words, fontsize=9, color=SOFT)
    save_figure(figure, path)


SHOWN = {0: "input", 2: "ReLU", 3: "MaxPool2D", 5: "ReLU", 6: "MaxPool2D"}
"""The stops with a picture, by their place in `Step.outputs`."""


def step_figure(path: Path) -> None:
    """The first face: forward in the upper row, backward in the lower one."""
    step = training_step()
    figure = sheet(3.2)
    grid = figure.subplots(2, len(SHOWN) + 1, width_ratios=[1] * len(SHOWN) + [0.75])
    for (stop, name), (above, below) in zip(SHOWN.items(), grid.T, strict=False):
        y, dy = step.outputs[stop][0], step.gradients[stop][0]
        colors = scale_of(y) if stop else {"cmap": "gray"}
        show(above, tiles(y), f"{name}\n{shape_of(step.outputs[stop])}", **colors)
        show(below, tiles(dy), **scale_of(dy))
    names = step.faces.class_names
    bars(grid[0, -1], names, step.outputs[-1][0], "scores\n7")
    bars(grid[1, -1], names, step.gradients[-1][0], "")
    for place, words in zip(grid[:, 0], ("forward →", "← backward"), strict=True):
        place.set_ylabel(words, fontsize=10, color=SOFT)
    save_figure(figure, path)


def frame(axes: Axes, box: Sequence[int], color: str, line: float, style: str = "-") -> None:
    """A rectangle of a photo's pixels."""
    x, y, w, h = box
    axes.add_patch(
        Rectangle((x - 0.5, y - 0.5), w, h, fill=False, edgecolor=color, lw=line, ls=style)
    )


def photo(path: Path) -> None:
    """The photo with every accepted window; how many windows are left; the face."""
    seen = look()
    grey = np.asarray(seen.picture.convert("L"))
    figure = sheet(4.0)
    left, right = split(figure, 1, 2, width_ratios=[1.05, 1])
    axes = left.subplots()
    show(axes, grey, f"{len(seen.windows)} accepted windows, one face", cmap="gray")
    for window in seen.windows.tolist():
        frame(axes, window, WINDOW, 0.5)
    frame(axes, seen.box, BOX, 2.2)

    above, below = split(right, 2, 1, height_ratios=[1.15, 1])
    axes = above.subplots()
    counts = np.sum([windows_left(at) for at in seen.watched], axis=0)
    axes.bar(range(len(counts)), counts, color=ACCENT)
    axes.set(yscale="log", xlabel="stages passed", xticks=range(0, len(counts), 2))
    tidy(axes)
    axes.minorticks_off()
    title(axes, "windows left", 8)

    x, y, w, h = square = framed(seen.box)
    near = grey[y - 10 : y + h + 10, x - 10 : x + w + 10]
    crop = face_crop()
    places = below.subplots(1, 3)
    show(
        places[0], near, f"{w} × {h}", cmap="gray", extent=(x - 10, x + w + 10, y + h + 10, y - 10)
    )
    frame(places[0], square, WINDOW, 1.4)
    frame(places[0], seen.box, BOX, 1.4)
    show(places[1], crop, "48 × 48", cmap="gray", vmin=0, vmax=255)
    show(places[2], Preprocessing()(crop[np.newaxis])[0, 0], "input", cmap="gray")
    save_small(figure, path)


@cache
def face_crop() -> NDArray[np.uint8]:
    """The 48 × 48 pixels of the face."""
    seen = look()
    return cut_face(np.asarray(seen.picture.convert("L")), seen.box)


def stops(model: Sequential, x: Array) -> list[tuple[str, Array]]:
    """What each layer of a network makes of inputs: its name, and its output."""
    return [
        (type(layer).__name__, y)
        for layer, y in zip(model.layers, model.activations(x), strict=True)
    ]


def network(path: Path, asked: EmotionRecognizer | None = None) -> None:
    """The face through the first network: sixteen maps a stop, and the answer."""
    asked = asked or recognizer()
    (face,) = asked(PHOTO)
    x = asked.preprocess(face.crop[np.newaxis])
    every = stops(asked.models[0], x)
    maps = [(name, y) for name, y in every if y.ndim == 4 and name != "BatchNorm"][:7]
    figure = sheet(4.2)
    grid = figure.subplots(2, 4).ravel()
    for place, (name, y) in zip(grid, maps, strict=False):
        show(place, tiles(y[0], 4), f"{name}\n{shape_of(y)}", **scale_of(y[0]))
    for place in grid[len(maps) : -1]:
        place.axis("off")
    answer = np.array(list(face.probabilities.values()))
    bars(grid[-1], asked.class_names, answer, "probabilities")
    grid[-1].set_xlim(0, 1)
    save_small(figure, path)


FIGURES: dict[str, Callable[[Path], None]] = {
    "walk_batch.png": batch,
    "walk_step.png": step_figure,
    "walk_photo.png": photo,
    "walk_network.png": network,
}


def main(folder: Path = FOLDER) -> None:
    """Draw every figure into `folder`."""
    for name, draw in FIGURES.items():
        draw(folder / name)


if __name__ == "__main__":
    main()
