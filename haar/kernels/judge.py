"""One window through one stage, to the last bit: the definition, for what is too close to call.

The vector kernels decide nearly everything in cheaper arithmetic that is known to be near enough
(`lowering`). What they leave open comes here, and so do the sums of the accepted windows.

    value = f32(f32(f32(w₀·s₀ + w₁·s₁) + w₂·s₂) · scale)      sum = Σ leaves, in double, in order
"""

from __future__ import annotations

import numpy as np

from haar.kernels.corners import PLACES
from haar.kernels.jit import kernel


@kernel
def _rectangle(wide, p, places, k):
    a, b = wide[p + places[k]], wide[p + places[k + 1]]
    c, d = wide[p + places[k + 2]], wide[p + places[k + 3]]
    return np.int32(a - b - c + d)  # wraps at 32 bits


@kernel
def _goes_left(node, p, scale, wide, places, tables):
    weights, i, k = tables.weights, 3 * np.int64(tables.node_feature[node]), PLACES * node
    value = weights[i] * np.float32(_rectangle(wide, p, places, k))
    value = value + weights[i + 1] * np.float32(_rectangle(wide, p, places, k + 4))
    if weights[i + 2] != 0:
        value = value + weights[i + 2] * np.float32(_rectangle(wide, p, places, k + 8))
    return value * scale < tables.node_threshold[node]


@kernel
def _in_subset(node, p, wide, places, tables):
    k = PLACES * node
    centre = _block(wide, p, places, k, 1, 1)
    code = 0
    for j, i in ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)):
        code = 2 * code + (_block(wide, p, places, k, j, i) >= centre)
    return tables.node_subset[8 * node + code // 32] >> (code % 32) & 1 != 0


@kernel
def _block(wide, p, places, k, j, i):
    """The block in row j, column i of the 3 × 3: its corners stand in four rows of four."""
    k += 4 * j + i
    a, b = wide[p + places[k]], wide[p + places[k + 1]]
    c, d = wide[p + places[k + 4]], wide[p + places[k + 5]]
    return np.int32(a - b - c + d)


@kernel
def stage_sum(s, p, scale, wide, places, tables, is_lbp):
    """The sum of stage s in the window that begins at p on the desk; float64."""
    total = 0.0
    for t in range(tables.stage_start[s], tables.stage_start[s + 1]):
        root = np.int64(tables.node_start[t])
        child = np.int64(0)
        while True:
            node = root + child
            if is_lbp:
                left = _in_subset(node, p, wide, places, tables)
            else:
                left = _goes_left(node, p, scale, wide, places, tables)
            child = np.int64(tables.node_left[node] if left else tables.node_right[node])
            if child <= 0:
                break
        total += np.float64(tables.leaf[tables.leaf_start[t] - child])
    return total
