"""The integral image, and a Haar feature out of it: any rectangle's sum in four look-ups.

    S[Y, X] = Σ of the pixels with y < Y and x < X                     (H + 1, W + 1)
    sum of the w × h pixels at (x, y) = S[y, x] − S[y, x+w] − S[y+h, x] + S[y+h, x+w]
    feature = right half − left half

The library's own stands in `haar`, which knows nothing of networks, as this file knows nothing of
it: tests hold the two together.
"""

from __future__ import annotations

import numpy as np

from scratchnet.learn.exercise import Arguments, Array, Exercise, Task, mistake

# -- the integral image ---------------------------------------------------------------------------


def integral_image(grey: Array) -> Array:
    H, W = grey.shape
    S = np.zeros((H + 1, W + 1), np.int64)
    S[1:, 1:] = grey.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    return S


@mistake()
def zero_border_missing(grey: Array) -> Array:
    """S has one row and one column more than the picture: row 0 and column 0 are sums of
    nothing."""
    return integral_image(grey)[1:, 1:]


@mistake()
def border_at_the_end(grey: Array) -> Array:
    """The row and the column of zeros come first: S[Y, X] counts the pixels *before* row Y and
    column X."""
    S = np.zeros_like(integral_image(grey))
    S[:-1, :-1] = integral_image(grey)[1:, 1:]
    return S


@mistake()
def sums_overflow_in_uint8(grey: Array) -> Array:
    """A sum of uint8 starts again after 255. Name the dtype: zeros(..., np.int64), and
    cumsum(..., dtype=np.int64)."""
    return integral_image(grey).astype(np.uint8)


@mistake()
def rows_only(grey: Array) -> Array:
    """You add up along each row only; S counts all rows above too."""
    S = integral_image(grey)
    S[1:] -= S[:-1].copy()
    return S


@mistake()
def columns_only(grey: Array) -> Array:
    """You add up along each column only; S counts all columns to the left too."""
    S = integral_image(grey)
    S[:, 1:] -= S[:, :-1].copy()
    return S


@mistake()
def overlap_counted_twice(grey: Array) -> Array:
    """The sum above and the sum to the left both contain what lies above *and* to the left:
    subtract S[Y−1, X−1] once."""
    S = np.zeros_like(integral_image(grey))
    for Y, X in np.ndindex(grey.shape):
        S[Y + 1, X + 1] = grey[Y, X] + S[Y, X + 1] + S[Y + 1, X]
    return S


def _pictures() -> list[Arguments]:
    rng = np.random.default_rng(16)
    return [
        (np.array([[2, 2, 4], [2, 2, 1]], np.uint8),),
        (rng.integers(0, 256, (4, 4), np.uint8),),
        (rng.integers(0, 256, (5, 7), np.uint8),),
    ]


INTEGRAL_IMAGE = Exercise(
    name="integral_image",
    summary="integral_image(grey)",
    teaches="one pass over a picture, after which every rectangle costs the same",
    read="docs/viola_jones.md#the-integral-image",
    library="haar/integral.py",
    tasks=(
        Task(
            integral_image,
            ("S",),
            _pictures,
            (
                zero_border_missing,
                border_at_the_end,
                sums_overflow_in_uint8,
                rows_only,
                columns_only,
                overlap_counted_twice,
            ),
        ),
    ),
)

# -- a feature ------------------------------------------------------------------------------------


def rectangle_sum(S: Array, x: int, y: int, width: int, height: int) -> int:
    return int(S[y, x] - S[y, x + width] - S[y + height, x] + S[y + height, x + width])


@mistake()
def corner_counted_twice(S: Array, x: int, y: int, width: int, height: int) -> int:
    """The part above and the part to the left both contain the corner: add S[y, x] again."""
    return rectangle_sum(S, x, y, width, height) - int(S[y, x])


@mistake()
def rows_and_columns_swapped(S: Array, x: int, y: int, width: int, height: int) -> int:
    """An array's first index is the row: S[y, x]."""
    return rectangle_sum(S.T, x, y, width, height)


@mistake()
def one_pixel_too_small(S: Array, x: int, y: int, width: int, height: int) -> int:
    """S[Y, X] does not count row Y and column X: the far corner is S[y + height, x + width],
    without − 1."""
    return rectangle_sum(S, x, y, width - 1, height - 1)


@mistake()
def zero_border_forgotten(S: Array, x: int, y: int, width: int, height: int) -> int:
    """S has a border of zeros, so no index needs a − 1: the near corner is S[y, x] itself."""
    return rectangle_sum(S, x - 1, y - 1, width, height)


@mistake()
def the_far_corner_alone(S: Array, x: int, y: int, width: int, height: int) -> int:
    """S at the far corner counts from the picture's corner on: subtract what lies above and to
    the left."""
    return int(S[y + height, x + width])


def haar_feature(S: Array, x: int, y: int, width: int, height: int) -> int:
    half = width // 2
    right = rectangle_sum(S, x + half, y, half, height)
    return right - rectangle_sum(S, x, y, half, height)


@mistake(read="docs/viola_jones.md#haar-features")
def left_minus_right(S: Array, x: int, y: int, width: int, height: int) -> int:
    """The sign is a convention, and a cascade's thresholds count on it: right minus left."""
    return -haar_feature(S, x, y, width, height)


@mistake(read="docs/viola_jones.md#haar-features")
def halves_above_each_other(S: Array, x: int, y: int, width: int, height: int) -> int:
    """This feature compares left and right: halve the width, not the height."""
    half = height // 2
    below = rectangle_sum(S, x, y + half, width, half)
    return below - rectangle_sum(S, x, y, width, half)


@mistake(read="docs/viola_jones.md#haar-features")
def halves_as_wide_as_the_whole(S: Array, x: int, y: int, width: int, height: int) -> int:
    """`width` is the whole feature's; each half is width // 2 wide."""
    right = rectangle_sum(S, x + width // 2, y, width, height)
    return right - rectangle_sum(S, x, y, width, height)


@mistake(read="docs/viola_jones.md#haar-features")
def halves_added(S: Array, x: int, y: int, width: int, height: int) -> int:
    """A flat area has to give 0: subtract one half from the other."""
    return rectangle_sum(S, x, y, width, height)


@mistake(read="docs/viola_jones.md#haar-features")
def the_mean_of_each_half(S: Array, x: int, y: int, width: int, height: int) -> float:
    """The feature is a difference of sums, not of means; its size goes into the threshold."""
    return haar_feature(S, x, y, width, height) / (width // 2 * height)


def _windows() -> list[Arguments]:
    rng = np.random.default_rng(17)
    small = integral_image(np.array([[2, 2, 4, 0], [2, 2, 1, 1], [5, 5, 0, 2], [1, 5, 7, 1]]))
    large = integral_image(rng.integers(0, 256, (9, 9), np.uint8))
    return [(small, 1, 1, 2, 2), (large, 2, 1, 4, 6), (large, 4, 3, 4, 2)]


HAAR_FEATURE = Exercise(
    name="haar_feature",
    summary="rectangle_sum(S, x, y, width, height) and haar_feature(…)",
    teaches="four look-ups; light against dark, the question that a face detector asks",
    read="docs/viola_jones.md#the-integral-image",
    library="haar/integral.py",
    tasks=(
        Task(
            rectangle_sum,
            ("sum",),
            _windows,
            (
                corner_counted_twice,
                rows_and_columns_swapped,
                one_pixel_too_small,
                zero_border_forgotten,
                the_far_corner_alone,
            ),
        ),
        Task(
            haar_feature,
            ("value",),
            _windows,
            (
                left_minus_right,
                halves_above_each_other,
                halves_as_wide_as_the_whole,
                halves_added,
                the_mean_of_each_half,
            ),
        ),
    ),
)
