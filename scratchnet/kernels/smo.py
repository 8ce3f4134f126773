"""Sequential minimal optimisation in two passes a step; `scratchnet.reference.smo` defines it.

    partner   j, from the row of i:        (g_i - g_k)² / a_ik over low
    move      g ← g - λ (K_i - K_j), and while g is at hand the next i and its gap

A pass goes LANES numbers at a time, and each lane keeps its own largest: lane l that of the numbers
l, l + LANES, l + 2 LANES, ... No lane waits for another, so the loops become vectors. Where the
largest of all stands is looked up in its lane alone. The operations on each number are those of
the reference, in the same order, none fused: the bits are the same.
"""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.jit import kernel

TAU = 1e-12
LANES = 256


@kernel(inline="always")
def _curvature(K_ii, K_kk, K_ik):
    a = K_ii + K_kk - 2 * np.float64(K_ik)
    return a if a > 0 else TAU


@kernel(inline="always")
def _promise(g_i, g_k, falls, a_ik):
    ahead = g_i - g_k
    promise = ahead * ahead / a_ik
    return promise if falls & (ahead > 0) else -np.inf


@kernel(inline="always")
def _last_of_lane(lane, n):
    return lane + (n - 1 - lane) // LANES * LANES


@kernel
def _move_lanes(beta, g, A, B, K_i, K_j, step, highest, lowest):
    for k in range(len(g)):
        g[k] -= step * (np.float64(K_i[k]) - np.float64(K_j[k]))
        rising = g[k] if beta[k] < B[k] else -np.inf
        falling = g[k] if beta[k] > A[k] else np.inf
        highest[k] = rising if rising > highest[k] else highest[k]
        lowest[k] = falling if falling < lowest[k] else lowest[k]


@kernel
def _move(beta, g, A, B, K_i, K_j, step):
    """g -= step (K_i - K_j); then i, the gap, or (0, -inf) if nothing can rise or nothing fall."""
    n = len(g)
    highest, lowest = np.full(LANES, -np.inf), np.full(LANES, np.inf)
    for start in range(0, n, LANES):
        s = slice(start, min(start + LANES, n))
        _move_lanes(beta[s], g[s], A[s], B[s], K_i[s], K_j[s], step, highest, lowest)
    high, low = highest.max(), lowest.min()
    if high == -np.inf or low == np.inf:
        return 0, -np.inf
    i = -1
    for lane in range(LANES):
        if highest[lane] == high:
            k = _last_of_lane(lane, n)
            while not (g[k] == high and beta[k] < B[k]):
                k -= LANES
            i = max(i, k)
    return i, high - low


@kernel
def _partner_lanes(beta, g, A, diagonal, K_i, g_i, K_ii, most):
    for k in range(len(g)):
        a = _curvature(K_ii, diagonal[k], K_i[k])
        promise = _promise(g_i, g[k], beta[k] > A[k], a)
        most[k] = promise if promise > most[k] else most[k]


@kernel
def _partner(beta, g, A, diagonal, K_i, i):
    """The k in low that promises most; there is one, because the gap is above 0."""
    n, g_i, K_ii = len(g), g[i], diagonal[i]
    most = np.full(LANES, -np.inf)
    for start in range(0, n, LANES):
        s = slice(start, min(start + LANES, n))
        _partner_lanes(beta[s], g[s], A[s], diagonal[s], K_i[s], g_i, K_ii, most)
    best, j = most.max(), -1
    for lane in range(LANES):
        if most[lane] == best:
            k = _last_of_lane(lane, n)
            while best != _promise(
                g_i, g[k], beta[k] > A[k], _curvature(K_ii, diagonal[k], K_i[k])
            ):
                k -= LANES
            j = max(j, k)
    return j


@kernel
def smo_steps(beta, g, A, B, diagonal, rows, slot, used, clock, tolerance, steps):
    """Take up to `steps` steps: (steps taken, k whose row is needed or -1, gap)."""
    taken = 0
    i, gap = _move(beta, g, A, B, rows[0], rows[0], 0.0)
    while gap > tolerance and taken < steps:
        if slot[i] < 0:
            return taken, i, gap
        used[slot[i]] = clock + taken + 1
        K_i = rows[slot[i]]
        j = _partner(beta, g, A, diagonal, K_i, i)
        if slot[j] < 0:
            return taken, j, gap
        used[slot[j]] = clock + taken + 1
        K_j = rows[slot[j]]

        wish = (g[i] - g[j]) / _curvature(diagonal[i], diagonal[j], K_i[j])
        room_i, room_j = B[i] - beta[i], beta[j] - A[j]
        step = min(wish, room_i, room_j)
        beta[i] = B[i] if step == room_i else beta[i] + step
        beta[j] = A[j] if step == room_j else beta[j] - step
        i, gap = _move(beta, g, A, B, K_i, K_j, step)
        taken += 1
    return taken, -1, gap
