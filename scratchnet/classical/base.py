"""What every classical algorithm shares: scikit-learn's conventions, and checks at the edge.

    model = Algorithm(option=...)        the constructor stores its arguments, and does nothing else
    model.fit(X, y)                      returns the model; what it learned ends in `_`
    model.predict(X), .transform(X)      raise NotFittedError before `fit`

X is (n, d), n samples of d features: any real numbers, worked on as float64. y is (n,), one label
a sample, integers or strings. Randomness comes in as `random_state`: a `np.random.Generator`, a
seed, or None; `np.random.default_rng(random_state)` takes all three.

A feature that is the same in all samples tells nothing, and changes nothing unless an algorithm's
header says so.

Source: Buitinck et al., "API design for machine learning software", 2013 (the conventions).
"""

from __future__ import annotations

import inspect
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


class NotFittedError(ValueError, AttributeError):
    """The estimator has learned nothing yet: `fit` comes first."""


class Estimator:
    """Parameters by name, read from the constructor's signature."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments; `deep` changes nothing, no estimator holds another."""
        return {name: getattr(self, name) for name in _signature(self)}

    def set_params(self, **params: Any) -> Self:
        """Replace some of the constructor's arguments; what was learned stays until `fit`.

        Raises:
            ValueError: a name that the constructor does not have.
        """
        known = _signature(self)
        for name, value in params.items():
            if name not in known:
                raise ValueError(
                    f"{type(self).__name__} expects parameters among {', '.join(known) or 'none'}; "
                    f"got {name!r}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        """The call that makes this estimator; arguments at their default are left out."""
        given = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in _signature(self).items()
            if repr(getattr(self, name)) != repr(parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(given)})"


class Transformer(Estimator):
    """Has `fit` and `transform`; attribute n_features_in_."""

    n_features_in_: int

    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None) -> Array:
        """`fit(X, y)`, then `transform(X)`."""
        return self.fit(X, y).transform(X)  # type: ignore[attr-defined]


class Classifier(Estimator):
    """Has `fit` and `predict`; attributes classes_ (K,), sorted labels, and n_features_in_."""

    classes_: Array
    n_features_in_: int

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Accuracy: the share of samples whose predicted label is y."""
        return accuracy(self.predict(X), y)  # type: ignore[attr-defined]


class LinearClassifier(Classifier):
    """One score a class, linear in X; of two classes, one score: the second's above the first's.

    Attributes:
        coef_ (K, d), intercept_ (K,); of two classes (1, d) and (1,).
    """

    coef_: Array
    intercept_: Array

    def decision_function(self, X: ArrayLike) -> Array:
        """Scores X @ coef_.T + intercept_: (n, K), of two classes (n,)."""
        scores = check_features(self, X) @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: ArrayLike) -> Array:
        """The label (n,) of each row's largest score; of two classes, the second if it is > 0."""
        scores = self.decision_function(X)
        best = scores > 0 if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[np.asarray(best, dtype=np.int64)]


def accuracy(predicted: Array, y: ArrayLike) -> float:
    """The share of predicted labels (n,) that are y (n,)."""
    true = np.asarray(y)
    if true.shape != predicted.shape:
        raise ValueError(
            f"score expects one label a sample, {predicted.shape}, got y of shape {true.shape}"
        )
    return float(np.mean(predicted == true))


# -- checks at the edge ---------------------------------------------------------------------


def check_X(X: ArrayLike, *, estimator: object) -> Array:
    """X as (n, d) float64, C-contiguous, finite, n >= 1 and d >= 1; not copied if it is already.

    Raises:
        ValueError: anything else.
        TypeError: a sparse matrix, or objects that are no numbers.
    """
    name = type(estimator).__name__
    if hasattr(X, "toarray"):
        raise TypeError(f"{name} expects a dense X, got a sparse one; X.toarray() is dense")
    try:
        given = np.asarray(X)
        if given.dtype.kind == "c":
            raise ValueError("Complex data not supported")
        X = np.asarray(given, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} expects a rectangle of real numbers (n, d): {error}") from error
    if X.ndim != 2:
        raise ValueError(
            f"{name} expects X (n_samples, n_features), got shape {X.shape}. Reshape your data: "
            "X.reshape(1, -1) is one sample, X.reshape(-1, 1) one feature, and "
            "images.reshape(len(images), -1) a row an image"
        )
    n, d = X.shape
    if n == 0:
        raise ValueError(f"{name} expects at least one sample, got 0 (shape={X.shape})")
    if d == 0:
        raise ValueError(
            f"{name} got 0 feature(s) (shape={X.shape}) while a minimum of 1 is required."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(X.sum()) or np.isfinite(X).all()  # a finite sum has finite terms
    if not finite:
        row, column = np.argwhere(~np.isfinite(X))[0]
        what = "NaN" if np.isnan(X[row, column]) else "infinity"
        raise ValueError(
            f"{name} expects finite numbers, got {what} in X[{row}, {column}]; leave out rows "
            "with NaN or inf, or fill them in"
        )
    return X


def check_X_y(
    X: ArrayLike, y: ArrayLike | None, *, estimator: object
) -> tuple[Array, Array, Array]:
    """(X, classes_, indices): classes_ (K,) the sorted labels, indices (n,) int64 into them.

    Raises:
        ValueError: X is not what `check_X` expects, y is not one label a sample, or has one
            class only.
        TypeError: X is sparse, or objects that are no numbers.
    """
    name = type(estimator).__name__
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None")
    X = check_X(X, estimator=estimator)
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise ValueError(
            f"y should be a 1d array, a label for each sample: {name} got shape {labels.shape}; "
            "one-hot labels become labels by .argmax(axis=1), a column by .ravel()"
        )
    if len(labels) != len(X):
        raise ValueError(f"{name} expects one label a sample, got {len(labels)} for {len(X)}")
    kind = labels.dtype.kind
    if kind == "c" or (
        kind == "f" and not (np.isfinite(labels) & (labels == np.floor(labels))).all()
    ):
        raise ValueError(
            f"Unknown label type: {name} expects classes, integers or strings, got {labels.dtype} "
            "with fractions, NaN or inf"
        )
    classes, indices = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"{name} expects at least two classes, got one class: {classes[0]!r}")
    return X, classes, indices.astype(np.int64)


def check_fitted(estimator: object) -> None:
    """Raise NotFittedError unless `fit` has set an attribute that ends in `_`."""
    if not any(name.endswith("_") and not name.startswith("_") for name in vars(estimator)):
        name = type(estimator).__name__
        raise NotFittedError(f"this {name} is not fitted yet; call fit(X, ...) first")


def check_features(estimator: Any, X: ArrayLike) -> Array:
    """What `predict` and `transform` begin with: fitted, a good X, as many features as in `fit`."""
    check_fitted(estimator)
    X = check_X(X, estimator=estimator)
    if X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input, as many as fit had"
        )
    return X


def _signature(estimator: object) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(type(estimator)).parameters)
