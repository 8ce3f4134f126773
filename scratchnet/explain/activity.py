"""Activity: on which share of pictures each unit of a ReLU layer says anything at all.

    unit       a map (C, h, w): active where any of its pixels is above 0
               a number (D,):   active where it is above 0
    activity   share of the pictures on which it is active
    dead       activity 0

A ReLU that is 0 on every picture has a gradient of 0 on every picture: it can't learn its way back.
Too high a learning rate kills units, and dead ones are arithmetic for nothing. On a few pictures a
unit may only be silent; show many before calling it dead.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.explain.tap import Tap, all_layers

if TYPE_CHECKING:
    from scratchnet.sequential import Sequential

Array = NDArray[Any]


class UnitActivity(NamedTuple):
    """One ReLU layer: its path, and for each unit the share of pictures on which it is active."""

    path: str
    activity: Array

    @property
    def dead(self) -> list[int]:
        """The units that are active on no picture."""
        return [int(unit) for unit in np.flatnonzero(self.activity == 0)]


def unit_activity(model: Sequential, x: Array, *, batch_size: int = 128) -> list[UnitActivity]:
    """Every ReLU layer's units on pictures x (N, …), also of those inside of a Residual."""
    if len(x) == 0:
        raise ValueError("unit_activity expects at least one picture, got none")
    layers = {
        path: layer for path, layer in all_layers(model).items() if type(layer).__name__ == "ReLU"
    }
    counts = {path: np.zeros(layer.built()[1][0], np.int64) for path, layer in layers.items()}
    with ExitStack() as stack:
        taps = {path: stack.enter_context(Tap(layer)) for path, layer in layers.items()}
        for first in range(0, len(x), batch_size):
            model.forward(x[first : first + batch_size])
            for path, tap in taps.items():
                pixels = tuple(range(2, tap.y.ndim))
                counts[path] += (tap.y > 0).any(axis=pixels).sum(axis=0)
    return [UnitActivity(path, count / len(x)) for path, count in counts.items()]
