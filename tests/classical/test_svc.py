"""SVC: machines on paper, votes and shapes, wrong inputs; and libsvm as the oracle."""

import numpy as np
import pytest

from scratchnet.classical import SVC
from scratchnet.classical.base import NotFittedError

KERNELS = ("linear", "poly", "rbf", "sigmoid")


def blobs(n=150, K=3, D=4, seed=0, spread=1.2):
    """n samples of K overlapping classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % K
    return rng.normal(size=(K, D))[y] * 1.5 + spread * rng.normal(size=(n, D)), y


# -- on paper -------------------------------------------------------------------------------


def test_two_points_on_paper():
    # x = -1 and 1: w = 1, b = 0, α = 1/2 each
    model = SVC(kernel="linear", C=10).fit([[-1], [1]], ["no", "yes"])
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.coef_.tolist() == [[1]]
    assert model.intercept_.tolist() == [0]
    assert model.dual_coef_.tolist() == [[-0.5, 0.5]]
    assert model.support_.tolist() == [0, 1]
    assert model.dual_objective_.tolist() == [0.5]
    assert model.decision_function([[3], [-0.5]]).tolist() == [3, -0.5]
    assert model.predict([[3], [-0.5]]).tolist() == ["yes", "no"]


def test_three_points_on_paper():
    # x = 0 | 2, 4: f = x - 1; x = 4 is no support vector
    model = SVC(kernel="linear", C=10).fit([[4], [0], [2]], [1, 0, 1])
    assert model.decision_function([[0], [1], [4]]) == pytest.approx([-1, 0, 3])
    assert model.support_.tolist() == [1, 2]
    assert model.n_support_.tolist() == [1, 1]


def test_three_classes_on_a_line_have_three_machines():
    # 0, 2, 6: boundaries 1, 3, 4; the first class of a pair is where f > 0
    model = SVC(kernel="linear", C=10, decision_function_shape="ovo").fit(
        [[0], [2], [6]], [0, 1, 2]
    )
    f = model.decision_function([[0]])[0]
    assert f == pytest.approx([1, 1, 4 / 2])  # (x - 1)/-1, (x - 3)/-3, (x - 4)/-2
    assert model.coef_[:, 0] == pytest.approx([-1, -1 / 3, -1 / 2])
    assert model.predict([[0.9], [1.1], [3.9], [4.1]]).tolist() == [0, 1, 1, 2]
    # pairs (0, 1), (0, 2), (1, 2); row r of a column is its machine against the r-th other class
    expected = [[1 / 2, -1 / 2, -1 / 18], [1 / 18, 1 / 8, -1 / 8]]
    assert model.dual_coef_ == pytest.approx(np.array(expected))


def test_xor_needs_a_kernel():
    X, y = [[0, 0], [1, 1], [0, 1], [1, 0]], [0, 0, 1, 1]
    assert SVC(kernel="linear").fit(X, y).score(X, y) < 1
    assert SVC(kernel="rbf", gamma=2.0, C=10).fit(X, y).score(X, y) == 1
    assert SVC(kernel="poly", degree=2, coef0=1, C=100).fit(X, y).score(X, y) == 1


def test_a_dearer_class_moves_the_boundary_away():
    X, y = blobs(60, 2, 1, spread=2.0)
    counts = [
        np.sum(SVC(kernel="linear", class_weight={1: w}).fit(X, y).predict(X)) for w in (0.2, 1, 5)
    ]
    assert counts[0] < counts[1] < counts[2]


# -- shapes and conventions -----------------------------------------------------------------


def test_one_column_a_class_ranks_by_votes_and_then_by_clearness():
    X, y = blobs(90, 4)
    model = SVC().fit(X, y)
    scores = model.decision_function(X)
    assert scores.shape == (90, 4)
    votes = np.round(scores)
    assert np.all(np.abs(scores - votes) < 0.5)
    assert np.all(votes.sum(axis=1) == 6)  # machines
    # predict is the first class among those of most votes
    assert np.array_equal(model.predict(X), np.argmax(votes, axis=1))


def test_labels_may_come_in_any_order_and_name():
    X, y = blobs()
    names = np.array(["zebra", "ant", "mole"])[y]
    shuffled = np.random.default_rng(1).permutation(len(y))
    first = SVC().fit(X, names).predict(X)
    second = SVC().fit(X[shuffled], names[shuffled]).predict(X)
    assert np.mean(first == second) > 0.99


def test_probabilities_sum_to_one_and_find_the_class():
    for K in (2, 3):
        X, y = blobs(150, K)
        model = SVC(probability=True).fit(X, y)
        p = model.predict_proba(X)
        assert p.shape == (150, K)
        assert np.allclose(p.sum(axis=1), 1)
        assert np.mean(np.argmax(p, axis=1) == y) > 0.7
        assert model.probA_.shape == model.probB_.shape == (K * (K - 1) // 2,)
        assert np.all(model.probA_ < 0)  # the larger f, the more probable
        assert np.array_equal(p, SVC(probability=True).fit(X, y).predict_proba(X))


def test_probabilities_are_calibrated():
    X, y = blobs(1200, 2, 2, seed=4, spread=2.0)
    p = SVC(probability=True).fit(X[:600], y[:600]).predict_proba(X[600:])[:, 1]
    for low, high in [(0.1, 0.4), (0.4, 0.6), (0.6, 0.9)]:
        among = (p >= low) & (p < high)
        assert abs(y[600:][among].mean() - p[among].mean()) < 0.12


def test_a_constant_feature_changes_nothing_but_the_scale_of_gamma():
    X, y = blobs()
    padded = np.column_stack([X, np.full(len(X), 7.0)])
    for options in ({"kernel": "linear"}, {"gamma": 0.3}):
        plain, more = SVC(**options).fit(X, y), SVC(**options).fit(padded, y)
        assert np.array_equal(plain.predict(X), more.predict(padded))
        assert np.allclose(plain.dual_objective_, more.dual_objective_, rtol=1e-5)


def test_all_features_constant_predicts_the_first_class_and_fails_nowhere():
    model = SVC().fit(np.ones((6, 2)), [0, 1] * 3)
    assert np.isfinite(model.decision_function(np.ones((1, 2)))).all()


def test_fitting_twice_gives_the_same_bits():
    X, y = blobs()
    first, second = SVC().fit(X, y), SVC().fit(X, y)
    assert np.array_equal(first.dual_coef_, second.dual_coef_)
    assert np.array_equal(first.intercept_, second.intercept_)


# -- wrong inputs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        ({"C": -1}, "C above 0 and finite, got -1"),
        ({"C": np.nan}, "C above 0"),
        ({"tol": 0}, "tol above 0"),
        ({"cache_size": 0}, "cache_size above 0"),
        ({"max_iter": -2}, "max_iter expects"),
        ({"kernel": "rfb"}, "kernel expects one of"),
        ({"gamma": -0.5}, "gamma expects"),
        ({"decision_function_shape": "all"}, "'ovr' or 'ovo', got 'all'"),
        ({"class_weight": {9: 1.0}}, "class_weight expects"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SVC(**options).fit(*blobs())


def test_wrong_data_is_refused():
    X, y = blobs()
    hole = X.copy()
    hole[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        SVC().fit(hole, y)
    with pytest.raises(ValueError, match="one class"):
        SVC().fit(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="one label a sample"):
        SVC().fit(X, y[:-1])
    with pytest.raises(ValueError, match="features"):
        SVC().fit(X, y).predict(X[:, :-1])
    with pytest.raises(ValueError, match="two samples of each class"):
        SVC(probability=True).fit(X[:4], [0, 1, 1, 1])


def test_what_is_not_there_is_told():
    X, y = blobs()
    with pytest.raises(NotFittedError):
        SVC().predict(X)
    with pytest.raises(AttributeError, match=r"SVC\(probability=True\) before fit"):
        SVC().fit(X, y).predict_proba(X)
    with pytest.raises(AttributeError, match="only kernel='linear' has coef_"):
        _ = SVC().fit(X, y).coef_


# -- libsvm ---------------------------------------------------------------------------------


def dual_of(model, K, y):
    """libsvm's objective of a fitted two-class model, from its coefficients."""
    beta = np.zeros(len(y))
    beta[model.support_] = model.dual_coef_[0]
    return np.abs(beta).sum() - beta @ K @ beta / 2


@pytest.mark.oracle
@pytest.mark.parametrize("C", [0.1, 1, 30])
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_dual_and_the_predictions_are_those_of_libsvm(kernel, C):
    svm = pytest.importorskip("sklearn.svm")
    X, y = blobs(1200, 2, 6, seed=1, spread=2.0)
    X, test, y = X[:600], X[600:], y[:600]
    options = {"kernel": kernel, "C": C, "coef0": 0.2 if kernel == "poly" else 0.0}
    ours = SVC(**options).fit(X, y)
    theirs = svm.SVC(**options).fit(X, y)
    K = ours._kernel(X, X)
    assert ours.dual_objective_[0] == pytest.approx(dual_of(theirs, K, y), rel=1e-4)
    assert ours.dual_objective_[0] == pytest.approx(dual_of(ours, K, y), rel=1e-5)
    assert np.mean(ours.predict(test) == theirs.predict(test)) >= 0.995
    if kernel == "sigmoid":  # whose dual has several maxima: the path decides
        assert ours.n_iter_[0] == pytest.approx(theirs.n_iter_[0], rel=0.05)


@pytest.mark.oracle
@pytest.mark.parametrize("kernel", KERNELS)
def test_many_classes_and_weights_agree_with_libsvm(kernel):
    svm = pytest.importorskip("sklearn.svm")
    X, y = blobs(800, 4, 5, seed=2)
    y[y == 3] = np.where(np.arange(200) % 3, 1, 3)  # unequal classes
    options = {"kernel": kernel, "class_weight": "balanced", "tol": 1e-5}
    ours, theirs = SVC(**options).fit(X[:400], y[:400]), svm.SVC(**options).fit(X[:400], y[:400])
    assert ours.dual_coef_.shape == (3, len(ours.support_))
    assert np.mean(ours.predict(X[400:]) == theirs.predict(X[400:])) >= 0.995
    pairs = [SVC, svm.SVC]
    mine, other = (
        make(**options, decision_function_shape="ovo").fit(X[:400], y[:400]) for make in pairs
    )
    f, g = mine.decision_function(X[400:]), other.decision_function(X[400:])
    assert np.allclose(f, g, atol=2e-3)
    assert np.allclose(ours.intercept_, theirs.intercept_, atol=2e-3)
    common, i, j = np.intersect1d(ours.support_, theirs.support_, return_indices=True)
    assert len(common) >= 0.97 * len(theirs.support_)
    assert np.allclose(ours.dual_coef_[:, i], theirs.dual_coef_[:, j], atol=0.02)
