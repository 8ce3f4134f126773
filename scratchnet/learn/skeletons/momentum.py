"""Gradient descent with momentum: a ball that rolls downhill, with friction.

    v ← mu · v + dw             the velocity adds up gradients, and forgets
    w ← w − lr · v              the step

    w, dw, velocity v: any shape, all the same      lr the learning rate      mu from 0 to 1

Nothing is changed in place: return new arrays.

Read docs/optimizers.md. Try your own: python -m doctest momentum.py; then
python -m scratchnet learn check momentum.py
"""

import numpy as np

EXERCISE = "momentum"


def momentum_step(
    w: np.ndarray, dw: np.ndarray, velocity: np.ndarray, lr: float, mu: float
) -> tuple[np.ndarray, np.ndarray]:
    """The new w and the new velocity.

    >>> w, v = momentum_step(np.array([3.0]), np.array([4.0]), np.array([2.0]), lr=0.5, mu=0.5)
    >>> w.tolist(), v.tolist()
    ([0.5], [5.0])
    """
    raise NotImplementedError
