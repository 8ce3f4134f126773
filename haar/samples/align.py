"""Frames, corrected: cropped faces never sit quite alike, and a cascade that exists tells how.

    stated box ─▶ what is near, with a rim, enlarged ─▶ detections of each cascade
                                                          │
                       kept, and framed by their mean ◀───┘  if enough of the cascades find the
                                                             object there: IoU ≥ `overlap`

What no cascade finds is turned away, hidden, drawn, or blank: it would teach little but tolerance,
and a stage that must keep 995 of 1,000 positives is only as sharp as the worst ones let it be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from haar.cascade import Cascade
from haar.image import resize
from haar.samples.cut import Box, Grey, Sample

RIM = 0.25
"""Of the box's side, around the crop: its outer pixels, repeated."""
ENLARGED = 3
"""The box is made so many windows large, that detection's steps are small beside it."""


def align(
    samples: Sequence[Sample],
    cascades: Sequence[Cascade],
    *,
    least: int = 1,
    overlap: float = 0.5,
    beyond: float = 0.08,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[list[Sample], NDArray[np.int64]]:
    """The samples that the cascades find, framed as they frame them, and their positions.

    Args:
        samples: with boxes that are about right.
        cascades: of the same kind of object.
        least: how many of them must find it.
        overlap: with the stated box, at least.
        beyond: the share of its side by which a new box may reach beyond its picture.
        progress: is called with the number of samples done.

    Raises:
        ValueError: `least` is more than there are cascades, or less than 1.
    """
    if not 1 <= least <= len(cascades):
        raise ValueError(f"least expects 1 to {len(cascades)}, the cascades given, got {least}")
    kept: list[Sample] = []
    positions: list[int] = []
    for k, sample in enumerate(samples):
        boxes = [frame(sample, cascade, overlap, threads) for cascade in cascades]
        found = [box for box in boxes if box is not None]
        if len(found) >= least:
            x, y, width, height = np.mean(found, axis=0).tolist()
            H, W = sample.grey.shape
            if max(-x / width, -y / height, (x + width - W) / width, (y + height - H) / height) <= (
                beyond
            ):
                kept.append(Sample(sample.grey, (x, y, width, height)))
                positions.append(k)
        if progress is not None:
            progress(k + 1)
    return kept, np.asarray(positions, np.int64)


def frame(sample: Sample, cascade: Cascade, overlap: float, threads: int | None) -> Box | None:
    """The detection nearest to the stated box, in the pixels of the sample's picture."""
    grey, stated, corner = near(sample)
    _, _, width, height = stated
    rim = math.ceil(RIM * max(width, height))
    padded = np.pad(grey, rim, mode="edge")
    zoom = max(1.0, ENLARGED * cascade.width / width)
    H, W = (round(side * zoom) for side in padded.shape)
    smallest = round(overlap * width * zoom)
    found = cascade.detect(
        resize(padded, W, H), min_size=(smallest, smallest), scale_factor=1.05, threads=threads
    )
    boxes = found / zoom - (rim, rim, 0, 0)
    share = shares(boxes, stated)
    if not len(share) or share.max() < overlap:
        return None
    left, top, w, h = boxes[share.argmax()].tolist()
    return corner[0] + left, corner[1] + top, w, h


def near(sample: Sample) -> tuple[Grey, Box, tuple[int, int]]:
    """The picture within a side of the box, the box in it, and where in the picture it begins."""
    x, y, width, height = sample.box
    left, top = max(0, math.floor(x - width)), max(0, math.floor(y - height))
    right, below = math.ceil(x + 2 * width), math.ceil(y + 2 * height)
    part = sample.grey[top:below, left:right]
    return part, (x - left, y - top, width, height), (left, top)


def shares(boxes: NDArray[np.float64], box: Box) -> NDArray[np.float64]:
    """IoU of each of (N, 4) with one box."""
    x, y, w, h = boxes.T
    X, Y, W, H = box
    across = np.minimum(x + w, X + W) - np.maximum(x, X)
    down = np.minimum(y + h, Y + H) - np.maximum(y, Y)
    shared = across.clip(0) * down.clip(0)
    result: NDArray[np.float64] = shared / (w * h + W * H - shared)
    return result
