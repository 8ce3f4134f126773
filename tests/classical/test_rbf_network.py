"""RBF networks: two bells by hand, interpolation, least squares, and scikit-learn's ridge."""

import numpy as np
import pytest

from scratchnet.classical.rbf_network import RBFNetwork, bells, nearest_widths, ridge

# -- by hand --------------------------------------------------------------------------------------


def test_two_bells_undo_exclusive_or():
    """The four corners, bells at (0, 0) and (1, 1) with 2σ² = 1: a line parts what was not."""
    corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    phi = bells(corners, corners[[0, 3]], np.sqrt([0.5, 0.5]))
    once, twice = np.exp(-1), np.exp(-2)  # 0.3679 and 0.1353
    np.testing.assert_allclose(phi, [[1, twice], [once, once], [once, once], [twice, 1]])
    assert phi.sum(axis=1) == pytest.approx([1.1353, 0.7358, 0.7358, 1.1353], abs=1e-4)


def test_two_centres_and_two_samples():
    # x = ±1 is of unit variance; σ = 2, the centres' distance: φ of the other is exp(-½).
    model = RBFNetwork(2, alpha=1e-9, random_state=0).fit([[10.0], [14.0]], ["low", "high"])
    assert sorted(model.centers_.ravel()) == [-1, 1]
    assert model.widths_.tolist() == [2, 2]
    np.testing.assert_allclose(np.sort(model.hidden([[10.0]])), [[np.exp(-0.5), 1]])
    np.testing.assert_allclose(model.scores([[10.0], [14.0]]), [[0, 1], [1, 0]], atol=1e-7)
    np.testing.assert_allclose(model.scores([[12.0]]), [[0.5, 0.5]])  # halfway
    assert model.predict([[11.9], [12.1]]).tolist() == ["low", "high"]


def test_widths_by_the_two_nearest_neighbours():
    # Of 0, 1, 3: distances² {1, 9}, {1, 4}, {4, 9}.
    centers = np.array([[0.0], [1.0], [3.0]])
    np.testing.assert_allclose(nearest_widths(centers, 2) ** 2, [5, 2.5, 6.5])
    np.testing.assert_allclose(nearest_widths(centers, 1) ** 2, [1, 1, 4])


def test_the_common_width_is_the_root_of_the_mean_square():
    X, y = [[0.0], [1.0], [3.0]], [0, 1, 0]
    own, common = (RBFNetwork(3, width=w, random_state=0).fit(X, y) for w in ("nearest", "common"))
    assert common.widths_ == pytest.approx([np.sqrt(np.mean(own.widths_**2))] * 3)


def test_ridge_through_two_points():
    # Centred φ = ∓½, targets ∓½: w = ½ / (½ + α); the line still goes through the means.
    W, b = ridge(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]), alpha=0.5)
    assert (W.item(), b.item()) == (0.5, 0.25)


# -- laws -----------------------------------------------------------------------------------------


def rings(seed=0, n=120):
    rng = np.random.default_rng(seed)
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.repeat([1.0, 2.0], n // 2)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return radius[:, None] * circle + 0.1 * rng.standard_normal((n, 2)), radius.astype(int)


@pytest.mark.parametrize("output", ["linear", "logistic"])
@pytest.mark.parametrize("width", ["nearest", "common", 0.5])
def test_rings_that_no_line_parts(output, width):
    X, y = rings()
    model = RBFNetwork(20, width=width, neighbors=3, output=output, random_state=0).fit(X, y)
    assert model.score(*rings(1)) > 0.97
    assert model.decision_function(X).shape == (120,)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


def test_with_a_bell_on_each_sample_it_interpolates():
    """Broomhead and Lowe: as many centres as samples meet every target."""
    X, y = rings(2, n=40)
    model = RBFNetwork(40, width=0.3, alpha=1e-10, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.scores(X), np.eye(2)[y - 1], atol=1e-4)


def test_linear_scores_of_all_classes_add_up_to_one():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((60, 3)), rng.integers(0, 4, 60)
    scores = RBFNetwork(10, random_state=0).fit(X, y).scores(10 * X)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-10)


def test_units_of_a_feature_do_not_matter_and_a_constant_one_neither():
    X, y = rings()
    plain = RBFNetwork(10, random_state=0).fit(X, y)
    other = np.column_stack([X * [1000, 0.001] + 5, np.full(len(X), 3.0)])
    scaled = RBFNetwork(10, random_state=0).fit(other, y)
    np.testing.assert_allclose(scaled.scores(other), plain.scores(X), atol=1e-8)


def test_more_centres_than_samples_put_one_on_each():
    model = RBFNetwork(100, random_state=0).fit([[0.0], [1.0], [2.0]], [0, 1, 0])
    assert len(model.centers_) == 3


def test_samples_that_are_all_the_same_still_give_bells():
    model = RBFNetwork(2, random_state=0).fit([[1.0], [1.0], [1.0]], [0, 1, 1])
    assert model.predict([[1.0]]).tolist() == [1]


def test_the_same_seed_gives_the_same_bits():
    X, y = rings()
    a, b = (RBFNetwork(10, random_state=4).fit(X, y).scores(X) for _ in range(2))
    assert np.array_equal(a, b)


def test_it_beats_the_nearest_neighbour_on_generated_faces(faces):
    model = RBFNetwork(200, random_state=0).fit(faces.X, faces.y)
    assert model.score(faces.X_test, faces.y_test) > faces.nearest_neighbour


# -- peers ----------------------------------------------------------------------------------------


@pytest.mark.oracle
def test_scikit_learns_ridge_finds_the_same_weights():
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = rings()
    model = RBFNetwork(15, alpha=0.1, random_state=0).fit(X, y)
    theirs = linear.Ridge(alpha=0.1).fit(model.hidden(X), np.eye(2)[y - 1])
    np.testing.assert_allclose(model.coef_, theirs.coef_.T, atol=1e-9)
    np.testing.assert_allclose(model.intercept_, theirs.intercept_, atol=1e-9)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_centers": 0}, "n_centers of at least 1, got 0"),
        ({"neighbors": 0}, "neighbors of at least 1"),
        ({"alpha": 0}, "alpha > 0, got 0; try"),
        ({"width": "wide"}, "'nearest', 'common' or a number > 0, got 'wide'"),
        ({"width": 0.0}, "number > 0, got 0.0"),
        ({"output": "probit"}, "'linear' or 'logistic', got 'probit'"),
    ],
)
def test_wrong_inputs_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        RBFNetwork(**options).fit([[0.0], [1.0]], [0, 1])
