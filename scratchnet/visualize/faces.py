"""Images with what the network says of them, and a plain sheet of samples of each class.

Nothing here knows what a face is: images, probabilities, labels and class names are all it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchnet.visualize.figure import as_picture, blank_figure, headline, mosaic, tidy
from scratchnet.visualize.palette import INK, LINE, SOFT, WRONG, class_colors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def face_predictions(
    images: ArrayLike,
    probabilities: ArrayLike,
    true: ArrayLike,
    class_names: Sequence[str],
    columns: int = 3,
    noun: str = "images",
) -> Figure:
    """Each image beside a bar a class; the true class is bold, a wrong answer framed and crossed.

    Args:
        images: (n, H, W), (n, 1, H, W) or (n, 3, H, W).
        probabilities: (n, K), rows sum to one.
        true: (n,) integer labels.
        class_names: K names.
        columns: images side by side.
        noun: what the samples are called in the title.

    Raises:
        ValueError: the lengths do not agree, or there is no image.
    """
    images, p, true = np.asarray(images), np.asarray(probabilities), np.asarray(true)
    n, K = len(images), len(class_names)
    if n == 0 or p.shape != (n, K) or true.shape != (n,):
        raise ValueError(
            f"{n} images and {K} class names need probabilities ({n}, {K}) and labels ({n},), "
            f"at least one; got {p.shape} and {true.shape}"
        )
    columns = min(columns, n)
    rows = -(-n // columns)
    figure = blank_figure(4.4 * columns, 0.7 + rows * (0.62 + 0.2 * K), margin=0.16)
    cells = figure.add_gridspec(rows, 2 * columns, width_ratios=[1.2, 1] * columns)
    for index in range(n):
        row, column = divmod(index, columns)
        picture = figure.add_subplot(cells[row, 2 * column])
        _picture(picture, images[index], class_names[true[index]], class_names[p[index].argmax()])
        bars = figure.add_subplot(cells[row, 2 * column + 1])
        _bars(bars, p[index], int(true[index]), class_names)

    right = int((p.argmax(axis=1) == true).sum())
    headline(figure, f"{right} of these {n} {noun} are recognised")
    return figure


def _picture(axes: Axes, image: np.ndarray, true: str, predicted: str) -> None:
    axes.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1)
    axes.set_xticks([])
    axes.set_yticks([])
    right = true == predicted
    verdict = f"✓ {true}" if right else f"✗ {predicted} (is {true})"
    axes.set_title(verdict, fontsize=9.5, color=INK if right else WRONG, weight="bold")
    axes.spines[:].set(color=LINE if right else WRONG, linewidth=1 if right else 3)


def _bars(axes: Axes, p: np.ndarray, true: int, class_names: Sequence[str]) -> None:
    K = len(class_names)
    axes.barh(range(K), np.ones(K), height=0.7, color="#F3F3F3")
    axes.barh(range(K), p, height=0.7, color=class_colors(class_names))
    for k in range(K):
        weight = "bold" if k == p.argmax() else "normal"
        axes.text(1.04, k, f"{100 * p[k]:.0f} %", va="center", fontsize=8, color=INK, weight=weight)
    tidy(axes, grid=None)
    axes.set(xlim=(0, 1), ylim=(K - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(K), class_names, fontsize=9)
    for k, label in enumerate(axes.get_yticklabels()):
        label.set(weight="bold" if k == true else "normal", color=INK if k == true else SOFT)


def sample_grid(
    images: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str],
    rng: np.random.Generator,
    per_class: int = 10,
    noun: str = "images",
) -> Figure:
    """A row of random samples for each class.

    Args:
        images: grey, (N, H, W) or (N, 1, H, W).
        labels: (N,) integer labels.
        class_names: K names.
        rng: chooses the samples.
        per_class: at most so many a row; a class that has fewer leaves its row shorter.
        noun: what the samples are called in the title.

    Raises:
        ValueError: no image, or not one label an image.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if len(images) == 0 or labels.shape != (len(images),):
        raise ValueError(f"expected a label for each of {len(images)} images, got {labels.shape}")
    K = len(class_names)
    H, W = images.shape[-2:]
    zoom, gap = 2, 6
    tiles = np.full((K, per_class, H, W), np.nan)
    for k in range(K):
        members = np.flatnonzero(labels == k)
        chosen = rng.choice(members, size=min(per_class, len(members)), replace=False)
        for column, index in enumerate(chosen):
            tiles[k, column] = as_picture(images[index])
    sheet = mosaic(tiles.reshape(-1, H, W), per_class, zoom, gap)

    figure = blank_figure(1.2 + 0.9 * per_class, 0.6 + 0.9 * K * H / W)
    axes = figure.add_subplot()
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=1)
    tidy(axes, grid=None)
    axes.set_xticks([])
    middles = np.arange(K) * (H * zoom + gap) + H * zoom / 2
    axes.set_yticks(middles, class_names, fontsize=11, weight="bold")
    for label, color in zip(axes.get_yticklabels(), class_colors(class_names), strict=True):
        label.set_color(color)
    headline(figure, f"{len(images):,} {noun} in {K} classes: some of each")
    return figure
