"""A search, watched: by hand on a tiny picture, then against the detector and the single window."""

import numpy as np
import pytest

import haar
from haar import (
    Cascade,
    HaarFeature,
    LBPFeature,
    Node,
    Rectangle,
    Stage,
    WeakClassifier,
    explain,
    reference,
)
from haar.explain import COVERED, FEW, KEPT, SKIPPED
from haar.integral import integral_image
from haar.scales import plan_levels
from haar.trace import block_means, trace
from tests.haar.synthetic import random_cascade, random_image

SEEDS = range(12)


def bright_below() -> Cascade:
    """4×4 pixels, two stages: bright below; then the same, and bright on the right."""
    below = HaarFeature((Rectangle(0, 0, 4, 4, -1.0), Rectangle(0, 2, 4, 2, 2.0)))
    right = HaarFeature((Rectangle(0, 0, 4, 4, -1.0), Rectangle(2, 0, 2, 4, 2.0)))
    is_below = WeakClassifier((Node(0, 0.5),), (-1.0, 1.0))
    is_right = WeakClassifier((Node(1, 0.5),), (-0.25, 0.25))
    stages = (Stage(0.0, (is_below,)), Stage(0.5, (is_below, is_right)))
    return Cascade(4, 4, "haar", stages, (below, right))


def half_and_half() -> np.ndarray:
    """4×12 pixels: bright above in columns 0 to 5, bright below in columns 6 to 11."""
    grey = np.full((4, 12), 20, np.uint8)
    grey[:2, :6] = grey[2:, 6:] = 220
    return grey


def search(cascade: Cascade, grey: np.ndarray, scale_factor: float = 1.3):
    levels = plan_levels(grey.shape[::-1], (cascade.width, cascade.height), scale_factor)
    return levels, explain.watch(grey, cascade, levels)


def drawn(seed: int) -> tuple[Cascade, np.ndarray]:
    rng = np.random.default_rng(seed)
    cascade = random_cascade(rng, ("haar", "haar", "lbp")[seed % 3])
    width, height = (int(n) for n in rng.integers((4, 4), (50, 35)))
    return cascade, random_image(rng, cascade.width + width, cascade.height + height)


# -- by hand --------------------------------------------------------------------------------------


def test_windows_at_0_2_4_6_8_by_hand() -> None:
    """Windows 0 and 4 fail the first stage, so that 2 and 6 are left out; 8 passes both."""
    _, (watched,) = search(bright_below(), half_and_half())
    assert watched.passed.tolist() == [[0, SKIPPED, 0, SKIPPED, 2]]
    assert watched.features.tolist() == [[1, 0, 1, 0, 3]]
    assert watched.scores.tolist() == [[-1.0, 0.0, -1.0, 0.0, 0.75]]
    assert explain.windows_left(watched).tolist() == [3, 1, 1]


def test_the_accepted_window_and_its_place_by_hand() -> None:
    _, watched = search(bright_below(), half_and_half())
    found = explain.accepted(watched)
    assert found.rectangles.tolist() == [[8, 0, 4, 4]]
    assert found.scores.tolist() == [0.75]
    assert found.places.tolist() == [[0, 0, 4]]


def test_a_windows_answers_by_hand() -> None:
    """20 above, 220 below: 2·8·220 − 8·(20 + 220) = 1600, over 4 inner pixels · σ = 400."""
    first, second = trace(bright_below(), half_and_half()[:, 8:])
    (answer,) = first.answers
    assert (answer.value, answer.threshold, answer.left, answer.leaf) == (4.0, 0.5, False, 1.0)
    assert (first.total, first.passed) == (1.0, True)
    assert [a.value for a in second.answers] == [4.0, 0.0]
    assert [a.leaf for a in second.answers] == [1.0, -0.25]
    assert (second.total, second.passed) == (0.75, True)


def test_the_contrast_of_windows_by_hand() -> None:
    grey = half_and_half()
    (level,), _ = search(bright_below(), grey)
    assert explain.deviations(grey, bright_below(), level) == pytest.approx(np.full((1, 5), 100.0))
    flat = np.full_like(grey, 7)
    assert explain.deviations(flat, bright_below(), level).tolist() == [[0.0] * 5]


def test_a_flat_picture_costs_no_features() -> None:
    _, watched = search(bright_below(), np.full((9, 9), 7, np.uint8))
    assert all(not at.features.any() and not at.passed.any() for at in watched)
    assert len(explain.accepted(watched).rectangles) == 0
    assert trace(bright_below(), np.full((4, 4), 7, np.uint8)) == []


def test_without_a_level_there_is_nothing_to_watch() -> None:
    assert explain.watch(np.zeros((3, 3), np.uint8), bright_below(), []) == []


def test_pixels_belong_to_the_window_whose_centre_is_nearest() -> None:
    n = np.nan
    shown = explain.stage_map(np.array([[1, 2]]), 1.0, 2, (4, 4), (6, 4))
    row = [n, 1, 1, 2, 2, n]
    assert np.array_equal(shown, [[n] * 6, row, row, [n] * 6], equal_nan=True)


def test_a_map_at_twice_the_scale_is_twice_as_coarse() -> None:
    shown = explain.stage_map(np.array([[5, 6]]), 2.0, 1, (2, 2), (6, 4))
    assert shown[2].tolist()[1:5] == [5, 5, 6, 6]


def test_clusters_and_their_fates_by_hand() -> None:
    boxes = np.array([[0, 0, 99, 99]] * 5 + [[40, 40, 20, 20]] * 4 + [[300, 0, 50, 50]], np.int32)
    groups = explain.gather(boxes, 3)
    assert groups.label.tolist() == [0] * 5 + [1] * 4 + [2]
    assert groups.counts.tolist() == [5, 4, 1]
    assert groups.fate == (KEPT, COVERED, FEW)
    assert explain.gather(boxes, 0).fate == (KEPT,) * 10
    assert explain.gather(boxes[:0], 3).fate == ()


def test_block_means_by_hand() -> None:
    grey = np.arange(36, dtype=np.uint8).reshape(6, 6)
    means = block_means(LBPFeature(0, 0, 2, 2), integral_image(grey))
    assert means.tolist() == [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5], [27.5, 29.5, 31.5]]


# -- the window to look at ------------------------------------------------------------------------


def telling(cascade: Cascade, grey: np.ndarray, min_neighbors: int) -> tuple[int, int, int]:
    _, watched = search(cascade, grey)
    candidates = explain.accepted(watched)
    groups = explain.gather(candidates.rectangles, min_neighbors)
    return explain.telling(watched, candidates, groups)


def test_the_best_window_is_the_one_that_is_accepted() -> None:
    assert telling(bright_below(), half_and_half(), 0) == (0, 0, 4)


def test_without_an_object_it_is_the_window_that_got_furthest() -> None:
    assert telling(bright_below(), half_and_half(), 3) == (0, 0, 4)


def test_where_all_fail_alike_it_is_the_first_of_the_best_sums() -> None:
    assert telling(bright_below(), half_and_half()[::-1].copy()[:, 6:], 3) == (0, 0, 0)


def test_in_a_flat_picture_it_is_the_middle() -> None:
    assert telling(bright_below(), np.full((9, 9), 7, np.uint8), 3) == (0, 1, 1)


# -- against the detector -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_watched_is_what_the_definition_finds(seed: int) -> None:
    cascade, grey = drawn(seed)
    levels, watched = search(cascade, grey)
    rectangles, sums = reference.find_candidates(grey, cascade, levels)
    found = explain.accepted(watched)
    assert np.array_equal(found.rectangles, rectangles)
    assert np.array_equal(found.scores, sums)
    for rectangle, (number, row, column) in zip(found.rectangles, found.places, strict=True):
        assert explain.box(levels[number], row, column) == tuple(rectangle)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_window_goes_as_far_as_it_does_alone(seed: int) -> None:
    cascade, grey = drawn(seed)
    levels, watched = search(cascade, grey)
    rng = np.random.default_rng(seed)
    for level, at in zip(levels[:3], watched, strict=False):
        looked = np.argwhere(at.looked_at)
        for row, column in rng.permutation(looked)[:25].tolist():
            window = explain.pixels_of(grey, cascade, level, row, column)
            alone = cascade.evaluate(window)
            assert at.passed[row, column] == alone.stages_passed
            assert at.features[row, column] == alone.features
            assert at.scores[row, column] == (alone.stage_sums or (0.0,))[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_trace_adds_up_to_the_evaluation(seed: int) -> None:
    cascade, grey = drawn(seed)
    for x in (0, 3, grey.shape[1] - cascade.width):
        window = grey[: cascade.height, x : x + cascade.width]
        stages, alone = trace(cascade, window), cascade.evaluate(window)
        assert tuple(stage.total for stage in stages) == alone.stage_sums
        assert sum(stage.passed for stage in stages) == alone.stages_passed
        assert sum(len(stage.answers) for stage in stages) == alone.features
        weak = [[a.weak for a in stage.answers if a.leaf is not None] for stage in stages]
        asked = zip(weak, cascade.stages, strict=False)
        assert all(numbers == list(range(len(stage.weak))) for numbers, stage in asked)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_scan_sees_the_same_windows(seed: int) -> None:
    cascade, grey = drawn(seed)
    levels, watched = search(cascade, grey)
    for level, at in zip(levels, watched, strict=True):
        scan = cascade.scan(grey, level.scale, level.step)
        reached = scan.reached[: len(at.passed)]
        looked = at.looked_at
        assert np.array_equal(at.passed[looked], np.maximum(reached[looked], 0))
        assert (reached[:, :-1][~looked[:, 1:]] == 0).all()  # left of a skipped one: rejected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clusters_that_are_kept_are_the_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 200, (8, 4)) + (0, 0, 20, 20)
    boxes = np.repeat(centres, rng.integers(1, 9, 8), axis=0)
    boxes = (boxes + rng.integers(-2, 3, boxes.shape)).astype(np.int32)
    for least in (0, 1, 3):
        groups, expected = explain.gather(boxes, least), haar.group_rectangles(boxes, least)
        kept = [c for c, fate in enumerate(groups.fate) if fate == KEPT]
        assert np.array_equal(groups.rectangles[kept], expected.rectangles)
        assert np.array_equal(groups.counts[kept], expected.counts)
        assert np.array_equal(np.bincount(groups.label), groups.counts)


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_only_get_fewer(seed: int) -> None:
    cascade, grey = drawn(seed)
    for at in search(cascade, grey)[1]:
        left = explain.windows_left(at)
        assert len(left) == len(cascade.stages) + 1
        assert left[0] == at.looked_at.sum()
        assert left[-1] == (at.passed == len(cascade.stages)).sum()
        assert (np.diff(left) <= 0).all()


def test_trace_expects_one_window() -> None:
    with pytest.raises(ValueError, match="expects one window of 4×4 pixels, got 12×4; cut it out"):
        trace(bright_below(), half_and_half())


@pytest.mark.parametrize(
    ("scale", "step", "message"),
    [
        (0.5, 1, "scale expects a number of 1 or more, got 0.5"),
        (float("nan"), 1, "scale expects"),
        ("2", 1, "scale expects"),
        (1, 0, "step expects a whole number of 1 or more, got 0"),
    ],
)
def test_a_scan_says_what_it_expects(scale, step, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bright_below().scan(half_and_half(), scale, step)


def test_a_step_may_be_of_numpy() -> None:
    cascade, grey = bright_below(), half_and_half()
    for a, b in zip(cascade.scan(grey, step=np.int64(2)), cascade.scan(grey, step=2), strict=True):
        assert np.array_equal(a, b)
