"""From a picture to a network's input; the same code for training and for recognition.

    picture  ─▶  steps  ─▶  normalisation  ─▶  x

    steps       operations of `scratchnet.vision.steps`, if any: [{"step": "equalise"}, …]
    "picture"   x = (p − mean(p)) / max(std(p), 8)      p: one picture's grey values, 0 … 255
    "unit"      x = p / 255
    "none"      x = p                                   for steps that end with numbers around 0

"picture" centres and scales each picture by itself, so that brightness and contrast of the
photograph do not matter. Its floor of 8 grey levels keeps the noise of a nearly blank one small.

The settings travel with the model: `Sequential.preprocessing` holds `config()`, `save` writes it,
and who loads the model calls `Preprocessing(**model.preprocessing)`. A model that is fed
differently from how it was trained still answers, and answers wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision import steps as vision

STD_FLOOR = 8.0
NORMALISATIONS = ("picture", "unit", "none")
TOGETHER = 1024
"""So many pictures go through the steps at once: it bounds the memory for what is between them."""


@dataclass(frozen=True)
class Preprocessing:
    """How uint8 pictures become (N, 1, size, size) float32 inputs.

    Args:
        size: height and width of an input in pixels.
        normalize: "picture", "unit" or "none"; see the header.
        steps: what happens before, in this order. Without a step "resize" or "cover_crop" the
            pictures must have the size already, and without a step "grey" they must be grey.

    Raises:
        ValueError: no such normalisation or step, or parameters that a step cannot use.
    """

    size: int = 48
    normalize: str = "picture"
    steps: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        if self.normalize not in NORMALISATIONS:
            raise ValueError(
                f"normalize expects one of {', '.join(NORMALISATIONS)}, got {self.normalize!r}"
            )
        object.__setattr__(self, "steps", vision.checked(self.steps))
        # A blank picture shows at once, not at the first face, whether the steps can be done.
        try:
            self(np.zeros((1, self.size, self.size), np.uint8))
        except TypeError as error:
            raise ValueError(f"steps cannot use these values: {error}, in {self.steps}") from error

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Inputs (N, 1, size, size) of pictures (N, H, W) or (N, H, W, 3).

        Raises:
            ValueError: the pictures are not uint8, or have not this size after the steps.
        """
        if images.dtype != np.uint8:
            raise ValueError(self._expected(images))
        x = np.empty((len(images), 1, self.size, self.size), np.float32)
        for first in range(0, max(len(images), 1), TOGETHER):
            pictures = vision.run(self.steps, images[first : first + TOGETHER])
            if pictures.shape[1:] != (self.size, self.size):
                raise ValueError(self._expected(pictures))
            x[first : first + TOGETHER, 0] = self._normalised(pictures.astype(np.float32))
        return x

    def _normalised(self, p: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.normalize == "none":
            return p
        if self.normalize == "unit":
            return p / np.float32(255)
        p -= p.mean(axis=(1, 2), keepdims=True)
        p /= np.maximum(p.std(axis=(1, 2), keepdims=True), np.float32(STD_FLOOR))
        return p

    def _expected(self, images: NDArray[Any]) -> str:
        after = f" after {self.steps[-1]['step']!r}" if self.steps else ""
        return (
            f"pre-processing expects (N, {self.size}, {self.size}) uint8, "
            f"got {images.shape} {images.dtype}{after}; convert and resize the pictures first"
        )

    def config(self) -> dict[str, Any]:
        """The settings as plain values: `Preprocessing(**config)`; steps only if there are any."""
        config = asdict(self)
        if not self.steps:
            del config["steps"]
        return config
