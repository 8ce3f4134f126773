"""From a grey picture to a network's input; the same code for training and for recognition.

    x = (p − mean(p)) / max(std(p), 8)        p: one picture's grey values, 0 … 255

Each picture is centred and scaled by itself, so that brightness and contrast of the photograph do
not matter. The floor of 8 grey levels keeps the noise of a nearly blank picture small.

The settings travel with the model: `Sequential.preprocessing` holds `config()`, `save` writes it,
and who loads the model calls `Preprocessing(**model.preprocessing)`. A model that is fed
differently from how it was trained still answers, and answers wrongly.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STD_FLOOR = 8.0


@dataclass(frozen=True)
class Preprocessing:
    """How (N, size, size) uint8 pictures become (N, 1, size, size) float32 inputs.

    Args:
        size: height and width of a picture in pixels.
        normalize: "picture": zero mean and unit deviation of each picture; "unit": p / 255.
    """

    size: int = 48
    normalize: str = "picture"

    def __post_init__(self) -> None:
        if self.normalize not in ("picture", "unit"):
            raise ValueError(f"normalize expects 'picture' or 'unit', got {self.normalize!r}")

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Inputs (N, 1, size, size) of pictures (N, size, size).

        Raises:
            ValueError: the pictures are not uint8 or not of this size.
        """
        if images.dtype != np.uint8 or images.shape[1:] != (self.size, self.size):
            raise ValueError(
                f"pre-processing expects (N, {self.size}, {self.size}) uint8, "
                f"got {images.shape} {images.dtype}; convert and resize the pictures first"
            )
        x = np.empty((len(images), 1, self.size, self.size), np.float32)
        for first in range(0, len(images), 1024):  # bounds the memory for intermediate results
            part = images[first : first + 1024].astype(np.float32)
            if self.normalize == "unit":
                x[first : first + 1024, 0] = part / 255
                continue
            part -= part.mean(axis=(1, 2), keepdims=True)
            part /= np.maximum(part.std(axis=(1, 2), keepdims=True), np.float32(STD_FLOOR))
            x[first : first + 1024, 0] = part
        return x

    def config(self) -> dict[str, Any]:
        """The settings as plain values: `Preprocessing(**config)`."""
        return asdict(self)
