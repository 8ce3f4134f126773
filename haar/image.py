"""Images: whatever comes in becomes (H, W) uint8 grey, and is scaled as OpenCV scales it.

grey = (3735·B + 19235·G + 9798·R + 16384) >> 15        weights in 1/32768; alpha is ignored

resize, on each axis from n to m samples:
    p = scale·(i + ½) − ½,  scale = 1 / (m / n)          where output sample i lies in the input
    k = ⌊p⌋,  c = rint(256·(p − k))                      weights 256 − c and c of samples k, k+1
    beyond the first and last sample: that sample alone
result = (Σ wy·wx·pixel + 32768) >> 16                   in whole numbers, so the same everywhere
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]

BLUE, GREEN, RED = 3735, 19235, 9798
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def to_grey(image: Any, channels: str = "rgb") -> Grey:
    """An image as a C-contiguous (H, W) uint8 array; a new one only where necessary.

    Args:
        image: a PIL image, or a uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).
        channels: the order of an array's channels, "rgb" or "bgr" (OpenCV's); a fourth is alpha.

    Raises:
        TypeError: it is no image, or not of bytes.
        ValueError: a shape that no image has, an empty image, or unknown channels.
    """
    if channels not in ("rgb", "bgr"):
        raise ValueError(f"channels expects 'rgb' or 'bgr', got {channels!r}")
    if isinstance(image, Image.Image):
        image, channels = _pixels(image), "rgb"
    pixels = _bytes(image)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):
        pixels = _mix(pixels, channels)
    if pixels.ndim != 2:
        hint = ""
        if pixels.ndim == 3 and pixels.shape[0] in (1, 3, 4):
            hint = "; channels come last: np.moveaxis(image, 0, -1)"
        raise ValueError(
            f"image expects a shape (H, W), (H, W, 3) or (H, W, 4), got {pixels.shape}{hint}"
        )
    if not pixels.size:
        raise ValueError(f"image is empty, its shape is {pixels.shape}; was the file read?")
    return np.ascontiguousarray(pixels)


def _bytes(image: Any) -> NDArray[np.uint8]:
    if image is None or isinstance(image, (str, bytes)) or hasattr(image, "__fspath__"):
        raise TypeError(
            f"image expects an array or a PIL image, got {image!r}; open the file first: "
            "PIL.Image.open(path)"
        )
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8:
        hint = "convert it: np.clip(image, 0, 255).astype(np.uint8)"
        if pixels.dtype.kind == "f":
            hint = "if it is in 0…1, multiply by 255 first; then image.astype(np.uint8)"
            if np.isnan(pixels).any():
                hint = "it holds NaN; replace them first (np.nan_to_num)"
        elif pixels.dtype == np.bool_:
            hint = "convert it: image.astype(np.uint8) * 255"
        elif pixels.dtype.kind not in "iu":
            hint = "it is no array of pixels"
        raise TypeError(f"image expects dtype uint8 (0…255), got {pixels.dtype}; {hint}")
    return pixels


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """A PIL image of any mode as grey or RGB bytes; transparency is ignored, as in arrays."""
    mode = image.mode
    if mode in DEEP_MODES:
        raise TypeError(
            f"image expects 8 bits per channel, got a PIL image of mode {mode!r}; "
            "scale it to 0…255 and convert it to mode 'L'"
        )
    if mode in ("L", "RGB", "RGBA"):
        return np.asarray(image)
    if mode == "La":  # alpha is multiplied in; Pillow goes to grey by way of LA only
        image = image.convert("LA")
    return np.asarray(image.convert("L" if mode in ("1", "LA", "La") else "RGB"))


def _mix(pixels: NDArray[np.uint8], channels: str) -> Grey:
    first, green, third = (pixels[:, :, c].astype(np.int32) for c in range(3))
    red, blue = (first, third) if channels == "rgb" else (third, first)
    return (BLUE * blue + GREEN * green + RED * red + 2**14 >> 15).astype(np.uint8)


# -- resize ---------------------------------------------------------------------------------------


def resize(grey: Grey, width: int, height: int) -> Grey:
    """The image at another size, by linear interpolation in whole numbers."""
    H, W = grey.shape
    if (width, height) == (W, H):
        return grey.copy()
    upper, lower, c = sample_weights(H, height)
    rows: NDArray[np.int32] = grey[upper] * (256 - c)[:, None] + grey[lower] * c[:, None]
    left, right, c = sample_weights(W, width)
    sums: NDArray[np.int32] = rows[:, left] * (256 - c) + rows[:, right] * c
    return ((sums + 2**15) >> 16).astype(np.uint8)


def sample_weights(
    n: int, m: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """For each output sample: two of the n input samples, and the second one's weight · 256."""
    scale = 1.0 / (m / n)  # OpenCV's way to n / m; it is not always the same number
    p = scale * (np.arange(m, dtype=np.float64) + 0.5) - 0.5
    k = np.floor(p).astype(np.int64)
    c = np.rint((p - k) * 256).astype(np.int32)
    c[(k < 0) | (k >= n - 1)] = 0
    k = k.clip(0, n - 1)
    return k, np.minimum(k + 1, n - 1), c
