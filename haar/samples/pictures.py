"""Samples out of pictures: with boxes around the objects, or of one object each.

boxes   {picture: its boxes}           each box is a sample; the pictures are read as grey
crops   one object each, all framed alike: the box is the crop without its margin

        ┌─────────────────┐
        │      top        │       margin = shares of the crop's width and height that lie
        │   ┌─────────┐   │       outside of the box: (left, top, right, bottom), or one number
        │   │   box   │   │       for all four. Below 0, the box reaches beyond the crop.
        │   └─────────┘   │
        └─────────────────┘
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageOps

from haar.image import to_grey
from haar.samples.cut import Box, Grey, Sample
from haar.samples.lists import SampleError

ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}


def read_grey(path: str | os.PathLike[str]) -> Grey:
    """A picture, upright as its EXIF orientation says, as (H, W) uint8.

    Raises:
        OSError: it cannot be read.
        TypeError: it has more than 8 bits a channel.
    """
    with Image.open(path) as picture:
        return to_grey(ImageOps.exif_transpose(picture))


def from_boxes(boxes: Mapping[Path, Sequence[Box]]) -> list[Sample]:
    """A sample for each box of each picture: what `read_csv` or `read_info` returned.

    Raises:
        OSError: a picture cannot be read.
        SampleError: a box lies outside of its picture.
    """
    samples: list[Sample] = []
    for path, own in boxes.items():
        if not own:
            continue
        grey = read_grey(path)
        H, W = grey.shape
        for x, y, width, height in own:
            if not (0 <= x + width / 2 <= W and 0 <= y + height / 2 <= H):
                raise SampleError(
                    f"{path}: the middle of the box {x:g} {y:g} {width:g} {height:g} lies outside "
                    f"of the picture, which has {W}×{H} pixels"
                )
            samples.append(Sample(grey, (x, y, width, height)))
    return samples


def from_crops(crops: Iterable[Grey], margin: ArrayLike = 0.0) -> list[Sample]:
    """A sample for each crop; (N, H, W), or pictures of their own sizes.

    Args:
        margin: one share, or (left, top, right, bottom); the box is what is left.

    Raises:
        ValueError: the margin leaves no box.
    """
    left, top, right, bottom = np.broadcast_to(np.asarray(margin, np.float64), (4,)).tolist()
    if not (left + right < 1 and top + bottom < 1):
        raise ValueError(f"margin expects shares that leave a box, got {margin!r}")
    samples: list[Sample] = []
    for grey in crops:
        H, W = grey.shape
        box = (left * W, top * H, (1 - left - right) * W, (1 - top - bottom) * H)
        samples.append(Sample(grey, box))
    return samples


def read_crops(folder: str | os.PathLike[str]) -> list[Grey]:
    """The pictures of a folder and of those in it, in the order of their names.

    Raises:
        OSError: one cannot be read, or there is none.
    """
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in ENDINGS)
    if not paths:
        raise FileNotFoundError(f"{os.fspath(folder)}: there is no picture in this folder")
    return [read_grey(path) for path in paths]
