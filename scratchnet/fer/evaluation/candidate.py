"""The candidate: a model folder that answers in an examination exactly as it does in use.

    p = mean over networks f, views v of softmax(f(v) / T)     Disgust is added to Angry,
                                                               if six classes are asked for
    views      the face, and its mirror image if the card says "flip"
    networks   one, or with its numbered sub-folders an ensemble: `scratchnet.fer.pack`
    T          the card's "temperature"

It is the recogniser's own code: `scratchnet.fer.averaging`. Views are scored once; then p for any
temperature costs no further pass through the network, and T is fitted for p, the mean.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet import metrics
from scratchnet.fer.averaging import averaged, check_ensemble, view_scores
from scratchnet.fer.labels import merge_disgust, to_six
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.pretrained import how_asked, load_networks, read_card
from scratchnet.fer.recognizer import outputs
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.serialization import FormatError

Array = NDArray[Any]


class Candidate:
    """A saved model, its card, and in how many classes it is asked.

    Attributes:
        models: the networks; `model` is the first of them.
        own_names: the classes of the network's own outputs, in which faces are labelled for it.
        class_names: those of the answers: the same, or six of seven.
        flip, temperature: how the card wants it to be asked.

    Raises:
        FormatError: the folder is no model, or the model does not say how to pre-process.
        ValueError: it cannot answer in so many classes.
    """

    def __init__(self, folder: str | os.PathLike[str], classes: int | None = None) -> None:
        self.folder = Path(folder)
        self.models = load_networks(self.folder)
        check_ensemble(self.models)
        self.model = self.models[0]
        if not self.model.preprocessing:
            raise FormatError(f"{self.folder} does not say how pictures become its inputs")
        self._read_card()
        self.preprocess = Preprocessing(**self.model.preprocessing)
        self.own_names, _ = outputs(self.model, None)
        self.class_names, self.merges = outputs(self.model, classes)
        self.has_temperature = isinstance(self.model.loss, SoftmaxCrossEntropy)

    def scores(self, images: NDArray[np.uint8]) -> Array:
        """(V, N, own classes): what each network says of each view of images (N, size, size)."""
        return view_scores(self.models, self.preprocess(images), flip=self.flip)

    def probabilities(self, scores: Array, temperature: float = 1.0) -> Array:
        """(N, classes) of what `scores` returned."""
        p = averaged(self.model.loss, scores, temperature)
        return merge_disgust(p) if self.merges else p

    def labels(self, own: NDArray[np.int64]) -> NDArray[np.int64]:
        """Labels in `own_names` as labels in `class_names`."""
        return to_six(own) if self.merges else own

    def fit_temperature(self, scores: Array, own: NDArray[np.int64]) -> float:
        """The best temperature for the mean of these scores, on faces (N,) of these own labels."""
        return metrics.fit_temperature(self.model.loss.link(scores.astype(np.float64)), own)

    def store_temperature(self, temperature: float) -> None:
        """Write it into the model's card, where the recogniser finds it."""
        path = self.folder / "model.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        document["card"] = {**document.get("card", {}), "temperature": temperature}
        temporary = path.with_name("model.json.new")
        temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)
        self._read_card()

    def _read_card(self) -> None:
        self.card = read_card(self.folder)
        asked = how_asked(self.card, len(self.models))
        self.flip, self.temperature = asked["flip"], asked["temperature"]
