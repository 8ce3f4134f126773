"""The weights of a convolution with small groups, as those of one with groups of whole vectors.

Neighbouring groups become one, which has zeros where a filter does not see a channel: for filters
of two groups, a and b,

    W = ⎡a⎤    →    ⎡a 0⎤
        ⎣b⎦         ⎣0 b⎦

The products then do more than they must, as many times as groups were merged; on vectors that is
less than what small matrices cost.
"""

from __future__ import annotations

import numpy as np

from scratchnet.kernels.simd import LANES
from scratchnet.layers.base import Array

MOST = 16
"""Groups that are merged at most: with more, what the products do in vain is too much."""


def mergers(C: int, F: int, groups: int) -> int | None:
    """How many neighbours to merge: until a group is whole vectors, or the only one."""
    for merged in range(1, min(groups, MOST) + 1):
        rest = C // groups * merged % LANES + F // groups * merged % LANES
        if groups % merged == 0 and (rest == 0 or merged == groups):
            return merged
    return None


def on_diagonal(W: Array, groups: int, merged: int) -> Array:
    """W (F, C/groups, KH, KW) with so many groups merged: (F, merged·C/groups, KH, KW)."""
    if merged == 1:
        return W
    F, CG, KH, KW = W.shape
    blocks = np.zeros((groups // merged, merged, F // groups, merged, CG, KH, KW), W.dtype)
    i = np.arange(merged)
    blocks[:, i, :, i] = W.reshape(*blocks.shape[:3], CG, KH, KW).swapaxes(0, 1)
    return blocks.reshape(F, merged * CG, KH, KW)


def off_diagonal(W: Array, groups: int, merged: int) -> Array:
    """The other way round; what is not on the diagonal is dropped."""
    F, C, KH, KW = W.shape
    blocks = W.reshape(groups // merged, merged, F // groups, merged, C // merged, KH, KW)
    i = np.arange(merged)
    return blocks[:, i, :, i].swapaxes(0, 1).reshape(F, C // merged, KH, KW)
