"""k nearest neighbours: worked numbers, a plain loop over all pairs, and scikit-learn's answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import KNeighborsClassifier
from scratchnet.classical.k_neighbors import nearest

X = np.array([[0.0], [1.0], [3.0], [6.0]])
Y = ["a", "a", "b", "b"]


def by_loops(Q, X, k):
    """The definition: all distances, a stable sort."""
    squares = np.array([[((q - x) ** 2).sum() for x in X] for q in Q])
    order = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return np.sqrt(np.take_along_axis(squares, order, axis=1)), order


# -- worked by hand -------------------------------------------------------------------------


def test_neighbours_come_nearest_first():
    distances, indices = KNeighborsClassifier(3).fit(X, Y).kneighbors([[2.5]])
    assert distances.tolist() == [[0.5, 1.5, 2.5]]
    assert indices.tolist() == [[2, 1, 0]]


def test_the_majority_decides():
    model = KNeighborsClassifier(3).fit(X, Y)
    np.testing.assert_allclose(
        model.predict_proba([[2.5], [4.0]]), [[2 / 3, 1 / 3], [1 / 3, 2 / 3]]
    )
    assert model.predict([[2.5], [4.0]]).tolist() == ["a", "b"]


def test_weighed_by_distance_the_nearest_may_overrule_the_majority():
    model = KNeighborsClassifier(3, weights="distance").fit(X, Y)
    a, b = 1 / 1.5 + 1 / 2.5, 1 / 0.5
    np.testing.assert_allclose(model.predict_proba([[2.5]]), [[a / (a + b), b / (a + b)]])
    assert model.predict([[2.5]]).tolist() == ["b"]


def test_in_the_very_place_only_those_there_vote():
    model = KNeighborsClassifier(3, weights="distance").fit([[0.0], [0.0], [1.0]], ["a", "b", "b"])
    assert model.predict_proba([[0.0]]).tolist() == [[0.5, 0.5]]


def test_of_equal_distances_the_earlier_sample_and_of_equal_votes_the_first_class():
    model = KNeighborsClassifier(1).fit([[1.0], [-1.0], [1.0]], ["z", "a", "b"])
    assert model.kneighbors([[0.0]], 3)[1].tolist() == [[0, 1, 2]]
    assert model.predict([[0.0]]).tolist() == ["z"]
    assert model.set_params(n_neighbors=2).predict([[0.0]]).tolist() == ["a"]


def test_far_from_the_origin_no_digit_is_lost():
    """|q|² - 2 q·x + |x|² alone says 0 for both."""
    far = np.array([[1e9, 0.0], [1e9 + 1e-6, 0.0]])
    distances, indices = nearest(far + [3e-7, 0.0], far, 1)
    assert indices.ravel().tolist() == [0, 1]
    assert (distances > 0).all()


def test_what_was_learned_does_not_change_with_the_callers_array():
    data = X.copy()
    model = KNeighborsClassifier(1).fit(data, Y)
    data[:] = 100
    assert model.predict([[6.0]]).tolist() == ["b"]


# -- against the definition -----------------------------------------------------------------


@given(
    st.integers(1, 200), st.integers(1, 6), st.integers(1, 100), st.booleans(),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_matrix_product_finds_what_a_loop_finds(n, d, k, whole, seed):
    rng = np.random.default_rng(seed)
    data, queries = rng.standard_normal((n, d)) + 50, rng.standard_normal((7, d)) + 50
    if whole:  # many equal distances
        data, queries = np.round(data), np.round(queries)
    k = min(k, n)
    distances, indices = nearest(queries, data, k)
    expected, order = by_loops(queries, data, k)
    np.testing.assert_allclose(distances, expected, rtol=1e-12)
    np.testing.assert_array_equal(indices, order)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    data, queries = rng.standard_normal((50, 4)), rng.standard_normal((30, 4))
    model = KNeighborsClassifier().fit(data, rng.integers(0, 3, 50))
    whole = model.kneighbors(queries)
    monkeypatch.setattr("scratchnet.classical.k_neighbors.BLOCK", 70)
    for one, other in zip(whole, model.kneighbors(queries), strict=True):
        np.testing.assert_array_equal(one, other)


# -- wrong inputs ---------------------------------------------------------------------------


def test_more_neighbours_than_samples_are_refused():
    model = KNeighborsClassifier(5).fit(X, Y)
    with pytest.raises(ValueError, match=r"n_neighbors <= n_samples = 4.*got n_neighbors = 5"):
        model.predict(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_neighbors": 0}, "n_neighbors expects at least 1, got 0"),
        ({"weights": "rank"}, "weights expects one of .*, got 'rank'"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        KNeighborsClassifier(**options).fit(X, Y)


# -- oracle ---------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("k", [1, 4, 15])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
@pytest.mark.parametrize("whole", [False, True])
def test_agrees_with_scikit_learn(k, weights, algorithm, whole):
    """Of whole numbers, many pairs are equally far; whose votes count then, only we promise."""
    neighbors = pytest.importorskip("sklearn.neighbors")
    rng = np.random.default_rng(4)
    data, queries = 3 * rng.standard_normal((200, 5)), 3 * rng.standard_normal((100, 5))
    labels = rng.integers(0, 4, 200)
    if whole:
        data, queries = np.round(data), np.round(queries)
    ours = KNeighborsClassifier(k, weights=weights).fit(data, labels)
    theirs = neighbors.KNeighborsClassifier(k, weights=weights, algorithm=algorithm)
    theirs.fit(data, labels)
    nearer, following = ours.kneighbors(queries, k + 1)[0][:, -2:].T
    clear = following > nearer
    np.testing.assert_allclose(
        ours.kneighbors(queries)[0], theirs.kneighbors(queries)[0], atol=1e-6
    )
    np.testing.assert_allclose(
        ours.predict_proba(queries)[clear], theirs.predict_proba(queries)[clear], atol=1e-6
    )
    assert (ours.predict(queries) == theirs.predict(queries))[clear].all()
    assert clear.mean() > (0.2 if whole else 0.99)
