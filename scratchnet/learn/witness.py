"""A witness beside the solution: the slope of L, from forward passes alone.

    L(v) = Σ dy · forward(v)       its slope along one entry of v is that entry's gradient

The five-point quotient and its judgement, kinks included, are those of `scratchnet.gradcheck`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.gradcheck.judge import judge
from scratchnet.gradcheck.report import Verdict
from scratchnet.learn.diagnosis import first_wrong_index
from scratchnet.learn.exercise import Arguments, Array, Loss, Task

SLOPE_RTOL = 1e-7
"""How far a gradient may be from its difference quotient, over its largest entry."""


def slope_at(task: Task, name: str, case: int, got: Any, expected: Array) -> float | None:
    """The difference quotient at the first wrong place; None where L has a kink or no slope."""
    index = first_wrong_index(got, expected)
    if task.slopes is None or index is None:
        return None
    at, loss = task.slopes(*task.cases()[case])[name]
    return difference(loss, at, index, float(expected[index]), _unit(expected))


def difference(
    loss: Loss, at: Array, index: tuple[int, ...], claimed: float, unit: float
) -> float | None:
    """The slope of L along one entry of an array; None where it has a kink."""
    start = loss(at)

    def along(t: float) -> float:
        moved = at.copy()
        moved[index] += t
        return loss(moved) - start

    opinion = judge("smooth", along, claimed, unit, SLOPE_RTOL)
    return None if opinion.verdict is Verdict.INCONCLUSIVE else opinion.numeric


def slope_error(task: Task, cases: list[Arguments], expected: list[tuple[Array, ...]]) -> float:
    """The largest distance of all gradients from their difference quotients, where L is smooth."""
    assert task.slopes is not None
    worst = 0.0
    for case, results in zip(cases, expected, strict=True):
        slopes = task.slopes(*case)
        for name, gradient in zip(task.results, results, strict=True):
            at, loss = slopes[name]
            for index in np.ndindex(gradient.shape):
                slope = difference(loss, at, index, float(gradient[index]), _unit(gradient))
                if slope is not None:
                    worst = max(worst, float(abs(slope - gradient[index])) / _unit(gradient))
    return worst


def _unit(gradient: Array) -> float:
    return float(np.abs(gradient).max(initial=0.0)) or 1.0
