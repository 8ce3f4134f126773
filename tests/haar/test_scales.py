"""Scales and grids: which windows are tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haar.scales import MAX_SCALES, plan_levels, visited_rows


def test_the_scales_of_a_640_by_480_image() -> None:
    levels = plan_levels((640, 480), (24, 24), 1.1)
    sizes = [(level.width, level.height) for level in levels]
    assert len(levels) == 32
    assert sizes[:5] == [(640, 480), (582, 436), (529, 397), (481, 361), (437, 328)]
    assert levels[-1].scale == 19.1943416595458984375


def test_the_step_is_two_pixels_below_scale_two() -> None:
    levels = plan_levels((640, 480), (24, 24), 1.1)
    assert [level.step for level in levels[:9]] == [2] * 8 + [1]
    assert levels[7].scale < 2 < levels[8].scale


def test_the_last_row_may_be_forgotten() -> None:
    levels = plan_levels((100, 61), (24, 24), 1.1)
    assert (levels[4].height + 1 - 24, levels[4].rows) == (19, 18)


@given(st.integers(0, 500), st.integers(1, 2), st.integers(1, 60))
def test_at_most_one_row_is_forgotten_and_only_an_odd_one(rows: int, step: int, n: int) -> None:
    visited = visited_rows(rows, step, n)
    assert visited in (rows, rows - 1)
    if visited < rows:
        assert step == 2
        assert rows % 2 == 1


def test_sizes_limit_the_scales() -> None:
    boxes = [
        level.box_width for level in plan_levels((200, 200), (20, 20), 1.5, (30, 30), (70, 70))
    ]
    assert boxes == [30, 45, 68]


@pytest.mark.parametrize("largest", [(0, 0), (0, 40), (40, 0)])
def test_a_zero_in_the_largest_size_is_no_limit(largest: tuple[int, int]) -> None:
    assert plan_levels((90, 90), (20, 20), 1.5, (0, 0), largest)[-1].box_width == 68


@pytest.mark.parametrize(
    ("smallest", "largest", "scale"),
    [((0, 0), (5, 5), 1.0), ((900, 900), (0, 0), 3.375), ((31, 29), (28, 28), 1.5)],
)
def test_an_impossible_size_searches_the_nearest_scale(smallest, largest, scale: float) -> None:
    levels = plan_levels((90, 90), (20, 20), 1.5, smallest, largest)
    assert [level.scale for level in levels] == [scale]


def test_a_window_that_does_not_fit_has_no_levels() -> None:
    assert plan_levels((23, 100), (24, 24), 1.1) == []
    assert plan_levels((100, 23), (24, 24), 1.1) == []


def test_a_window_that_just_fits_has_one_position() -> None:
    (level,) = plan_levels((24, 24), (24, 24), 1.1)
    assert level == (1.0, 24, 24, 2, 1, 1, 24, 24)


@pytest.mark.parametrize("factor", [1e9, 1e300])
def test_a_huge_factor_ends(factor: float) -> None:
    assert len(plan_levels((100, 100), (24, 24), factor)) == 1


def test_a_factor_of_nearly_one_is_refused() -> None:
    with pytest.raises(ValueError, match=f"more than {MAX_SCALES} scales .* choose a larger one"):
        plan_levels((100, 100), (24, 24), 1.00000001)
