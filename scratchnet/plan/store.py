"""Maps as they go from step to step, and the memory that they lie in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from scratchnet.kernels.maps import Frame, numbers
from scratchnet.kernels.memory import aligned_zeros
from scratchnet.kernels.pointwise import Moments
from scratchnet.layers.base import Array


@dataclass(frozen=True)
class Maps:
    """Feature maps of N images in one flat array; `frame` says where which pixel lies."""

    N: int
    frame: Frame
    pixels: Array
    moments: Moments | None = None
    """Of each image, if whoever wrote the maps was to take them."""


class Store:
    """Memory for maps that is used again and again: fresh pages cost more than the arithmetic.

    Whoever takes maps gives them back when nobody will read them any more. Maps are given back
    with zeros outside of their images, and so they are taken.
    """

    def __init__(self) -> None:
        self._free: dict[tuple[Frame, str], list[Array]] = defaultdict(list)

    def array(self, N: int, frame: Frame, dtype: str = "float32") -> Array:
        """Numbers laid out for N images of this frame."""
        free = self._free[frame, dtype]
        size = numbers(N, frame)
        fitting = [i for i, array in enumerate(free) if len(array) >= size]
        if fitting:
            return free.pop(fitting[0])
        if free:  # too small: the new one takes its place
            free.pop()
        return aligned_zeros(size, dtype)

    def maps(self, N: int, frame: Frame) -> Maps:
        return Maps(N, frame, self.array(N, frame))

    def give_back(self, what: Any, frame: Frame | None = None) -> None:
        """Take maps back, or an array of this frame; anything else is ignored."""
        if isinstance(what, Maps):
            what, frame = what.pixels, what.frame
        if frame is not None and what is not None:
            self._free[frame, what.dtype.name].append(what)
