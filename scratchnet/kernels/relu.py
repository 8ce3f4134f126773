"""ReLU on all threads; `scratchnet.reference.relu` defines it.

y = max(x, 0)          dx = dy where y > 0, else 0

NaN stays NaN, as in NumPy: a network that has diverged must not look like one that is silent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out

Array = NDArray[Any]


@kernel
def _forward(share, shares, x, y):
    first, last = x.size * share // shares, x.size * (share + 1) // shares
    source, target = x[first:last], y[first:last]
    zero = x.dtype.type(0)
    for i in range(last - first):
        target[i] = zero if source[i] <= zero else source[i]


@kernel
def _backward(share, shares, dy, y, dx):
    first, last = y.size * share // shares, y.size * (share + 1) // shares
    upstream, gate, target = dy[first:last], y[first:last], dx[first:last]
    zero = y.dtype.type(0)
    for i in range(last - first):
        target[i] = upstream[i] if gate[i] > zero else zero


def relu_forward(x: Array) -> Array:
    """y = max(x, 0), of any shape."""
    y = np.empty(x.shape, x.dtype)
    share_out(_forward, SHARES, np.ascontiguousarray(x).reshape(-1), y.reshape(-1))
    return y


def relu_backward(dy: Array, y: Array) -> Array:
    """dx from dy and the forward's result y."""
    dx = np.empty(y.shape, dy.dtype)
    upstream, gate = np.ascontiguousarray(dy).reshape(-1), np.ascontiguousarray(y).reshape(-1)
    share_out(_backward, SHARES, upstream, gate, dx.reshape(-1))
    return dx
