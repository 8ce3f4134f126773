"""One step of each optimiser in one pass over memory: each number is read and written once.

NumPy's form in `scratchnet/reference/optimizers.py` makes a new array for every operation in an
equation. The equations here are the same, operation by operation, and in the arrays' own dtype:
all numbers are rounded to it before the pass, so that float32 stays float32. An element depends
on no other, so the result cannot depend on how the work is shared. A kernel slices its share first:
in a loop that starts at 0 Numba sees that no index is negative, and the loop becomes vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

from numpy.typing import NDArray

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.parallel import SHARES, share_out

Array = NDArray[Any]

WORTH_A_THREAD = 16_384
"""Below so many numbers, handing a share to another thread costs more than the share."""


def sgd_step(
    w: Array, dw: Array, velocity: Array, lr: float, momentum: float, nesterov: bool, decay: float
) -> None:
    """One step of stochastic gradient descent with momentum: changes w and velocity."""
    _share_out(_sgd, [w, dw, velocity], [lr, momentum, lr * decay], nesterov)


def rmsprop_step(
    w: Array, dw: Array, v: Array, lr: float, rho: float, eps: float, decay: float
) -> None:
    """One step of RMSProp: changes w and the running mean v of squared gradients."""
    _share_out(_rmsprop, [w, dw, v], [lr, rho, 1 - rho, eps, lr * decay])


def adam_step(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int, decay: float,
) -> None:  # fmt: skip
    """Step number `step` (the first is 1) of Adam: changes w and both moments, m and v."""
    corrections = [1 - beta1**step, 1 - beta2**step]
    numbers = [lr, beta1, 1 - beta1, beta2, 1 - beta2, *corrections, eps, lr * decay]
    _share_out(_adam, [w, dw, m, v], numbers)


def _share_out(
    function: Callable[..., None], arrays: list[Array], numbers: list[float], *flags: bool
) -> None:
    """Run `function` on shares of the arrays, with the numbers in the arrays' dtype."""
    w = arrays[0]
    shares = max(1, min(SHARES, len(w) // WORTH_A_THREAD))
    share_out(function, shares, *arrays, *map(w.dtype.type, numbers), *flags)


@kernel
def _sgd(share, shares, w, dw, velocity, lr, momentum, shrink, nesterov):
    mine = slice(len(w) * share // shares, len(w) * (share + 1) // shares)
    w, dw, velocity = w[mine], dw[mine], velocity[mine]
    for i in range(len(w)):
        velocity[i] = momentum * velocity[i] + dw[i]
        ahead = dw[i] + momentum * velocity[i] if nesterov else velocity[i]
        w[i] = (w[i] - shrink * w[i]) - lr * ahead


@kernel
def _rmsprop(share, shares, w, dw, v, lr, rho, one_minus_rho, eps, shrink):
    mine = slice(len(w) * share // shares, len(w) * (share + 1) // shares)
    w, dw, v = w[mine], dw[mine], v[mine]
    for i in range(len(w)):
        v[i] = rho * v[i] + one_minus_rho * (dw[i] * dw[i])
        w[i] = (w[i] - shrink * w[i]) - lr * dw[i] / (sqrt(v[i]) + eps)


@kernel
def _adam(
    share, shares, w, dw, m, v, lr, beta1, one_minus_beta1, beta2, one_minus_beta2,
    correction1, correction2, eps, shrink,
):  # fmt: skip
    mine = slice(len(w) * share // shares, len(w) * (share + 1) // shares)
    w, dw, m, v = w[mine], dw[mine], m[mine], v[mine]
    for i in range(len(w)):
        m[i] = beta1 * m[i] + one_minus_beta1 * dw[i]
        v[i] = beta2 * v[i] + one_minus_beta2 * (dw[i] * dw[i])
        m_hat, v_hat = m[i] / correction1, v[i] / correction2
        w[i] = (w[i] - shrink * w[i]) - lr * m_hat / (sqrt(v_hat) + eps)
