"""Draw docs/figures/overview.png: seven generated faces, what a network sees, what it answers.

python examples/train_fer.py --out runs/generated
python docs/figures/make_overview.py runs/generated/model
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from scratchnet import Sequential
from scratchnet.fer import generate_faces
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.visualize import class_colors, save_figure

SEED = 2018
MAPS = 3  # feature maps a side


def main(folder: Path) -> None:
    model = Sequential.load(folder)
    names = model.class_names or ()
    faces = generate_faces(200, np.random.default_rng(SEED))
    chosen = [int(np.flatnonzero(faces.labels == k)[0]) for k in range(len(names))]
    pictures = faces.images[chosen]
    x = Preprocessing(**model.preprocessing)(pictures)
    answers = model.predict(x)
    outputs = model.activations(x)
    rows = [next(y for y in outputs if y.ndim == 4 and y.shape[2] == size) for size in (24, 12)]
    colors = class_colors(names)

    figure = Figure(figsize=(13, 7.2), layout="constrained")
    grid = figure.subplots(4, len(names), height_ratios=[1, 1, 1, 0.9])
    for k, name in enumerate(names):
        face, *maps, bars = grid[:, k]
        face.imshow(pictures[k], cmap="gray", vmin=0, vmax=255)
        face.set_title(name, fontsize=14, color=colors[k], fontweight="bold")
        for axes, y in zip(maps, rows, strict=True):
            axes.imshow(mosaic(y[k]), cmap="magma")
        bars.barh(names, answers[k], color=colors)
        bars.set_xlim(0, 1)
        bars.invert_yaxis()
        bars.tick_params(labelleft=k == 0, labelbottom=False, length=0, labelsize=10)
        bars.spines[["top", "right", "bottom"]].set_visible(False)
        for axes in (face, *maps):
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
    titles = (
        "a drawn face\n48 × 48",
        "feature maps\n24 × 24",
        "feature maps\n12 × 12",
        "probabilities",
    )
    for axes, title in zip(grid[:, 0], titles, strict=True):
        if title != "probabilities":
            axes.set_ylabel(title, fontsize=12)
    save_figure(figure, Path(__file__).with_name("overview.png"))


def mosaic(maps: np.ndarray) -> np.ndarray:
    """The liveliest MAPS × MAPS maps of (C, h, w), each stretched to 0 … 1, side by side."""
    best = np.argsort(maps.std(axis=(1, 2)))[::-1][: MAPS * MAPS]
    tiles = maps[np.sort(best)]
    low, high = tiles.min(axis=(1, 2), keepdims=True), tiles.max(axis=(1, 2), keepdims=True)
    tiles = np.pad((tiles - low) / (high - low + 1e-9), ((0, 0), (0, 1), (0, 1)), constant_values=1)
    h, w = tiles.shape[1:]
    return tiles.reshape(MAPS, MAPS, h, w).transpose(0, 2, 1, 3).reshape(MAPS * h, MAPS * w)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
