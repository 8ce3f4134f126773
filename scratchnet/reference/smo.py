"""Sequential minimal optimisation, defined: two coefficients at a time, until none gains any more.

    maximise     W(β) = pᵀβ - ½ βᵀKβ       A ≤ β ≤ B,  Σβ stays what it is
    gradient     g = p - Kβ
    may rise     up  = {k: β_k < B_k}       may fall    low = {k: β_k > A_k}

    i    the k in up  of largest g_k
    gap  g_i - min g_k over low             W is at its maximum where gap ≤ 0
    j    the k in low of largest (g_i - g_k)² / a_ik,  of those with g_k < g_i
    a_ik = K_ii + K_kk - 2 K_ik             how W curves as β_i rises and β_k falls
    λ    = min((g_i - g_j) / a_ij,  B_i - β_i,  β_j - A_j)
    step β_i ← β_i + λ,   β_j ← β_j - λ,   g ← g - λ (K_i - K_j)

If nothing were in the way, the step would raise W by (g_i - g_j)² / 2 a_ij: j is the partner that
promises most (second-order selection). A kernel that is no inner product may have a_ik ≤ 0; TAU
stands in for it. Then W has several maxima, and which of them is reached depends on the path. Of
equal candidates the last counts, as in libsvm: so the path is libsvm's, step for step.

n coefficients: beta, g, A, B, diagonal (K_kk) and slot are (n,). K_k is rows[slot[k], :n], float32;
slot[k] = -1 says that this row has to be computed first.

Sources: Platt 1998; Fan, Chen and Lin, "Working set selection using second order information for
training support vector machines", 2005 (WSS 2); signs as in Bottou and Lin, "Support vector machine
solvers", 2007: β = yα, so that no y is left in any formula.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TAU = 1e-12


def _last_argmax(a: Array) -> int:
    """Where the largest number is; the last of equal ones."""
    return len(a) - 1 - int(np.argmax(a[::-1]))


def smo_steps(
    beta: Array, g: Array, A: Array, B: Array, diagonal: Array, rows: Array, slot: Array,
    used: Array, clock: int, tolerance: float, steps: int,
) -> tuple[int, int, float]:  # fmt: skip
    """Take up to `steps` steps; changes beta and g, and notes in `used` when a row was read.

    Args:
        used: (slots,) int64, for each row the number of the last step that read it.
        clock: how many steps were taken before.
        tolerance: a gap that counts as none.

    Returns:
        The steps taken, the k whose row is needed to go on (or -1), and the gap. The search is
        over if no row is needed and gap ≤ tolerance.
    """
    n, taken = len(g), 0
    while True:
        up, low = beta < B, beta > A
        if not up.any() or not low.any():
            return taken, -1, -np.inf
        i = _last_argmax(np.where(up, g, -np.inf))
        gap = float(g[i] - g[low].min())
        if gap <= tolerance or taken == steps:
            return taken, -1, gap
        if slot[i] < 0:
            return taken, i, gap
        used[slot[i]] = clock + taken + 1
        K_i = rows[slot[i], :n].astype(np.float64)

        a = diagonal[i] + diagonal - 2 * K_i
        a = np.where(a > 0, a, TAU)
        promise = np.where(low & (g < g[i]), (g[i] - g) * (g[i] - g) / a, -np.inf)
        j = _last_argmax(promise)
        if slot[j] < 0:
            return taken, j, gap
        used[slot[j]] = clock + taken + 1
        K_j = rows[slot[j], :n].astype(np.float64)

        wish, room_i, room_j = (g[i] - g[j]) / a[j], B[i] - beta[i], beta[j] - A[j]
        step = min(wish, room_i, room_j)
        beta[i] = B[i] if step == room_i else beta[i] + step  # exactly on the bound, or off it
        beta[j] = A[j] if step == room_j else beta[j] - step
        g -= step * (K_i - K_j)
        taken += 1
