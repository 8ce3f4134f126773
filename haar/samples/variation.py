"""Variation: copies of a sample as other photos might have shown it.

    box       moved by up to `shift` of its width and height, `scale` times as large, turned
    light     brighter on one side: pixel · (1 + light · (position along a direction, −1 … 1))
    exposure  (pixel − 128) · contrast + 128 + brightness, cut off at 0 and 255

Detection divides by each window's standard deviation, so an even change of contrast or brightness
says nothing, but for the pixels that are cut off; light from one side says much.

Moving the box teaches tolerance, and a detector that scans in steps needs some: by 1/24 for a step
of one pixel, 10 % for a scale factor of 1.1. More than that blurs what there is to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from haar.samples.cut import Grey, Numbers, Sample, cut


@dataclass(frozen=True)
class Variation:
    """The most that a copy differs from its sample; all are drawn evenly between − and +.

    Raises:
        ValueError: a number is out of its range.
    """

    mirror: float = 0.5
    """The share of copies that are mirrored."""
    shift: float = 0.03
    """Of the box's width and height."""
    scale: float = 0.06
    """The box is 1 / (1 + scale) … 1 + scale times as large."""
    angle: float = 6.0
    """Degrees."""
    light: float = 0.25
    """0.25: up to a quarter darker on one side and brighter on the other."""
    contrast: float = 0.2
    """1 / (1 + contrast) … 1 + contrast times."""
    brightness: float = 20.0
    """Grey levels."""
    area: float = 0.5
    """The share of copies that are averaged over each pixel (`cut`), and so a little softer."""

    def __post_init__(self) -> None:
        for name in ("mirror", "area"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} expects a share, 0 to 1, got {getattr(self, name)!r}")
        if not all(0 <= value < np.inf for value in astuple(self)) or self.shift >= 0.5:
            raise ValueError(f"a Variation expects numbers from 0, shift below 0.5, got {self}")


def vary(
    samples: Sequence[Sample],
    size: tuple[int, int],
    copies: int,
    rng: np.random.Generator,
    variation: Variation | None = None,
) -> Grey:
    """`copies` windows of each sample, (copies · N, h, w): first one of each, then the next.

    Args:
        size: (w, h) of the windows.
        variation: None is `Variation()`.
    """
    most = Variation() if variation is None else variation
    windows = np.zeros((copies * len(samples), size[1], size[0]), np.uint8)
    for k in range(len(windows)):
        windows[k] = varied(samples[k % len(samples)], size, rng, most)
    return windows


def varied(
    sample: Sample, size: tuple[int, int], rng: np.random.Generator, most: Variation
) -> Grey:
    """One copy."""
    mirror, area = rng.random(2) < (most.mirror, most.area)
    dx, dy, growth, turn, light, contrast, brightness = rng.uniform(-1, 1, 7)
    direction = rng.uniform(0, 2 * np.pi)
    # > all are drawn, whatever is used of them: a variation turned off leaves the others alone
    x, y, width, height = sample.box
    larger = (1 + most.scale) ** growth
    box = (
        x + width * ((1 - larger) / 2 + most.shift * dx),
        y + height * ((1 - larger) / 2 + most.shift * dy),
        width * larger,
        height * larger,
    )
    window = cut(
        sample.grey, box, size, angle=most.angle * turn, mirror=bool(mirror), area=bool(area)
    )
    lit = window * ramp(size, direction, most.light * light)
    exposed = (lit - 128) * (1 + most.contrast) ** contrast + 128 + most.brightness * brightness
    return np.rint(exposed).clip(0, 255).astype(np.uint8)


def ramp(size: tuple[int, int], direction: float, slope: float) -> Numbers:
    """1 + slope · position, (h, w): the position is −1 … 1 from one edge to the opposite one."""
    w, h = size
    across: NDArray[np.float64] = (np.arange(w) + 0.5) / w * 2 - 1
    down: NDArray[np.float64] = (np.arange(h) + 0.5) / h * 2 - 1
    return 1 + slope * (np.cos(direction) * across[None, :] + np.sin(direction) * down[:, None])
