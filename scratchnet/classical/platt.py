"""From the decision values of support vector machines to probabilities.

One machine: a sigmoid fitted to its decision values f (Platt)

    p = P(y = 1 | f) = 1 / (1 + exp(z)),  z = A f + B
    minimise  F(A, B) = -Σ t log p + (1 - t) log(1 - p) = Σ t z + log(1 + exp(-z))
    t = (N₊ + 1) / (N₊ + 2) where y = 1,  1 / (N₋ + 2) elsewhere: as if each class had one more
    dF = Σ (t - p) (f, 1)            ddF = Σ p (1 - p) (f, 1) (f, 1)ᵀ

F is convex: Newton's method, each step halved until F falls enough. In this form of F nothing
overflows and nothing cancels.

Many classes: r_ij = P(i | i or j) of each pair, coupled to one distribution p (Wu, Lin and Weng)

    minimise  Σ_i Σ_j≠i (r_ji p_i - r_ij p_j)²  subject to Σ p = 1
    solved by ⎡Q  1⎤ ⎡p⎤ = ⎡0⎤      Q_ii = Σ_s≠i r_si²,   Q_ij = -r_ji r_ij
              ⎣1ᵀ 0⎦ ⎣b⎦   ⎣1⎦

If the r_ij contradict each other nowhere, p_i / (p_i + p_j) = r_ij.

Sources: Platt, "Probabilistic outputs for support vector machines", 1999; Lin, Lin and Weng, "A
note on Platt's probabilistic outputs for support vector machines", 2007; Wu, Lin and Weng,
"Probability estimates for multi-class classification by pairwise coupling", 2004, second approach.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NEWTON_STEPS = 100
SMALL_GRADIENT = 1e-5
SMALL_STEP = 1e-10
RIDGE = 1e-12
"""Added to the second derivatives, so that equal decision values still give a step."""
LEAST = 1e-7
"""No pair of classes is taken to be more certain than this."""


def fit_sigmoid(decisions: Array, positive: Array) -> tuple[float, float]:
    """A and B from the decision values (n,) of samples that are positive or not, (n,) bool."""
    f, n_positive = np.asarray(decisions, np.float64), int(np.count_nonzero(positive))
    n_negative = len(f) - n_positive
    t = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))

    def F(A: float, B: float) -> float:
        z = A * f + B
        return float(np.sum(t * z + np.logaddexp(0, -z)))

    A, B = 0.0, float(np.log((n_negative + 1) / (n_positive + 1)))
    value = F(A, B)
    for _ in range(NEWTON_STEPS):
        p = sigmoid(f, A, B)
        gradient = np.array([np.sum(f * (t - p)), np.sum(t - p)])
        if np.abs(gradient).max() < SMALL_GRADIENT:
            break
        w = p * (1 - p)
        cross = np.sum(f * w)
        hessian = np.array([[np.sum(f * f * w) + RIDGE, cross], [cross, np.sum(w) + RIDGE]])
        direction = -np.linalg.solve(hessian, gradient)
        step, slope = 1.0, float(gradient @ direction)
        while step >= SMALL_STEP:
            next_A, next_B = A + step * float(direction[0]), B + step * float(direction[1])
            next_value = F(next_A, next_B)
            if next_value < value + 1e-4 * step * slope:
                break
            step /= 2
        else:
            break  # as low as rounding lets us see
        A, B, value = next_A, next_B, next_value
    return A, B


def sigmoid(decisions: Array, A: float | Array, B: float | Array) -> Array:
    """p = 1 / (1 + exp(A f + B)) for decision values f of any shape."""
    return np.exp(-np.logaddexp(0, A * decisions + B))


def couple(r: Array) -> Array:
    """p (n, K) from r (n, K, K), r[:, i, j] = P(i | i or j), r_ij + r_ji = 1; r_ii is not read."""
    n, K, _ = r.shape
    r = np.clip(r, LEAST, 1 - LEAST)
    diagonal = np.arange(K)
    r[:, diagonal, diagonal] = 0
    system = np.ones((n, K + 1, K + 1), np.float64)
    system[:, :K, :K] = -r * r.transpose(0, 2, 1)
    system[:, diagonal, diagonal] = np.sum(r * r, axis=1)
    system[:, K, K] = 0
    right = np.zeros((n, K + 1, 1), np.float64)
    right[:, K] = 1
    p = np.maximum(np.linalg.solve(system, right)[:, :K, 0], 0)
    return p / p.sum(axis=1, keepdims=True)
