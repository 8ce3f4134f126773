"""Splits: the one question about one feature that tells weighted faces and non-faces apart best.

A question sends a sample to the left or to the right. With P, N the weight of the faces and of the
non-faces that go left, P', N' of those that go right, a good split has a large

    squares    (P − N)² / (P + N)  +  (P' − N')² / (P' + N')     least squares to y = ±1
    errors     max(P + N', N + P')                               weight of the right answers
    bound      (√P − √N)²  +  (√P' − √N')²                       1 − Z, which bounds the error

`squares` is what Gentle AdaBoost and LogitBoost minimise the rest of, `errors` Viola and Jones,
`bound` Real AdaBoost (Schapire and Singer, 1999, section 4.1).

    Haar    value < threshold goes left: every place between two neighbouring values is tried
    LBP     code in subset goes left: codes are sorted by their likeness to faces, and every place
            between two is tried; one of those is the best subset of all. Likeness is the mean of
            y, (P − N) / (P + N) (Breiman et al., "CART", 1984, theorem 4.5; for squares, W. D.
            Fisher, 1958); for errors, which are sums over the codes, it is P − N

This is the definition, one feature after the other. `haar.kernels.splits` looks at histograms of
all features first, and does this for the few best ones only.

Chapter: docs/cascade_training.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from haar.feature_pool import FeaturePool
from haar.strip import Strip

Array = NDArray[Any]
Weights = NDArray[np.float64]
Criterion = Callable[[Weights, Weights, Weights, Weights], Weights]

CODES = 256
_TINY = 1e-300


class Split(NamedTuple):
    """The best question: `value < threshold`, or `code in subset`."""

    feature: int
    score: float
    threshold: float = 0.0  # a single
    subset: tuple[int, ...] = ()  # as in `haar.cascade.Node`


class SplitSearch(Protocol):
    """Finds the best split of some samples over all features of a pool."""

    def __call__(
        self, chosen: NDArray[np.int64], P: Weights, N: Weights, criterion: str
    ) -> Split | None:
        """The best split of the samples `chosen`; None if no feature tells any two of them apart.

        Args:
            chosen: (M,) their numbers on the strip, ascending.
            P, N: (M,) what each of them weighs as a face, and as a non-face.
            criterion: "squares", "errors" or "bound".
        """
        ...


# -- criteria -------------------------------------------------------------------------------------


def squares(P: Weights, N: Weights, P_right: Weights, N_right: Weights) -> Weights:
    left, right = np.maximum(P + N, _TINY), np.maximum(P_right + N_right, _TINY)
    return np.square(P - N) / left + np.square(P_right - N_right) / right


def errors(P: Weights, N: Weights, P_right: Weights, N_right: Weights) -> Weights:
    return np.maximum(P + N_right, N + P_right)


def bound(P: Weights, N: Weights, P_right: Weights, N_right: Weights) -> Weights:
    roots = [np.sqrt(np.maximum(weight, 0)) for weight in (P, N, P_right, N_right)]
    return np.square(roots[0] - roots[1]) + np.square(roots[2] - roots[3])


CRITERIA: dict[str, Criterion] = {"squares": squares, "errors": errors, "bound": bound}


# -- one feature ----------------------------------------------------------------------------------


def best_cut(
    values: Array, P: Weights, N: Weights, criterion: str
) -> tuple[float, np.float32, np.float32] | None:
    """Score, and the two neighbouring values between which the best cut lies; None if all equal.

    The first of equally good cuts wins.
    """
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    cuts = np.flatnonzero(sorted_values[:-1] < sorted_values[1:])
    if not len(cuts):
        return None
    left_P, left_N = np.cumsum(P[order]), np.cumsum(N[order])
    here = left_P[cuts], left_N[cuts]
    scores = CRITERIA[criterion](*here, left_P[-1] - here[0], left_N[-1] - here[1])
    best = int(np.argmax(scores))
    cut = cuts[best]
    return float(scores[best]), sorted_values[cut], sorted_values[cut + 1]


def between(low: np.float32, high: np.float32) -> np.float32:
    """A single t with low < t ≤ high, so that `value < t` parts the two; the middle, if it can."""
    middle = np.float32((np.float64(low) + np.float64(high)) / 2)
    return middle if middle > low else high


def threshold_split(
    feature: int, values: Array, P: Weights, N: Weights, criterion: str
) -> Split | None:
    """The best threshold of a Haar feature."""
    found = best_cut(values, P, N, criterion)
    if found is None:
        return None
    score, low, high = found
    return Split(feature, score, float(between(low, high)))


def subset_split(
    feature: int, codes: Array, P: Weights, N: Weights, criterion: str
) -> Split | None:
    """The best subset of codes of an LBP feature; codes that no sample has go to the right."""
    faces = np.bincount(codes, P, CODES)
    others = np.bincount(codes, N, CODES)
    present = np.bincount(codes, minlength=CODES) > 0
    likeness = faces - others
    if criterion != "errors":
        likeness = likeness / np.maximum(faces + others, _TINY)
    ranks = np.empty(CODES, np.int64)
    ranks[np.lexsort((-likeness, ~present))] = np.arange(CODES)  # 0: most like a face
    found = best_cut(ranks[codes], P, N, criterion)
    if found is None:
        return None
    score, last, _ = found
    bits = np.packbits(present & (ranks <= last), bitorder="little")
    return Split(feature, score, subset=tuple(bits.view("<i4").tolist()))


def split_search(pool: FeaturePool, strip: Strip, memory: float, threads: int) -> SplitSearch:
    """The definition of the operation `split_search`: every feature, one after the other."""
    best_of = subset_split if pool.feature_type == "lbp" else threshold_split

    def search(chosen: NDArray[np.int64], P: Weights, N: Weights, criterion: str) -> Split | None:
        samples = strip[chosen]
        best: Split | None = None
        for i in range(len(pool)):
            split = best_of(i, samples.values(pool[i]), P, N, criterion)
            if split is not None and (best is None or split.score > best.score):
                best = split
        return best

    return search
