"""Boosting: many weak classifiers, each chosen where those before it fail.

In every round the samples have weights; a small tree h, most often a stump, is chosen for them; and
then the samples that it gets wrong weigh more. The strong classifier is the sum of all h.

    DISCRETE    ε = Σ w over the wrong ones      β = ε / (1 − ε)      α = ln (1 / β)
                h = α on the side of the faces, 0 on the other;  a face if  Σ h ≥ ½ Σ α
                w ← w · β for the right ones, then w ← w / Σ w
                Viola and Jones (2001), table 1; Freund and Schapire (1997)

    with y = +1 for faces, −1 for all others, and in every leaf of a tree:

    GENTLE      h = Σ w y / Σ w                  least squares to y
                w ← w · exp(−y h), normalised
                Friedman, Hastie, Tibshirani, "Additive logistic regression" (2000), algorithm 4;
                OpenCV's default

    REAL        h = ½ ln (P / N)                 P, N: weight of the faces and of the others
                w ← w · exp(−y h), normalised
                Schapire and Singer (1999); Friedman et al., algorithm 2

    LOGIT       p = 1 / (1 + exp(−2 Σ h))        probability of a face, so far
                w = p (1 − p),  z = (y* − p) / w,  h = ½ Σ w z / Σ w         y* = 1 or 0
                Newton steps of the likelihood; |z| ≤ 4; Friedman et al., algorithm 3

Both classes begin with half of the weight, so that it does not matter how many samples of each
there are.

**Trimming.** After some rounds most samples weigh next to nothing. A tree is chosen without the
lightest ones that together make less than 1 − trim of the weight; none is lost, its weight still
goes on changing. (Friedman et al., section 9.)

Chapter: docs/cascade_training.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Node, WeakClassifier
from haar.feature_pool import FeaturePool
from haar.splits import SplitSearch, Weights
from haar.strip import Strip

Faces = NDArray[np.bool_]

LARGEST_RESPONSE = 4.0
"""|z| of LogitBoost: Friedman et al. recommend 2 to 4."""
SMALLEST_ERROR = 1e-6
"""ε of a weak classifier that makes no error: α stays below 14."""


class Boosting(Protocol):
    """What one of the four algorithms is: the weights, and what follows from them."""

    criterion: str
    """Of the splits: `haar.splits`."""
    weights: Weights
    """(N,) of the samples, in this round."""

    def shares(self) -> tuple[Weights, Weights]:
        """P and N, (N,): what each sample weighs as a face, and as something else."""

    def leaves(self, P: Weights, N: Weights) -> Weights:
        """The values of a tree's leaves, (L,), with the weights that arrive in each."""

    def update(self, output: Weights) -> None:
        """Weigh the samples anew; `output` (N,) is the leaf of each."""


def balanced(face: Faces) -> Weights:
    """1 / 2m for each of the m non-faces, 1 / 2l for each of the l faces."""
    faces = int(face.sum())
    return np.where(face, 0.5 / max(faces, 1), 0.5 / max(len(face) - faces, 1))


def as_either(weights: Weights, face: Faces) -> tuple[Weights, Weights]:
    return np.where(face, weights, 0.0), np.where(face, 0.0, weights)


# -- the algorithms -------------------------------------------------------------------------------


class DiscreteAdaBoost:
    """Viola and Jones's own; for stumps."""

    criterion = "errors"

    def __init__(self, face: Faces) -> None:
        self.face, self.weights = face, balanced(face)

    def shares(self) -> tuple[Weights, Weights]:
        return as_either(self.weights, self.face)

    def leaves(self, P: Weights, N: Weights) -> Weights:
        left_is_face = P[0] + N[1] > N[0] + P[1]
        votes = np.array([left_is_face, not left_is_face])
        error = max(np.where(votes, N, P).sum() / (P.sum() + N.sum()), SMALLEST_ERROR)
        alpha = np.log((1 - error) / error)
        return np.where(votes, alpha, 0.0)

    def update(self, output: Weights) -> None:
        beta = np.exp(-output.max())
        right = (output > 0) == self.face
        self.weights = np.where(right, self.weights * beta, self.weights)
        self.weights /= self.weights.sum()


class GentleAdaBoost:
    """Least squares in place of logarithms: no leaf is larger than 1, no sample shouts."""

    criterion = "squares"

    def __init__(self, face: Faces) -> None:
        self.face, self.weights = face, balanced(face)
        self.y = np.where(face, 1.0, -1.0)

    def shares(self) -> tuple[Weights, Weights]:
        return as_either(self.weights, self.face)

    def leaves(self, P: Weights, N: Weights) -> Weights:
        return (P - N) / (P + N)

    def update(self, output: Weights) -> None:
        self.weights = self.weights * np.exp(-self.y * output)
        self.weights /= self.weights.sum()


class RealAdaBoost(GentleAdaBoost):
    """A leaf is as large as it is sure: half of the logarithm of its odds."""

    criterion = "bound"

    def leaves(self, P: Weights, N: Weights) -> Weights:
        smooth = 1 / len(self.weights)  # lest a pure leaf be infinite (Schapire, Singer, 4.2)
        return 0.5 * np.log((P + smooth) / (N + smooth))


class LogitBoost:
    """Each round is one Newton step of logistic regression."""

    criterion = "squares"

    def __init__(self, face: Faces) -> None:
        self.face, self.prior = face, balanced(face)
        self.total = np.zeros(len(face))
        self.update(np.zeros(len(face)))

    def shares(self) -> tuple[Weights, Weights]:
        """P − N is w·z and P + N is w, so that `squares` is least squares to z."""
        z = (self.face - self.p) / (self.p * (1 - self.p))
        z = np.clip(z, -LARGEST_RESPONSE, LARGEST_RESPONSE)
        return self.weights * (1 + z) / 2, self.weights * (1 - z) / 2

    def leaves(self, P: Weights, N: Weights) -> Weights:
        return 0.5 * (P - N) / (P + N)

    def update(self, output: Weights) -> None:
        self.total += output
        self.p = np.clip(1 / (1 + np.exp(-2 * self.total)), 1e-9, 1 - 1e-9)
        self.weights = self.prior * self.p * (1 - self.p)


ALGORITHMS: dict[str, Any] = {
    "discrete": DiscreteAdaBoost,
    "gentle": GentleAdaBoost,
    "real": RealAdaBoost,
    "logit": LogitBoost,
}


# -- rounds ---------------------------------------------------------------------------------------


def boost(
    strip: Strip,
    pool: FeaturePool,
    search: SplitSearch,
    algorithm: Boosting,
    depth: int = 1,
    trim: float = 1.0,
) -> Iterator[tuple[WeakClassifier, Weights]]:
    """One weak classifier after the other, and its outputs for all samples (N,).

    It ends when no feature tells any two samples apart. Nodes name features of the pool.

    Args:
        strip: the samples.
        search: of splits on this strip: `ops.split_search(pool, strip, memory, threads)`.
        algorithm: made of which samples are faces.
        depth: questions on the way to a leaf, at most.
        trim: share of the weight that chooses.
    """
    while True:
        chosen = heaviest(algorithm.weights, trim)
        P, N = algorithm.shares()
        tree = grow(strip, pool, search, algorithm, chosen, P, N, depth)
        if tree is None:
            return
        outputs = strip.outputs(tree, pool)
        algorithm.update(outputs)
        yield tree, outputs


def heaviest(weights: Weights, trim: float) -> NDArray[np.int64]:
    """The samples that make a share of `trim` of the weight, or little more; ascending."""
    order = np.argsort(weights, kind="stable")
    light = np.cumsum(weights[order]) < (1 - trim) * weights.sum()
    return np.sort(order[~light])


def grow(
    strip: Strip,
    pool: FeaturePool,
    search: SplitSearch,
    algorithm: Boosting,
    chosen: NDArray[np.int64],
    P: Weights,
    N: Weights,
    depth: int,
) -> WeakClassifier | None:
    """The tree of the best splits, level after level; None if there is none at all.

    A branch ends at its depth, or where all samples are of one kind.
    """
    nodes: list[Node] = []
    leaves: list[NDArray[np.int64]] = []  # the samples that arrive
    level = [(-1, chosen)]  # (which child of which node it is: 2·node + side, samples)
    for _ in range(depth):
        below: list[tuple[int, NDArray[np.int64]]] = []
        for child, here in level:
            pure = child >= 0 and not (P[here].any() and N[here].any())
            split = None if pure else search(here, P[here], N[here], algorithm.criterion)
            if split is None:
                _attach(nodes, child, -len(leaves))
                leaves.append(here)
                continue
            _attach(nodes, child, len(nodes))
            node = Node(split.feature, split.threshold, 0, 0, split.subset)
            left = strip[here].goes_left(node, pool[split.feature])
            below += [(2 * len(nodes), here[left]), (2 * len(nodes) + 1, here[~left])]
            nodes.append(node)
        level = below
    for child, here in level:
        _attach(nodes, child, -len(leaves))
        leaves.append(here)
    if not nodes:
        return None
    values = algorithm.leaves(*(np.array([each[here].sum() for here in leaves]) for each in (P, N)))
    return WeakClassifier(tuple(nodes), tuple(np.float32(value).item() for value in values))


def _attach(nodes: list[Node], child: int, to: int) -> None:
    """Let one side of a node lead on to a node (positive) or to a leaf."""
    if child >= 0:
        at, side = divmod(child, 2)
        nodes[at] = nodes[at]._replace(right=to) if side else nodes[at]._replace(left=to)
