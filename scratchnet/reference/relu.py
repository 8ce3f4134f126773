"""The rectified linear unit, defined.

y  = max(x, 0)
dx = dy where y > 0, else 0        so ReLU'(0) = 0
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def relu_forward(x: Array) -> Array:
    """y, of x's shape."""
    return np.maximum(x, 0)


def relu_backward(dy: Array, y: Array) -> Array:
    """dx, from forward's result."""
    return np.where(y > 0, dy, 0)
