"""Entropy and rank correlation: by hand, then SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet import metrics


def test_entropy_of_k_equal_chances_is_log_k():
    p = [[0.25] * 4, [0.5, 0.5, 0, 0], [1, 0, 0, 0]]
    assert metrics.entropy(p) == pytest.approx([np.log(4), np.log(2), 0])


def test_equal_values_share_their_ranks():
    assert metrics.average_ranks([3, 1, 3, 7, 3]).tolist() == [3, 1, 3, 5, 3]
    assert metrics.average_ranks([3, 1, 3]).tolist() == [2.5, 1, 2.5]


def test_rank_correlation_forgets_the_scale():
    assert metrics.spearman([1, 2, 3, 4], [1, 10, 100, 1000]) == pytest.approx(1)
    assert metrics.spearman([1, 2, 3, 4], [0, -1, -2, -50]) == pytest.approx(-1)


def test_rank_correlation_by_hand():
    # Ranks 1 2 3 and 1 3 2: less the mean -1 0 1 and -1 1 0, Σab = 1, Σa² = Σb² = 2.
    assert metrics.spearman([5, 6, 7], [10, 30, 20]) == pytest.approx(1 / 2)


def test_what_never_changes_agrees_with_nothing():
    assert metrics.spearman([1, 1, 1], [1, 2, 3]) == 0.0


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"got \(2,\) and \(3,\)"):
        metrics.spearman([1, 2], [1, 2, 3])


@pytest.mark.oracle
def test_rank_correlation_agrees_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for values in (5, 50, 10**6):  # many ties, some, none
        a, b = rng.integers(0, values, (2, 300))
        b += a
        assert metrics.average_ranks(a).tolist() == stats.rankdata(a).tolist()
        assert metrics.spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)
    p = rng.dirichlet(np.ones(6), 20)
    np.testing.assert_allclose(metrics.entropy(p), stats.entropy(p, axis=1))
