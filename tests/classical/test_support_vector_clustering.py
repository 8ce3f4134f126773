"""Support vector clustering: spheres on paper, two rings, and what lies outside."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import SupportVectorClustering


def two_rings(n=400, seed=0, noise=0.1):
    """Rings of radius 1 and 3 around the origin, and which is which."""
    rng = np.random.default_rng(seed)
    ring = np.arange(n) % 8 >= 3
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.where(ring, 3, 1) + noise * rng.normal(size=n)
    return radius[:, np.newaxis] * np.column_stack([np.cos(angle), np.sin(angle)]), ring.astype(int)


def adjusted_rand(a, b):
    """Hubert and Arabie's index from the table of both clusterings."""
    table = np.array([[np.sum((a == i) & (b == j)) for j in np.unique(b)] for i in np.unique(a)])

    def pairs(n):
        return (n * (n - 1) / 2).sum()

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / pairs(np.array([len(a)]))
    return (both - expected) / ((rows + columns) / 2 - expected)


def test_two_points_on_paper():
    # β = 1/2 each; the centre is the middle of φ(x) and φ(z): R² = (1 - K) / 2
    model = SupportVectorClustering(gamma=1.0).fit([[0.0], [2.0]])
    K = np.exp(-4)
    assert model.dual_coef_ == pytest.approx([0.5, 0.5])
    assert model.radius_**2 == pytest.approx((1 - K) / 2, rel=1e-6)
    # the middle of them, x = 1: 1 - 2 e⁻¹ + (1 + K) / 2 > R², so the segment leaves the sphere
    assert model.labels_.tolist() == [0, 1]
    assert model.decision_function([[1.0]])[0] == pytest.approx(2 * np.exp(-1) - 1 - K, rel=1e-5)
    assert model.predict([[0.1], [1.0], [1.95]]).tolist()[1] == -1


def test_near_points_are_one_cluster():
    # γ d² = 1/4: the middle has 2 e^(-1/16) - 1 - e^(-1/4) = 0.10 > 0, inside
    model = SupportVectorClustering(gamma=1.0).fit([[0.0], [0.5]])
    assert model.labels_.tolist() == [0, 0]
    assert model.n_clusters_ == 1


def test_two_rings_are_parted():
    for seed in range(3):
        X, ring = two_rings(seed=seed)
        model = SupportVectorClustering(gamma=1.0).fit(X)
        assert adjusted_rand(ring, model.labels_) >= 0.95


def test_the_index_by_hand():
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])) == 1
    # sizes 2, 2 make 2 pairs, 3, 1 make 3; 1 pair in common, as many as expected: 2 · 3 / 6
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])) == pytest.approx(0)


def test_larger_gamma_makes_more_clusters():
    X, _ = two_rings(120)
    counts = [SupportVectorClustering(gamma=g).fit(X).n_clusters_ for g in (0.01, 1.0, 1000.0)]
    assert counts[0] == 1
    assert counts[0] < counts[1] < counts[2]
    assert counts[2] > 100


def test_at_most_the_share_nu_is_left_outside():
    X, _ = two_rings(200)
    X = np.concatenate([X, [[9.0, 9.0], [-9.0, 8.0]]])
    model = SupportVectorClustering(gamma=1.0, nu=0.2).fit(X)
    outside = model.labels_ == -1
    assert 1 <= outside.sum() <= 0.2 * len(X)
    assert outside[-2:].all()
    assert np.all(model.decision_function(X)[~outside] >= 0)
    assert np.all(model.predict(X[-2:]) == -1)


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 40), D=st.integers(1, 3), nu=st.sampled_from([0.0, 0.1, 0.5]),
    seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_it_is_the_smallest_sphere(n, D, nu, seed):
    X = np.random.default_rng(seed).normal(size=(n, D))
    model = SupportVectorClustering(gamma=0.5, nu=nu).fit(X)
    C = 1.0 if nu == 0 else min(1.0, 1 / (n * nu))
    beta = np.zeros(n)
    beta[model.support_] = model.dual_coef_
    assert beta.sum() == pytest.approx(1)
    assert np.all((beta > 0)[model.support_]) and beta.max() <= C
    f = model.decision_function(X)
    slack = 1e-3
    assert np.all(f[beta < C] >= -slack)  # inside
    assert np.all(np.abs(f[(beta > 0) & (beta < C)]) <= slack)  # on it
    inside = model.labels_ >= 0
    assert np.array_equal(model.predict(X[inside]) >= 0, f[inside] >= 0)


def test_equal_points_are_one_cluster_of_no_radius():
    model = SupportVectorClustering().fit(np.ones((5, 2)))
    assert model.labels_.tolist() == [0] * 5
    assert model.radius_ == pytest.approx(0, abs=1e-6)


def test_the_cluster_of_a_point_is_that_of_its_nearest_sample():
    X, _ = two_rings()
    model = SupportVectorClustering(gamma=1.0).fit(X)
    inner, outer = model.predict([[1.0, 0.0], [0.0, -3.0]])
    assert inner != outer
    assert model.predict([[6.0, 6.0]]).tolist() == [-1]
    assert np.array_equal(SupportVectorClustering(gamma=1.0).fit_predict(X), model.labels_)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"nu": 1.0}, "0 ≤ nu < 1, got 1.0"),
        ({"nu": -0.1}, "0 ≤ nu < 1"),
        ({"segment_points": 0}, "segment_points of at least 1"),
        ({"tol": 0.0}, "tol above 0"),
        ({"gamma": "wide"}, "gamma expects"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SupportVectorClustering(**options).fit(two_rings(20)[0])


def test_wrong_data_is_refused():
    X, _ = two_rings(20)
    with pytest.raises(ValueError, match="NaN"):
        SupportVectorClustering().fit(np.where(X.max() == X, np.nan, X))
    with pytest.raises(ValueError, match="features"):
        SupportVectorClustering().fit(X).predict(X[:, :1])
