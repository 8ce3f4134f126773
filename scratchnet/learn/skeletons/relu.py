"""ReLU: what is positive passes, everything else becomes 0.

    y  = max(x, 0)
    dx = dy where x > 0, else 0             at x = 0 there is no slope; take 0

    x, y, dx, dy: any shape, all the same

dy says by how much the loss L grows for each unit that an entry of y grows; dx says it for x.
Read docs/activations.md. Try your own: python -m doctest relu.py; then
python -m scratchnet learn check relu.py
"""

import numpy as np

EXERCISE = "relu"


def relu_forward(x: np.ndarray) -> np.ndarray:
    """y, of x's shape.

    >>> relu_forward(np.array([2.0, -1.0, 0.0])).tolist()
    [2.0, 0.0, 0.0]
    """
    raise NotImplementedError


def relu_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """dx, from the upstream gradient and what forward was given.

    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([2.0, -1.0, 0.0])).tolist()
    [5.0, 0.0, 0.0]
    """
    raise NotImplementedError
