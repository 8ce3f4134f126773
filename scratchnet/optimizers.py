"""Optimisers: how a gradient changes the weights.

    SGD        v ← μ v + dw                       w ← w - lr v           (Polyak 1964)
               Nesterov                           w ← w - lr (dw + μ v)  (Sutskever et al. 2013)
    RMSProp    v ← ρ v + (1-ρ) dw²                w ← w - lr dw / (√v + ε)
                                                  (Tieleman and Hinton 2012, lecture 6.5)
    Adam       m ← β₁ m + (1-β₁) dw
               v ← β₂ v + (1-β₂) dw²              w ← w - lr m̂ / (√v̂ + ε)
               m̂ = m / (1-β₁ᵗ),  v̂ = v / (1-β₂ᵗ)  (Kingma and Ba 2015, algorithm 1)
    AdamW      Adam with weight decay             (Loshchilov and Hutter 2019, algorithm 2)

μ momentum, t the step's number from 1 on; every operation is elementwise. v and m start at 0, so
that Adam's first averages are too small by 1-βᵗ, which m̂ and v̂ mend.

**Weight decay** here is always decoupled: before the step, w ← w - lr · decay · w, and only for
parameters with `decays` (weights, not biases and norms). The other way, adding decay · w to the
gradient (the derivative of an L2 penalty ½ decay ‖w‖²), is the same for plain SGD; but RMSProp and
Adam divide it by √v, so that weights with large gradients hardly decay. Decoupled, all weights
shrink by the same share, lr · decay, as in PyTorch (the paper's algorithm 2 multiplies decay with
the schedule's factor only, not with the top rate).

**Clipping** scales all gradients together, so that their norm as one long vector is at most
`clip_norm`: the step gets shorter, its direction stays (Pascanu et al. 2013, algorithm 1).

Parameters are updated in place. Gradients are not checked for NaN: that is the training loop's.

Chapter: docs/optimizers.md
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet import ops
from scratchnet.schedules import Constant, Schedule, as_schedule, schedule_spec

Array = NDArray[Any]

OPTIMIZERS: dict[str, type[Optimizer]] = {}
"""Every optimiser class by its name: what a saved training may name, and nothing else."""


class Parameter(NamedTuple):
    """One array that is trained; value and grad are C-contiguous, of one shape and dtype."""

    name: str
    value: Array
    grad: Array
    decays: bool


class Optimizer:
    """What all optimisers share: the rate, the clipping, and the memory between steps.

    Args:
        learning_rate: a number, or a Schedule of the step number.
        weight_decay: the share of a weight that a step of learning rate 1 would take away.
        clip_norm: the greatest norm of all gradients together; None for no limit.

    Attributes:
        iterations: how many steps were taken.
        scale: what the schedule's rate is multiplied by; ReduceLROnPlateau lowers it.
        state: the arrays that last from step to step, by "parameter's name.slot".
    """

    slots: ClassVar[tuple[str, ...]] = ()
    """Names of the arrays kept for each parameter."""

    def __init__(
        self,
        learning_rate: float | Schedule | Mapping[str, Any],
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        self.schedule = as_schedule(learning_rate)
        self.weight_decay = _at_least_0(self, "weight_decay", weight_decay)
        if clip_norm is not None and not clip_norm > 0:
            raise ValueError(
                f"{type(self).__name__} expects clip_norm > 0, got {clip_norm!r}; None is no limit"
            )
        self.clip_norm = None if clip_norm is None else float(clip_norm)
        self.iterations = 0
        self.scale = 1.0
        self.state: dict[str, Array] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        OPTIMIZERS[cls.__name__] = cls

    @property
    def learning_rate(self) -> float:
        """The rate of the next step: schedule(iterations) · scale. To change it, set `scale`."""
        return self.schedule(self.iterations) * self.scale

    def step(self, parameters: Sequence[Parameter]) -> None:
        """One update of all parameters, in place; clipping, too, changes gradients in place.

        Raises:
            ValueError: a parameter's arrays do not fit each other or the optimiser's state.
        """
        self._prepare(parameters)
        if self.clip_norm is not None:
            clip_gradients([parameter.grad for parameter in parameters], self.clip_norm)
        lr = self.learning_rate
        self.iterations += 1
        for name, value, grad, decays in parameters:
            memory = [self.state[f"{name}.{slot}"].reshape(-1) for slot in self.slots]
            decay = self.weight_decay if decays else 0.0
            self.update(value.reshape(-1), grad.reshape(-1), memory, lr, decay)

    def update(self, w: Array, dw: Array, memory: list[Array], lr: float, decay: float) -> None:
        """Change w and its memory (one array for each of `slots`): all of them flat views."""
        raise NotImplementedError

    def _prepare(self, parameters: Sequence[Parameter]) -> None:
        """Check the parameters, and before the first step allocate what they need."""
        owner = type(self).__name__
        wanted: dict[str, Array] = {}
        for name, value, grad, _ in parameters:
            if (value.shape, value.dtype) != (grad.shape, grad.dtype):
                raise ValueError(
                    f"{owner} expects {name}'s gradient to be {value.dtype} {value.shape} as the "
                    f"parameter is, got {grad.dtype} {grad.shape}"
                )
            if not (value.flags.c_contiguous and grad.flags.c_contiguous):
                raise ValueError(
                    f"{owner} expects C-contiguous arrays for {name}, got strides {value.strides} "
                    f"and {grad.strides}; allocate them with np.ascontiguousarray"
                )
            wanted |= {f"{name}.{slot}": value for slot in self.slots}
        if len(wanted) != len(parameters) * len(self.slots):
            raise ValueError(
                f"{owner} expects each parameter under a name of its own, got "
                f"{', '.join(parameter.name for parameter in parameters)}"
            )
        if not self.state and self.iterations == 0:
            self.state = {key: np.zeros(v.shape, v.dtype) for key, v in wanted.items()}
        problems = _differences(wanted, self.state)
        if problems:
            raise ValueError(
                f"{owner}'s state belongs to other parameters: {'; '.join(problems)}; "
                "make a new optimiser for another model, or load the state saved with this one"
            )

    # -- as data, and back ------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """What changes from step to step: `type`, `iterations`, `scale` and `arrays` (copies)."""
        return {
            "type": type(self).__name__,
            "iterations": self.iterations,
            "scale": self.scale,
            "arrays": {key: array.copy() for key, array in self.state.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue, to the bit, where `state_dict` was taken.

        The next step checks that the arrays fit its parameters.

        Raises:
            ValueError: the state is not one of this type of optimiser.
        """
        owner, keys = type(self).__name__, {"type", "iterations", "scale", "arrays"}
        if set(state) != keys:
            raise ValueError(f"{owner} expects a state of {sorted(keys)}, got {sorted(state)}")
        if state["type"] != owner:
            raise ValueError(
                f"{owner} cannot continue from a state of {state['type']}; "
                "make the optimiser with which the training began"
            )
        foreign = [key for key in state["arrays"] if key.rpartition(".")[2] not in self.slots]
        if foreign:
            raise ValueError(
                f"{owner} keeps {' and '.join(self.slots)} for each parameter, "
                f"got {', '.join(foreign)}; the state was saved by another version"
            )
        self.iterations = int(state["iterations"])
        self.scale = float(state["scale"])
        self.state = {key: np.array(array, order="C") for key, array in state["arrays"].items()}

    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON: `type(o)(**o.config())`."""
        constant = isinstance(self.schedule, Constant)
        return {
            "learning_rate": self.schedule(0) if constant else schedule_spec(self.schedule),
            "weight_decay": self.weight_decay,
            "clip_norm": self.clip_norm,
        }

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.config().items())
        return f"{type(self).__name__}({arguments})"


class SGD(Optimizer):
    """Stochastic gradient descent: a ball that rolls downhill, with friction 1 - momentum.

    Nesterov's variant takes the gradient's correction one step further along the velocity.
    """

    slots = ("velocity",)

    def __init__(
        self,
        learning_rate: float | Schedule | Mapping[str, Any] = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clip_norm)
        self.momentum = _below_1(self, "momentum", momentum)
        self.nesterov = bool(nesterov)
        if self.nesterov and self.momentum == 0:
            raise ValueError("SGD with nesterov=True expects momentum > 0, got 0; try 0.9")

    def update(self, w: Array, dw: Array, memory: list[Array], lr: float, decay: float) -> None:
        (velocity,) = memory
        ops.sgd_step(w, dw, velocity, lr, self.momentum, self.nesterov, decay)

    def config(self) -> dict[str, Any]:
        return {**super().config(), "momentum": self.momentum, "nesterov": self.nesterov}


class RMSProp(Optimizer):
    """Each weight's step is divided by the running root mean square of its gradients."""

    slots = ("v",)

    def __init__(
        self,
        learning_rate: float | Schedule | Mapping[str, Any] = 0.001,
        rho: float = 0.9,
        eps: float = 1e-7,
        *,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clip_norm)
        self.rho = _below_1(self, "rho", rho)
        self.eps = _at_least_0(self, "eps", eps)

    def update(self, w: Array, dw: Array, memory: list[Array], lr: float, decay: float) -> None:
        (v,) = memory
        ops.rmsprop_step(w, dw, v, lr, self.rho, self.eps, decay)

    def config(self) -> dict[str, Any]:
        return {**super().config(), "rho": self.rho, "eps": self.eps}


class Adam(Optimizer):
    """Momentum and RMSProp together, both without the bias of their start."""

    slots = ("m", "v")

    def __init__(
        self,
        learning_rate: float | Schedule | Mapping[str, Any] = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clip_norm)
        self.beta1 = _below_1(self, "beta1", beta1)
        self.beta2 = _below_1(self, "beta2", beta2)
        self.eps = _at_least_0(self, "eps", eps)

    def update(self, w: Array, dw: Array, memory: list[Array], lr: float, decay: float) -> None:
        m, v = memory
        ops.adam_step(w, dw, m, v, lr, self.beta1, self.beta2, self.eps, self.iterations, decay)

    def config(self) -> dict[str, Any]:
        betas = {"beta1": self.beta1, "beta2": self.beta2}
        return {**super().config(), **betas, "eps": self.eps}


class AdamW(Adam):
    """Adam that decays by default: the same code, weight_decay = 0.01."""

    def __init__(
        self,
        learning_rate: float | Schedule | Mapping[str, Any] = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.01,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(
            learning_rate, beta1, beta2, eps, weight_decay=weight_decay, clip_norm=clip_norm
        )


def clip_gradients(grads: Iterable[Array], max_norm: float) -> float:
    """Scale the gradients, in place, to a global norm of at most `max_norm`.

    Returns the norm before: √Σ g² over all entries of all arrays, in float64 and in one fixed
    order. Where it is not finite the gradients stay as they are, for the training loop to see.
    """
    grads = list(grads)
    norm = math.sqrt(math.fsum(float(np.sum(np.square(g, dtype=np.float64))) for g in grads))
    if max_norm < norm < math.inf:
        for g in grads:
            g *= max_norm / norm
    return norm


def optimizer_spec(optimizer: Optimizer) -> dict[str, Any]:
    """An optimiser as data: its type's name and its constructor's arguments, not its state."""
    return {"type": type(optimizer).__name__, "config": optimizer.config()}


def optimizer_from_spec(spec: Mapping[str, Any]) -> Optimizer:
    """The optimiser that `optimizer_spec` described, before its first step.

    Raises:
        ValueError: the type is unknown or its arguments do not fit.
    """
    if not isinstance(spec, Mapping) or set(spec) != {"type", "config"}:
        raise ValueError(f"an optimiser is described by 'type' and 'config', got {spec!r}")
    name, config = spec["type"], spec["config"]
    if name not in OPTIMIZERS:
        raise ValueError(f"unknown optimiser {name!r}; known: {', '.join(sorted(OPTIMIZERS))}")
    try:
        return OPTIMIZERS[name](**config)
    except TypeError as error:
        raise ValueError(f"{name} cannot be made from {config!r}: {error}") from error


# -- checks at the edge ---------------------------------------------------------------------------


def _differences(wanted: Mapping[str, Array], state: Mapping[str, Array]) -> list[str]:
    """What keeps `state` from serving arrays like `wanted`, in words; empty where it fits."""
    missing = [f"{key} is missing" for key in wanted if key not in state]
    unexpected = [f"{key} is unexpected" for key in state if key not in wanted]
    misfits = [
        f"{key} is {state[key].dtype} {state[key].shape}, not {value.dtype} {value.shape}"
        for key, value in wanted.items()
        if key in state and (state[key].shape, state[key].dtype) != (value.shape, value.dtype)
    ]
    return missing + unexpected + misfits


def _at_least_0(optimizer: Optimizer, name: str, value: float) -> float:
    if not 0 <= value < math.inf:
        raise ValueError(f"{type(optimizer).__name__} expects {name} >= 0, got {value!r}")
    return float(value)


def _below_1(optimizer: Optimizer, name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError(f"{type(optimizer).__name__} expects 0 <= {name} < 1, got {value!r}")
    return float(value)
