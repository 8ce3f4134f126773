"""One stage: boosted until it keeps nearly all positives, and lets few of the negatives pass.

After each weak classifier, the sums of all positives decide the threshold, and that one the false
alarms:

    threshold       the largest that keeps a share of `hit_rate` of the positives
    false alarms    share of the negatives with  sum ≥ threshold

**All positives** are those that came as far as this stage, boosted with or not: the others of the
pool are Viola and Jones's validation set, for which the stage was not made.

**The exact threshold.** Detection rounds it twice, θ(t) = f32(f32(t) − f32(0.00001)), and rejects a
window if its sum is below θ(t). So what is written is the largest single t with θ(t) ≤ the lowest
sum to be kept. The sums are the detector's: leaves in single precision, added in double, in order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar import ops
from haar.boosting import ALGORITHMS, boost
from haar.cascade import Cascade, Stage, WeakClassifier
from haar.feature_pool import FeaturePool
from haar.strip import Strip, Windows
from haar.tables import STAGE_MARGIN
from haar.training_events import Boosting, Observer

f32 = np.float32


class Goal(NamedTuple):
    """Of one stage."""

    hit_rate: float
    false_alarms: float
    max_weak: int


class Method(NamedTuple):
    """How all stages are boosted."""

    pool: FeaturePool
    algorithm: str
    depth: int
    trim: float
    memory: float
    threads: int


class Outcome(NamedTuple):
    """A stage whose nodes name features of the pool, and whom it lets pass."""

    stage: Stage
    positives: NDArray[np.bool_]  # (NP,)
    negatives: NDArray[np.bool_]  # (NN,)


def train_stage(
    number: int,
    positives: Strip,
    sample: NDArray[np.int64],
    negatives: Windows,
    goal: Goal,
    method: Method,
    observer: Observer,
) -> Outcome:
    """Boost a stage.

    Args:
        number: of the stage, for the observer.
        positives: (NP) all that came as far as this stage; `sample` are those to boost with.
        negatives: (NN, h, w).

    Raises:
        ValueError: no feature tells any two of the samples apart.
    """
    pool = method.pool
    strip = Strip(np.concatenate((positives[sample].windows, negatives)), pool)
    face = np.arange(len(strip)) < len(sample)
    others = np.setdiff1d(np.arange(len(positives)), sample)
    rest = positives[others]
    search = ops.split_search(pool, strip, method.memory, method.threads)
    algorithm = ALGORITHMS[method.algorithm](face)

    weak: list[WeakClassifier] = []
    positive_sums, negative_sums = np.zeros(len(positives)), np.zeros(len(negatives))
    threshold = 0.0
    for tree, outputs in boost(strip, pool, search, algorithm, method.depth, method.trim):
        if weak and tree == weak[-1]:  # it tells the whole sample apart: nothing more to learn
            break
        weak.append(tree)
        positive_sums[sample] += outputs[face]
        positive_sums[others] += rest.outputs(tree, pool)
        negative_sums += outputs[~face]
        threshold = stage_threshold(lowest_kept(positive_sums, goal.hit_rate))
        hits = (positive_sums >= effective(threshold)).mean()
        false_alarms = (negative_sums >= effective(threshold)).mean()
        observer(Boosting(number, len(weak), goal.max_weak, float(hits), float(false_alarms)))
        if false_alarms <= goal.false_alarms or len(weak) >= goal.max_weak:
            break
    if not weak:
        raise ValueError(
            f"stage {number}: no feature tells any positive from any negative; "
            "are the backgrounds free of the object?"
        )
    theta = effective(threshold)
    stage = Stage(threshold, tuple(weak))
    return Outcome(stage, positive_sums >= theta, negative_sums >= theta)


# -- the threshold --------------------------------------------------------------------------------


def lowest_kept(sums: NDArray[np.float64], hit_rate: float) -> np.float64:
    """The lowest sum, when ⌊(1 − hit_rate)·n⌋ of n may be lost."""
    lost = int((1 - hit_rate) * len(sums) + 1e-9)  # (1 − 0.9)·10 is 0.9999999999999998
    lost = min(lost, len(sums) - 1)
    return np.partition(sums, lost)[lost]


def effective(threshold: float | np.float32) -> np.float32:
    """What detection compares with: θ(t)."""
    return f32(f32(threshold) - STAGE_MARGIN)


def stage_threshold(lowest: np.float64) -> float:
    """The largest single t with θ(t) ≤ lowest, which has to be double to be compared as such.

    θ grows with t, so t is found by bisection of all singles, by their numbers. (To walk there
    from lowest + 0.00001 takes thousands of millions of steps where that is almost zero.)
    """
    under, over = -_INFINITY, _INFINITY
    while over - under > 1:
        middle = (under + over) // 2
        if effective(_single(middle)) <= lowest:
            under = middle
        else:
            over = middle
    return float(_single(under))


_INFINITY = int(f32(np.inf).view(np.int32))


def _single(number: int) -> np.float32:
    """The single of this number: 0 is zero, and the next above it has the next number."""
    magnitude = np.int32(abs(number)).view(f32)
    return magnitude if number >= 0 else -magnitude


# -- a cascade of the stages ----------------------------------------------------------------------


def assemble(pool: FeaturePool, stages: list[Stage]) -> Cascade:
    """A cascade with the features that its stages use, in the order of the pool."""
    used = sorted({node.feature for stage in stages for weak in stage.weak for node in weak.nodes})
    new = {feature: i for i, feature in enumerate(used)}
    renumbered = tuple(
        stage._replace(weak=tuple(_renumber(weak, new) for weak in stage.weak)) for stage in stages
    )
    features: Any = tuple(pool[feature] for feature in used)
    return Cascade(pool.width, pool.height, pool.feature_type, renumbered, features)


def _renumber(weak: WeakClassifier, new: dict[int, int]) -> WeakClassifier:
    return weak._replace(
        nodes=tuple(node._replace(feature=new[node.feature]) for node in weak.nodes)
    )
