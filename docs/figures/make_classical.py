"""Draw the pictures of the chapters on classical algorithms, all on generated faces.

python -m docs.figures.make_classical            all of them
python -m docs.figures.make_classical pca svm    some
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from scratchnet.classical import (
    PCA,
    SVC,
    AdaBoostClassifier,
    ContourFeatures,
    GaborBank,
    KMeans,
    KNeighborsClassifier,
    LinearDiscriminantAnalysis,
    LogisticRegression,
    MLPClassifier,
    RBFNetwork,
)
from scratchnet.classical.gabor_edges import gabor_edges, gabor_energy
from scratchnet.classical.platt import fit_sigmoid, sigmoid
from scratchnet.classical.rbf_network import bells
from scratchnet.fer.faces import GeneratedFaces, generate_faces
from scratchnet.visualize import save_figure
from scratchnet.visualize.figure import blank_figure, headline, mosaic, tidy
from scratchnet.visualize.palette import (
    ACCENT,
    DIVERGING,
    INK,
    INTENSITY,
    LINE,
    OKABE_ITO,
    PALE,
    SOFT,
    class_colors,
)

FOLDER = Path(__file__).parent
BLUE, ORANGE = OKABE_ITO[0], OKABE_ITO[1]
PAIR = (BLUE, ORANGE)
SEED, LEARN, TESTS = 4, 1000, 400

Array = NDArray[Any]


@cache
def faces() -> GeneratedFaces:
    """1,000 faces to learn from and 400 others."""
    return generate_faces(LEARN + TESTS, np.random.default_rng(SEED))


def rows() -> tuple[Array, Array, Array, Array]:
    """X (1000, 2304), y, X_test (400, 2304), y_test."""
    X = faces().images.reshape(LEARN + TESTS, -1).astype(np.float64)
    y = faces().labels
    return X[:LEARN], y[:LEARN], X[LEARN:], y[LEARN:]


# -- eigenfaces -----------------------------------------------------------------------------------


def pca() -> Figure:
    """The mean, eigenfaces, and one face rebuilt with more and more of them."""
    X, _, X_test, _ = rows()
    model = PCA(200).fit(X)
    figure = blank_figure(9.6, 4.6, margin=0.03)
    axes = figure.subplots(3, 8)
    shares = 100 * model.explained_variance_ratio_
    picture(axes[0, 0], model.mean_, "mean")
    for j, place in enumerate(axes[:2].ravel()[1:]):
        signed(place, model.components_[j], f"{j + 1}: {shares[j]:.1f} %")
    face = X_test[1]
    Z = model.transform(face[None])
    for place, k in zip(axes[2], (0, 1, 5, 20, 50, 100, 200), strict=False):
        picture(place, model.mean_ + Z[0, :k] @ model.components_[:k], f"{k} eigenfaces", face)
    picture(axes[2, 7], face, "the face", face)
    headline(figure, "The mean face, fifteen eigenfaces, and an unseen face rebuilt")
    return figure


POINTS = np.array([[5, 6], [1, 2], [4, 3], [2, 5]])


def lda() -> Figure:
    """Eight points and the two axes; faces along two discriminants, and along two components."""
    X, y, X_test, y_test = rows()
    figure = blank_figure(10.6, 3.9)
    by_hand, components, discriminants = figure.subplots(1, 3, width_ratios=[1, 1, 1])
    for points, color, name in ((POINTS, BLUE, "a"), (POINTS + [4, 0], ORANGE, "b")):
        by_hand.scatter(*points.T, s=60, color=color, label=name, zorder=3)
    for (dx, dy), style, name in (((3, 1), "--", "PCA: (3, 1)"), ((5, -3), "-", "Fisher: (5, −3)")):
        length = 3.6 / np.hypot(dx, dy)
        ends = np.array([[-dx, -dy], [dx, dy]]) * length + (5, 4)
        by_hand.plot(*ends.T, style, color=INK, linewidth=1.4, label=name)
    by_hand.set(xlim=(0, 10), ylim=(0, 8), aspect="equal", title="by hand")
    by_hand.legend(frameon=False, fontsize=8.5, loc="lower center", ncols=2)
    Z_of = {"two principal components": PCA(2).fit(X).transform(X_test)}
    bank, axes = GaborBank(filters="local"), PCA(150)
    Z = axes.fit_transform(bank.fit_transform(X))
    model = LinearDiscriminantAnalysis(n_components=2).fit(Z, y)
    Z_of["two discriminants"] = model.transform(axes.transform(bank.transform(X_test)))
    names = faces().class_names
    for place, (title, points) in zip((components, discriminants), Z_of.items(), strict=True):
        for k, color in enumerate(class_colors(names)):
            place.scatter(*points[y_test == k].T, s=9, color=color, label=names[k])
        place.set(title=title, xticks=[], yticks=[])
    discriminants.legend(frameon=False, fontsize=8.5, loc="center left", bbox_to_anchor=(1, 0.5))
    for place in (by_hand, components, discriminants):
        quiet(place)
    headline(figure, "Most variance, or best told apart: 400 unseen faces, seven expressions")
    return figure


# -- Gabor ----------------------------------------------------------------------------------------


def gabor() -> Figure:
    """The bank's even parts, and what a face answers."""
    X, y, *_ = rows()
    happy = int(np.flatnonzero(y == 3)[1])
    bank = GaborBank().fit(X[:1])
    image = X[happy].reshape(1, 48, 48)
    responses = np.abs(bank.responses(image))[0]
    edges, _ = gabor_edges(gabor_energy(image, bank))
    figure = blank_figure(11.2, 4.1, margin=0.05)
    left, kernels, space = figure.subplots(1, 3, width_ratios=[0.52, 1.4, 1.4])
    tiles = np.stack([window(k.real, 41) for k in bank.kernels_])
    tiles /= np.abs(tiles).max(axis=(1, 2), keepdims=True)
    kernels.imshow(mosaic(tiles, 8, 2, 4), cmap=DIVERGING, vmin=-1, vmax=1)
    kernels.set_title("40 filters, real part: a row a scale", fontsize=10, color=INK)
    high = float(np.quantile(responses, 0.99))
    space.imshow(mosaic(responses, 8, 2, 4), cmap=INTENSITY, vmin=0, vmax=high)
    space.set_title("how strong each wave is, everywhere", fontsize=10, color=INK)
    both = np.vstack([image[0] / 255, np.ones((6, 48)), 1 - edges[0] / edges.max()])
    left.imshow(both, cmap="gray", vmin=0, vmax=1)
    left.set_title("a face, its edges", fontsize=10, color=INK)
    for axes in (left, kernels, space):
        bare(axes)
    headline(figure, "Gabor space: five scales, eight directions")
    return figure


# -- classifiers ----------------------------------------------------------------------------------


def svm() -> Figure:
    """The street of three points, two rings under an RBF kernel, and Platt's sigmoid."""
    figure = blank_figure(10.8, 3.9)
    three, two_rings, platt = figure.subplots(1, 3)
    X, y = np.array([[0.0], [2.0], [3.0]]), np.array([-1, 1, 1])
    model = SVC(kernel="linear", C=10).fit(X, y)
    x = np.linspace(-0.8, 3.8, 50)
    three.axvspan(0, 2, color=PALE, alpha=0.4, linewidth=0)
    three.plot(x, model.decision_function(x[:, None]), color=INK, linewidth=1.4)
    three.axhline(0, color=LINE)
    three.scatter(X[:, 0], 0 * X[:, 0], s=70, c=[PAIR[int(v > 0)] for v in y], zorder=3)
    support = X[model.support_, 0]
    three.scatter(support, 0 * support, s=170, facecolors="none", edgecolors=INK)
    three.set(title="f(x) = x − 1; the street is 2 wide", xlabel="x", ylabel="f")
    points, labels = rings(np.random.default_rng(0))
    ring_model = SVC(kernel="rbf", gamma=0.5, C=10).fit(points, labels)
    regions(two_rings, ring_model, points, labels)
    held = points[ring_model.support_]
    two_rings.scatter(*held.T, s=70, facecolors="none", edgecolors=INK, linewidths=0.9)
    two_rings.set_title(f"RBF kernel: {len(held)} support vectors")
    f = np.concatenate([np.random.default_rng(1).normal(m, 1.0, 60) for m in (-1, 1.3)])
    positive = np.repeat([False, True], 60)
    A, B = fit_sigmoid(f, positive)
    grid = np.linspace(-4, 4.5, 100)
    platt.plot(grid, sigmoid(grid, A, B), color=INK, linewidth=1.6)
    for part, color in ((~positive, BLUE), (positive, ORANGE)):
        platt.plot(f[part], np.where(part[part], 1.0, 0.0) * color.startswith(ORANGE), "|",
                   color=color, markersize=11)  # fmt: skip
    platt.set(title="Platt: p from the decision value", xlabel="f", ylabel="p")
    for axes in (three, two_rings, platt):
        quiet(axes)
    headline(figure, "The widest street; a street in the kernel's space; how sure")
    return figure


FIVE = np.array([[1, 1], [2, 3], [3, 2], [4, 5], [5, 4]], np.float64)
FIVE_LABELS = np.array([0, 0, 1, 0, 1])


def adaboost() -> Figure:
    """Three rounds on five samples, and errors on faces against rounds."""
    model = AdaBoostClassifier(3).fit(FIVE, FIVE_LABELS)
    figure = blank_figure(11.6, 3.5)
    *rounds, curve = figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.35])
    for t, axes in enumerate(rounds):
        stump, w = model.estimators_[t], model.sample_weights_[t]
        wrong = stump.predict(FIVE) != FIVE_LABELS
        line = axes.axvline if stump.feature_ == 0 else axes.axhline
        line(stump.threshold_, color=INK, linewidth=1.4)
        axes.scatter(*FIVE.T, s=1400 * w, c=[PAIR[k] for k in FIVE_LABELS])
        axes.scatter(*FIVE[wrong].T, s=60, marker="x", color="white", linewidths=2)
        axes.set(xlim=(0, 6), ylim=(0, 6), aspect="equal", xticks=[], yticks=[])
        axes.set_title(f"round {t + 1}: e = 1/{round(1 / model.estimator_errors_[t])}")
    X, y, X_test, y_test = rows()
    bank = GaborBank(filters="local")
    Z, Z_test = bank.fit_transform(X), bank.transform(X_test)
    committee = AdaBoostClassifier(150).fit(Z, y)
    for name, A, b, color in (("seen", Z, y, PALE), ("unseen", Z_test, y_test, ACCENT)):
        errors = [100 * (1 - s) for s in committee.staged_score(A, b)]
        curve.plot(np.arange(1, 1 + len(errors)), errors, color=color, linewidth=1.8, label=name)
    curve.legend(frameon=False, fontsize=9)
    curve.set(
        title="faces, by Gabor features", xlabel="rounds", ylabel="errors in %", ylim=(0, 100)
    )
    for axes in (*rounds, curve):
        quiet(axes)
    headline(figure, "Each stump looks at what those before it got wrong (crosses)")
    return figure


def rbf_network() -> Figure:
    """k-means on two rings; XOR where it lies, and where two bells see it; the network's answer."""
    figure = blank_figure(11.4, 3.7)
    centres, plane, heard, answer = figure.subplots(1, 4)
    points, labels = rings(np.random.default_rng(0))
    found = KMeans(12, random_state=0).fit(points).cluster_centers_
    centres.scatter(*points.T, s=8, color=PALE)
    centres.scatter(*found.T, s=60, marker="X", color=INK)
    centres.set(title="12 centres by k-means", aspect="equal")
    X, y = np.array([[0, 0], [1, 1], [0, 1], [1, 0]], np.float64), np.array([0, 0, 1, 1])
    phi = bells(X, X[:2], np.full(2, 0.5**0.5))
    colors = [PAIR[k] for k in y]
    plane.scatter(*X.T, s=90, c=colors)
    plane.set(title="XOR", xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), aspect="equal")
    heard.scatter(*phi.T, s=90, c=colors)
    heard.plot([0, 0.94], [0.94, 0], color=INK, linewidth=1.4)
    heard.set(title="the same, as two bells hear it", xlim=(-0.1, 1.2), ylim=(-0.1, 1.2))
    heard.set_aspect("equal")
    model = RBFNetwork(12, random_state=2).fit(points, labels)
    regions(answer, model, points, labels)
    answer.set_title("12 bells, one linear layer")
    for axes in (centres, plane, heard, answer):
        quiet(axes)
    headline(figure, "Bells among the samples make a curved question a straight one")
    return figure


def mlp() -> Figure:
    """XOR's boundary while it is learned, and the loss on faces by batch size."""
    figure = blank_figure(11.4, 3.7)
    *stages, curve = figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.35])
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (200, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    for axes, epochs in zip(stages, (1, 10, 60), strict=True):
        model = MLPClassifier((8,), learning_rate_init=0.02, max_iter=epochs, random_state=1)
        regions(axes, model.fit(X, y), X, y)
        axes.set_title(f"{epochs} epoch{'s' * (epochs > 1)}: {model.score(X, y):.0%} right")
    X, y, _, _ = rows()
    Z = PCA(60, whiten=True).fit_transform(GaborBank(filters="local").fit_transform(X))
    for batch, color in ((1, ACCENT), (32, ORANGE)):
        model = MLPClassifier(batch_size=batch, max_iter=12, random_state=0).fit(Z, y)
        name = "on-line, a step a face" if batch == 1 else f"a step for {batch} faces"
        curve.plot(range(1, 13), model.loss_curve_, color=color, linewidth=1.8, label=name)
    curve.legend(frameon=False, fontsize=9)
    curve.set(title="1,000 faces, the same rate", xlabel="epochs", ylabel="loss")
    curve.set_ylim(0, None)
    for axes in (*stages, curve):
        quiet(axes)
    headline(figure, "Eight hidden units learn a curved question, one sample at a time")
    return figure


def contours() -> Figure:
    """Six expressions with their contours, and one face's patches and regions."""
    X, y, *_ = rows()
    chosen = np.array([np.flatnonzero(y == k)[5] for k in (0, 2, 3, 4, 5, 6)])
    model = ContourFeatures().fit(X)
    found = model.contours(X[chosen])
    figure = blank_figure(10.6, 4.3, margin=0.04)
    grid = figure.add_gridspec(3, 30, height_ratios=[5, 2, 2])
    names = faces().class_names
    for column, index in enumerate(chosen):
        axes = figure.add_subplot(grid[0, 5 * column : 5 * column + 5])
        axes.imshow(X[index].reshape(48, 48), cmap="gray")
        for (kind, lines), color in zip(found.contours.items(), CONTOUR_COLORS, strict=True):
            line = lines[column]
            if len(line):
                axes.plot(*np.vstack([line, line[:1]]).T, color=color, linewidth=1.6, label=kind)
        bare(axes)
        axes.set_xlabel(names[y[index]], fontsize=9, color=SOFT)
    for column, kind in enumerate(found.patches):
        for row, drawn in ((1, found.patches[kind][2]), (2, ~found.masks[kind][2])):
            axes = figure.add_subplot(grid[row, 6 * column : 6 * column + 6])
            axes.imshow(drawn, cmap="gray")
            bare(axes)
            if row == 2:
                axes.set_xlabel(kind, fontsize=9, color=SOFT)
    headline(figure, "Rough contours; the happy face's patches, and what is darker than skin")
    return figure


CONTOUR_COLORS = (ORANGE, ORANGE, OKABE_ITO[5], OKABE_ITO[5], OKABE_ITO[4])


def neighbours() -> Figure:
    """One and fifteen neighbours, and the straight line of logistic regression."""
    rng = np.random.default_rng(3)
    X = np.concatenate([rng.normal(m, 1.0, (60, 2)) for m in ((0, 0), (1.7, 1.2))])
    y = np.repeat([0, 1], 60)
    figure = blank_figure(10.4, 3.9)
    models: dict[str, Any] = {
        "one neighbour": KNeighborsClassifier(1),
        "fifteen neighbours": KNeighborsClassifier(15),
        "logistic regression": LogisticRegression(),
    }
    for axes, (name, model) in zip(figure.subplots(1, 3), models.items(), strict=True):
        regions(axes, model.fit(X, y), X, y)
        axes.set_title(name)
        quiet(axes)
    headline(figure, "Islands round single samples; a calmer border; a straight one")
    return figure


# -- shared ---------------------------------------------------------------------------------------


def rings(rng: np.random.Generator, n: int = 160) -> tuple[Array, Array]:
    """Points (n, 2) on a small and on a large ring, and which."""
    labels = np.arange(n) % 2
    radius = np.where(labels == 0, 1.0, 2.4) + 0.22 * rng.standard_normal(n)
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), labels


def regions(axes: Axes, model: Any, X: Array, y: Array) -> None:
    """The plane in the colours of a model of two classes, and the samples on it."""
    low, high = X.min(axis=0) - 0.3, X.max(axis=0) + 0.3
    xs, ys = np.linspace(low[0], high[0], 160), np.linspace(low[1], high[1], 160)
    where = np.stack(np.meshgrid(xs, ys), axis=-1)
    label = np.asarray(model.predict(where.reshape(-1, 2))).reshape(160, 160)
    axes.contourf(xs, ys, label, levels=[-0.5, 0.5, 1.5], colors=PAIR, alpha=0.2)
    for k, color in enumerate(PAIR):
        axes.scatter(*X[y == k].T, s=14, color=color, edgecolors="white", linewidths=0.3)
    axes.set(xticks=[], yticks=[], aspect="equal")


def picture(axes: Axes, pixels: Array, caption: str, like: Array | None = None) -> None:
    """A face of 48 × 48; `like` says which greys are black and white."""
    scale = pixels if like is None else like
    axes.imshow(pixels.reshape(48, 48), cmap="gray", vmin=scale.min(), vmax=scale.max())
    bare(axes)
    axes.set_xlabel(caption, fontsize=8, color=SOFT, labelpad=2)


def signed(axes: Axes, pixels: Array, caption: str) -> None:
    """Purple above 0, orange below."""
    high = float(np.abs(pixels).max())
    axes.imshow(pixels.reshape(48, 48), cmap=DIVERGING, vmin=-high, vmax=high)
    bare(axes)
    axes.set_xlabel(caption, fontsize=8, color=SOFT, labelpad=2)


def window(kernel: Array, size: int) -> Array:
    """The middle of a filter, (size, size): cut, or with zeros around it."""
    wide = np.pad(kernel, size)
    y, x = wide.shape[0] // 2, wide.shape[1] // 2
    return wide[y - size // 2 : y + size // 2 + 1, x - size // 2 : x + size // 2 + 1]


def bare(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def quiet(axes: Axes) -> None:
    tidy(axes, grid=None)
    axes.title.set(fontsize=10, color=INK)


def write(draw: Callable[[], Figure], path: Path) -> None:
    save_figure(draw(), path)
    with Image.open(path) as drawn:  # few colours: a third of the bytes
        few = drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


FIGURES: dict[str, Callable[[Path], None]] = {
    f"classical_{draw.__name__}.png": partial(write, draw)
    for draw in (pca, lda, gabor, svm, adaboost, rbf_network, mlp, contours, neighbours)
}


def main(folder: Path = FOLDER, names: Sequence[str] = ()) -> list[Path]:
    """Draw the figures of these names, or all, into `folder`."""
    chosen = [f"classical_{name}.png" for name in names] or list(FIGURES)
    for name in chosen:
        FIGURES[name](folder / name)
    return [folder / name for name in chosen]


if __name__ == "__main__":
    main(names=sys.argv[1:])
