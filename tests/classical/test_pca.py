"""PCA: worked numbers, properties, and scikit-learn's answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.classical import PCA
from scratchnet.classical.principal_axes import by_eigenvectors, by_sketch, by_svd

LINE = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 10.0]])
"""On the line through (3, 6) along (1, 2)."""
CROSS = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])


def cloud(rng, n, d):
    """Samples whose spread falls along the axes, off the origin, turned at random."""
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return rng.standard_normal((n, d)) / (1 + np.arange(d)) @ turn + 10 * rng.standard_normal(d)


# -- worked by hand -------------------------------------------------------------------------


def test_points_on_a_line_have_one_component_along_it():
    pca = PCA(1).fit(LINE)
    np.testing.assert_allclose(pca.components_, [[1 / 5**0.5, 2 / 5**0.5]])
    np.testing.assert_allclose(pca.mean_, [3, 6])
    np.testing.assert_allclose(pca.explained_variance_, [20.0])  # (20 + 0 + 20) / 2
    np.testing.assert_allclose(pca.explained_variance_ratio_, [1.0])
    np.testing.assert_allclose(pca.transform(LINE), [[-(20**0.5)], [0], [20**0.5]], atol=1e-12)


def test_a_cross_has_its_arms_for_components():
    pca = PCA().fit(CROSS)
    np.testing.assert_allclose(pca.components_, [[1, 0], [0, 1]], atol=1e-15)
    np.testing.assert_allclose(pca.singular_values_, [8**0.5, 2**0.5])
    np.testing.assert_allclose(pca.explained_variance_, [8 / 3, 2 / 3])
    np.testing.assert_allclose(pca.explained_variance_ratio_, [0.8, 0.2])


def test_a_share_asks_for_as_few_components_as_explain_more():
    assert PCA(0.7).fit(CROSS).n_components_ == 1
    assert PCA(0.85).fit(CROSS).n_components_ == 2


def test_the_largest_entry_of_a_component_is_positive():
    assert (PCA().fit(-LINE[:, ::-1]).components_.max(axis=1) > 0).all()
    for solver in ("full", "auto", "randomized"):
        components = PCA(svd_solver=solver, random_state=0).fit(CROSS).components_
        np.testing.assert_allclose(components, [[1, 0], [0, 1]], atol=1e-12)


def test_off_the_plane_comes_back_as_the_nearest_point_of_it():
    pca = PCA(1).fit(CROSS)
    np.testing.assert_allclose(pca.inverse_transform(pca.transform([[3, 4]])), [[3, 0]], atol=1e-12)


def test_whitened_coordinates_have_variance_one():
    Z = PCA(whiten=True).fit_transform(CROSS)
    np.testing.assert_allclose(Z, CROSS / np.sqrt([8 / 3, 2 / 3]), atol=1e-12)


def test_whitening_gives_0_where_nothing_varies():
    pca = PCA(whiten=True).fit(LINE)
    np.testing.assert_array_equal(pca.transform(LINE)[:, 1], [0, 0, 0])
    np.testing.assert_allclose(pca.inverse_transform(pca.transform(LINE)), LINE)


def test_equal_samples_explain_nothing():
    pca = PCA().fit(np.ones((4, 3)))
    assert pca.explained_variance_ratio_.tolist() == [0, 0, 0]
    assert pca.transform(np.ones((1, 3))).tolist() == [[0, 0, 0]]


# -- properties -----------------------------------------------------------------------------

shapes = st.tuples(st.integers(2, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))


@given(shapes)
@settings(max_examples=40, deadline=None)
def test_all_components_lose_nothing(shape):
    n, d, seed = shape
    X = cloud(np.random.default_rng(seed), n, d)
    pca = PCA().fit(X)
    Z = pca.transform(X)
    k = min(n, d)
    np.testing.assert_allclose(pca.components_ @ pca.components_.T, np.eye(k), atol=1e-10)
    np.testing.assert_allclose(pca.inverse_transform(Z), X, atol=1e-9)
    np.testing.assert_allclose(Z.T @ Z / (n - 1), np.diag(pca.explained_variance_), atol=1e-9)
    assert abs(pca.explained_variance_ratio_.sum() - 1) < 1e-12
    assert (np.diff(pca.explained_variance_) <= 1e-15).all()


@given(shapes)
@settings(max_examples=40, deadline=None)
def test_the_roads_lead_to_the_same_axes(shape):
    n, d, seed = shape
    rng = np.random.default_rng(seed)
    X = cloud(rng, n, d)
    mean = X.mean(axis=0)
    k = max(1, min(n - 1, d) // 2)
    exact = by_svd(X, mean, lambda squares: k)
    others = [by_sketch(X, mean, k, 10, 7, rng), by_eigenvectors(X, mean, lambda squares: k)]
    spaced = exact.squares[-1] > 1e-6 * exact.squares[0]
    for other in others if spaced else ():
        np.testing.assert_allclose(other.squares, exact.squares, rtol=1e-8)
        assert abs(other.total - exact.total) < 1e-10 * exact.total
        projection = other.rows.T @ other.rows
        np.testing.assert_allclose(projection, exact.rows.T @ exact.rows, atol=1e-6)


def test_axes_too_small_for_the_eigenproblem_come_from_the_svd():
    X = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1e-6, 0], [0, -1e-6, 0], [0, 0, 0]])
    assert by_eigenvectors(X, np.zeros(3), lambda squares: 2) is None
    pca = PCA(2).fit(X)
    np.testing.assert_allclose(pca.singular_values_, [2**0.5, 2**0.5 * 1e-6])
    np.testing.assert_allclose(pca.components_, [[1, 0, 0], [0, 1, 0]], atol=1e-12)


def test_the_sketch_works_where_columns_become_dependent():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 40))  # of rank 2, sketched by 14
    pca = PCA(4, svd_solver="randomized", random_state=0).fit(X)
    np.testing.assert_allclose(pca.explained_variance_ratio_.sum(), 1.0)
    np.testing.assert_allclose(pca.singular_values_[2:], 0, atol=1e-10)
    np.testing.assert_allclose(pca.inverse_transform(pca.transform(X)), X, atol=1e-10)


def test_auto_sketches_large_data_only_and_the_seed_fixes_it(monkeypatch):
    X = cloud(np.random.default_rng(0), 60, 50)
    exact = PCA(5).fit(X)
    np.testing.assert_array_equal(PCA(5, random_state=1).fit(X).components_, exact.components_)
    monkeypatch.setattr("scratchnet.classical.pca.SMALL", 40)
    sketched = PCA(5, random_state=1).fit(X)
    assert (sketched.components_ != exact.components_).any()
    np.testing.assert_allclose(sketched.components_, exact.components_, atol=1e-4)
    np.testing.assert_array_equal(PCA(5, random_state=1).fit(X).components_, sketched.components_)


# -- wrong inputs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": 4}, r"1 to min\(n_samples, n_features\) = 3, got 4"),
        ({"n_components": 0}, "got 0"),
        ({"n_components": 1.0}, "a share between 0 and 1, or None; got 1.0"),
        ({"n_components": "mle"}, "got 'mle'"),
        ({"n_components": True}, "got True"),
        ({"svd_solver": "arpack"}, "svd_solver expects one of .*, got 'arpack'"),
        ({"n_components": 0.5, "svd_solver": "randomized"}, "a sketch does not know"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        PCA(**options).fit(np.eye(3))


def test_one_sample_is_refused():
    with pytest.raises(ValueError, match="at least two samples, got 1 sample"):
        PCA().fit([[1.0, 2.0]])


def test_a_wrong_number_of_coordinates_is_refused():
    with pytest.raises(ValueError, match="expected 2 coordinates, got 3"):
        PCA().fit(CROSS).inverse_transform(np.ones((1, 3)))


# -- oracle ---------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(200, 30), (30, 200), (60, 60)])
@pytest.mark.parametrize("n_components", [None, 5, 0.9])
@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("solver", ["auto", "full"])
def test_agrees_with_scikit_learn(shape, n_components, whiten, solver):
    decomposition = pytest.importorskip("sklearn.decomposition")
    X = cloud(np.random.default_rng(1), *shape)
    ours = PCA(n_components, whiten=whiten, svd_solver=solver).fit(X)
    peer = decomposition.PCA(n_components, whiten=whiten, svd_solver="full").fit(X)
    assert ours.n_components_ == peer.n_components_
    real = peer.singular_values_ > 1e-10  # the last axis of n <= d is anything
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(peer, name), atol=1e-6)
    signs = np.sign((ours.components_ * peer.components_).sum(axis=1))
    np.testing.assert_allclose(
        ours.components_[real], (signs[:, None] * peer.components_)[real], atol=1e-6
    )
    np.testing.assert_allclose(
        ours.transform(X)[:, real], (signs * peer.transform(X))[:, real], atol=1e-6
    )
    back = ours.inverse_transform(ours.transform(X))
    np.testing.assert_allclose(back, peer.inverse_transform(peer.transform(X)), atol=1e-6)
