"""The CNN, as `examples/train_fer.py` trains it, in the classical algorithms' conventions.

    pixels ─▶ residual network ─▶ global average pool ─▶ dense ─▶ softmax
                                         │                 predict
                                         ▼ transform: 128 features, for another classifier

Three systems share one network: whoever needs it first trains it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scratchnet.explain.tap import Tap
from scratchnet.fer.datasets import Dataset
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.train import Recipe, train
from scratchnet.layers import GlobalAvgPool2D

Array = NDArray[Any]

BATCH = 64


class Network:
    """A convolutional network for rows of pixels.

    Args:
        class_names: of the labels 0 … K − 1.
        epochs, seed: of the `Recipe`; everything else is as on generated faces.
    """

    def __init__(self, class_names: tuple[str, ...], epochs: int, seed: int) -> None:
        self.class_names = class_names
        self.recipe = Recipe(epochs=epochs, batch_size=64, average=0.97, seed=seed)
        self.borrowed_seconds = 0.0
        self._learned: Array | None = None

    def fit(self, X: Array, y: Array) -> Self:
        """Train, unless it was these very faces that were trained on before."""
        if self._learned is X:
            self.borrowed_seconds = self._seconds
            return self
        began = time.process_time()
        side = round(X.shape[1] ** 0.5)
        faces = Dataset(X.reshape(-1, side, side).astype(np.uint8), y, self.class_names)
        with tempfile.TemporaryDirectory() as run:
            self.model_ = train(faces, self.recipe, Path(run))
        self.preprocess_ = Preprocessing(**self.model_.preprocessing)
        self._learned, self._seconds = X, time.process_time() - began
        return self

    def predict(self, X: Array) -> Array:
        """Labels (n,)."""
        return self.model_.predict(self._input(X)).argmax(axis=1)

    def fit_transform(self, X: Array, y: Array) -> Array:
        """`fit(X, y)`, then `transform(X)`."""
        return self.fit(X, y).transform(X)

    def transform(self, X: Array) -> Array:
        """What the last layer sees (n, 128)."""
        x = self._input(X)
        pool = next(layer for layer in self.model_.layers if isinstance(layer, GlobalAvgPool2D))
        features = []
        with Tap(pool) as tap:
            for start in range(0, len(x), BATCH):
                self.model_.forward(x[start : start + BATCH])
                features.append(tap.y.reshape(len(tap.y), -1))
        return np.concatenate(features).astype(np.float64)

    def _input(self, X: Array) -> Array:
        side = round(X.shape[1] ** 0.5)
        return self.preprocess_(X.reshape(-1, side, side).astype(np.uint8))
