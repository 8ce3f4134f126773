"""Newton's method for a smooth convex function, with conjugate gradients for the linear systems.

    H step = -g                 g gradient, H curvature, at the present place
    W ← W + t step              t = 1, ½, ¼, … until  F falls by at least 10⁻⁴ t (-g·step)
    CG ends at                  |residual| <= min(0.1, √|g|) |g|            in D's norm
    the end                     max |g| <= tol; or -g·step is less than F's own rounding

CG's bound makes the convergence superlinear: few, rough products with H far from the minimum.
CG is preconditioned by D = diag(H), so that features of different sizes do not slow it down.

Source: Nocedal & Wright, "Numerical Optimization", 2nd ed., algorithms 7.1 (line-search
Newton-CG), 5.3 (preconditioned CG) and 3.1 (backtracking).
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PRODUCTS = 500
"""At most so many products with H for a step."""


class Objective(Protocol):
    """A function of an array of `shape`; `at` evaluates it, the rest is of that place."""

    shape: tuple[int, int]

    def at(self, W: Array) -> float: ...
    def gradient(self) -> Array: ...
    def curvature(self, V: Array) -> Array: ...
    def diagonal(self) -> Array: ...


def minimise(objective: Objective, tol: float, max_iter: int) -> tuple[Array, int, bool]:
    """(W, steps, converged), from W = 0."""
    W = np.zeros(objective.shape, np.float64)
    F = objective.at(W)
    for steps in range(max_iter):
        g = objective.gradient()
        if np.abs(g).max() <= tol:
            return W, steps, True
        step = conjugate_gradients(objective, g)
        slope = float(np.vdot(g, step))
        rounding = 8 * np.finfo(np.float64).eps * abs(F)
        if -slope <= rounding:  # F cannot tell W from W + step
            return W + step, steps + 1, True
        for halvings in range(40):
            t = 0.5**halvings
            tried = objective.at(W + t * step)
            if tried <= F + 1e-4 * t * slope + rounding:
                break
        else:
            return W, steps, False
        W, F = W + t * step, tried
    return W, max_iter, bool(np.abs(objective.gradient()).max() <= tol)


def conjugate_gradients(objective: Objective, g: Array) -> Array:
    """step with H step ≈ -g; always downhill."""
    D = objective.diagonal()
    D = np.where(D > 0, D, 1.0)
    step, residual = np.zeros_like(g), -g
    z = residual / D
    direction, rz = z, np.vdot(residual, z)
    size = np.sqrt(rz)
    enough = min(0.1, np.sqrt(size)) * size
    for _ in range(PRODUCTS):
        Hd = objective.curvature(direction)
        bend = np.vdot(direction, Hd)
        if bend <= 0:  # flat: rounding is all that is left
            break
        alpha = rz / bend
        step = step + alpha * direction
        residual = residual - alpha * Hd
        z = residual / D
        rz, before = np.vdot(residual, z), rz
        if np.sqrt(rz) <= enough:
            break
        direction = z + (rz / before) * direction
    return step if step.any() else -g / D
