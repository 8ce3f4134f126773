"""Our estimators in scikit-learn's base classes, so that its own checks can examine them.

    adapt(PCA)        a class of the same name and constructor that is a `BaseEstimator`

The adapter adds what only scikit-learn's machinery asks for, and no behaviour: tags, its own
NotFittedError, its warning for labels in a column, and `hasattr(svc, "predict_proba")` false
where the method would refuse.
"""

from __future__ import annotations

import functools
import inspect

from sklearn import base
from sklearn.exceptions import NotFittedError
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d

from scratchnet.classical.base import Classifier
from scratchnet.classical.base import NotFittedError as OurNotFittedError

TRANSLATED = (
    *("transform", "inverse_transform", "predict", "predict_proba", "predict_log_proba"),
    *("decision_function", "kneighbors", "score", "staged_predict"),
)


def adapt(estimator_class: type) -> type:
    """`estimator_class` as a scikit-learn estimator."""
    mixins: list[type] = []
    if issubclass(estimator_class, Classifier):
        mixins.append(base.ClassifierMixin)
    elif hasattr(estimator_class, "fit_predict"):
        mixins.append(base.ClusterMixin)
    if hasattr(estimator_class, "transform"):
        mixins.append(base.TransformerMixin)

    def fit(self, X, y=None, **kwargs):
        if y is not None and isinstance(self, Classifier):
            y = column_or_1d(y, warn=True)
        return estimator_class.fit(self, X, y, **kwargs)

    fit.__signature__ = inspect.signature(estimator_class.fit)
    members = {"fit": fit, "__doc__": estimator_class.__doc__, "__module__": __name__}
    for name in TRANSLATED:
        if hasattr(estimator_class, name):
            members[name] = _translated(getattr(estimator_class, name))
    if "probability" in inspect.signature(estimator_class).parameters:
        hide = available_if(lambda self: self.probability)  # a method that would only raise
        members["predict_proba"] = hide(members["predict_proba"])
    for name in ("fit_transform", "fit_predict"):
        if name in vars(estimator_class):  # else the mixin's
            members[name] = getattr(estimator_class, name)
    parents = (*mixins, base.BaseEstimator, estimator_class)
    adapted = type(estimator_class.__name__, parents, members)
    adapted.__qualname__ = adapted.__name__
    globals()[adapted.__name__] = adapted  # where pickle looks for it
    return adapted


def _translated(method):
    @functools.wraps(method)
    def call(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except OurNotFittedError as error:
            raise NotFittedError(str(error)) from error

    return call
