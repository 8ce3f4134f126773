"""Arguments of detection: what is right has an answer, what is wrong a message with a remedy."""

from fractions import Fraction

import numpy as np
import pytest

from haar import detector
from haar.detector import clip
from haar.grouping import Groups
from tests.haar.cascades import HALVES
from tests.haar.synthetic import random_image

IMAGE = random_image(np.random.default_rng(8), 60, 45)


@pytest.mark.parametrize("shape", [(1, 1), (5, 6), (6, 5), (1, 1000), (1, 1, 3)])
def test_images_smaller_than_the_window_have_no_objects(shape: tuple[int, ...]) -> None:
    objects = HALVES.detect(np.zeros(shape, np.uint8))
    assert objects.shape == (0, 4)
    assert objects.dtype == np.int32


def test_an_image_of_the_windows_size_has_one_window() -> None:
    window = np.repeat([20, 220], 18).reshape(6, 6).astype(np.uint8)
    assert HALVES.candidates(window).tolist() == [[0, 0, 6, 6]]


def test_the_longest_of_images() -> None:
    image = np.zeros((6, 40_000), np.uint8)
    image[3:, 30_000:30_006] = 200
    assert 30_000 in HALVES.candidates(image)[:, 0]


@pytest.mark.parametrize("threads", [1, 2, 8, 10**9, np.int64(3), None])
def test_threads_do_not_matter(threads) -> None:
    expected = HALVES.candidates(IMAGE, threads=1)
    assert len(expected) > 10
    assert np.array_equal(HALVES.candidates(IMAGE, threads=threads), expected)


def test_equivalent_arguments() -> None:
    expected = HALVES.candidates(IMAGE, scale_factor=1.5, min_size=(9, 9)).tolist()
    assert HALVES.candidates(IMAGE, Fraction(3, 2), min_size=9).tolist() == expected
    assert HALVES.candidates(IMAGE, np.float32(1.5), min_size=np.array([9, 9])).tolist() == expected
    assert HALVES.candidates(IMAGE, 1.5, min_size=[9, 9], max_size=(0, 5)).tolist() == expected
    assert {9} == {box[2] for box in HALVES.candidates(IMAGE, 1.5, min_size=9, max_size=9)}


def test_negative_neighbours_are_none() -> None:
    expected = HALVES.candidates(IMAGE)
    assert np.array_equal(HALVES.detect(IMAGE, min_neighbors=-5), expected)


@pytest.mark.parametrize("factor", [1e9, 1e300, float("inf")])
def test_a_huge_factor_searches_one_scale(factor: float) -> None:
    assert {6} == {box[2] for box in HALVES.candidates(IMAGE, factor)}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"scale_factor": 1.0}, ValueError, "a number above 1, such as 1.1, got 1.0"),
        ({"scale_factor": float("nan")}, ValueError, "a number above 1, such as 1.1, got nan"),
        ({"scale_factor": "1.1"}, ValueError, "a number above 1, such as 1.1, got '1.1'"),
        ({"scale_factor": 2 + 1j}, ValueError, "a number above 1"),
        ({"scale_factor": 1 + 1e-9}, ValueError, "more than 10000 scales"),
        ({"min_neighbors": 1.5}, TypeError, "min_neighbors expects a whole number, got 1.5"),
        ({"min_size": (1, 2, 3)}, TypeError, r"min_size expects \(width, height\) .*or one number"),
        ({"min_size": (1.5, 2)}, TypeError, "min_size expects"),
        ({"max_size": "ab"}, TypeError, "max_size expects"),
        ({"threads": 0}, ValueError, "threads expects a whole number of 1 or more, got 0"),
        ({"threads": 1.0}, TypeError, "threads expects a whole number, got 1.0"),
        ({"channels": "grb"}, ValueError, "channels expects 'rgb' or 'bgr', got 'grb'"),
    ],
)
def test_wrong_arguments_are_refused(options: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        HALVES.detect(IMAGE, **options)


def test_a_thousand_threads_are_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def find_candidates(grey, cascade, levels, threads):
        asked.append(threads)
        return np.zeros((0, 4), np.int32), np.zeros(0)

    monkeypatch.setattr(detector.ops, "find_candidates", find_candidates, raising=False)
    HALVES.detect(IMAGE, threads=1000)
    assert asked == [detector.MAX_THREADS]


def test_rectangles_are_clipped_and_those_outside_dropped() -> None:
    boxes = np.array([[-2, -3, 10, 10], [5, 5, 10, 10], [12, 0, 5, 5], [0, -5, 4, 5]], np.int32)
    groups = clip(Groups(boxes, np.arange(4, dtype=np.int32), np.arange(4.0)), 12, 12)
    assert groups.rectangles.tolist() == [[0, 0, 8, 7], [5, 5, 7, 7]]
    assert groups.counts.tolist() == [0, 1]
    assert groups.scores.tolist() == [0, 1]
