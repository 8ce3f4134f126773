"""The conventions that all classical algorithms share, and what they refuse."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from scratchnet import classical
from scratchnet.classical.base import (
    Classifier,
    Estimator,
    LinearClassifier,
    NotFittedError,
    Transformer,
    check_features,
    check_fitted,
    check_X,
    check_X_y,
)


class Constant(Classifier):
    """Predicts the first class."""

    def __init__(self, width=1, *, height=2.0):
        self.width, self.height = width, height

    def fit(self, X, y):
        X, self.classes_, _ = check_X_y(X, y, estimator=self)
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return self.classes_[np.zeros(len(check_features(self, X)), int)]


# -- parameters -----------------------------------------------------------------------------


def test_parameters_come_from_the_constructor():
    model = Constant(3)
    assert model.get_params() == {"width": 3, "height": 2.0}
    assert model.set_params(height=5, width=4) is model
    assert (model.width, model.height) == (4, 5)


def test_an_unknown_parameter_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="Constant expects parameters among width, height; got 'w"):
        Constant().set_params(w=1)
    with pytest.raises(ValueError, match="among none; got 'w'"):
        Estimator().set_params(w=1)


def test_repr_is_the_call_without_defaults():
    assert repr(Constant()) == "Constant()"
    assert repr(Constant(height=3.0)) == "Constant(height=3.0)"
    assert repr(Constant(7, height=np.ones(2))) == "Constant(width=7, height=array([1., 1.]))"


def test_score_is_the_share_of_right_labels():
    model = Constant().fit([[0], [1]], ["a", "b"])
    assert model.score([[0], [1], [2], [3]], ["a", "a", "a", "b"]) == 0.75
    with pytest.raises(ValueError, match=r"expects one label a sample, \(1,\), got y of shape \(2"):
        model.score([[0]], ["a", "b"])


def test_fit_transform_is_fit_then_transform():
    class Shift(Transformer):
        def fit(self, X, y=None):
            self.mean_ = np.mean(X, axis=0)
            return self

        def transform(self, X):
            return X - self.mean_

    assert Shift().fit_transform(np.array([[1.0], [3.0]])).tolist() == [[-1.0], [1.0]]


def test_linear_scores_pick_the_largest_and_of_two_classes_the_sign_decides():
    model = LinearClassifier()
    model.n_features_in_ = 1
    model.classes_, model.coef_, model.intercept_ = np.array([3, 5]), np.array([[2.0]]), [-1.0]
    assert model.decision_function([[0.0], [1.0]]).tolist() == [-1.0, 1.0]
    assert model.predict([[0.0], [0.5], [1.0]]).tolist() == [3, 3, 5]
    model.classes_ = np.array(["a", "b", "c"])
    model.coef_, model.intercept_ = np.array([[1.0], [0.0], [-1.0]]), np.array([0.0, 0.5, 0.0])
    assert model.decision_function([[2.0]]).tolist() == [[2.0, 0.5, -2.0]]
    assert model.predict([[2.0], [0.0], [-2.0]]).tolist() == ["a", "b", "c"]


# -- X --------------------------------------------------------------------------------------


def test_any_numbers_become_a_float64_matrix():
    X = check_X(np.array([[1, 2], [3, 4]], np.uint8), estimator=Constant())
    assert X.dtype == np.float64
    assert X.tolist() == [[1, 2], [3, 4]]
    fortran = check_X(np.asfortranarray(np.ones((2, 3))), estimator=Constant())
    assert fortran.flags.c_contiguous


def test_what_is_good_already_is_not_copied():
    X = np.ones((2, 3))
    assert check_X(X, estimator=Constant()) is X


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([1.0, 2.0], r"Constant expects X \(n_samples, n_features\), got shape \(2,\). Reshape"),
        (np.ones((2, 3, 3)), r"got shape \(2, 3, 3\).*images.reshape\(len\(images\), -1\)"),
        (np.ones((0, 3)), r"at least one sample, got 0 \(shape=\(0, 3\)\)"),
        (np.ones((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\) while a minimum of 1"),
        ([[1.0, np.nan]], r"finite numbers, got NaN in X\[0, 1\]"),
        ([[1.0], [-np.inf]], r"finite numbers, got infinity in X\[1, 0\]"),
        ([["a"]], "rectangle of real numbers.*could not convert"),
        ([[1.0], [1.0, 2.0]], "rectangle of real numbers"),
        ([[1j]], "Complex data not supported"),
    ],
)
def test_a_bad_X_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        check_X(X, estimator=Constant())


def test_huge_numbers_whose_sum_overflows_are_finite():
    assert check_X([[1e308, 1e308]], estimator=Constant()).tolist() == [[1e308, 1e308]]


def test_objects_and_sparse_matrices_are_refused():
    class Sparse:
        def toarray(self):
            return np.ones((1, 1))

    with pytest.raises(TypeError, match=r"got a sparse one; X.toarray\(\)"):
        check_X(Sparse(), estimator=Constant())
    with pytest.raises(TypeError, match="rectangle of real numbers"):
        check_X([[{}]], estimator=Constant())


# -- y --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "classes", "indices"),
    [
        (["b", "a", "b"], ["a", "b"], [1, 0, 1]),
        ([7, -1, 7], [-1, 7], [1, 0, 1]),
        ([2.0, 1.0, 3.0], [1.0, 2.0, 3.0], [1, 0, 2]),
        ([True, False, True], [False, True], [1, 0, 1]),
    ],
)
def test_labels_become_indices_into_the_sorted_classes(y, classes, indices):
    _, found, encoded = check_X_y(np.eye(3), y, estimator=Constant())
    assert found.tolist() == classes
    assert encoded.tolist() == indices
    assert encoded.dtype == np.int64


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "Constant requires y to be passed, but the target y is None"),
        ([[1], [2], [3]], r"y should be a 1d array.*got shape \(3, 1\)"),
        ([1, 2], "one label a sample, got 2 for 3"),
        ([1, 1, 1], "at least two classes, got one class: "),
        ([0.5, 1, 2], "Unknown label type"),
        ([np.nan, 1, 2], "Unknown label type"),
        ([np.inf, 1, 2], "Unknown label type"),
        ([1j, 1, 2], "Unknown label type"),
    ],
)
def test_bad_labels_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        check_X_y(np.eye(3), y, estimator=Constant())


# -- fit comes first ------------------------------------------------------------------------


def test_before_fit_the_error_is_both_a_value_and_an_attribute_error():
    for kind in (ValueError, AttributeError, NotFittedError):
        with pytest.raises(
            kind, match=r"this Constant is not fitted yet; call fit\(X, ...\) first"
        ):
            check_fitted(Constant())
    check_fitted(Constant().fit([[0], [1]], [0, 1]))


def test_the_number_of_features_is_that_of_fit():
    model = Constant().fit([[0], [1]], [0, 1])
    with pytest.raises(ValueError, match="X has 2 features, but Constant is expecting 1 features"):
        model.predict([[1, 2]])


# -- the package ----------------------------------------------------------------------------


def test_a_name_is_imported_when_it_is_first_used():
    code = (
        "import sys, scratchnet.classical as c; assert 'PCA' in dir(c); "
        "assert 'scratchnet.classical.pca' not in sys.modules; c.PCA; "
        "print('scratchnet.classical.pca' in sys.modules, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"


def test_an_unknown_algorithm_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no algorithm 'Oracle'"):
        _ = classical.Oracle
