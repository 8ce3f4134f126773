"""Coverage against accuracy, by hand on four answers."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet import metrics

# Confidence 0.6, 0.9, 0.7, 0.8; wrong, right, right, wrong.
P = np.array([[0.6, 0.4], [0.1, 0.9], [0.7, 0.3], [0.2, 0.8]])
TRUE = np.array([1, 1, 0, 0])


def test_the_surest_come_first():
    coverage, accuracy, threshold = metrics.coverage_curve(P, TRUE)
    assert threshold.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert accuracy.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 2 / 4])


def test_full_coverage_is_plain_accuracy():
    assert metrics.coverage_curve(P, TRUE).at(1.0)[0] == metrics.accuracy(TRUE, P.argmax(axis=1))


def test_a_share_is_rounded_up_to_whole_samples():
    curve = metrics.coverage_curve(P, TRUE)
    assert curve.at(0.5) == (0.5, 0.8)
    assert curve.at(0.51) == (pytest.approx(2 / 3), 0.7)
    assert curve.at(0.001) == (1.0, 0.9)


def test_a_tenth_of_thirty_is_three():  # 0.1 · 30 is 3.0000000000000004
    p = np.tile([0.6, 0.4], (30, 1))
    p[:3], p[3] = [0.9, 0.1], [0.8, 0.2]
    assert metrics.coverage_curve(p, np.zeros(30, int)).at(0.1) == (1.0, 0.9)


def test_no_coverage_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        metrics.coverage_curve(P, TRUE).at(0.0)
