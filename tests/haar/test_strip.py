"""A strip measures a window as the detector measures it alone, to the bit."""

import numpy as np
import pytest

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.feature_pool import FeaturePool
from haar.features import HaarFeature, LBPFeature
from haar.reference import integrate, normalise
from haar.strip import Strip, accept_all
from haar.training_stage import assemble
from haar.window import evaluate, haar_value, lbp_code


def some_windows(number: int, height: int = 8, width: int = 9) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (number, height, width), dtype=np.uint8)


@pytest.mark.parametrize("name", ["basic", "all", "lbp"])
def test_values_are_those_of_each_window_alone(name: str) -> None:
    pool, windows = FeaturePool(name, 9, 8), some_windows(5)
    strip, every, corner = Strip(windows, pool), accept_all(pool), np.zeros(1, np.int64)
    for i, window in enumerate(windows):
        alone = integrate(window, every)
        (norm,), (textured,) = normalise(alone, every, corner, corner)
        assert (strip.norm[i], strip.textured[i]) == (norm, textured)
        for f in range(0, len(pool), 11):
            feature = pool[f]
            if isinstance(feature, LBPFeature):
                assert strip.values(feature)[i] == lbp_code(feature, alone.S)
            else:
                assert strip.values(feature)[i] == haar_value(feature, alone, norm)


def test_values_are_single() -> None:
    pool = FeaturePool("basic", 9, 8)
    assert Strip(some_windows(3), pool).values(pool[0]).dtype == np.float32


def test_a_part_of_a_strip_has_the_same_values() -> None:
    pool = FeaturePool("all", 9, 8)
    strip = Strip(some_windows(6), pool)
    part = strip[np.array([4, 1])]
    assert len(part) == 2
    assert (part.values(pool[99]) == strip.values(pool[99])[[4, 1]]).all()
    assert (part.windows == strip.windows[[4, 1]]).all()


def test_the_cascade_that_accepts_all_refuses_flat_windows_only() -> None:
    pool = FeaturePool("basic", 9, 8)
    windows = some_windows(3)
    windows[1] = 77
    assert Strip(windows, pool).accepted(accept_all(pool)).tolist() == [True, False, True]


def tree(features: list[int], values: list[float]) -> WeakClassifier:
    """Three nodes, four leaves."""
    a, b, c = (Node(f, v) for f, v in zip(features, values, strict=True))
    nodes = (
        a._replace(left=1, right=2),
        b._replace(left=0, right=-1),
        c._replace(left=-2, right=-3),
    )
    return WeakClassifier(nodes, (-1.0, 0.25, 0.5, 2.0))


def test_outputs_and_acceptance_are_those_of_the_detector() -> None:
    pool, windows = FeaturePool("basic", 9, 8), some_windows(60)
    strip = Strip(windows, pool)
    middle = [
        float(np.median(strip.values(feature))) for feature in map(pool.__getitem__, (5, 90, 300))
    ]  # type: ignore[arg-type]
    weak = tree([5, 90, 300], middle)
    stages = [Stage(0.3, (weak,)), Stage(0.6, (weak, weak))]
    cascade: Cascade = assemble(pool, stages)
    outputs, accepted = strip.outputs(weak, pool), strip.accepted(cascade)
    assert set(outputs) == {-1.0, 0.25, 0.5, 2.0}
    for window, output, whether in zip(windows, outputs, accepted, strict=True):
        alone = evaluate(cascade, window)
        assert alone.stage_sums[0] == output
        assert alone.accepted == whether
    assert isinstance(pool[5], HaarFeature)


def test_a_subset_of_codes_goes_left() -> None:
    pool, windows = FeaturePool("lbp", 9, 8), some_windows(40)
    strip = Strip(windows, pool)
    codes = strip.values(pool[3])
    bits = np.zeros(256, np.bool_)
    bits[codes[:9]] = True
    subset = tuple(np.packbits(bits, bitorder="little").view("<i4").tolist())
    assert (strip.goes_left(Node(3, subset=subset), pool[3]) == bits[codes]).all()
