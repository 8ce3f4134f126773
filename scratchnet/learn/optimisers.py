"""Momentum and Adam: one step of each, from old weights and memory to new ones.

momentum   v ← μ v + dw                      w ← w − lr v
Adam       m ← β₁ m + (1−β₁) dw              v ← β₂ v + (1−β₂) dw²
           m̂ = m / (1−β₁ᵗ)   v̂ = v / (1−β₂ᵗ)   w ← w − lr m̂ / (√v̂ + ε)     t = 1, 2, …
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Task, mistake, whole

# -- momentum -------------------------------------------------------------------------------------


def momentum_step(
    w: Array, dw: Array, velocity: Array, lr: float, mu: float
) -> tuple[Array, Array]:
    velocity = mu * velocity + dw
    return w - lr * velocity, velocity


@mistake()
def uphill(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """The gradient points to where the loss grows: subtract."""
    velocity = mu * velocity + dw
    return w + lr * velocity, velocity


@mistake()
def velocity_without_memory(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """The old velocity goes on: mu · velocity + dw. Without it this is plain gradient descent."""
    return w - lr * dw, dw * 1


@mistake()
def velocity_not_returned(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """Return the *new* velocity; the next step begins with it."""
    return w - lr * (mu * velocity + dw), velocity * 1


@mistake()
def step_with_the_old_velocity(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """First the velocity, then the weights: the step takes the new velocity."""
    return w - lr * velocity, mu * velocity + dw


@mistake()
def gradient_damped(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """(1 − mu) · dw makes a running mean, as in Adam; here the whole gradient is added."""
    velocity = mu * velocity + (1 - mu) * dw
    return w - lr * velocity, velocity


@mistake()
def rate_inside_of_the_velocity(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """Here the velocity adds up gradients, and the step multiplies it with lr; then a new lr acts
    at once."""
    velocity = mu * velocity + lr * dw
    return w - velocity, velocity


@mistake()
def nesterov(w: Array, dw: Array, velocity: Array, lr: float, mu: float) -> Any:
    """That is Nesterov's variant; the plain one is w − lr · velocity."""
    velocity = mu * velocity + dw
    return w - lr * (dw + mu * velocity), velocity


def _momentum_steps() -> list[Arguments]:
    rng = np.random.default_rng(14)
    return [
        (np.array([1.0, 2.0]), np.array([4.0, -2.0]), np.array([0.0, 0.0]), 0.5, 0.9),
        (np.array([1.0, 2.0]), np.array([4.0, -2.0]), np.array([10.0, 20.0]), 0.5, 0.9),
        (whole(rng, 3, 2), whole(rng, 3, 2), whole(rng, 3, 2), 0.1, 0.6),
    ]


MOMENTUM = Exercise(
    name="momentum",
    summary="momentum_step(w, dw, velocity, lr, mu)",
    teaches="how a gradient changes a weight; a memory that lasts from step to step",
    read="docs/optimizers.md#equations",
    library="scratchnet/reference/optimizers.py",
    tasks=(
        Task(
            momentum_step,
            ("w", "velocity"),
            _momentum_steps,
            (
                uphill,
                velocity_without_memory,
                velocity_not_returned,
                step_with_the_old_velocity,
                gradient_damped,
                rate_inside_of_the_velocity,
                nesterov,
            ),
        ),
    ),
)

# -- Adam -----------------------------------------------------------------------------------------


def adam_step(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> tuple[Array, Array, Array]:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _moments(dw: Array, m: Array, v: Array, beta1: float, beta2: float) -> tuple[Array, Array]:
    return beta1 * m + (1 - beta1) * dw, beta2 * v + (1 - beta2) * dw**2


@mistake()
def bias_correction_missing(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """m and v start at 0 and are too small at first: divide by 1 − beta1**step and
    1 − beta2**step."""
    m, v = _moments(dw, m, v, beta1, beta2)
    return w - lr * m / (np.sqrt(v) + eps), m, v


@mistake()
def second_moment_not_corrected(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """v is too small at first as m is: it is divided by 1 − beta2**step."""
    m, v = _moments(dw, m, v, beta1, beta2)
    return w - lr * m / (1 - beta1**step) / (np.sqrt(v) + eps), m, v


@mistake()
def steps_counted_from_zero(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """The first step has the number 1: with 0, 1 − beta**0 = 0 divides."""
    return adam_step(w, dw, m, v, lr, beta1, beta2, eps, step - 1)


@mistake()
def steps_counted_twice(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """`step` is 1 in the first step already: beta**step, not beta**(step + 1)."""
    return adam_step(w, dw, m, v, lr, beta1, beta2, eps, step + 1)


@mistake()
def a_product_for_the_power(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """βᵗ is a power, beta**step, not beta * step."""
    m, v = _moments(dw, m, v, beta1, beta2)
    m_hat, v_hat = m / (1 - beta1 * step), v / (1 - beta2 * step)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake()
def corrected_moments_kept(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """Return m and v without the correction: it belongs to this step only, and would be applied
    again and again."""
    w, m, v = adam_step(w, dw, m, v, lr, beta1, beta2, eps, step)
    return w, m / (1 - beta1**step), v / (1 - beta2**step)


@mistake()
def eps_inside_of_the_root(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """√v̂ + ε: in Adam eps stands outside of the root (in batch norm inside)."""
    m, v = _moments(dw, m, v, beta1, beta2)
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return w - lr * m_hat / np.sqrt(v_hat + eps), m, v


@mistake()
def root_forgotten(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """Divide by the root of v̂: then the step has the size of lr, whatever the gradient's."""
    m, v = _moments(dw, m, v, beta1, beta2)
    return w - lr * m / (1 - beta1**step) / (v / (1 - beta2**step) + eps), m, v


@mistake()
def gradient_not_squared(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """v is the running mean of the *squared* gradient: dw**2."""
    m, v = beta1 * m + (1 - beta1) * dw, beta2 * v + (1 - beta2) * dw
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake()
def shares_swapped(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """beta is the share of the old value, 1 − beta that of the new gradient."""
    m, v = (1 - beta1) * m + beta1 * dw, (1 - beta2) * v + beta2 * dw**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake()
def upwards(
    w: Array, dw: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float,
    step: int,
) -> Any:  # fmt: skip
    """The gradient points to where the loss grows: subtract."""
    down, m, v = adam_step(w, dw, m, v, lr, beta1, beta2, eps, step)
    return 2 * w - down, m, v


def _adam_steps() -> list[Arguments]:
    rng = np.random.default_rng(15)
    first = (np.array([1.0, 2.0]), np.array([4.0, -2.0]), np.zeros(2), np.zeros(2))
    later = (whole(rng, 3, 2), whole(rng, 3, 2), whole(rng, 3, 2), whole(rng, 3, 2, low=1))
    return [
        (*first, 0.1, 0.9, 0.99, 1e-3, 1),
        (*later, 0.1, 0.8, 0.95, 1e-2, 3),
    ]


ADAM = Exercise(
    name="adam",
    summary="adam_step(w, dw, m, v, lr, beta1, beta2, eps, step)",
    teaches="running means, why they start too small, and steps of one size",
    read="docs/optimizers.md#by-hand",
    library="scratchnet/reference/optimizers.py",
    tasks=(
        Task(
            adam_step,
            ("w", "m", "v"),
            _adam_steps,
            (
                bias_correction_missing,
                second_moment_not_corrected,
                steps_counted_from_zero,
                steps_counted_twice,
                a_product_for_the_power,
                corrected_moments_kept,
                eps_inside_of_the_root,
                root_forgotten,
                gradient_not_squared,
                shares_swapped,
                upwards,
            ),
        ),
    ),
)
