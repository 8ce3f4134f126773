"""One support vector machine: the widest street between two classes, in the space of a kernel.

    minimise    ½|w|² + Σ C_k ξ_k    subject to  y_k (wᵀφ(x_k) + b) ≥ 1 - ξ_k,  ξ_k ≥ 0
    its dual    maximise Σ α - ½ Σ y_k y_l α_k α_l K(x_k, x_l),   0 ≤ α_k ≤ C_k,  Σ y_k α_k = 0
    decision    f(x) = wᵀφ(x) + b = Σ β_k K(x_k, x) + b,   β = yα

The street is where |f| < 1; it is 2 / |w| wide. Samples on its edge or inside (α > 0) are the
support vectors, and no other sample is needed again. ξ_k > 0 is how far a sample stands inside, or
beyond; C_k is its price.

Source: Cortes and Vapnik, "Support-vector networks", 1995.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.classical.kernel_functions import Kernel
from scratchnet.classical.smo import objective, offset, solve

Array = NDArray[Any]

FOLDS = 5


class Machine(NamedTuple):
    """β (n,), b, the dual's value, and how many steps it took."""

    beta: Array
    offset: float
    objective: float
    steps: int


def train(
    kernel: Kernel, X: Array, signs: Array, C: Array, *, tolerance: float, max_steps: int,
    shrinking: bool, megabytes: float,
) -> Machine:  # fmt: skip
    """The machine for samples X (n, D), signs y (n,) of ±1 and prices C (n,).

    Warns:
        RuntimeWarning: `max_steps` were not enough.
    """
    A, B = np.minimum(0, signs * C), np.maximum(0, signs * C)
    solution = solve(
        kernel, X, signs, A, B, np.zeros(len(X), np.float64), tolerance=tolerance,
        max_steps=max_steps, shrinking=shrinking, megabytes=megabytes,
    )  # fmt: skip
    if solution.gap > tolerance:
        warnings.warn(
            f"stopped after {solution.steps} steps with a gap of {solution.gap:.1e}, above "
            f"tol={tolerance}; scale the features to a spread of about 1, or raise max_iter",
            RuntimeWarning,
            stacklevel=4,
        )
    b = offset(solution, A, B)
    return Machine(solution.beta, b, objective(solution, signs), solution.steps)


def decisions_out_of_fold(
    train: Callable[[Array, Array, Array], Machine], kernel: Kernel, X: Array, signs: Array,
    C: Array,
) -> Array:  # fmt: skip
    """f (n,) of each sample by a machine that was trained without it: up to five folds.

    Every fold takes every fifth sample of each sign; both need at least two.
    """
    fold = np.zeros(len(X), np.int64)
    folds = min(FOLDS, int(np.count_nonzero(signs > 0)), int(np.count_nonzero(signs < 0)))
    for mine in (signs > 0, signs < 0):
        fold[mine] = np.arange(np.count_nonzero(mine)) % folds
    f = np.zeros(len(X), np.float64)
    for held_out in range(folds):
        rest, test = fold != held_out, fold == held_out
        machine = train(X[rest], signs[rest], C[rest])
        f[test] = kernel.weighted_sum(X[test], X[rest], machine.beta) + machine.offset
    return f
