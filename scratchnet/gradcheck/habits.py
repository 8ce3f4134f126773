"""Rules that every layer keeps besides being right, each of which a real bug has broken.

backward(c g) = c backward(g) for c = 0, 2, -1    it is linear in the upstream gradient
the same call gives the same bits                 whatever the arrays held before
x, g and the parameters are unchanged             backward computes, it does not train
grads are set, in place                           not added to, not another array or dy itself
evaluation leaves the running statistics alone
y has the shape that build promised; a gradient has shape and dtype of its quantity
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scratchnet.gradcheck.subject import Subject
from scratchnet.layers.base import Array


class Gradients(NamedTuple):
    """Copies of all that one forward and backward gave."""

    y: Array
    by_name: dict[str, Array]

    def other_than(self, factor: float, other: Gradients, rtol: float = 0.0) -> list[str]:
        """The names of gradients that are not `factor` times the other's."""
        return [
            name
            for name, gradient in self.by_name.items()
            if not np.allclose(gradient, factor * other.by_name[name], rtol, 0.0)
        ]


class Finding(NamedTuple):
    """The gradients as backward gives them (none if they cannot be compared), and broken rules."""

    gradients: dict[str, Array]
    broken: list[str]


def examine(subject: Subject) -> Finding:
    """Call forward and backward a few times and watch what else they do."""
    g, upstream = subject.g, subject.g.copy()
    arrays = {name: holder[key] for name, (holder, key) in subject.grads.items()}
    broken: list[str] = []

    _fill(subject, 1.0)
    y = subject.forward()
    after_forward = subject.values()
    broken += _changes("forward", subject.start, after_forward)
    if not subject.training and subject.buffers_moved():
        broken.append("a forward pass in evaluation changes the running statistics")
    if misfits := _output_misfits(subject, y):
        return Finding({}, broken + misfits)

    dx = subject.backward(upstream)
    broken += _changes("backward", after_forward, subject.values())
    if not np.array_equal(upstream, g):
        broken.append("backward changes the upstream gradient dy; write dy * mask, not dy *= mask")
    if misfits := _gradient_misfits(subject, dx, arrays):
        return Finding({}, broken + misfits)

    first = _copies(subject, y, dx)
    again = _run(subject, g, junk=3.0)
    if not np.array_equal(first.y, again.y):
        broken.append("the same forward gives another y; take randomness from the layer's rng only")
    for name in first.other_than(1, again):
        broken.append(f"the same call gives another gradient of {name}; set it, never add to it")
    for name in _run(subject, 0 * g, junk=1.0).other_than(0, again):
        broken.append(f"backward(0) is not 0 for {name}")
    if subject.loss is None:
        for factor in (2, -1):
            scaled = _run(subject, factor * g, junk=1.0)
            for name in scaled.other_than(factor, again, rtol=1e-13):
                broken.append(f"backward({factor}g) is not {factor} backward(g) for {name}")
    if not (np.array_equal(first.y, y) and np.array_equal(first.by_name["x"], dx)):
        broken.append("a later call overwrites the y or dx that an earlier one returned; copy it")
    return Finding(again.by_name, broken)


# -- calls ----------------------------------------------------------------------------------------


def _run(subject: Subject, g: Array, junk: float) -> Gradients:
    """Forward and backward, on gradients and free memory that hold junk."""
    _fill(subject, junk)
    y = subject.forward()
    return _copies(subject, y, subject.backward(g.copy()))


def _copies(subject: Subject, y: Array, dx: Array) -> Gradients:
    grads = {name: holder[key].copy() for name, (holder, key) in subject.grads.items()}
    return Gradients(y.copy(), {"x": dx.copy(), **grads})


def _fill(subject: Subject, junk: float) -> None:
    """Fill the gradients, and memory that is freed at once, so that np.empty is no np.zeros."""
    for holder, key in subject.grads.values():
        holder[key][...] = junk
    shapes = {value.shape for value in subject.start.values()}
    dirt = [np.full(shape, junk, np.float64) for shape in shapes for _ in range(8)]
    del dirt


# -- complaints -----------------------------------------------------------------------------------


def _changes(culprit: str, before: dict[str, Array], after: dict[str, Array]) -> list[str]:
    return [
        f"{culprit} changes {name}"
        for name, value in before.items()
        if not np.array_equal(value, after[name], equal_nan=True)
    ]


def _output_misfits(subject: Subject, y: Array) -> list[str]:
    """What is wrong with y itself: backward must not be called with such a shape."""
    misfits = []
    promised = getattr(subject.function, "output_shape", None)
    if subject.loss is None and y.shape[1:] != promised:
        misfits.append(f"forward gives {y.shape[1:]} for each sample, build promised {promised}")
    if y.dtype != np.float64:
        misfits.append(f"y is {y.dtype} for an input of float64; take the dtype from x")
    return misfits


def _gradient_misfits(subject: Subject, dx: Array, arrays: dict[str, Array]) -> list[str]:
    """What keeps gradients from being compared at all."""
    misfits = []
    gradients = {"x": dx}
    for name, array in arrays.items():
        holder, key = subject.grads[name]
        gradients[name] = holder[key]
        if holder[key] is not array:
            misfits.append(
                f"backward replaces the array grads[{key!r}]; write into it: grads[{key!r}][...] ="
            )
    for name, gradient in gradients.items():
        shape = subject.value(name).shape
        if gradient.shape != shape:
            misfits.append(f"the gradient of {name} is {gradient.shape}, {name} is {shape}")
        elif gradient.dtype != np.float64:
            misfits.append(f"the gradient of {name} is {gradient.dtype}, {name} is float64")
        elif not np.isfinite(gradient).all():
            misfits.append(f"the gradient of {name} holds NaN or infinity")
    return misfits
