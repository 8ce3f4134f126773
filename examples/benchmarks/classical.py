"""How fast the classical algorithms are, next to scikit-learn's and others', side by side.

    python examples/benchmarks/classical.py
    python examples/benchmarks/classical.py --only PCA LDA --threads 1 --rounds 9
    python examples/benchmarks/classical.py --csv classical.csv --figure classical.png

    ratio = theirs / ours            above 1, ours is faster; the bar is what we promise
    apart                            how far the two answers are from each other

Both get the same arrays and the same number of threads, and take turns (`measuring`). A case whose
peer is not installed is left out, and said so.

**A new case** is a function with `@case(...)` above it, which makes the data and returns a `Duel`.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from measuring import interleaved
from numpy.typing import NDArray
from reporting import Table, add_options, check_options

from scratchnet.classical import (
    PCA,
    SVC,
    AdaBoostClassifier,
    GaborBank,
    KMeans,
    KNeighborsClassifier,
    LinearDiscriminantAnalysis,
    LinearSVC,
    LogisticRegression,
    MLPClassifier,
)

Array = NDArray[Any]


class Duel(NamedTuple):
    """The two calls that are timed, and how far their answers are apart."""

    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    apart: Callable[[], float]


class Case(NamedTuple):
    """One comparison; `make(shrink)` prepares it with so many times fewer samples."""

    algorithm: str
    data: str
    peer: str
    bar: float | None
    make: Callable[[int], Duel]


CASES: list[Case] = []


def case(
    algorithm: str, data: str, peer: str = "sklearn", bar: float | None = None
) -> Callable[[Callable[[int], Duel]], Callable[[int], Duel]]:
    """Register a comparison.

    Args:
        algorithm, data: two columns of the table.
        peer: the package to import.
        bar: the ratio that is promised; None: nothing is.
    """

    def register(make: Callable[[int], Duel]) -> Callable[[int], Duel]:
        CASES.append(Case(algorithm, data, peer, bar, make))
        return make

    return register


# -- data -----------------------------------------------------------------------------------------


@cache
def faces(count: int) -> tuple[Array, Array]:
    """Generated faces (count, 2304) float64, and their expressions (count,)."""
    from scratchnet.fer.faces import generate_faces

    made = generate_faces(count, np.random.default_rng(0))
    return made.images.reshape(count, -1).astype(np.float64), made.labels


@cache
def clouds(n: int, d: int, K: int) -> tuple[Array, Array]:
    """n samples (n, d) in K overlapping clouds, and their labels (n,)."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, K, n)
    mix = rng.standard_normal((d, d)) / np.sqrt(d) + np.eye(d)
    return rng.standard_normal((n, d)) @ mix + rng.standard_normal((K, d))[labels], labels


def furthest(one: Array, other: Array) -> float:
    """The largest difference of two arrays."""
    return float(np.abs(one - other).max())


# -- PCA and LDA ----------------------------------------------------------------------------------


def _pca(X: Array, n_components: float | None) -> Duel:
    from sklearn.decomposition import PCA as Peer

    def variances(kind: Any) -> Array:
        found = kind(n_components, random_state=0).fit(X).explained_variance_ratio_
        return np.asarray(found)

    return Duel(
        lambda: PCA(n_components, random_state=0).fit(X),
        lambda: Peer(n_components, random_state=0).fit(X),
        lambda: furthest(variances(PCA), variances(Peer)),
    )


@case("PCA", "2,000 × 2,304 faces, 100 axes", bar=0.95)
def _(shrink: int) -> Duel:
    return _pca(faces(2000 // shrink)[0], 100 // shrink)


@case("PCA", "400 × 2,304 faces, 95 % of variance", bar=0.95)
def _(shrink: int) -> Duel:
    return _pca(faces(2000 // shrink)[0][: 400 // shrink], 0.95)


@case("PCA", "20,000 × 200, 50 axes", bar=0.95)
def _(shrink: int) -> Duel:
    return _pca(clouds(20_000 // shrink, 200, 7)[0], 50)


@case("PCA", "1,000 × 300, all axes", bar=0.95)
def _(shrink: int) -> Duel:
    return _pca(clouds(1000 // shrink, 300, 7)[0], None)


def _lda(X: Array, y: Array) -> Duel:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis as Peer

    ours, theirs = LinearDiscriminantAnalysis(), Peer()
    return Duel(
        lambda: ours.fit(X, y),
        lambda: theirs.fit(X, y),
        lambda: furthest(ours.fit(X, y).predict_proba(X), theirs.fit(X, y).predict_proba(X)),
    )


@case("LDA", "20,000 × 100, 7 classes", bar=0.95)
def _(shrink: int) -> Duel:
    return _lda(*clouds(20_000 // shrink, 100, 7))


@case("LDA", "2,000 × 300, 7 classes", bar=0.95)
def _(shrink: int) -> Duel:
    return _lda(*clouds(2000 // shrink, 300, 7))


@case("LDA", "400 × 2,304 faces, 7 classes", bar=0.95)
def _(shrink: int) -> Duel:
    X, y = faces(2000 // shrink)
    return _lda(X[: 400 // shrink], y[: 400 // shrink])


# -- baselines ------------------------------------------------------------------------------------


def _k_nearest(X: Array, y: Array, queries: Array) -> Duel:
    from sklearn.neighbors import KNeighborsClassifier as Peer

    ours, theirs = KNeighborsClassifier().fit(X, y), Peer(algorithm="brute").fit(X, y)
    return Duel(
        lambda: ours.predict(queries),
        lambda: theirs.predict(queries),
        lambda: furthest(ours.predict_proba(queries), theirs.predict_proba(queries)),
    )


@case("k nearest", "2,000 of 5,000 × 50, k = 5")
def _(shrink: int) -> Duel:
    X, y = clouds(5000 // shrink, 50, 7)
    return _k_nearest(X, y, X[: 2000 // shrink] + 0.1)


@case("k nearest", "400 of 1,600 × 2,304 faces, k = 5")
def _(shrink: int) -> Duel:
    X, y = faces(2000 // shrink)
    known = 1600 // shrink
    return _k_nearest(X[:known], y[:known], X[known:])


@case("k-means", "10,000 × 50, 50 centres, given starts")
def _(shrink: int) -> Duel:
    """The same first centres, so that both go the same way."""
    from sklearn.cluster import KMeans as Peer

    X, _ = clouds(10_000 // shrink, 50, 7)
    starts = X[: 50 // shrink]
    ours = KMeans(len(starts), init=starts)
    theirs = Peer(len(starts), init=starts, n_init=1, algorithm="lloyd")
    return Duel(
        lambda: ours.fit(X),
        lambda: theirs.fit(X),
        lambda: furthest(ours.fit(X).cluster_centers_, theirs.fit(X).cluster_centers_),
    )


def _logistic_regression(X: Array, y: Array) -> Duel:
    from sklearn.linear_model import LogisticRegression as Peer

    ours, theirs = LogisticRegression(), Peer(solver="newton-cg", tol=1e-8, max_iter=1000)
    return Duel(
        lambda: ours.fit(X, y),
        lambda: theirs.fit(X, y),
        lambda: furthest(ours.fit(X, y).predict_proba(X), theirs.fit(X, y).predict_proba(X)),
    )


@case("logistic regression", "5,000 × 100, 7 classes")
def _(shrink: int) -> Duel:
    return _logistic_regression(*clouds(5000 // shrink, 100, 7))


@case("logistic regression", "20,000 × 50, 2 classes")
def _(shrink: int) -> Duel:
    return _logistic_regression(*clouds(20_000 // shrink, 50, 2))


@case("MLP", "1,000 × 60, batch 1, 5 epochs")
def _(shrink: int) -> Duel:
    """Their random numbers differ, and so do their answers: how far accuracies are apart."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier as Peer

    X, y = clouds(1000 // shrink, 60, 7)
    X = (X / X.std(axis=0)).astype(np.float32)  # > both then work in float32
    ours = MLPClassifier((50,), max_iter=5, random_state=0)
    theirs = Peer(
        (50,), activation="tanh", solver="sgd", alpha=0.0, batch_size=1, learning_rate_init=0.001,
        momentum=0.5, nesterovs_momentum=False, max_iter=5, n_iter_no_change=5, random_state=0,
    )  # fmt: skip
    warnings.simplefilter("ignore", ConvergenceWarning)  # > five epochs are what is asked for
    return Duel(
        lambda: ours.fit(X, y),
        lambda: theirs.fit(X, y),
        lambda: abs(ours.fit(X, y).score(X, y) - theirs.fit(X, y).score(X, y)),
    )


# -- support vector machines ----------------------------------------------------------------------


def _svc(X: Array, y: Array, **options: Any) -> Duel:
    from sklearn.svm import SVC as Peer

    ours, theirs = SVC(**options), Peer(**options)
    some = X[:500]

    def decisions(model: Any) -> Array:
        return np.asarray(model.fit(X, y).decision_function(some))

    return Duel(
        lambda: ours.fit(X, y),
        lambda: theirs.fit(X, y),
        lambda: furthest(decisions(ours), decisions(theirs)),
    )


@case("SVC", "5,000 × 100, rbf, 2 classes", bar=1.0)
def _(shrink: int) -> Duel:
    return _svc(*clouds(5000 // shrink, 100, 2))


@case("SVC", "5,000 × 100, rbf, noisy, C = 10", bar=1.0)
def _(shrink: int) -> Duel:
    X, y = clouds(5000 // shrink, 100, 2)
    return _svc(X, np.where(np.arange(len(y)) % 10, y, 1 - y), C=10.0)


@case("SVC", "2,000 × 2,304 faces, rbf, 7 classes")
def _(shrink: int) -> Duel:
    return _svc(*faces(2000 // shrink))


@case("linear SVC", "20,000 × 100, 2 classes, C = 0.01")
def _(shrink: int) -> Duel:
    from sklearn.svm import LinearSVC as Peer

    X, y = clouds(20_000 // shrink, 100, 2)
    y = np.where(np.arange(len(y)) % 10, y, 1 - y)
    ours, theirs = LinearSVC(C=0.01), Peer(C=0.01, dual=True, random_state=0)
    return Duel(
        lambda: ours.fit(X, y),
        lambda: theirs.fit(X, y),
        lambda: furthest(ours.fit(X, y).coef_, theirs.fit(X, y).coef_),
    )


# -- Gabor filters and boosting -------------------------------------------------------------------


@case("Gabor", "40 filters, one face of 48 × 48", peer="skimage", bar=3.0)
def _(shrink: int) -> Duel:
    """One face only: the peer takes more than a second for it, ours less a face the more."""
    from skimage.filters import gabor

    X = faces(2000 // shrink)[0][:1]
    image = X.reshape(48, 48)
    bank = GaborBank(dc_free=False).fit(X)
    kappa = np.sqrt(2 * np.log(2)) * (2**bank.bandwidth + 1) / (2**bank.bandwidth - 1)

    def theirs() -> Array:
        space = np.zeros((40, 48, 48), np.complex128)
        for k, (f, theta) in enumerate(zip(bank.frequencies_, bank.thetas_, strict=True)):
            sigma = kappa / (2 * np.pi * f)
            size = {"sigma_x": sigma, "sigma_y": sigma / bank.aspect}
            real, imaginary = gabor(image, f, theta, mode="reflect", **size)
            space[k] = real + 1j * imaginary
        return space

    return Duel(
        lambda: bank.responses(image[None]),
        theirs,
        lambda: furthest(bank.responses(image[None])[0], theirs()),
    )


@case("AdaBoost", "2,000 × 300, 7 classes, 20 stumps")
def _(shrink: int) -> Duel:
    from sklearn.ensemble import AdaBoostClassifier as Peer

    X, y = clouds(2000 // shrink, 300, 7)
    X = X.astype(np.float32).astype(np.float64)  # > the peer's trees round to float32
    ours, theirs = AdaBoostClassifier(20), Peer(n_estimators=20)
    return Duel(
        lambda: ours.fit(X, y),
        lambda: theirs.fit(X, y),
        lambda: furthest(ours.fit(X, y).predict_proba(X), theirs.fit(X, y).predict_proba(X)),
    )


# -- measuring ------------------------------------------------------------------------------------


def measure(one: Case, options: argparse.Namespace, table: Table) -> None:
    duel = one.make(options.shrink)
    calls = {"ours": duel.ours, "theirs": duel.theirs}
    found = interleaved(calls, options.rounds, options.minutes, one.algorithm)
    ours, theirs = (1e3 * found.median(name) for name in calls)
    ratio = found.ratio("theirs", "ours")
    table.add(
        *(one.algorithm, one.data, one.peer, ours, theirs, ratio, one.bar, duel.apart()),
        str(found),
    )


def figure(rows: Sequence[tuple[Any, ...]], path: Path) -> None:
    """A bar for each case: how many times as fast as its peer; a tick where the promise is."""
    from scratchnet.visualize.figure import blank_figure, headline, save_figure, tidy
    from scratchnet.visualize.palette import INK, OKABE_ITO

    names = [f"{algorithm}: {data}" for algorithm, data, *_ in rows][::-1]
    drawing = blank_figure(9, 1.0 + 0.34 * len(rows))
    axes = drawing.add_subplot()
    axes.barh(names, [row[5] for row in rows][::-1], height=0.62, color=OKABE_ITO[0])
    for place, row in enumerate(rows[::-1]):
        if row[6] is not None:
            axes.vlines(row[6], place - 0.42, place + 0.42, color=INK, linewidth=2)
    axes.set_xlabel("times as fast as its peer; the stroke is what is promised")
    tidy(axes, grid="x")
    headline(drawing, "Classical algorithms, side by side with their peers")
    save_figure(drawing, path)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = sorted({one.algorithm for one in CASES})
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument(
        "--shrink", type=int, default=1, help="divide the numbers of samples by it, for a glance"
    )
    add_options(parser, rounds=7, minutes=2)
    options = parser.parse_args(arguments)
    threads = check_options(parser, options)
    if options.only and not set(options.only) <= set(names):
        parser.error(f"--only expects some of {', '.join(names)}; got {' '.join(options.only)}")
    if not 1 <= options.shrink <= 20:
        parser.error(f"--shrink expects 1 to 20, got {options.shrink}")
    if find_spec("threadpoolctl") is None:
        parser.exit(1, "This compares with scikit-learn: pip install scikit-learn\n")
    from threadpoolctl import threadpool_limits

    print(f"{threads} threads each, medians of quiet rounds, milliseconds")
    table = Table(
        algorithm="20", data="36", peer="8", ours=">9.1f", theirs=">9.1f", ratio=">6.2f",
        bar=">5.2f", apart=">8.1e", rounds="",
    )  # fmt: skip
    with threadpool_limits(limits=threads):
        for one in CASES:
            if options.only and one.algorithm not in options.only:
                continue
            if find_spec(one.peer) is None:
                print(f"{one.algorithm}, {one.data}: left out, {one.peer} is not installed")
                continue
            measure(one, options, table)
    if options.csv:
        table.write_csv(options.csv)
    if options.figure:
        figure(table.rows, options.figure)


if __name__ == "__main__":
    main()
