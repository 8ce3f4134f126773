"""Rules that every layer keeps besides being right, each of which a real bug has broken.

backward(0) = 0, backward(2g) = 2 backward(g)     it is linear in the upstream gradient
the same call gives the same bits                 whatever the arrays held before
x, g and the parameters are unchanged             backward computes, it does not train
grads are set, in place                           not added to, not another array, no view of g
evaluation leaves the running statistics alone
shapes and dtype of each gradient are those of its quantity
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


def examine(subject: Subject) -> tuple[dict[str, Array], list[str], bool]:
    """The gradients as backward gives them, the rules broken, and whether they can be compared."""
    g = subject.g
    before = {name: subject.value(name).copy() for name in subject.slots}
    arrays = {name: holder[key] for name, (holder, key) in subject.grads.items()}

    _fill(subject, 1.0)
    y, upstream = subject.forward(), g.copy()
    broken = [*_buffers_moved(subject), *_changed(subject, before, "forward")]
    dx = subject.backward(upstream)
    broken += [*_changed(subject, before, "backward")]
    if not np.array_equal(upstream, g):
        broken.append("backward changes the upstream gradient dy; write dy * mask, not dy *= mask")

    misfits = [*_misfits(subject, y, dx, arrays)]
    if misfits:
        return {}, broken + misfits, False
    for name, gradient in arrays.items():
        for other, whose in ((upstream, "dy"), (dx, "dx"), (subject.inputs["x"], "x")):
            if np.may_share_memory(gradient, other):
                broken.append(f"the gradient of {name} shares its memory with {whose}; copy it")

    first, kept = _copies(subject, y, dx), (y, dx)
    repeated = _run(subject, g, junk=3.0)
    if not np.array_equal(first.y, repeated.y):
        broken.append("the same forward gives another y; take randomness from the layer's rng only")
    for name in first.other_than(1, repeated):
        broken.append(f"the same call gives another gradient of {name}; set it, never add to it")
    zero = _run(subject, np.zeros_like(g), junk=1.0)
    for name in zero.other_than(0, repeated):
        broken.append(f"backward(0) is not 0 for {name}")
    if subject.loss is None:
        doubled = _run(subject, 2 * g, junk=1.0)
        for name in doubled.other_than(2, repeated, rtol=1e-13):
            broken.append(f"backward(2g) is not 2 backward(g) for {name}")
    if not (np.array_equal(first.y, kept[0]) and np.array_equal(first.by_name["x"], kept[1])):
        broken.append("a later call overwrites the y or dx that an earlier one returned; copy it")
    return repeated.by_name, broken, True


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
    sizes = {subject.value(name).shape for name in subject.slots}
    dirt = [np.full(shape, junk, np.float64) for shape in sizes for _ in range(8)]
    del dirt


def _changed(subject: Subject, before: dict[str, Array], culprit: str) -> list[str]:
    return [
        f"{culprit} changes {name}"
        for name, value in before.items()
        if not np.array_equal(value, subject.value(name), equal_nan=True)
    ]


def _buffers_moved(subject: Subject) -> list[str]:
    if subject.training or not subject.buffers_moved():
        return []
    return ["a forward pass in evaluation changes the running statistics"]


def _misfits(subject: Subject, y: Array, dx: Array, arrays: dict[str, Array]) -> list[str]:
    """What keeps gradients from being compared at all."""
    misfits = []
    promised = getattr(subject.function, "output_shape", None)
    if subject.loss is None and y.shape[1:] != promised:
        misfits.append(f"forward gives {y.shape}, but build promised (N, {promised})")
    if y.dtype != np.float64:
        misfits.append(f"y is {y.dtype} for an input of float64; take the dtype from x")
    gradients = {"x": dx}
    for name, array in arrays.items():
        holder, key = subject.grads[name]
        gradients[name] = holder[key]
        if holder[key] is not array:
            misfits.append(
                f"backward replaces the array grads[{key!r}]; write into it: grads[{key!r}][...] ="
            )
    for name, gradient in gradients.items():
        value = subject.value(name)
        if gradient.shape != value.shape:
            misfits.append(f"the gradient of {name} is {gradient.shape}, {name} is {value.shape}")
        elif gradient.dtype != np.float64:
            misfits.append(f"the gradient of {name} is {gradient.dtype}, {name} is float64")
        elif not np.isfinite(gradient).all():
            misfits.append(f"the gradient of {name} holds NaN or infinity")
    return misfits
