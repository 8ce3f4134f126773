"""Adam: momentum, in steps of one size, both without the bias of their start.

    m ← beta1 · m + (1 − beta1) · dw                running mean of the gradient
    v ← beta2 · v + (1 − beta2) · dw²               running mean of its square
    m̂ = m / (1 − beta1ᵗ)     v̂ = v / (1 − beta2ᵗ)   t = step: 1, 2, 3, …
    w ← w − lr · m̂ / (√v̂ + eps)

    w, dw, m, v: any shape, all the same

m and v are 0 before the first step, so their first means are too small, by exactly what m̂ and v̂
divide by. m̂ and v̂ serve this step only. Nothing is changed in place: return new arrays.

Read docs/optimizers.md. Try your own: python -m doctest adam.py; then
python -m scratchnet learn check adam.py
"""

import numpy as np

EXERCISE = "adam"


def adam_step(
    w: np.ndarray,
    dw: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The new w, m and v.

    >>> w, dw, zero = np.array([3.0]), np.array([4.0]), np.zeros(1)
    >>> w, m, v = adam_step(w, dw, zero, zero, lr=1.0, beta1=0.5, beta2=0.75, eps=0.0, step=1)
    >>> w.tolist(), m.tolist(), v.tolist()
    ([2.0], [2.0], [4.0])
    """
    raise NotImplementedError
