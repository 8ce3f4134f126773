"""Shrinkage: a covariance of few samples, pulled towards a ball so that it can be inverted.

    C = Aᵀ A / n                              A = X - mean, (n, d)
    shrunk = (1 - s) C + s μ 1                μ = tr C / d, the mean variance;   0 <= s <= 1

The estimate of the s with the least expected squared error, after Ledoit and Wolf:

    δ = ‖C - μ 1‖² / d                        how far C is from the ball
    β = (Σ_i |a_i|⁴ / n - ‖C‖²) / (n d)       how far C is from the truth, by its rows' scatter
    s = min(β, δ) / δ                         ‖·‖ Frobenius

Sources: Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance matrices",
2004, section 3.2; Friedman, "Regularized discriminant analysis", 1989.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def pooled_covariance(X: Array, labels: Array, priors: Array, shrinkage: float | str) -> Array:
    """Σ_k priors_k · (shrunk covariance of class k), (d, d).

    Args:
        shrinkage: s, or "auto": Ledoit and Wolf's, for each class by itself, and of features
            scaled to variance 1, so that one in metres counts as much as one in millimetres.

    Raises:
        ValueError: another s.
    """
    given = None if isinstance(shrinkage, str) else float(shrinkage)
    if shrinkage != "auto" and (given is None or not 0 <= given <= 1):
        raise ValueError(f'shrinkage expects None, "auto" or 0 to 1, got {shrinkage!r}')
    d = X.shape[1]
    pooled = np.zeros((d, d), np.float64)
    for k, prior in enumerate(priors):
        A = X[labels == k]
        A = A - A.mean(axis=0)
        pooled += prior * (_scaled_ledoit_wolf(A) if given is None else shrunk(A, given))
    return pooled


def shrunk(A: Array, s: float) -> Array:
    """(1 - s) C + s μ 1 of centred rows A (n, d)."""
    n, d = A.shape
    C = A.T @ A / n
    mu = np.trace(C) / d
    C *= 1 - s
    C.flat[:: d + 1] += s * mu
    return C


def ledoit_wolf(A: Array) -> float:
    """The estimate of the best s, of centred rows A (n, d); 0 for one feature."""
    n, d = A.shape
    squares = np.einsum("nd,nd->n", A, A)  # |a_i|²
    mu = squares.sum() / (n * d)
    # ‖AᵀA‖ = ‖AAᵀ‖: the smaller product will do
    C_squared = float(((A.T @ A if d <= n else A @ A.T) ** 2).sum()) / n**2
    delta = C_squared / d - mu**2
    beta = ((squares**2).sum() / n - C_squared) / (n * d)
    return 0.0 if d == 1 or delta <= 0 else float(np.clip(beta / delta, 0.0, 1.0))


def _scaled_ledoit_wolf(A: Array) -> Array:
    deviations = A.std(axis=0)
    deviations[deviations == 0] = 1.0
    scaled = A / deviations
    return shrunk(scaled, ledoit_wolf(scaled)) * np.outer(deviations, deviations)
