"""The systems of the comparison: a row of the table is a line of code.

Every system takes rows of grey pixels and gives labels. Their few numbers were chosen once, on
generated faces of another seed; none was chosen on the faces that are reported.

Chapter: docs/classical.md
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from classical_comparison.appearance import AppearanceFeatures
from classical_comparison.chain import Chain
from classical_comparison.faces import Faces
from classical_comparison.network import Network
from scratchnet.classical import (
    PCA,
    SVC,
    AdaBoostClassifier,
    ContourFeatures,
    Eigenfaces,
    GaborBank,
    KNeighborsClassifier,
    LinearDiscriminantAnalysis,
    LinearSVC,
    LogisticRegression,
    MLPClassifier,
    RBFNetwork,
)
from scratchnet.classical.neutral_difference import NeutralDifference


class Setting:
    """What systems may want to know of the faces; one for all systems of a run.

    Args:
        faces: to learn from.
        epochs: of the network.
        seed: of everything random.
    """

    def __init__(self, faces: Faces, epochs: int, seed: int) -> None:
        self.faces, self.epochs, self.seed = faces, epochs, seed

    def axes(self, most: int) -> int:
        """So many principal axes, but no more than half as many as there are faces."""
        return min(most, len(self.faces.X) // 2)

    def pca(self, most: int, *, whiten: bool = False) -> PCA:
        """Principal components, up to so many."""
        return PCA(self.axes(most), whiten=whiten, random_state=self.seed)

    @property
    def neutral(self) -> int:
        """The label of the neutral faces."""
        names = [name.lower() for name in self.faces.class_names]
        if "neutral" not in names:
            raise ValueError(f"expected a class Neutral, got {', '.join(self.faces.class_names)}")
        return names.index("neutral")

    @cached_property
    def network(self) -> Network:
        """The CNN, which three systems share."""
        return Network(self.faces.class_names, self.epochs, self.seed)


class System(NamedTuple):
    """A row of the table: what it is called there, and how it is made."""

    title: str
    make: Callable[[Setting], Any]


SYSTEMS = {
    "raw": System(
        "raw pixels, nearest neighbour",
        lambda s: KNeighborsClassifier(1),
    ),
    "logistic": System(
        "PCA + logistic regression",
        lambda s: Chain(s.pca(150, whiten=True), LogisticRegression(C=0.01)),
    ),
    "pca": System(
        "PCA, nearest neighbour (eigenfaces)",
        lambda s: Eigenfaces(s.axes(100), whiten=True, random_state=s.seed),
    ),
    "pca+lda": System(
        "PCA + LDA",
        lambda s: Chain(s.pca(150), LinearDiscriminantAnalysis()),
    ),
    "gabor+pca+lda": System(
        "Gabor + PCA + LDA",
        lambda s: Chain(GaborBank(), s.pca(200), LinearDiscriminantAnalysis()),
    ),
    "local-gabor+pca+lda": System(
        "local Gabor + PCA + LDA",
        lambda s: Chain(GaborBank(filters="local"), s.pca(200), LinearDiscriminantAnalysis()),
    ),
    "gabor+svm": System(
        "Gabor + SVM",
        lambda s: Chain(GaborBank(), LinearSVC(C=0.001, tol=0.1)),
    ),
    "contour+rbf": System(
        "contours + RBF network",
        lambda s: Chain(ContourFeatures(), RBFNetwork(300, random_state=s.seed)),
    ),
    "contour+mlp": System(
        "contours + MLP",
        lambda s: Chain(ContourFeatures(), MLPClassifier(random_state=s.seed)),
    ),
    "rbf": System(
        "PCA + RBF network",
        lambda s: Chain(s.pca(60, whiten=True), RBFNetwork(400, random_state=s.seed)),
    ),
    "mlp": System(
        "MLP",
        lambda s: MLPClassifier(max_iter=10, random_state=s.seed),
    ),
    "neutral+mlp": System(
        "difference to neutral + MLP",
        lambda s: Chain(
            NeutralDifference(s.neutral, n_components=s.axes(280) // 7),
            MLPClassifier(max_iter=10, random_state=s.seed),
        ),
    ),
    "adaboost": System(
        "local Gabor + AdaBoost",
        lambda s: Chain(GaborBank(filters="local"), AdaBoostClassifier(200)),
    ),
    "aam": System(
        "active appearance model + LDA",
        lambda s: Chain(AppearanceFeatures(s.faces.landmarks, 300), LinearDiscriminantAnalysis()),
    ),
    "cnn": System(
        "CNN, softmax",
        lambda s: s.network,
    ),
    "cnn+svm": System(
        "CNN's features + SVM",
        lambda s: Chain(s.network, SVC(C=1)),
    ),
    "cnn+rbf": System(
        "CNN's features + RBF network",
        lambda s: Chain(s.network, RBFNetwork(100, random_state=s.seed)),
    ),
}
"""Every system by the name that `--only` takes, in the order of the table."""
