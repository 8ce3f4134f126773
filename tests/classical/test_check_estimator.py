"""scikit-learn's own checks, some fifty an estimator, on ours: the conventions hold.

What cannot hold is listed with its reason, and nothing else may fail.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import pytest

pytest.importorskip("sklearn", minversion="1.6")

from sklearn.utils.estimator_checks import estimator_checks_generator

from scratchnet import classical

pytestmark = pytest.mark.oracle

NO_ROWS_OF_FEATURES = {
    "GaborBank": "takes rows of pixels of square pictures only",
    "ContourFeatures": "takes pictures of faces",
    "ActiveAppearanceModel": "takes pictures and landmarks",
    "NotFittedError": "is no estimator",
}
"""What the checks, which make up their own X (n, d), cannot examine."""
OPTIONS: dict[str, dict[str, object]] = {
    "SVC": {"probability": True},
    "LinearSVC": {"C": 1e-3, "tol": 0.1},  # noise of size 100 takes thousands of passes
    "NeutralDifference": {"neutral": 1, "n_components": 0},  # a label that all the checks have
}
"""Constructor arguments for the checks: fewer iterations, for instance."""

NO_COLUMN_NAMES = "names of a DataFrame's columns are not kept"
EXPECTED: dict[str, dict[str, str]] = {
    "DecisionStump": {
        "check_classifiers_train": "asks for 83 % of three classes: one question tells two apart",
    },
}
"""What cannot hold, by estimator: the check and the reason."""
EXPECTED_OF_ALL = {
    "check_dataframe_column_names_consistency": NO_COLUMN_NAMES,
}


def present(name: str) -> bool:
    """Whether its module has been written."""
    module = f"scratchnet.classical.{classical.ALGORITHMS[name]}"
    return importlib.util.find_spec(module) is not None


def load_adapter():
    """tests/ is no package, so the neighbour is imported by its path, under a name for pickle."""
    path = Path(__file__).with_name("sklearn_adapter.py")
    spec = importlib.util.spec_from_file_location("sklearn_adapter", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["sklearn_adapter"] = module
    spec.loader.exec_module(module)
    return module


def checks():
    adapt = load_adapter().adapt
    for name in sorted(classical.ALGORITHMS):
        if name in NO_ROWS_OF_FEATURES or not present(name):
            continue
        estimator = adapt(getattr(classical, name))(**OPTIONS.get(name, {}))
        expected = EXPECTED_OF_ALL | EXPECTED.get(name, {})
        for instance, check in estimator_checks_generator(
            estimator, expected_failed_checks=expected, mark="skip"
        ):
            label = getattr(check, "func", check).__name__
            options = getattr(check, "keywords", {})
            about = "-".join(f"{key}={value}" for key, value in options.items())
            yield pytest.param(instance, check, id="-".join(filter(None, [name, label, about])))


@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=FutureWarning)
        check(estimator)


def test_every_estimator_of_rows_is_examined():
    assert set(NO_ROWS_OF_FEATURES) <= set(classical.ALGORITHMS)
    assert set(EXPECTED) | set(OPTIONS) <= set(classical.ALGORITHMS) - set(NO_ROWS_OF_FEATURES)
