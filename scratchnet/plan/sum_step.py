"""Residual on maps: two chains and their sum."""

from __future__ import annotations

import numpy as np

from scratchnet.kernels import pointwise
from scratchnet.kernels.maps import numbers
from scratchnet.layers import Residual
from scratchnet.layers.base import Array
from scratchnet.plan.chain import Chain, Step
from scratchnet.plan.store import Maps, Store


class Sum(Step):
    """y = body(x) + shortcut(x); without a shortcut chain, + x.

    A step that can add does it on its way: the body's last to y, its first to dx. Else the sum is
    a pass of its own.
    """

    needs_output = False

    def __init__(self, layer: Residual, body: Chain, shortcut: Chain | None) -> None:
        self.layers = (layer,)
        self.body, self.shortcut = body, shortcut
        steps = [*body.steps, *(shortcut.steps if shortcut else ())]
        self.algorithm = "sum: " + ", ".join(dict.fromkeys(step.algorithm for step in steps))
        self.wants_moments = any(
            chain.steps[0].wants_moments for chain in (body, shortcut) if chain
        )

    @property
    def measures(self) -> bool:
        """Whether y comes with its moments."""
        return self.body.steps[-1].measures

    @measures.setter
    def measures(self, wanted: bool) -> None:
        last = self.body.steps[-1]
        last.measures = wanted and last.adds_to_y

    @property
    def owns_x(self) -> bool:
        """Whether backward may write over x: the body does, when the shortcut has read it."""
        return self.body.steps[0].owns_x

    @owns_x.setter
    def owns_x(self, owned: bool) -> None:
        self.body.steps[0].owns_x = owned

    def forward(self, x: Maps, *, training: bool, store: Store) -> Maps:
        other = self.shortcut.forward(x, training=training) if self.shortcut else x
        last, own = self.body.steps[-1], None
        if last.adds_to_y:
            y: Maps = self.body.forward(x, training=training, plus=other)
        else:
            y = self.body.forward(x, training=training)
            if last.needs_output:
                own = store.maps(y.N, y.frame)
                np.copyto(_used(own), _used(y))
                y = own
            pointwise.add_to(_used(y), _used(other))
        if self.shortcut:
            store.give_back(self.shortcut.steps[-1].let_go())
        self.kept = (own,)
        return y

    def backward(self, dy: Maps, store: Store) -> Maps:
        (own,) = self.recall()
        if own is not None and dy.pixels is own.pixels:
            self.kept = (None,)
        other: Maps = self.shortcut.backward(dy) if self.shortcut else dy
        if self.body.steps[0].adds_to_dx:
            dx: Maps = self.body.backward(dy, plus=other)
        else:
            dx = self.body.backward(dy)
            pointwise.add_to(_used(dx), _used(other))
        if self.shortcut:
            store.give_back(other)
        return dx

    def release(self, store: Store) -> None:
        if self.kept is not None:
            store.give_back(self.kept[0])
        for chain in (self.body, self.shortcut):
            for step in chain.steps if chain else ():
                step.release(store)
        self.kept = None


def _used(maps: Maps) -> Array:
    """The part of the memory that these maps use."""
    return maps.pixels[: numbers(maps.N, maps.frame)]
