"""k-means: four points by hand, empty clusters, its laws, and scikit-learn from the same start."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical.k_means import (
    KMeans,
    fill_empty,
    k_means_plus_plus,
    lloyd,
    squared_distances,
)

# -- by hand --------------------------------------------------------------------------------------


def test_two_steps_of_lloyd():
    # Centres 0 and 1: labels 0 1 1 1, means 0 and 7; labels 0 0 1 1, means ½ and 10.
    X = np.array([[0.0], [1.0], [9.0], [11.0]])
    found = lloyd(X, np.array([[0.0], [1.0]]), max_iter=10, tol=0)
    assert found.centers.tolist() == [[0.5], [10.0]]
    assert found.labels.tolist() == [0, 0, 1, 1]
    assert found.inertia == 0.25 + 0.25 + 1 + 1
    assert found.iterations == 3  # the third changes no label


def test_an_empty_cluster_takes_the_farthest_sample():
    X, centers = np.array([[0.0], [1.0], [5.0]]), np.array([[0.0], [100.0]])
    assert fill_empty(X, np.array([0, 0, 0]), centers).tolist() == [0, 0, 1]
    found = lloyd(X, centers, max_iter=10, tol=0)
    assert found.centers.tolist() == [[0.5], [5.0]]


def test_a_cluster_of_one_sample_is_not_robbed():
    X, centers = np.array([[3.0], [15.0], [2.0]]), np.array([[0.0], [10.0], [99.0]])
    assert fill_empty(X, np.array([0, 1, 0]), centers).tolist() == [2, 1, 0]


def test_sums_follow_the_samples_that_change_their_cluster():
    """After many iterations, each centre is the mean of its samples to the last digits."""
    X = np.random.default_rng(0).standard_normal((500, 3))
    found = lloyd(X, X[:20], max_iter=300, tol=0)
    assert found.iterations > 5
    for k, center in enumerate(found.centers):
        np.testing.assert_allclose(center, X[found.labels == k].mean(axis=0), atol=1e-14)


def test_squared_distances_of_a_right_triangle():
    assert squared_distances(np.array([[3.0, 0], [0, 4]]), np.zeros((1, 2))).tolist() == [[9], [16]]


def test_transform_gives_distances_and_predict_the_nearest_centre():
    model = KMeans(2, init=[[0.0, 0.0], [10.0, 0.0]]).fit([[0.0, 0], [0, 2], [10, 0], [10, 2]])
    assert model.cluster_centers_.tolist() == [[0, 1], [10, 1]]
    np.testing.assert_allclose(model.transform([[10.0, 1.0]]), [[10, 0]])
    assert model.predict([[1.0, 9.0], [8.0, 0.0]]).tolist() == [0, 1]


# -- laws -----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_each_iteration_lowers_the_inertia(seed, K):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 9, (20, 2)).astype(np.float64)
    centers = k_means_plus_plus(X, K, rng)
    inertias = [lloyd(X, centers, steps, 0.0).inertia for steps in range(1, 8)]
    assert (np.diff(inertias) <= 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_k_means_plus_plus_draws_samples_and_none_twice_while_others_are_left(seed, K):
    rng = np.random.default_rng(seed)
    X = np.unique(rng.integers(0, 5, (30, 2)), axis=0).astype(np.float64)
    centers = k_means_plus_plus(X, K, rng)
    assert len(np.unique(centers, axis=0)) == K
    assert (squared_distances(centers, X).min(axis=1) == 0).all()


def test_the_same_seed_gives_the_same_bits():
    X = np.random.default_rng(0).standard_normal((200, 5))
    first, second = (KMeans(7, random_state=3, n_init=2).fit(X) for _ in range(2))
    assert np.array_equal(first.cluster_centers_, second.cluster_centers_)


def test_far_from_the_origin_nothing_is_lost():
    X = np.random.default_rng(1).standard_normal((100, 3))
    near, far = (KMeans(4, random_state=0).fit(X + shift) for shift in (0.0, 1e7))
    assert np.array_equal(near.labels_, far.labels_)
    assert far.inertia_ == pytest.approx(near.inertia_, rel=1e-6)
    assert np.array_equal(far.predict(X + 1e7), far.labels_)


def test_samples_that_are_all_the_same_have_as_many_equal_centres():
    model = KMeans(3, random_state=0).fit(np.full((5, 2), 7.0))
    assert np.array_equal(model.cluster_centers_, np.full((3, 2), 7.0))
    assert model.inertia_ == 0


def test_separated_blobs_are_found():
    rng = np.random.default_rng(2)
    middles = np.array([[0, 0], [20, 0], [0, 20], [20, 20]])
    X = (middles[:, None] + rng.standard_normal((4, 25, 2))).reshape(-1, 2)
    labels = KMeans(4, random_state=0).fit_predict(X).reshape(4, 25)
    assert (labels == labels[:, :1]).all()
    assert len(set(labels[:, 0])) == 4


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.oracle
def test_scikit_learn_ends_at_the_same_centres_from_the_same_start():
    cluster = pytest.importorskip("sklearn.cluster")
    rng = np.random.default_rng(4)
    X = rng.standard_normal((300, 6))
    start = X[:9].copy()
    ours = KMeans(9, init=start, tol=0).fit(X)
    theirs = cluster.KMeans(9, init=start, n_init=1, tol=0, algorithm="lloyd").fit(X)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, atol=1e-10)
    assert np.array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_)
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), atol=1e-8)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_clusters": 0}, "n_clusters of at least 1, got 0"),
        ({"n_clusters": 6}, "n_samples=5 for n_clusters=6; ask for fewer"),
        ({"n_clusters": 2, "n_init": 0}, "n_init of at least 1"),
        ({"n_clusters": 2, "init": "random"}, "'k-means\\+\\+' or centres, got 'random'"),
        ({"n_clusters": 2, "init": np.zeros((3, 2))}, r"centres \(2, 2\), got init \(3, 2\)"),
    ],
)
def test_wrong_inputs_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        KMeans(**options).fit(np.arange(10.0).reshape(5, 2))
