"""Dropout: in training each value is dropped by chance, so that no unit relies on another.

    mask = 0 with probability rate, else 1 / (1 − rate)
    y    = x · mask   in training              y  = x    in evaluation
    dx   = dy · mask                           dx = dy

"Inverted": the scale 1 / (1 − rate) makes E[mask] = 1, so evaluation has nothing to correct.

Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural
networks from overfitting" (2014).

Chapter: docs/dropout.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet.layers.base import Array, Layer, Shape


class Dropout(Layer):
    """Inverted dropout, with masks from a generator of its own.

    Args:
        rate: the share of values that is dropped, 0 <= rate < 1.

    Raises:
        ValueError: rate is out of range.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
            raise ValueError(f"Dropout rate expects the share to drop, in [0, 1), got {rate!r}")
        self.rate = float(rate)

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Shape:
        self.rng = rng.spawn(1)[0]  # own stream: other layers' draws don't move this one's masks
        return super().build(input_shape, rng, dtype)

    def forward(self, x: Array, *, training: bool = False) -> Array:
        self.check_input(x)
        if not training:
            self.cache = 1  # the mask of evaluation
            return x
        assert self.rng is not None  # build made it
        # float32 draws whatever x is: a float64 twin of the network drops the same values.
        kept = self.rng.random(x.shape, dtype=np.float32) >= self.rate
        mask = np.multiply(kept, 1 / (1 - self.rate), dtype=x.dtype)
        self.cache = mask
        return x * mask

    def backward(self, dy: Array) -> Array:
        mask = self.recall()
        return dy * mask

    def config(self) -> dict[str, Any]:
        return {"rate": self.rate}
