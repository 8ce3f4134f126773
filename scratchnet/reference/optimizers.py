"""One step of each optimiser, as its equations read. Everything is changed in place.

    decay      w ← w - (lr · decay) w             first, in every optimiser; decay = 0 is none

    sgd        v ← μ v + dw                       w ← w - lr v
               Nesterov                           w ← w - lr (dw + μ v)
    rmsprop    v ← ρ v + (1-ρ) dw²                w ← w - lr dw / (√v + ε)
    adam       m ← β₁ m + (1-β₁) dw
               v ← β₂ v + (1-β₂) dw²              w ← w - lr m̂ / (√v̂ + ε)
               m̂ = m / (1-β₁ᵗ),  v̂ = v / (1-β₂ᵗ)  t = step, from 1 on

All arrays are one-dimensional, contiguous, of one shape and one dtype; numbers are Python floats.
`scratchnet.optimizers` tells what the equations mean and where they come from;
`scratchnet/kernels/optimizers.py` computes the same in one pass over memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def sgd_step(
    w: Array, dw: Array, velocity: Array, lr: float, momentum: float, nesterov: bool, decay: float
) -> None:
    """One step of stochastic gradient descent with momentum: changes w and velocity."""
    w -= lr * decay * w
    velocity[:] = momentum * velocity + dw
    if nesterov:
        w -= lr * (dw + momentum * velocity)
    else:
        w -= lr * velocity


def rmsprop_step(
    w: Array, dw: Array, v: Array, lr: float, rho: float, eps: float, decay: float
) -> None:
    """One step of RMSProp: changes w and the running mean v of squared gradients."""
    w -= lr * decay * w
    v[:] = rho * v + (1 - rho) * (dw * dw)
    w -= lr * dw / (np.sqrt(v) + eps)


def adam_step(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int, decay: float,
) -> None:  # fmt: skip
    """Step number `step` (the first is 1) of Adam: changes w and both moments, m and v."""
    w -= lr * decay * w
    m[:] = beta1 * m + (1 - beta1) * dw
    v[:] = beta2 * v + (1 - beta2) * (dw * dw)
    m_hat = m / (1 - beta1**step)
    v_hat = v / (1 - beta2**step)
    w -= lr * m_hat / (np.sqrt(v_hat) + eps)
