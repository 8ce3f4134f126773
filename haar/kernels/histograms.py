"""Histograms of weights over the bytes of all features, and the score of the best cut in each.

A cut between two bins is a cut between two values, so no score is overestimated. A cut of LBP codes
is one in their order by likeness to faces. `haar.splits` has the formulas of the scores.

**Four features at once.** A sample costs one word, one weight, and four additions that do not wait
for each other.

**Whole numbers.** Weights are rounded to 2³⁰ths of all the weight: sums of integers depend on no
order, and an addition in memory takes one cycle instead of four.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from haar.kernels.bare import bare
from haar.kernels.jit import kernel
from haar.kernels.parallel import next_ticket
from haar.kernels.values import BINS, BLOCK, fill_words

SHARE = 64
"""Blocks that a thread takes at once."""
SQUARES, ERRORS, BOUND = range(3)
"""Criteria."""


class Heavy(NamedTuple):
    """The samples that weigh anything, and their weights in whole numbers."""

    samples: NDArray[np.int32]
    weights: NDArray[np.int32]


@kernel
def add_weights(words, samples, weights, histograms):
    """histograms[k, bin of feature k] += weight, of four features."""
    first, second, third, fourth = histograms[0], histograms[1], histograms[2], histograms[3]
    byte = np.uint32(255)
    for i in range(len(samples)):
        word, weight = words[samples[i]], weights[i]
        first[np.uint64(word & byte)] += weight
        second[np.uint64(word >> np.uint32(8) & byte)] += weight
        third[np.uint64(word >> np.uint32(16) & byte)] += weight
        fourth[np.uint64(word >> np.uint32(24))] += weight


@kernel
def sort_by_likeness(P, N, kind):
    """The bins in the order of their likeness to faces, as for LBP; returns sorted copies."""
    unlike = np.empty(BINS, np.float64)
    for b in range(BINS):
        total = np.float64(P[b]) + np.float64(N[b])
        unlike[b] = np.float64(N[b]) - np.float64(P[b])
        if total <= 0:
            unlike[b] = np.inf
        elif kind != ERRORS:
            unlike[b] /= total
    order = np.argsort(unlike)
    return P[order], N[order]


@kernel
def best_score(P, N, kind, left_P, left_N, scores):
    """The score of the best cut between two bins."""
    p, n = np.int32(0), np.int32(0)
    for b in range(BINS):
        p += P[b]
        n += N[b]
        left_P[b], left_N[b] = np.float32(p), np.float32(n)
    all_P, all_N, one = left_P[BINS - 1], left_N[BINS - 1], np.float32(1)
    for b in range(BINS - 1):
        P_left, N_left = left_P[b], left_N[b]
        P_right, N_right = all_P - P_left, all_N - N_left
        if kind == SQUARES:
            left, right = P_left - N_left, P_right - N_right
            scores[b] = left * left / max(P_left + N_left, one)
            scores[b] += right * right / max(P_right + N_right, one)
        elif kind == ERRORS:
            scores[b] = max(P_left + N_right, N_left + P_right)
        else:
            left = np.sqrt(P_left) - np.sqrt(N_left)
            right = np.sqrt(P_right) - np.sqrt(N_right)
            scores[b] = left * left + right * right
    best = np.float32(0)
    for b in range(BINS - 1):
        best = max(best, scores[b])
    return best


@kernel
def score_blocks(ticket, features, kept, faces, others, kind, best):
    """best[f] of every feature; `faces` and `others` are `Heavy`."""
    M = features.table.shape[1]
    values, spare = np.empty(M, np.float32), np.empty(M, np.uint32)
    P, N = np.empty((BLOCK, BINS), np.int32), np.empty((BLOCK, BINS), np.int32)
    left_P, left_N = np.empty(BINS, np.float32), np.empty(BINS, np.float32)
    scores = np.empty(BINS, np.float32)
    blocks = (len(best) + BLOCK - 1) // BLOCK
    counter = bare(ticket)
    while True:
        first = SHARE * next_ticket(counter)
        if first >= blocks:
            break
        for block in range(first, min(first + SHARE, blocks)):
            words = spare
            if block < len(kept):
                words = kept[block]
            else:
                fill_words(block, features, values, spare)
            P[:], N[:] = np.int32(0), np.int32(0)
            add_weights(words, faces.samples, faces.weights, P)
            add_weights(words, others.samples, others.weights, N)
            for k in range(min(BLOCK, len(best) - BLOCK * block)):
                p, n = P[k], N[k]
                if features.is_lbp:
                    p, n = sort_by_likeness(p, n, kind)
                best[BLOCK * block + k] = best_score(p, n, kind, left_P, left_N, scores)
