"""Grey: how bright a colour looks; green counts most, blue least.

    Y = 0.299 R + 0.587 G + 0.114 B                        ITU-R BT.601, section 2.5.1

Bytes are mixed in whole numbers, the weights in 1/65536, half of which is added to round:

    Y = (19595 R + 38470 G + 7471 B + 32768) >> 16         19595 + 38470 + 7471 = 65536

That is Pillow's `convert("L")`, equal for all 256³ colours, so a picture does not change with
the library that reads it. (OpenCV and `haar` count in 1/32768; some colours differ by 1.)

Shapes: (..., H, W, 3) -> (..., H, W), dtype kept.

Chapter: docs/preprocessing.md
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.vision.pixels import check_grey

Array = NDArray[Any]


def to_grey(colours: Array) -> Array:
    """The grey picture (..., H, W) of a red-green-blue one, (..., H, W, 3).

    Raises:
        ValueError: another shape, or pixels other than uint8, float32 and float64.
    """
    if colours.ndim < 3 or colours.shape[-1] != 3:
        raise ValueError(
            f"to_grey expects colours (..., H, W, 3), got {colours.shape}; "
            "drop an alpha channel with colours[..., :3]"
        )
    check_grey(colours[..., 0], "to_grey")
    if colours.dtype == np.uint8:
        red, green, blue = np.moveaxis(colours.astype(np.uint32), -1, 0)
        in_whole = 19595 * red + 38470 * green + 7471 * blue + 2**15
        return (in_whole >> 16).astype(np.uint8)
    red, green, blue = np.moveaxis(colours, -1, 0)
    mixed: Array = 0.299 * red + 0.587 * green + 0.114 * blue
    return mixed
