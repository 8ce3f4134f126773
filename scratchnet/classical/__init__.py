"""Face and expression recognition before deep learning, in scikit-learn's conventions.

    from scratchnet.classical import PCA, LinearDiscriminantAnalysis

    Z = PCA(n_components=40).fit_transform(faces.reshape(len(faces), -1))
    LinearDiscriminantAnalysis().fit(Z, labels).predict(Z)

One file, one algorithm; `base.py` has what they share. A name is imported when it is first used.
"""

from importlib import import_module
from typing import Any

ALGORITHMS = {
    "PCA": "pca",
    "Eigenfaces": "eigenfaces",
    "LinearDiscriminantAnalysis": "lda",
    "Fisherfaces": "fisherfaces",
    "KNeighborsClassifier": "k_neighbors",
    "LogisticRegression": "logistic_regression",
    "GaborBank": "gabor",
    "SVC": "svc",
    "LinearSVC": "linear_svc",
    "SupportVectorClustering": "support_vector_clustering",
    "DecisionStump": "stump",
    "AdaBoostClassifier": "adaboost",
    "KMeans": "k_means",
    "RBFNetwork": "rbf_network",
    "MLPClassifier": "mlp",
    "NeutralDifference": "neutral_difference",
    "ContourFeatures": "contour",
    "ActiveAppearanceModel": "active_appearance",
    "NotFittedError": "base",
}
"""Each public name and the module that holds it."""

__all__ = sorted(ALGORITHMS)


def __getattr__(name: str) -> Any:
    if name not in ALGORITHMS:
        raise AttributeError(f"module {__name__!r} has no algorithm {name!r}")
    found = getattr(import_module(f"{__name__}.{ALGORITHMS[name]}"), name)
    globals()[name] = found  # from now on a plain attribute
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *ALGORITHMS})
