"""At the limits: the thinnest pictures, the smallest and largest windows, too many candidates."""

import numpy as np
import pytest

from haar import Cascade, HaarFeature, Node, Rectangle, Stage, WeakClassifier, reference, scales
from haar.kernels import detect
from haar.kernels.lowering import lower
from haar.scales import Level, plan_levels
from tests.haar.synthetic import hashed_image

IMPLEMENTATIONS = {"reference": reference, "kernels": detect}


def bar(width: int, height: int, leaves: tuple[float, float] = (1.0, 0.0)) -> Cascade:
    """Two stumps that ask whether the right half is darker than the whole."""
    whole = Rectangle(0, 0, width, height, -1.0)
    half = Rectangle(width // 2, 0, width - width // 2, height, 2.0)
    stump = WeakClassifier((Node(0, 0.0),), leaves)
    stage = Stage(1.0, (stump,))
    return Cascade(width, height, "haar", (stage, stage), (HaarFeature((whole, half)),))


def agree(cascade: Cascade, image: np.ndarray, factor: float = 1.5) -> int:
    H, W = image.shape
    levels = plan_levels((W, H), (cascade.width, cascade.height), factor)
    expected, sums = reference.find_candidates(image, cascade, levels)
    found, fast_sums = detect.find_candidates(image, cascade, levels, 2)
    assert np.array_equal(found, expected)
    assert np.array_equal(fast_sums, sums)
    return len(found)


@pytest.mark.parametrize("shape", [(8, 100_000), (100_000, 8), (9, 70_001), (70_001, 9)])
def test_pictures_as_thin_as_the_window(shape) -> None:
    assert agree(bar(8, 8), hashed_image(*shape[::-1], seed=4)) > 1000


@pytest.mark.parametrize("size", [(3, 3), (3, 8), (2, 5), (5, 2), (1, 1), (1, 9), (9, 1)])
def test_windows_of_a_few_pixels(size) -> None:
    # without its border there may be nothing left, or less: OpenCV takes the formula as it is
    agree(bar(*size), hashed_image(60, 40, 6))


@pytest.mark.parametrize("size", [(257, 257), (300, 20), (20, 300), (400, 390)])
def test_windows_whose_sums_wrap(size) -> None:
    # 257² · 255² > 2³²: the squares of a bright window wrap around, as they do in OpenCV
    bright = np.maximum(hashed_image(410, 400, 2), 200)
    agree(bar(*size), bright, 1.02)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_cascade_that_accepts_everything_is_refused(implementation, monkeypatch) -> None:
    cascade, image = bar(8, 8, (1.0, 1.0)), hashed_image(90, 80, 3)
    find = IMPLEMENTATIONS[implementation].find_candidates
    levels = plan_levels((90, 80), (8, 8), 1.2)
    number = len(find(image, cascade, levels, 1)[0])
    monkeypatch.setattr(detect, "CAPACITY", 100)
    monkeypatch.setattr(scales, "MAX_CANDIDATES", number)
    assert len(find(image, cascade, levels, 1)[0]) == number
    monkeypatch.setattr(scales, "MAX_CANDIDATES", number - 1)
    with pytest.raises(ValueError, match="hardly tells anything apart; a larger min_size"):
        find(image, cascade, levels, 1)


def test_a_window_beyond_32_bits_is_refused_before_any_memory_is_taken() -> None:
    with pytest.raises(ValueError, match="50000×50000 pixels is too large to be searched for"):
        lower(bar(24, 24).tables(), 50_000, 50_000)


def test_large_windows_are_not_packed() -> None:
    stages = (Stage(0.0, bar(24, 24).stages[0].weak * 100),) * 3
    cascade = Cascade(24, 24, "haar", stages, bar(24, 24).features)
    small, large = (lower(cascade.tables(), side, side) for side in (24, 200))
    assert small.program.queue_stage == 1
    assert large.program.queue_stage == 3
    assert all(not len(places.packed) for places in large.places)


def test_nothing_to_search_is_nothing_found() -> None:
    rectangles, sums = detect.find_candidates(hashed_image(30, 30, 1), bar(8, 8), [], 2)
    assert (rectangles.shape, sums.shape) == ((0, 4), (0,))
    empty = Level(1.0, 7, 30, 2, 0, 23, 8, 8)
    assert len(detect.find_candidates(hashed_image(30, 30, 1), bar(8, 8), [empty], 2)[0]) == 0


def test_a_place_far_inside_of_a_large_picture() -> None:
    """The same rectangles as in a cut-out, at 90 million pixels."""
    patch = hashed_image(64, 64, 8)
    cut = np.zeros((128, 128), np.uint8)
    cut[32:96, 32:96] = patch
    image = np.zeros((9_000, 10_000), np.uint8)
    y, x = 8_800, 9_800
    image[y : y + 128, x : x + 128] = cut
    cascade = bar(24, 24)
    found = cascade.candidates(image, max_size=24, threads=1)
    assert np.array_equal(found - (x, y, 0, 0), cascade.candidates(cut, max_size=24))
    assert len(found) > 100
