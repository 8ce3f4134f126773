"""Wrong inputs, for every algorithm of the registry: a clear error, or the documented answer.

    NaN, infinity                    refused, with the algorithm's name and the place
    one class, no labels             refused by all that learn from labels
    a constant feature               changes nothing (`UNLIKE`: what it changes)
    samples that are all the same    finite answers, or refused
    fewer samples than components    refused, or as many components as can be (`TOO_FEW`)
    other features than in `fit`     refused by every public method
    no `fit`                         NotFittedError by every public method

`EXAMPLES` has an estimator and samples for each name; a new algorithm fails here until it has one.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from scratchnet import classical
from scratchnet.classical import NotFittedError
from scratchnet.classical.base import Classifier
from scratchnet.fer import generate_faces

ELSEWHERE = {
    "ActiveAppearanceModel": "takes pictures and landmarks: test_active_appearance.py",
    "NotFittedError": "is no estimator",
}
"""Names without rows of features."""


class Example(NamedTuple):
    """An estimator with options, samples X (n, d) and labels y (n,)."""

    make: Callable[[], Any]
    X: np.ndarray
    y: np.ndarray


def clouds(n: int = 42, d: int = 5, K: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """n samples in K clouds."""
    rng, y = np.random.default_rng(0), np.arange(n) % K
    return rng.standard_normal((n, d)) + 3 * rng.standard_normal((K, d))[y], y


def pictures() -> tuple[np.ndarray, np.ndarray]:
    faces = generate_faces(4, np.random.default_rng(0))
    return faces.images.reshape(4, -1).astype(np.float64), np.arange(4) % 2


def examples() -> dict[str, Example]:
    options: dict[str, dict[str, Any]] = {
        "PCA": {"n_components": 3},
        "Fisherfaces": {"pca_components": 4},
        "SVC": {"gamma": 0.1, "probability": True},
        "SupportVectorClustering": {"gamma": 0.1},
        "LinearSVC": {"C": 0.1},
        "KMeans": {"n_clusters": 3, "random_state": 0},
        "RBFNetwork": {"n_centers": 6, "random_state": 0},
        "MLPClassifier": {"max_iter": 2, "random_state": 0},
        "AdaBoostClassifier": {"n_estimators": 5},
        "NeutralDifference": {"neutral": 0, "n_components": 2},
        "GaborBank": {"scales": 2, "orientations": 2},
    }
    rows, shown = clouds(), pictures()
    found = {}
    for name in sorted(set(classical.ALGORITHMS) - set(ELSEWHERE)):
        algorithm, given = getattr(classical, name), options.get(name, {})
        data = shown if name in ("GaborBank", "ContourFeatures") else rows
        found[name] = Example(lambda a=algorithm, g=given: a(**g), *data)
    return found


EXAMPLES = examples()
LABELLED = [
    name
    for name in EXAMPLES
    if issubclass(getattr(classical, name), Classifier) or name == "NeutralDifference"
]
UNLIKE = {
    "LinearSVC": "one more offset, and its penalty",
    "MLPClassifier": "other random weights to start from",
    "GaborBank": "a pixel is no feature of its own",
    "ContourFeatures": "a pixel is no feature of its own",
}
"""Where a constant feature changes the answer, and by what."""

every = pytest.mark.parametrize("name", EXAMPLES)
labelled = pytest.mark.parametrize("name", LABELLED)


def methods(name: str) -> dict[str, Callable[..., Any]]:
    """The public methods that take samples, as functions of a model, X and y."""

    def caller(method: str, also_y: bool) -> Callable[..., Any]:
        def call(model: Any, X: Any, y: Any) -> Any:
            answer = getattr(model, method)(X, y) if also_y else getattr(model, method)(X)
            return list(answer) if inspect.isgenerator(answer) else answer

        return call

    found = {}
    for method, function in inspect.getmembers(getattr(classical, name), inspect.isfunction):
        parameters = list(inspect.signature(function).parameters)[1:]
        if not method.startswith(("_", "fit")) and parameters[:1] == ["X"]:
            found[method] = caller(method, "y" in parameters)
    return found


def fitted(name: str) -> Any:
    example = EXAMPLES[name]
    return example.make().fit(example.X, example.y)


def numbers(answer: Any) -> list[np.ndarray]:
    """All arrays of numbers in an answer."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return [array for part in answer for array in numbers(part)]
    array = np.asarray(answer)
    return [array] if array.dtype.kind in "fiub" else []


def answers(name: str, model: Any, X: np.ndarray, y: np.ndarray) -> dict[str, list[np.ndarray]]:
    return {method: numbers(call(model, X, y)) for method, call in methods(name).items()}


def test_every_algorithm_is_examined():
    assert set(EXAMPLES) | set(ELSEWHERE) == set(classical.ALGORITHMS)
    assert all(methods(name) for name in EXAMPLES)


# -- NaN ------------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_a_number_that_is_none_is_named_with_its_place(name, value, word):
    model, (make, X, y) = fitted(name), EXAMPLES[name]
    broken = X.copy()
    broken[3, 2] = value
    message = rf"{name} expects finite numbers, got {word} in X\[3, 2\]"
    with pytest.raises(ValueError, match=message):
        make().fit(broken, y)
    for call in methods(name).values():
        with pytest.raises(ValueError, match=message):
            call(model, broken, y)


# -- labels ---------------------------------------------------------------------------------------


@labelled
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y: np.zeros_like(y), "expects at least two classes, got one class: .*0"),
        (lambda y: None, "requires y to be passed"),
        (lambda y: y[:-1], "expects one label a sample, got 41 for 42"),
        (lambda y: y[:, None], "y should be a 1d array"),
        (lambda y: np.where(y, y, np.nan), "Unknown label type"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(name, change, message):
    make, X, y = EXAMPLES[name]
    with pytest.raises(ValueError, match=message) as error:
        make().fit(X, change(y))
    assert name in str(error.value)


# -- features that tell nothing -------------------------------------------------------------------


@every
def test_a_constant_feature_changes_nothing(name):
    make, X, y = EXAMPLES[name]
    wide = np.hstack([X, np.full((len(X), 1), 7.0)]) if name not in UNLIKE else X.copy()
    wide[:, -1] = 7.0
    with_it = answers(name, make().fit(wide, y), wide, y)
    assert all(np.isfinite(array).all() for arrays in with_it.values() for array in arrays)
    if name in UNLIKE:
        return
    for method, arrays in answers(name, make().fit(X, y), X, y).items():
        for array, other in zip(arrays, with_it[method], strict=True):
            if array.shape != other.shape:  # the features themselves, rebuilt: with the constant
                np.testing.assert_allclose(other[:, -1], other[0, -1], atol=1e-9)
                other = other[:, :-1]
            np.testing.assert_allclose(other, array, rtol=1e-5, atol=1e-6, err_msg=method)


@every
def test_samples_that_are_all_the_same_are_refused_or_answered(name):
    make, X, y = EXAMPLES[name]
    same = np.tile(X[:1], (len(X), 1))
    try:
        model = make().fit(same, y)
    except ValueError as error:
        assert len(str(error)) > 30, "a reason"
        return
    found = answers(name, model, same, y)
    assert all(np.isfinite(array).all() for arrays in found.values() for array in arrays)


# -- too few samples ------------------------------------------------------------------------------

TOO_FEW: dict[str, dict[str, Any]] = {
    "PCA": {"n_components": 6},
    "Eigenfaces": {"n_components": 6},
    "Fisherfaces": {"pca_components": 6},
    "LinearDiscriminantAnalysis": {"n_components": 3},
    "KMeans": {"n_clusters": 43},
    "NeutralDifference": {"neutral": 0, "n_components": 14},
}
"""Options that ask 42 samples of 5 features and 3 classes for more than they have."""


@pytest.mark.parametrize("name", TOO_FEW)
def test_more_components_than_there_are_are_refused(name):
    X, y = clouds()
    with pytest.raises(ValueError, match=r"\d") as error:
        getattr(classical, name)(**TOO_FEW[name]).fit(X, y)
    asked = next(value for key, value in TOO_FEW[name].items() if key != "neutral")
    assert str(asked) in str(error.value), "the error says what was asked for"


def test_more_neighbours_than_samples_are_refused_and_more_centres_become_one_a_sample():
    X, y = clouds()
    with pytest.raises(ValueError, match="n_samples = 42"):
        classical.KNeighborsClassifier(43).fit(X, y).predict(X)
    assert len(classical.RBFNetwork(43, random_state=0).fit(X, y).centers_) == 42


@every
def test_one_sample_is_refused_or_answered(name):
    """A cluster, a filter and a contour need no second sample; everything else does."""
    make, X, _ = EXAMPLES[name]
    unlearned = ("GaborBank", "ContourFeatures", "SupportVectorClustering")
    if name in unlearned:
        assert make().fit(X[:1]).n_features_in_ == X.shape[1]
        return
    with pytest.raises(ValueError, match=r"(one|two|class|sample)"):
        make().fit(X[:1], [0])


@every
def test_no_sample_and_no_feature_are_refused(name):
    make, X, y = EXAMPLES[name]
    with pytest.raises(ValueError, match=f"{name} expects at least one sample"):
        make().fit(X[:0], y[:0])
    with pytest.raises(ValueError, match=rf"{name} got 0 feature\(s\)"):
        make().fit(X[:, :0], y)


# -- other shapes than in fit ---------------------------------------------------------------------


@every
def test_other_features_than_in_fit_are_refused(name):
    model, (_, X, y) = fitted(name), EXAMPLES[name]
    d = X.shape[1]
    message = f"X has {d - 1} features, but {name} is expecting {d} features"
    for call in methods(name).values():
        with pytest.raises(ValueError, match=message):
            call(model, X[:, 1:], y)
        with pytest.raises(ValueError, match=rf"{name} expects X \(n_samples, n_features\)"):
            call(model, X[0], y)
        with pytest.raises(NotFittedError, match=rf"this {name} is not fitted yet; call fit"):
            call(EXAMPLES[name].make(), X, y)


def test_coordinates_and_pictures_of_other_shapes_are_refused():
    """What takes something else than X: PCA's way back, and the Gabor space."""
    X, _ = clouds()
    with pytest.raises(NotFittedError):
        classical.PCA().inverse_transform(X)
    with pytest.raises(ValueError, match="expected 3 coordinates, got 5"):
        fitted("PCA").inverse_transform(X)
    bank = fitted("GaborBank")
    images = EXAMPLES["GaborBank"].X.reshape(-1, 48, 48)
    with pytest.raises(ValueError, match=r"pictures \(n, H, W\)"):
        bank.responses(images[0])
    with pytest.raises(ValueError, match="is expecting 2304 features"):
        bank.responses(images[:, 1:])
    with pytest.raises(NotFittedError):
        classical.GaborBank().responses(images)


@labelled
def test_a_score_needs_a_label_for_each_sample(name):
    model, (_, X, y) = fitted(name), EXAMPLES[name]
    for method in set(methods(name)) & {"score", "staged_score"}:
        with pytest.raises(
            ValueError, match=r"one label a sample, \(42,\), got y of shape \(41,\)"
        ):
            methods(name)[method](model, X, y[:-1])


def test_nothing_warns_about_good_samples():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, (_, X, y) in EXAMPLES.items():
            answers(name, fitted(name), X, y)
