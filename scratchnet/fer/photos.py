"""A photo, whatever it comes as: one upright picture of 8 bits a channel, grey or in colours.

    path, PIL image or array  ─▶  PIL image of mode "L" or "RGB"

    EXIF orientation     obeyed: the picture stands as the camera stood
    transparency         lies over white
    palette, CMYK, …     in colours
    1 bit                0 and 255
    16 bits              the upper eight, p >> 8
    more than one frame  the first

Whatever cannot be read ends in one kind of exception, `PhotoError`, which says of which photo, what
is wrong, and what to do. Pillow's limit against decompression bombs (files of a few bytes that
unpack to gigabytes) holds: `PIL.Image.MAX_IMAGE_PIXELS`.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Photo = str | os.PathLike[str] | Image.Image | NDArray[Any]

CHANNELS = ("rgb", "bgr")


class PhotoError(ValueError):
    """A photo that cannot be read; the message says which one, why, and what to do about it."""


def read_photo(photo: Photo, channels: str = "rgb") -> Image.Image:
    """The upright picture, of mode "L" or "RGB".

    Args:
        photo: a path; a PIL image; or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of uint8,
            uint16 or bool.
        channels: the order in an array, "rgb" or "bgr" (OpenCV's); a fourth channel is alpha.

    Raises:
        PhotoError: there is no such file, it is no picture, it is damaged or too large, or the
            array is not as described.
    """
    if channels not in CHANNELS:
        raise PhotoError(f"channels expects 'rgb' or 'bgr', got {channels!r}")
    if isinstance(photo, np.ndarray):
        return over_white(from_array(photo, channels))
    name = "the picture" if isinstance(photo, Image.Image) else os.fspath(photo)
    try:
        if isinstance(photo, Image.Image):
            return eight_bits(photo)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd notes beside the pixels
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(photo) as picture:
                picture.load()
                return eight_bits(picture)
    except Exception as error:  # Pillow's decoders raise all kinds on damaged files
        raise PhotoError(f"{name}: {complaint(error)}") from error


def eight_bits(picture: Image.Image) -> Image.Image:
    """A picture of any mode, upright, in "L" or "RGB".

    Raises:
        PhotoError: its pixels are floats, or whole numbers of more than 16 bits.
    """
    picture = upright(picture)
    if picture.mode == "F":
        raise PhotoError(
            "its pixels are floating-point numbers, of which nobody says where white is; "
            "scale them to 0…255 and convert them to uint8"
        )
    if picture.mode.startswith("I"):
        return from_array(np.asarray(picture), "rgb")
    return over_white(picture)


def upright(picture: Image.Image) -> Image.Image:
    """Turned and mirrored as its EXIF orientation says; as it is, if that cannot be read."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a damaged note beside a whole picture
        return picture.copy()


def over_white(picture: Image.Image) -> Image.Image:
    """A picture in "L" or "RGB", on white where it is transparent."""
    if picture.mode in ("RGBa", "La"):  # alpha is multiplied in
        picture = picture.convert({"RGBa": "RGBA", "La": "LA"}[picture.mode])
    grey = picture.mode in ("L", "LA", "1")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return picture.convert("L" if grey else "RGB")


def from_array(pixels: NDArray[Any], channels: str) -> Image.Image:
    """An array as a picture of mode "L", "RGB" or "RGBA".

    Raises:
        PhotoError: its shape or dtype is not one of `read_photo`'s.
    """
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        hint = ""
        if pixels.ndim == 3 and pixels.shape[0] in (1, 3, 4):
            hint = "; channels come last: np.moveaxis(photo, 0, -1)"
        elif pixels.ndim == 4:
            hint = "; this is a batch: recognise its photos one by one, or with many()"
        raise PhotoError(
            f"a photo expects a shape (H, W), (H, W, 3) or (H, W, 4), got {pixels.shape}{hint}"
        )
    if not pixels.size:
        raise PhotoError(f"the photo is empty, its shape is {pixels.shape}; was the file read?")
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    elif pixels.dtype.kind in "iu" and pixels.dtype.itemsize > 1:
        if pixels.min() < 0 or pixels.max() >= 2**16:
            raise PhotoError(
                f"a photo expects pixels of 8 or 16 bits, got {pixels.min()}…{pixels.max()} "
                f"({pixels.dtype}); scale them to 0…255 and convert them to uint8"
            )
        deep = pixels.dtype.itemsize == 2 or pixels.max() > 255
        pixels = (pixels >> (8 if deep else 0)).astype(np.uint8)
    elif pixels.dtype != np.uint8:
        hint = "if white is 1.0: (255 * photo).round().astype(np.uint8)"
        raise PhotoError(f"a photo expects uint8, uint16 or bool, got {pixels.dtype}; {hint}")
    if pixels.ndim == 3 and channels == "bgr":
        pixels = pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]
    return Image.fromarray(np.ascontiguousarray(pixels))


def complaint(error: Exception) -> str:
    """What is wrong with a file and what to do, in one line."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, expected one picture"
    if isinstance(error, PermissionError):
        return "it may not be read; change its permissions"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return (
            f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels, which may be a decompression "
            "bomb; make it smaller, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust it"
        )
    if isinstance(error, Image.UnidentifiedImageError):
        return "this is no picture of a format that Pillow reads; convert it to JPEG or PNG"
    if isinstance(error, MemoryError):
        return "it does not fit into memory; make it smaller"
    reason = " ".join(str(error).split()) or type(error).__name__
    return reason if isinstance(error, PhotoError) else f"it is damaged ({reason}); replace it"
