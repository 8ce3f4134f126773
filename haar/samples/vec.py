"""OpenCV's .vec files: windows that are cut out already, as opencv_createsamples leaves them.

    int32 N    int32 w·h    int16 0    int16 0          little-endian
    N times:   uint8 0      int16 pixel × (w·h)         row by row

The file knows how many pixels a window has, but not its shape: that has to be said.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from haar.samples.lists import SampleError

HEADER = struct.Struct("<iihh")


def read_vec(path: str | os.PathLike[str], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The windows (N, h, w) uint8.

    Args:
        size: (w, h) of a window: the -w and -h that the file was made with.

    Raises:
        OSError: the file cannot be read.
        SampleError: it is no .vec file, of windows of another size, or its end is missing.
    """
    data = Path(path).read_bytes()
    w, h = size
    name = os.fspath(path)
    if len(data) < HEADER.size:
        raise SampleError(f"{name}: a .vec file begins with 12 bytes, got {len(data)}")
    N, pixels, *_ = HEADER.unpack_from(data)
    if N < 0 or pixels <= 0:
        raise SampleError(f"{name}: expected a number of windows and of pixels, got {N}, {pixels}")
    if pixels != w * h:
        raise SampleError(
            f"{name}: expected windows of {w}×{h} = {w * h} pixels, got {pixels}{_square(pixels)}"
        )
    expected = HEADER.size + N * (1 + 2 * pixels)
    if len(data) != expected:
        raise SampleError(
            f"{name}: {N} windows of {pixels} pixels expect {expected} bytes, got {len(data)}; "
            f"{'the end is missing' if len(data) < expected else 'it is no .vec file, or damaged'}"
        )
    windows = np.frombuffer(data, _window(pixels), count=N, offset=HEADER.size)["pixels"]
    if N and not 0 <= windows.min() <= windows.max() <= 255:
        raise SampleError(f"{name}: expected pixels 0…255, got {windows.min()}…{windows.max()}")
    return windows.astype(np.uint8).reshape(N, h, w)


def write_vec(path: str | os.PathLike[str], windows: NDArray[np.uint8]) -> None:
    """Write windows (N, h, w) uint8 for opencv_traincascade, or for later.

    Raises:
        ValueError: they have another shape or dtype.
    """
    if windows.ndim != 3 or windows.dtype != np.uint8 or 0 in windows.shape[1:]:
        raise ValueError(
            f"write_vec expects windows (N, h, w) of uint8, got {windows.shape} of {windows.dtype}"
        )
    N, h, w = windows.shape
    records = np.zeros(N, _window(h * w))
    records["pixels"] = windows.reshape(N, h * w)
    Path(path).write_bytes(HEADER.pack(N, h * w, 0, 0) + records.tobytes())


def _window(pixels: int) -> np.dtype[np.void]:
    return np.dtype([("zero", "u1"), ("pixels", "<i2", (pixels,))])


def _square(pixels: int) -> str:
    side = round(pixels**0.5)
    return f", as {side}×{side} windows have" if side * side == pixels else ""
