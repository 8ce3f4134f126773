"""Maps, read and written in plain NumPy: what the kernels' tests look at memory with.

place of (n, h, w, c)  =  ((n·HP + top + h)·WP + left + w)·C + c
"""

import numpy as np

from scratchnet.kernels.maps import ONE, frame, numbers, whole_vectors
from scratchnet.kernels.memory import aligned_zeros


def inside(size, f):
    """Which of `size` numbers in the layout of frame f lie inside of an image, as booleans."""
    image = f.HP * f.WP * f.C
    mask = np.zeros((-(-size // image), f.HP, f.WP, f.C), bool)
    mask[:, f.top : f.top + f.H, f.left : f.left + f.W] = True
    return mask.reshape(-1)[:size]


def images_of(pixels, N, f, C=None):
    """The images (N, C, H, W) that lie in maps."""
    grid = pixels[: N * f.HP * f.WP * f.C].reshape(N, f.HP, f.WP, f.C)
    within = grid[:, f.top : f.top + f.H, f.left : f.left + f.W]
    return within.transpose(0, 3, 1, 2)[:, : f.C if C is None else C].copy()


def write_images(x, f, pixels):
    """Put images (N, C, H, W) into maps; channels that they lack become zero."""
    N, C, H, W = x.shape
    grid = pixels[: N * f.HP * f.WP * f.C].reshape(N, f.HP, f.WP, f.C)
    within = grid[:, f.top : f.top + H, f.left : f.left + W]
    within[...] = 0
    within[..., :C] = x.transpose(0, 2, 3, 1)


def maps_of(x, channels=None, padding=ONE):
    """(pixels, frame) of images (N, C, H, W); their channels filled up to whole vectors."""
    N, C, H, W = x.shape
    f = frame(H, W, whole_vectors(C) if channels is None else channels, padding)
    pixels = aligned_zeros(numbers(N, f))
    write_images(x, f, pixels)
    return pixels, f


def poisoned(N, f, dtype="float32"):
    """Maps whose outside is zero and whose inside nobody may read before it is written."""
    pixels = aligned_zeros(numbers(N, f), dtype)
    poison(pixels, f)
    return pixels


def poison(pixels, f):
    """NaN inside of all images; 255, which no pixel of a window has, if these are winners."""
    pixels[inside(len(pixels), f)] = np.nan if pixels.dtype == np.float32 else 255


def nothing_outside(pixels, f):
    """Whether everything outside of the images is zero."""
    return not pixels[~inside(len(pixels), f)].any()
