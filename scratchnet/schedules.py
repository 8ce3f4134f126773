"""The learning rate as a function of the step number.

    Constant     r(s) = r
    StepDecay    r(s) = r · factor^⌊s / every⌋
    Cosine       r(s) = f + (r - f) · (1 + cos πt) / 2          t = s / total_steps
    OneCycle     up and down once, both along half a cosine     (the same t)
    WarmUp       climbs in a line to another schedule's start, then follows that schedule

A step is one update of the weights: an epoch has ⌈N / batch_size⌉ of them, and the first is
s = 0. A schedule is pure: the same s always gives the same rate, so a resumed training needs
nothing but its step number. A schedule of total_steps steps reaches its last rate at
s = total_steps, one after the last step, so that a final rate of 0 is never spent on a step;
beyond that the rate stays.

Sources: cosine, Loshchilov and Hutter, "SGDR" (2017), equation 5 without restarts; one cycle,
Smith and Topin, "Super-convergence" (2018), with cosine instead of straight flanks; warm-up,
Goyal et al., "Accurate, large minibatch SGD" (2017), section 2.2.

Chapter: docs/schedules.md
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

SCHEDULES: dict[str, type[Schedule]] = {}
"""Every schedule class by its name: what a saved configuration may name, and nothing else."""


class Schedule:
    """A learning rate for every step number, from 0 on."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        SCHEDULES[cls.__name__] = cls

    def __call__(self, step: int) -> float:
        """The rate of step number `step`."""
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON: `type(s)(**s.config())`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.config().items())
        return f"{type(self).__name__}({arguments})"


class Constant(Schedule):
    """The same rate for ever."""

    def __init__(self, rate: float) -> None:
        self.rate = _rate("Constant", "rate", rate)

    def __call__(self, step: int) -> float:
        return self.rate

    def config(self) -> dict[str, Any]:
        return {"rate": self.rate}


class StepDecay(Schedule):
    """The rate times `factor` after every `every` steps."""

    def __init__(self, rate: float, every: int, factor: float = 0.1) -> None:
        self.rate = _rate("StepDecay", "rate", rate)
        self.every = _count("StepDecay", "every", every, least=1)
        self.factor = _share("StepDecay", "factor", factor)

    def __call__(self, step: int) -> float:
        return self.rate * self.factor ** (step // self.every)

    def config(self) -> dict[str, Any]:
        return {"rate": self.rate, "every": self.every, "factor": self.factor}


class Cosine(Schedule):
    """From `rate` to `final` along half a cosine, in `total_steps` steps.

    With `warmup` > 0 the first so many of these steps climb in a line towards `rate`, as WarmUp
    does, and the cosine takes the rest.
    """

    def __init__(self, rate: float, total_steps: int, final: float = 0.0, warmup: int = 0) -> None:
        self.rate = _rate("Cosine", "rate", rate)
        self.total_steps = _count("Cosine", "total_steps", total_steps, least=1)
        self.final = _rate("Cosine", "final", final)
        self.warmup = _count("Cosine", "warmup", warmup, least=0)
        if self.warmup >= self.total_steps:
            raise ValueError(
                f"Cosine expects warmup < total_steps, got {warmup} and {total_steps}; "
                "total_steps counts the warm-up too"
            )

    def __call__(self, step: int) -> float:
        if step < self.warmup:
            return self.rate * _climb(step, self.warmup)
        t = (step - self.warmup) / (self.total_steps - self.warmup)
        return _half_cosine(self.rate, self.final, t)

    def config(self) -> dict[str, Any]:
        return {
            "rate": self.rate,
            "total_steps": self.total_steps,
            "final": self.final,
            "warmup": self.warmup,
        }


class OneCycle(Schedule):
    """One cycle: up to `max_rate` in the first share `peak` of the steps, then down to almost 0.

    It starts at start_fraction · max_rate and ends at end_fraction · max_rate.
    """

    def __init__(
        self,
        max_rate: float,
        total_steps: int,
        start_fraction: float = 0.04,
        end_fraction: float = 1e-4,
        peak: float = 0.3,
    ) -> None:
        self.max_rate = _rate("OneCycle", "max_rate", max_rate)
        self.total_steps = _count("OneCycle", "total_steps", total_steps, least=1)
        self.start_fraction = _share("OneCycle", "start_fraction", start_fraction)
        self.end_fraction = _share("OneCycle", "end_fraction", end_fraction)
        self.peak = _share("OneCycle", "peak", peak)
        if not 0 < self.peak < 1:
            raise ValueError(f"OneCycle expects 0 < peak < 1, got {peak}")

    def __call__(self, step: int) -> float:
        t = step / self.total_steps
        if t < self.peak:
            return _half_cosine(self.max_rate * self.start_fraction, self.max_rate, t / self.peak)
        t = (t - self.peak) / (1 - self.peak)
        return _half_cosine(self.max_rate, self.max_rate * self.end_fraction, t)

    def config(self) -> dict[str, Any]:
        return {
            "max_rate": self.max_rate,
            "total_steps": self.total_steps,
            "start_fraction": self.start_fraction,
            "end_fraction": self.end_fraction,
            "peak": self.peak,
        }


class WarmUp(Schedule):
    """`steps` steps in a line from almost 0 to the schedule's first rate, then the schedule.

    The schedule's own step 0 is step number `steps` of the whole. With 4 steps of warm-up the
    rates are 1/5, 2/5, 3/5 and 4/5 of the schedule's first, then that itself.
    """

    def __init__(self, schedule: float | Schedule | Mapping[str, Any], steps: int) -> None:
        self.schedule = as_schedule(schedule)
        self.steps = _count("WarmUp", "steps", steps, least=0)

    def __call__(self, step: int) -> float:
        if step < self.steps:
            return self.schedule(0) * _climb(step, self.steps)
        return self.schedule(step - self.steps)

    def config(self) -> dict[str, Any]:
        return {"schedule": schedule_spec(self.schedule), "steps": self.steps}


def _climb(step: int, steps: int) -> float:
    """The share of the full rate in step `step` of `steps` steps of warm-up: never 0, never 1."""
    return (step + 1) / (steps + 1)


def _half_cosine(start: float, end: float, t: float) -> float:
    """From `start` at t = 0 to `end` at t = 1, flat at both; beyond t = 1 it stays."""
    return end + (start - end) * (1 + math.cos(math.pi * min(t, 1.0))) / 2


# -- as data, and back ----------------------------------------------------------------------------


def as_schedule(rate: float | Schedule | Mapping[str, Any]) -> Schedule:
    """A schedule from whatever stands for one: a number, a schedule, or a schedule as data."""
    if isinstance(rate, Schedule):
        return rate
    return schedule_from_spec(rate) if isinstance(rate, Mapping) else Constant(rate)


def schedule_spec(schedule: Schedule) -> dict[str, Any]:
    """A schedule as data: its type's name and its constructor's arguments."""
    return {"type": type(schedule).__name__, "config": schedule.config()}


def schedule_from_spec(spec: Mapping[str, Any]) -> Schedule:
    """The schedule that `schedule_spec` described.

    Raises:
        ValueError: the type is unknown or its arguments do not fit.
    """
    if not isinstance(spec, Mapping) or set(spec) != {"type", "config"}:
        raise ValueError(f"a schedule is described by 'type' and 'config', got {spec!r}")
    name, config = spec["type"], spec["config"]
    if name not in SCHEDULES:
        raise ValueError(f"unknown schedule {name!r}; known: {', '.join(sorted(SCHEDULES))}")
    try:
        return SCHEDULES[name](**config)
    except TypeError as error:
        raise ValueError(f"{name} cannot be made from {config!r}: {error}") from error


# -- checks at the edge ---------------------------------------------------------------------------


def _rate(owner: str, name: str, value: float) -> float:
    if not hasattr(value, "__float__"):
        raise TypeError(f"{owner} expects a number for {name}, got {value!r}")
    if not 0 <= value < math.inf:
        raise ValueError(f"{owner} expects a finite {name} of at least 0, got {value!r}")
    return float(value)


def _share(owner: str, name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{owner} expects {name} between 0 and 1, got {value!r}")
    return float(value)


def _count(owner: str, name: str, value: int, least: int) -> int:
    if not float(value).is_integer() or value < least:
        raise ValueError(f"{owner} expects a whole {name} of at least {least}, got {value!r}")
    return int(value)
