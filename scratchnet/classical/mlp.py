"""Multi-layer perceptron, trained on-line: after each single sample all weights take a step.

    h = tanh(x W₁ + b₁)                     scores s = h W₂ + b₂,  p = softmax(s)
    ds = p - t                              t the sample's class, one-hot
    dW₂ = hᵀ ds        dh = ds W₂ᵀ          back-propagation: the chain rule, last layer first
    dz = dh (1 - h²)   dW₁ = xᵀ dz
    v ← μ v + dW       W ← W - lr v         momentum: a step goes on a little in the last direction

A "layer" here is the library's own: this is `Sequential` of `Dense` and `Tanh` with a batch of 1. A
batch of 1 is noisy and slow, n steps an epoch, but each step uses what the one before has learned,
and the noise carries it out of poor minima; it is how networks were trained when this was a
report's "neural network".

Features are put on one scale first (mean 0, variance 1; a constant feature is left at 0): with all
inputs positive, as pixels are, all weights of a unit could only rise or fall together. Left at 0 a
feature moves no weight, but its own are drawn from the same random numbers as the others'.

Sources: Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", 1986
(equations 4 to 9). LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, sections 4.1 and 4.3.
Chapter: docs/mlp.md
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scratchnet.classical.base import Classifier, check_features, check_X_y
from scratchnet.classical.softmax import class_probabilities
from scratchnet.layers import Dense, ReLU, Sigmoid, Tanh
from scratchnet.layers.base import Layer
from scratchnet.optimizers import SGD
from scratchnet.sequential import Sequential

Array = NDArray[Any]

ACTIVATIONS: dict[str, tuple[type[Layer], str]] = {
    "tanh": (Tanh, "lecun"),
    "logistic": (Sigmoid, "glorot"),
    "relu": (ReLU, "he"),
}
"""scikit-learn's names of activations; each with its layer and what its weights start from."""


class MLPClassifier(Classifier):
    """A network of dense layers, trained by stochastic gradient descent with momentum.

    Args:
        hidden_layer_sizes: units of each hidden layer; () is a linear classifier.
        activation: "tanh", "logistic" or "relu".
        learning_rate_init: lr.
        momentum: μ, from 0 to below 1.
        batch_size: samples a step; 1 is on-line.
        max_iter: epochs.
        random_state: a seed or generator, for the first weights and the order of samples.

    Attributes:
        classes_, n_features_in_: as in all classifiers.
        mean_, scale_: (d,) what features are shifted and divided by.
        network_: the trained `Sequential`.
        loss_curve_: the mean loss of each epoch.
        n_iter_: epochs that were made.
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (50,),
        *,
        activation: Literal["tanh", "logistic", "relu"] = "tanh",
        learning_rate_init: float = 0.001,
        momentum: float = 0.5,
        batch_size: int = 1,
        max_iter: int = 20,
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train for max_iter epochs.

        Raises:
            ValueError: bad samples, or an argument out of its range.
            FloatingPointError: the loss became infinite; a lower learning_rate_init helps.
        """
        self._check_arguments()
        X, self.classes_, indices = check_X_y(X, y, estimator=self)
        self.n_features_in_ = X.shape[1]
        self.mean_, deviation = X.mean(axis=0), X.std(axis=0)
        self.scale_ = np.where(deviation > 0, deviation, 1.0)
        rng = np.random.default_rng(self.random_state)
        self.network_ = self._network().build((self.n_features_in_,), rng)
        history = self.network_.fit(
            self._scaled(X),
            indices,
            rng=rng,
            optimizer=SGD(self.learning_rate_init, self.momentum),
            epochs=self.max_iter,
            batch_size=self.batch_size,
        )
        self.loss_curve_ = [row["loss"] for row in history.rows]
        self.n_iter_ = len(self.loss_curve_)
        return self

    def _network(self) -> Sequential:
        activation, initializer = ACTIVATIONS[self.activation]
        layers: list[Layer] = []
        for units in self.hidden_layer_sizes:
            layers += [Dense(units, initializer=initializer), activation()]
        return Sequential([*layers, Dense(len(self.classes_), initializer="lecun")])

    def _scaled(self, X: Array) -> Array:
        return ((X - self.mean_) / self.scale_).astype(np.float32)

    def scores(self, X: ArrayLike) -> Array:
        """s (n, K) float64."""
        X = check_features(self, X)
        return self.network_.scores(self._scaled(X)).astype(np.float64)

    def predict(self, X: ArrayLike) -> Array:
        """Labels (n,)."""
        scores = self.scores(X)
        return self.classes_[scores.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> Array:
        """p (n, K)."""
        return class_probabilities(self.scores(X))

    def _check_arguments(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"MLPClassifier expects activation among {', '.join(ACTIVATIONS)}, "
                f"got {self.activation!r}"
            )
        for name in ("batch_size", "max_iter"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"MLPClassifier expects {name} of at least 1, got {getattr(self, name)}"
                )
        if not self.learning_rate_init > 0:
            raise ValueError(
                f"MLPClassifier expects learning_rate_init > 0, got {self.learning_rate_init}"
            )
        if not 0 <= self.momentum < 1:
            raise ValueError(f"MLPClassifier expects 0 <= momentum < 1, got {self.momentum}")
