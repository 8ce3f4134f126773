"""Dual coordinate descent, compiled; `scratchnet.reference.coordinate_descent` defines it.

The only work is in two loops over the features of a sample: wᵀx, and w ← w + s x. The order in
which wᵀx is added up is left to the compiler, so results agree with the reference to rounding.
"""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.jit import kernel


@kernel(fastmath={"reassoc", "contract"})
def _product(w, x):
    total = 0.0
    for d in range(len(w)):
        total += w[d] * x[d]
    return total


@kernel
def _add(w, s, x):
    for d in range(len(w)):
        w[d] += s * x[d]


@kernel
def coordinate_descent_pass(X, signs, alpha, w, U, ridge, curvature, order, high, low):
    """Visit the samples in `order`: (how many are kept, largest violation, smallest)."""
    m, kept, gone = len(order), 0, 0
    left_out = np.empty_like(order)
    most, least = -np.inf, np.inf
    for position in range(m):
        k = order[position]
        before = alpha[k]
        dalpha = signs[k] * _product(w, X[k]) - 1 + ridge[k] * before
        if (before == 0 and dalpha > high) or (before == U[k] and dalpha < low):
            left_out[gone] = k
            gone += 1
            continue
        order[kept] = k
        kept += 1
        violation = dalpha
        if before == 0:
            violation = min(dalpha, 0.0)
        elif before == U[k]:
            violation = max(dalpha, 0.0)
        most, least = max(most, violation), min(least, violation)
        if violation != 0:
            alpha[k] = min(max(before - dalpha / curvature[k], 0.0), U[k])
            _add(w, (alpha[k] - before) * signs[k], X[k])
    order[kept:] = left_out[:gone]
    return kept, most, least
