"""Training: an attentional cascade out of faces and backgrounds.

    cascade = haar.train_cascade(faces, backgrounds, rng=np.random.default_rng(0), folder="run")
    cascade.save("mine.xml")

Here is the function that people call, and what it makes of its arguments; the way of training is
in `haar.training_steps`, a single stage in `haar.training_stage`.

Viola, Jones, "Rapid object detection using a boosted cascade of simple features" (2001), section 4.

Chapter: docs/cascade_training.md
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haar import ops
from haar.boosting import ALGORITHMS
from haar.cascade import Cascade
from haar.detector import check_factor, check_whole
from haar.feature_pool import FeaturePool
from haar.mining import Quarry
from haar.training_events import Boosting, Event, Finished, Mining, Observer, Trained, ignore
from haar.training_stage import Goal, Method, assemble
from haar.training_state import State, digest, load_state, save_state
from haar.training_steps import FEWEST, Plan, train_steps

__all__ = ["Boosting", "Event", "Finished", "Mining", "Observer", "Trained", "train_cascade"]


def train_cascade(
    positives: NDArray[np.uint8],
    backgrounds: Sequence[Any],
    *,
    rng: np.random.Generator,
    stages: int = 20,
    hit_rate: float | Sequence[float] = 0.995,
    false_alarms: float | Sequence[float] = 0.5,
    overall_false_alarms: float | None = None,
    max_weak: int | Sequence[int] = 200,
    positives_per_stage: int = 5000,
    negatives_per_stage: int = 5000,
    algorithm: str = "gentle",
    depth: int = 1,
    features: str = "basic",
    trim: float = 0.95,
    scale_factor: float = 1.1,
    passes: int = 32,
    folder: str | os.PathLike[str] | None = None,
    observer: Observer | None = None,
    memory: float = 2e9,
    threads: int | None = None,
) -> Cascade:
    """Train a cascade whose window has the size of the positives.

    Args:
        positives: (N, h, w) uint8, grey: the pool.
        backgrounds: pictures without a face, of any sizes, as for `Cascade.detect`: a list, or
            anything with a length and [i] that reads a picture when it is wanted.
        rng: all chance comes from it; the same seed gives the same cascade, on any number of
            threads.
        stages: at most so many.
        hit_rate: share of the positives that each stage keeps, at least.
        false_alarms: share of its negatives that each stage lets pass, at most. A list in place of
            one number is for the first stages, its last number for all further ones; so in
            `hit_rate` and `max_weak`.
        overall_false_alarms: training ends when fewer background windows than this share are
            accepted; None: the product of the stages' false alarms.
        max_weak: weak classifiers of a stage, at most; then it goes on with what it has.
        positives_per_stage, negatives_per_stage: to boost with, at most.
        algorithm: "gentle", "discrete" (Viola and Jones), "real" or "logit".
        depth: 1 for stumps, which ask about one feature; 2 and more for trees ("discrete": 1 only).
        features: "basic", "core", "all" (`haar.shapes`) or "lbp".
        trim: weak classifiers are chosen by the heaviest samples that make this share of the
            weight.
        scale_factor: of the detector in its search for negatives.
        passes: how often a stage goes through all backgrounds, at most; each time they are
            mirrored, turned and scaled differently.
        folder: progress is kept here after every stage, and a training that was interrupted goes
            on from there, to the same file byte for byte; `cascade.xml` in it is the cascade so
            far. None: nothing is kept.
        observer: is called with each event: `haar.training_events`.
        memory: bytes for the features' values; more samples than fit are slower, not worse.
        threads: None is one for each core.

    Raises:
        TypeError, ValueError: an argument is not as described; too few positives are left for a
            stage, or the backgrounds have too few windows for the first; the folder has a training
            of other samples or settings.
    """
    method = _method(positives, features, algorithm, depth, trim, memory, threads)
    goals = _goals(stages, hit_rate, false_alarms, max_weak)
    rate = overall_false_alarms
    if rate is None:
        rate = float(np.prod([goal.false_alarms for goal in goals]))
    elif not 0 <= rate <= 1:
        raise ValueError(f"overall_false_alarms expects a share, 0 to 1, got {rate!r}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng expects a numpy.random.Generator, got {rng!r}")
    check_whole(positives_per_stage, "positives_per_stage", FEWEST)
    check_whole(negatives_per_stage, "negatives_per_stage", FEWEST)
    check_whole(passes, "passes", 1)
    if not len(backgrounds):
        raise ValueError("backgrounds expects at least one grey picture, got none")
    settings: dict[str, Any] = {
        "hit_rate": _listed(hit_rate), "false_alarms": _listed(false_alarms),
        "max_weak": _listed(max_weak), "positives_per_stage": int(positives_per_stage),
        "negatives_per_stage": int(negatives_per_stage), "algorithm": algorithm,
        "depth": int(depth), "features": features, "trim": float(trim),
        "scale_factor": check_factor(scale_factor), "passes": int(passes),
        "positives": digest(positives), "backgrounds": len(backgrounds),
    }  # fmt: skip

    seed = int(rng.integers(2**62))
    none = np.zeros((0, *positives.shape[1:]), np.uint8)
    state, home = State(seed, none), None if folder is None else Path(folder)
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        state = load_state(home, settings) or state
    quarry = Quarry(
        backgrounds, method.pool.width, method.pool.height, settings["scale_factor"], state.seed,
        method.threads,
    )  # fmt: skip
    plan = Plan(goals, int(positives_per_stage), int(negatives_per_stage), int(passes), rate)
    steps = train_steps(state, positives, quarry, method, plan, observer or ignore)
    for state in steps:
        if home is not None:
            save_state(home, state, settings)
            if state.stages:
                assemble(method.pool, list(state.stages)).save(home / "cascade.xml")
    return assemble(method.pool, list(state.stages))


# -- arguments ------------------------------------------------------------------------------------


def _method(
    positives: Any,
    features: str,
    algorithm: str,
    depth: int,
    trim: float,
    memory: float,
    threads: int | None,
) -> Method:
    shape, dtype = getattr(positives, "shape", None), getattr(positives, "dtype", None)
    if shape is None or len(shape) != 3 or dtype != np.uint8:
        raise TypeError(f"positives expects (N, h, w) uint8, got {shape} of {dtype}")
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm expects one of {', '.join(ALGORITHMS)}, got {algorithm!r}")
    check_whole(depth, "depth", 1)
    if algorithm == "discrete" and depth != 1:
        raise ValueError(f"discrete AdaBoost expects stumps, depth 1, got {depth}; choose 'gentle'")
    if not 0 <= memory < np.inf:
        raise ValueError(f"memory expects a number of bytes, 0 or more, got {memory!r}")
    if not 0 < trim <= 1:
        raise ValueError(f"trim expects a share above 0, at most 1, got {trim!r}")
    count = ops.default_threads() if threads is None else check_whole(threads, "threads", 1)
    pool = FeaturePool(features, shape[2], shape[1])
    return Method(pool, algorithm, depth, trim, memory, count)


def _goals(stages: int, hit_rate: Any, false_alarms: Any, max_weak: Any) -> list[Goal]:
    """One of each stage; the last number of a list is for all further ones."""
    check_whole(stages, "stages", 1)
    for name, shares in (("hit_rate", hit_rate), ("false_alarms", false_alarms)):
        for share in _listed(shares):
            if not 0 < share <= 1:
                raise ValueError(f"{name} expects shares above 0, at most 1, got {share!r}")
    for number in _listed(max_weak):
        check_whole(number, "max_weak", 1)
    columns = [_listed(numbers) for numbers in (hit_rate, false_alarms, max_weak)]
    return [Goal(*(each[min(k, len(each) - 1)] for each in columns)) for k in range(stages)]


def _listed(numbers: Any) -> list[Any]:
    listed = np.atleast_1d(numbers).tolist()
    if not listed:
        raise ValueError("a list of goals expects a number for the first stage, got none")
    return listed
