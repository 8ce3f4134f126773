"""Dual coordinate descent for a linear support vector machine, defined: one pass over the samples.

    minimise over α    D(α) = ½|w|² + ½ Σ r_k α_k² - Σ α_k,   0 ≤ α_k ≤ U_k
                       w = Σ y_k α_k x_k, kept up to date
    one coordinate     dα_k = y_k wᵀx_k - 1 + r_k α_k
                       α_k ← α_k - dα_k / (|x_k|² + r_k), clipped to 0 … U_k
                       w  ← w + (change of α_k) y_k x_k
    violation          dα_k, but min(dα_k, 0) at α_k = 0, max(dα_k, 0) at α_k = U_k
    shrinking          α_k = 0 and dα_k > high, or α_k = U_k and dα_k < low: k is left out

    hinge              U_k = C_k, r_k = 0
    squared hinge      U_k = ∞,   r_k = 1 / (2 C_k)

A pass costs one reading of X: no kernel, no matrix. X (n, D), w (D,); alpha, signs y, U, ridge r
and curvature |x_k|² + r_k are (n,); all float64.

Source: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for
large-scale linear SVM", 2008, algorithms 1 and 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def coordinate_descent_pass(
    X: Array, signs: Array, alpha: Array, w: Array, U: Array, ridge: Array, curvature: Array,
    order: Array, high: float, low: float,
) -> tuple[int, float, float]:  # fmt: skip
    """Visit the samples in `order` (m,); changes alpha, w, and `order`: those kept come first.

    Returns:
        How many are kept, and the largest and the smallest violation among them.
    """
    kept, most, least = 0, -np.inf, np.inf
    left_out = []
    for k in order.copy():
        dalpha = signs[k] * (w @ X[k]) - 1 + ridge[k] * alpha[k]
        if (alpha[k] == 0 and dalpha > high) or (alpha[k] == U[k] and dalpha < low):
            left_out.append(k)
            continue
        order[kept] = k
        kept += 1
        violation = dalpha
        if alpha[k] == 0:
            violation = min(dalpha, 0.0)
        elif alpha[k] == U[k]:
            violation = max(dalpha, 0.0)
        most, least = max(most, violation), min(least, violation)
        if violation != 0:
            before = alpha[k]
            alpha[k] = min(max(before - dalpha / curvature[k], 0.0), U[k])
            w += (alpha[k] - before) * signs[k] * X[k]
    order[kept:] = left_out
    return kept, float(most), float(least)
