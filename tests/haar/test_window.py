"""One window through a cascade, with every number computed on paper."""

from dataclasses import replace

import numpy as np
import pytest

from haar import HaarFeature, LBPFeature, Rectangle, Stage
from haar.integral import integral_image
from haar.opencv_xml import read_cascade
from haar.reference import integrate
from haar.window import haar_value, lbp_code
from tests.haar.cascades import HALVES, LBP_XML, OLD_XML, stump

DARK_ABOVE = np.repeat([20, 20, 20, 220, 220, 220], 6).reshape(6, 6).astype(np.uint8)

# 100 ± 20 in the lower and upper half, ± 40 in the outer and middle columns
STRIPES = np.array(
    [[120, 120, 40, 40, 120, 120]] * 3 + [[160, 160, 80, 80, 160, 160]] * 3, np.uint8
)


def test_a_window_that_passes() -> None:
    """16 inner pixels: Σ = 8·20 + 8·220 = 1920, Σ² = 8·400 + 8·48400 = 390400;
    √(16·390400 − 1920²) = 1600 = 16·σ, so σ = 100.

    feature 0: 18·220 − 18·20 = 3600, /1600 = 2.25;   feature 1: −4320 + 3·1440 = 0
    stage 0: 2.25 ≥ 0.5, 1;   stage 1: 2.25 ≥ 1.5, 2, and 0 ≥ −0.25, 0.75; together 2.75
    """
    result = HALVES.evaluate(DARK_ABOVE)
    assert result.accepted
    assert result.stage_sums == (1.0, 2.75)
    assert result.margins == pytest.approx((1.00001, 2.75 - 0.89999), abs=1e-7)
    assert (result.features, result.stages_passed) == (3, 2)
    assert result.deviation == pytest.approx(100)


def test_a_window_that_the_second_stage_rejects() -> None:
    """Σ = 4·(120 + 40 + 160 + 80) = 1600, Σ² = 4·(120² + 40² + 160² + 80²) = 192000;
    16·192000 − 1600² = 512000 = (16·44.7)².

    feature 0: (12·160 + 6·80) − (12·120 + 6·40) = 720, /715.5 = 1.006
    feature 1: −4080 + 3·(6·40 + 6·80) = −1920, /715.5 = −2.68
    stage 0: 1.006 ≥ 0.5, 1;   stage 1: 1.006 < 1.5, 0.25, and −2.68 < −0.25, −0.5; together −0.25
    """
    result = HALVES.evaluate(STRIPES)
    assert not result.accepted
    assert result.stage_sums == (1.0, -0.25)
    assert (result.features, result.stages_passed) == (3, 1)
    assert result.deviation == pytest.approx(np.sqrt(400 + 1600))


def test_a_window_that_the_first_stage_rejects_costs_one_feature() -> None:
    result = HALVES.evaluate(DARK_ABOVE[::-1])  # −2.25 < 0.5, so −1
    assert (result.accepted, result.stage_sums, result.features) == (False, (-1.0,), 1)
    assert result.margins == pytest.approx((-0.99999,))


@pytest.mark.parametrize(("contrast", "accepted"), [(10, False), (11, True)])
def test_a_window_needs_a_deviation_above_ten(contrast: int, accepted: bool) -> None:
    grey = np.where(DARK_ABOVE > 100, 100 + contrast, 100 - contrast).astype(np.uint8)
    assert HALVES.evaluate(grey).accepted == accepted
    if not accepted:
        assert HALVES.evaluate(grey) == (False, (), (), 0, 0.0)


def test_a_tree_of_the_old_format() -> None:
    """The tilted feature: −1 · 18 pixels, rows of 1, 3, 5, 5, 3, 1; + 9 · two at x 2, y 1 and 2.

    dark above:   2.25 ≥ 0.5, right; −(9·20 + 9·220) + 9·40 = −1800, /1600 < −0.25, leaf 0.5
    upside down: −2.25 < 0.5, leaf −1
    two pixels bright: right; −(7·20 + 11·220) + 9·440 = 1400 > 0, leaf 2, above 0.75
    """
    cascade = read_cascade(OLD_XML.encode())
    bright = DARK_ABOVE.copy()
    bright[1:3, 2] = 220
    results = [cascade.evaluate(grey) for grey in (DARK_ABOVE, DARK_ABOVE[::-1], bright)]
    assert [result.stage_sums for result in results] == [(0.5,), (-1.0,), (2.0,)]
    assert [result.features for result in results] == [2, 1, 2]
    assert [result.accepted for result in results] == [False, False, True]


def test_the_value_of_a_feature() -> None:
    grey = np.arange(36, dtype=np.uint8).reshape(6, 6)
    integrals = integrate(grey, HALVES)
    upright = HaarFeature(
        (Rectangle(1, 1, 2, 2, -1.0), Rectangle(0, 0, 1, 1), Rectangle(5, 5, 1, 1, 2))
    )
    # −(7 + 8 + 13 + 14) + 0 + 2·35 = 28
    assert haar_value(upright, integrals, np.float32(0.5)) == 14


def test_an_lbp_code() -> None:
    """Clockwise from the top left, against 5: 9 1 9 9 5 1 1 1, so 10111000."""
    grey = np.array([[9, 1, 9], [1, 5, 9], [1, 1, 5]], np.uint8)
    assert lbp_code(LBPFeature(0, 0, 1, 1), integral_image(grey)) == 0b10111000
    large = np.kron(grey, np.ones((3, 2), np.uint8))
    assert lbp_code(LBPFeature(0, 0, 2, 3), integral_image(large)) == 0b10111000


def test_an_lbp_window_goes_left_if_its_code_is_in_the_subset() -> None:
    cascade = read_cascade(LBP_XML.encode())  # codes 0, 191, 224 … 255
    grey = np.array([[9, 1, 9], [1, 5, 9], [1, 1, 5]], np.uint8)
    assert cascade.evaluate(grey).stage_sums == (-1.0,)
    grey[[1, 2, 2], [0, 0, 1]] = 9  # 10111111
    assert cascade.evaluate(grey).stage_sums == (1.0,)
    assert cascade.evaluate(np.full((3, 3), 7, np.uint8)).accepted  # 11111111, no matter how flat


def test_another_size_than_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="one window of 6×6 pixels, got 5×6; resize it"):
        HALVES.evaluate(np.zeros((6, 5), np.uint8))


def test_a_sum_below_its_threshold_by_less_than_float32_can_tell_is_rejected() -> None:
    """2⁻⁴⁰ less in double precision; as a float32 the sum would be the threshold."""
    (threshold, _) = HALVES.tables().stage_threshold  # 0 − 0.00001
    weak = (stump(0, 0.5, -1.0, float(threshold)), stump(0, 0.5, 0.0, -(2.0**-40)))
    result = replace(HALVES, stages=(Stage(0.0, weak),) * 2).evaluate(DARK_ABOVE)
    assert result.stage_sums == (float(threshold) - 2.0**-40,)
    assert result.margins[0] == pytest.approx(-(2.0**-40))
    assert not result.accepted
