"""A stretch of steps whose images do not know of one another: large batches go in parts.

    for a part of the batch:    Import ─▶ Convolution ─▶ … ─▶ Convolution ─▶ Export

What a backward pass needs only on its way, the gradients of the maps, then takes memory for a part
of the batch, and a prediction takes no more than that altogether. A batch of a usual size is one
part: parts small enough for the cache were tried, and were slower than the whole batch.

A step that looks at the whole batch, as batch norm does in training, cannot be part of a stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.layers.base import Array
from scratchnet.plan.chain import Chain, Step, link
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.image_steps import Export, Import
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.plan.store import Store

ROOM = 1 << 26
"""Bytes that the largest maps of a part may take."""
FEWEST = 8
"""Images in a part, at least: less would not keep several threads busy."""


def fits(step: Step) -> bool:
    """Whether a step may be part of a stretch."""
    return isinstance(step, Import | Convolution | Pointwise | Export) and not step.wants_moments


class Stretch(Step):
    """Steps from an Import to an Export: arrays in, arrays out."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        link(self.steps)
        self.layers = tuple(layer for step in steps for layer in step.layers)
        self.algorithm = "in parts"
        frames = [step.frame for step in steps if isinstance(step, Convolution | Pointwise)]
        largest = max(f.HP * f.WP * f.C * 4 for f in frames)
        self.images = max(FEWEST, ROOM // largest // FEWEST * FEWEST)

    def prepare(self, *, backward: bool) -> None:
        for step in self.steps:
            step.prepare(backward=backward)

    def finish(self) -> None:
        for step in self.steps:
            step.finish()

    def _parts(self, N: int) -> list[slice]:
        return [slice(n, min(n + self.images, N)) for n in range(0, N, self.images)] or [slice(0)]

    def forward(self, x: Array, *, training: bool, store: Store) -> Array:
        results, self.kept = [], []
        for part in self._parts(len(x)):
            y: Any = x[part]
            for step in self.steps:
                y = step.forward(y, training=training, store=store)
            results.append(y)
            self.kept.append([step.kept for step in self.steps])
        return _together(results)

    def predict(self, x: Array, store: Store) -> Array:
        chain = Chain(self.steps, store)
        return _together([chain.run(x[part]) for part in self._parts(len(x))])

    def backward(self, dy: Array, store: Store) -> Array | None:
        kept, results = self.recall(), []
        for part, own in zip(self._parts(len(dy)), kept, strict=True):
            d: Any = dy[part]
            for step, its_own in zip(reversed(self.steps), reversed(own), strict=True):
                step.kept = its_own
                dx = step.backward(d, store)
                if d is not dx:
                    store.give_back(d)
                step.release(store)
                d = dx
            results.append(d)
        self.kept = None
        return None if results[0] is None else _together(results)

    def release(self, store: Store) -> None:
        for own in self.kept or ():
            for step, its_own in zip(self.steps, own, strict=True):
                step.kept = its_own
                step.release(store)
        self.kept = None


def _together(results: list[Array]) -> Array:
    return results[0] if len(results) == 1 else np.concatenate(results)
