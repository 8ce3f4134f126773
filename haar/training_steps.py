"""The steps of training a cascade: negatives, a stage, negatives, a stage, …

    for each stage:
        positives   those of the pool that all stages so far accept; a random sample to boost with
        negatives   windows of the backgrounds that all stages so far accept, found by the detector
        boost       one weak classifier after the other, until at a threshold that keeps
                    `hit_rate` of the positives at most `false_alarms` of the negatives pass

Each stage learns from the mistakes of those before it. Hits multiply to hit_rateᵏ, false alarms to
false_alarmsᵏ; most windows cost no more than the features of the first stages.

**The pool.** A positive that a stage rejects is lost for good: no later stage can bring it back, so
none should learn from it. If there are more positives than a stage is boosted with, others of the
pool take the place of the lost ones, and the threshold is chosen on all that are left; if not, the
stages simply have fewer and fewer.

**The negatives** that a stage wrongly accepts go on to the next one; mining adds as many as are
missing, and goes on where it stood. Both have passed all stages so far.

Viola, Jones, "Rapid object detection using a boosted cascade of simple features" (2001), section 4;
the pool and the stopping rules are like those of OpenCV's opencv_traincascade.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from haar.cascade import Cascade
from haar.mining import Quarry, mine
from haar.strip import Strip, Windows, accept_all
from haar.training_events import (
    ALL_STAGES,
    NO_NEGATIVES,
    RATE_REACHED,
    Finished,
    Mining,
    Observer,
    Trained,
)
from haar.training_stage import Goal, Method, assemble, train_stage
from haar.training_state import State

FEWEST = 10
"""Positives, and negatives, that make a stage."""
SHORTAGE = 4
"""A stage is still trained with a quarter of the negatives that it should have."""


class Plan(NamedTuple):
    """What is wanted of all stages."""

    goals: list[Goal]
    positives: int  # of each stage, at most
    negatives: int
    passes: int  # of each stage through the backgrounds, at most
    rate: float  # of false alarms, at which training ends


def train_steps(
    state: State,
    positives: Windows,
    quarry: Quarry,
    method: Method,
    plan: Plan,
    observer: Observer,
) -> Iterator[State]:
    """The whole of training: the state after each step that is worth keeping."""
    pool = Strip(positives, method.pool)
    cascade = accept_all(method.pool)
    if state.stages:
        cascade = assemble(method.pool, list(state.stages))
    pool = pool[pool.accepted(cascade)]
    reason = ALL_STAGES
    for k in range(len(state.stages), len(plan.goals)):
        if len(pool) < FEWEST:
            raise ValueError(
                f"stage {k} expects at least {FEWEST} positives, {len(pool)} of {len(positives)} "
                "are left (those without contrast are never detected); bring more, or keep more "
                "of them with a higher hit_rate"
            )
        if not state.ready:
            state = _find_negatives(state, cascade, quarry, plan, observer)
            reason = _reason_to_end(state, quarry, plan)
            if reason != ALL_STAGES:
                break
            yield state
        rng = np.random.default_rng((quarry.seed, k))
        sample = np.sort(rng.permutation(len(pool))[: plan.positives])
        outcome = train_stage(k, pool, sample, state.negatives, plan.goals[k], method, observer)
        trained = Trained(
            k, len(outcome.stage.weak), len(sample), len(state.negatives),
            float(outcome.positives.mean()), float(outcome.negatives.mean()),
            state.accepted, state.seen,
        )  # fmt: skip
        pool = pool[outcome.positives]
        left = state.negatives[outcome.negatives]
        state = State(state.seed, left, (*state.stages, outcome.stage), state.place)
        cascade = assemble(method.pool, list(state.stages))
        yield state
        observer(trained)
    observer(Finished(len(state.stages), reason))


def _find_negatives(
    state: State, cascade: Cascade, quarry: Quarry, plan: Plan, observer: Observer
) -> State:
    """The negatives that are left, and as many new ones as are missing."""
    left, stage = len(state.negatives), len(state.stages)

    def report(found: int, seen: int) -> None:
        observer(Mining(stage, left + found, plan.negatives, seen))

    wanted = plan.negatives - left
    catch = mine(cascade, quarry, state.place, wanted, plan.passes, plan.rate, report)
    return state._replace(
        negatives=np.concatenate((state.negatives, catch.windows)),
        place=catch.place,
        ready=True,
        accepted=catch.accepted,
        seen=catch.seen,
    )


def _reason_to_end(state: State, quarry: Quarry, plan: Plan) -> str:
    """Why there is no further stage, when its negatives were searched; ALL_STAGES: there is one.

    Raises:
        ValueError: there are too few for the first.
    """
    if state.stages and state.seen and state.accepted <= plan.rate * state.seen:
        return RATE_REACHED
    if len(state.negatives) >= max(FEWEST, plan.negatives / SHORTAGE):
        return ALL_STAGES
    if state.stages:
        return NO_NEGATIVES
    raise ValueError(
        f"backgrounds expects pictures with at least {plan.negatives} windows of contrast, "
        f"found {len(state.negatives)} of {quarry.width}×{quarry.height} pixels; bring "
        "more or larger ones, or ask for fewer negatives_per_stage"
    )
