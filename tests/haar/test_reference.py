"""The definition: all windows of a level at once give what one window at a time gives."""

import numpy as np
import pytest

from haar.opencv_xml import read_cascade
from haar.reference import find_candidates, integrate, normalise, stage_sums, visited
from haar.scales import plan_levels
from tests.haar.cascades import HALVES, OLD_XML
from tests.haar.synthetic import random_cascade, random_image


def test_stage_sums_by_hand() -> None:
    """The dark half above, below, above: the windows of test_window, side by side."""
    dark_above = np.repeat([20, 20, 20, 220, 220, 220], 6).reshape(6, 6).astype(np.uint8)
    image = np.hstack([dark_above, dark_above[::-1], dark_above])
    integrals = integrate(image, HALVES)
    X, Y = np.array([0, 6, 12]), np.zeros(3, np.int64)
    norm, textured = normalise(integrals, HALVES, X, Y)
    assert norm.tolist() == [np.float32(1 / 1600)] * 3
    assert textured.all()
    sums, features = stage_sums(integrals, HALVES, 0, X, Y, norm)
    assert sums.tolist() == [1, -1, 1]
    sums, features = stage_sums(integrals, HALVES, 1, X, Y, norm)
    assert sums.tolist() == [2.75, 0.25 + 0.75, 2.75]
    assert features.tolist() == [2, 2, 2]


def test_after_a_rejected_window_the_next_is_skipped() -> None:
    rejected = np.array([[1, 1, 1, 0, 1, 1], [0, 0, 1, 1, 0, 0]], bool)
    assert visited(rejected).astype(int).tolist() == [[1, 0, 1, 0, 1, 0], [1, 1, 1, 0, 1, 1]]


@pytest.mark.parametrize("seed", range(6))
def test_accepted_windows_are_those_that_pass_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cascade = random_cascade(rng, "lbp" if seed % 3 == 0 else "haar")
    w, h = cascade.width, cascade.height
    image = random_image(rng, w + 14, h + 9)
    (level,) = plan_levels((w + 14, h + 9), (w, h), 100.0)
    boxes, sums = find_candidates(image, cascade, [level])
    found = {(x, y): total for (x, y, _, _), total in zip(boxes.tolist(), sums, strict=True)}
    results = {
        (x, y): cascade.evaluate(image[y : y + h, x : x + w])
        for y in range(0, level.rows, 2)
        for x in range(0, level.columns, 2)
    }
    for place, result in results.items():
        if place in found:
            assert result.accepted
            assert result.stage_sums[-1] == found[place]
        elif result.accepted:  # left out: the window before it was rejected by stage 0
            assert len(results[place[0] - 2, place[1]].stage_sums) == 1


def test_a_tree_takes_as_many_features_as_it_needs() -> None:
    cascade = read_cascade(OLD_XML.encode())
    dark_above = np.repeat([20, 20, 20, 220, 220, 220], 6).reshape(6, 6).astype(np.uint8)
    image = np.hstack([dark_above, dark_above[::-1]])
    integrals = integrate(image, cascade)
    X, Y = np.array([0, 6]), np.zeros(2, np.int64)
    norm, _ = normalise(integrals, cascade, X, Y)
    sums, features = stage_sums(integrals, cascade, 0, X, Y, norm)
    assert sums.tolist() == [0.5, -1]
    assert features.tolist() == [2, 1]
