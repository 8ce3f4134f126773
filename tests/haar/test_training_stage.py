"""The exact threshold of a stage, and the cascade that stages make."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from haar.cascade import Node, Stage, WeakClassifier
from haar.feature_pool import FeaturePool
from haar.training_stage import assemble, effective, lowest_kept, stage_threshold

f32 = np.float32


@pytest.mark.parametrize(
    ("hit_rate", "lowest"),
    [(1.0, 1.0), (0.95, 1.0), (0.9, 2.0), (0.85, 2.0), (0.7, 4.0), (0.01, 10.0)],
)
def test_of_ten_sums_a_hit_rate_of_90_percent_loses_one(hit_rate: float, lowest: float) -> None:
    sums = np.array([3.0, 1, 2, 10, 4, 6, 5, 7, 9, 8])
    assert lowest_kept(sums, hit_rate) == lowest


def test_equal_sums_are_kept_together() -> None:
    assert lowest_kept(np.array([1.0, 1, 1, 2]), 0.75) == 1


def test_the_threshold_of_one_by_hand() -> None:
    """Singles above 1 are 2⁻²³ apart, and 10⁻⁵ is 83.9 of that: 1 + 84·2⁻²³ − 10⁻⁵ rounds to 1."""
    assert stage_threshold(np.float64(1)) == 1 + 84 * 2.0**-23
    assert effective(1 + 84 * 2.0**-23) == 1
    assert effective(1 + 85 * 2.0**-23) > 1


def test_the_threshold_next_to_zero_is_found_too() -> None:
    """There singles are so dense that thousands of millions of them give the same θ."""
    margin = f32(0.00001)
    t = f32(stage_threshold(-np.float64(margin)))
    assert 0 < t < 1e-12  # half a step of singles at the margin
    assert effective(t) == -margin
    assert effective(np.nextafter(t, f32(1))) > -margin


@given(st.floats(-1000, 1000) | st.floats(-2e-5, 2e-5))
@example(-0.00001)
@example(0.0)
def test_detection_keeps_the_lowest_sum_and_no_larger_threshold_would(lowest: float) -> None:
    t = f32(stage_threshold(np.float64(lowest)))
    assert np.float64(effective(t)) <= lowest
    assert np.float64(effective(np.nextafter(t, f32(np.inf)))) > lowest


def test_assembled_features_are_numbered_by_the_pool() -> None:
    pool = FeaturePool("basic", 6, 6)

    def stump(feature: int) -> WeakClassifier:
        return WeakClassifier((Node(feature, 0.5),), (-1.0, 1.0))

    stages = [Stage(0.0, (stump(40), stump(7))), Stage(0.5, (stump(40),))]
    cascade = assemble(pool, stages)
    assert cascade.features == (pool[7], pool[40])
    assert [[weak.nodes[0].feature for weak in stage.weak] for stage in cascade.stages] == [
        [1, 0],
        [1],
    ]
    assert (cascade.width, cascade.height, cascade.feature_type) == (6, 6, "haar")
