"""Dropout: in training each value is dropped by chance, so that no unit relies on another.

    mask = 0 with probability rate, else 1 / (1 − rate)
    y    = x · mask   in training              y = x, mask = 1   in evaluation
    dx   = dy · mask

    x, y, mask, dx, dy: any shape, all the same        0 <= rate < 1

So that two programs agree: draw u = rng.random(x.shape) once; what has u < rate is dropped. In
evaluation nothing is drawn.

Read docs/dropout.md. Try your own: python -m doctest dropout.py; then
python -m scratchnet learn check dropout.py
"""

import numpy as np

EXERCISE = "dropout"


def dropout_forward(
    x: np.ndarray, rate: float, rng: np.random.Generator, training: bool
) -> tuple[np.ndarray, np.ndarray]:
    """y and the mask, which is all that backward needs.

    >>> np.random.default_rng(0).random(3).round(2).tolist()
    [0.64, 0.27, 0.04]
    >>> y, mask = dropout_forward(np.array([1.0, 2.0, 3.0]), 0.5, np.random.default_rng(0), True)
    >>> y.tolist(), mask.tolist()
    ([2.0, 0.0, 0.0], [2.0, 0.0, 0.0])
    """
    raise NotImplementedError


def dropout_backward(dy: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """dx.

    >>> dropout_backward(np.array([5.0, 6.0, 7.0]), np.array([2.0, 0.0, 0.0])).tolist()
    [10.0, 0.0, 0.0]
    """
    raise NotImplementedError
