"""The recogniser: photo in, faces with their expressions out.

    photo ─▶ upright, 8 bits ─▶ boxes ─▶ crops (N, 48, 48) ─▶ inputs ─▶ scores ─▶ probabilities
             photos.py          haar     crops.py             preprocess.py       model

    p = mean over networks f, views v of softmax(f(v) / T)
        networks: one or several; views: the face, and its mirror image if the card asks for it;
        T: the card's temperature, else 1: `scratchnet.fer.averaging`

    recognizer = EmotionRecognizer.pretrained()
    for face in recognizer("photo.jpg"):
        print(face.label, face.probabilities, face.box)

A network of seven outputs answers in FER2013's order, or with `classes=6` in the report's, where
Disgust counts as Angry: `scratchnet.fer.labels`. The pre-processing is the model's own, stored with
it when it was trained.

Chapters: docs/walk.md (one photo), docs/recognizer.md (its answers)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import haar
from scratchnet.fer.answers import Answer, Face
from scratchnet.fer.averaging import averaged_predictions, check_ensemble
from scratchnet.fer.crops import status
from scratchnet.fer.labels import SEVEN, SIX, class_names, merge_disgust
from scratchnet.fer.photos import Photo, PhotoError, read_photo
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.pretrained import (
    default_cascade,
    how_asked,
    load_cascade,
    load_networks,
    pretrained_folder,
    read_card,
)
from scratchnet.fer.seen import Seen, look, named
from scratchnet.losses import CrossEntropy, SoftmaxCrossEntropy
from scratchnet.sequential import Sequential


class EmotionRecognizer:
    """Finds faces and says how much of each emotion it sees in them.

    Args:
        model: a trained network with its pre-processing, or several, whose mean counts.
        cascade: finds the faces.
        classes: 7, 6, or None: the network's own outputs, whatever they are.
        eyes: a cascade for eyes, by which faces are turned upright; only for a network that was
            trained on such faces (`scratchnet crop --eyes`): others are answered less well.
        flip: look at each face and at its mirror image, and take the mean.
        temperature: divides the scores; above 1 the network is less sure of itself.
        min_size: of a face, in pixels: (width, height) or one number.
        min_neighbors, scale_factor: see `haar.Cascade.detect`.

    Attributes:
        class_names: the emotions, in the order of `predict_faces`.

    Raises:
        ValueError: the model has no pre-processing, or other outputs than are asked for.
    """

    def __init__(
        self,
        model: Sequential | Sequence[Sequential],
        cascade: haar.Cascade,
        *,
        classes: int | None = None,
        eyes: haar.Cascade | None = None,
        flip: bool = False,
        temperature: float = 1.0,
        min_size: int | tuple[int, int] | None = None,
        min_neighbors: int = 3,
        scale_factor: float = 1.1,
    ) -> None:
        self.models = [model] if isinstance(model, Sequential) else list(model)
        check_ensemble(self.models)
        first = self.models[0]
        if not first.preprocessing:
            raise ValueError(
                "the model does not say how pictures become its inputs; before saving, set "
                "model.preprocessing = Preprocessing(...).config()"
            )
        if not isinstance(first.loss, (SoftmaxCrossEntropy, CrossEntropy)):
            raise ValueError(
                f"the recogniser expects a network that answers with probabilities, and this one "
                f"was trained with {type(first.loss).__name__}; train it with SoftmaxCrossEntropy"
            )
        if not temperature > 0:
            raise ValueError(f"temperature expects a number above 0, got {temperature}")
        if temperature != 1 and not isinstance(first.loss, SoftmaxCrossEntropy):
            raise ValueError(
                f"temperature {temperature} divides the logits of a softmax, and the model's last "
                "layer is one; leave it at 1"
            )
        self.cascade = cascade
        self.eyes = eyes
        self.preprocess = Preprocessing(**first.preprocessing)
        self.class_names, self._merges = outputs(first, classes)
        self.flip = flip
        self.temperature = temperature
        self.search: dict[str, Any] = {
            "min_size": min_size,
            "min_neighbors": min_neighbors,
            "scale_factor": scale_factor,
        }
        blank = np.zeros((cascade.height, cascade.width), np.uint8)
        cascade.detect(blank, **self.search)  # refuses wrong numbers now, not at the first photo

    @classmethod
    def pretrained(cls, classes: int = 7, **options: Any) -> EmotionRecognizer:
        """The networks and the cascade in the box; `options` are those of `load`.

        Raises:
            FileNotFoundError: the installed package holds none.
            FormatError: the installation is damaged.
        """
        return cls.load(pretrained_folder(), default_cascade(), classes=classes, **options)

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str],
        cascade: haar.Cascade | str | os.PathLike[str] | None = None,
        *,
        networks: int | None = None,
        **options: Any,
    ) -> EmotionRecognizer:
        """A model folder, and a cascade or its file; by default the cascade in the box.

        Mirroring, temperature and the cascade for eyes are as the model's card says, if `options`
        do not.

        Args:
            networks: only the first so many of an ensemble: 1 is the fastest, and less right.

        Raises:
            FormatError, haar.CascadeError: something is missing or damaged.
            ValueError: there are not so many networks.
        """
        if cascade is None:
            cascade = default_cascade()
        elif isinstance(cascade, (str, os.PathLike)):
            cascade = haar.Cascade.load(cascade)
        card, models = read_card(Path(folder)), load_networks(folder, networks)
        asked = how_asked(card, len(models))
        if "eyes" in card and "eyes" not in options:
            asked["eyes"] = load_cascade(card["eyes"])
        return cls(models, cascade, **(asked | options))

    # -- faces ------------------------------------------------------------------------------------

    def predict_faces(self, crops: NDArray[np.uint8]) -> NDArray[np.floating]:
        """Probabilities (N, classes) of faces that are cut out and grey already.

        Args:
            crops: (N, 48, 48) uint8, framed as FER2013's are; 48 stands for the model's own size.

        Raises:
            ValueError: another shape or dtype.
        """
        crops = np.asarray(crops)
        size = self.preprocess.size
        if crops.ndim != 3 or crops.shape[1:] != (size, size) or crops.dtype != np.uint8:
            remedy = "use crops[np.newaxis] for one face" if crops.ndim == 2 else "see fer.crops"
            raise ValueError(
                f"predict_faces expects (N, {size}, {size}) uint8, "
                f"got {crops.shape} {crops.dtype}; {remedy}"
            )
        p = averaged_predictions(
            self.models, self.preprocess(crops), flip=self.flip, temperature=self.temperature
        )
        return merge_disgust(p) if self._merges else p

    # -- photos -----------------------------------------------------------------------------------

    def __call__(self, photo: Photo, channels: str = "rgb") -> list[Face]:
        """The faces of a photo; an empty list if there is none.

        Args:
            photo: a path, a PIL image or an array; see `scratchnet.fer.photos.read_photo`.
            channels: the order in an array, "rgb" or "bgr".

        Raises:
            PhotoError: the photo cannot be read.
        """
        (answer,) = self._answers([self._look(photo, read_photo(photo, channels))])
        return answer.faces

    def many(
        self, photos: Iterable[Photo], batch_size: int = 32, channels: str = "rgb"
    ) -> Iterator[Answer]:
        """An answer for each photo, in their order; one that cannot be read is an answer, too.

        Faces of several photos go through the network together: those of `batch_size` photos, or
        of fewer that have so many faces. Only their crops are kept until then, so that the memory
        does not grow with the number of photos.

        Raises:
            ValueError: batch_size is below 1, or this is one photo and not several.
        """
        if isinstance(photos, (str, os.PathLike, Image.Image)):
            raise ValueError(f"many expects photos, got one, {named(photos)}; put it into a list")
        if batch_size < 1:
            raise ValueError(f"batch_size expects at least 1, got {batch_size}")
        waiting: list[Seen] = []
        for photo in photos:
            waiting.append(self._try(photo, channels))
            if max(len(waiting), sum(len(seen.boxes) for seen in waiting)) >= batch_size:
                yield from self._answers(waiting)
                waiting = []
        yield from self._answers(waiting)

    def _try(self, photo: Photo, channels: str) -> Seen:
        try:
            return self._look(photo, read_photo(photo, channels))
        except PhotoError as error:
            return Seen(named(photo), error=str(error))

    def _look(self, photo: Photo, picture: Image.Image) -> Seen:
        return look(
            named(photo), picture, self.cascade, self.search, self.eyes, self.preprocess.size
        )

    def _answers(self, photos: Sequence[Seen]) -> Iterator[Answer]:
        """One pass of the network over the faces of several photos."""
        size = self.preprocess.size
        crops = [crop for seen in photos for crop in seen.crops]
        p = self.predict_faces(np.array(crops, np.uint8).reshape(-1, size, size)).astype(np.float64)
        rows = iter((p / p.sum(axis=1, keepdims=True)).tolist())
        for seen in photos:
            shape = (seen.height, seen.width)
            faces = [
                Face(
                    box,
                    dict(zip(self.class_names, next(rows), strict=True)),
                    status(crop, box, shape),
                    crop,
                )
                for box, crop in zip(seen.boxes, seen.crops, strict=True)
            ]
            yield Answer(seen.photo, seen.width, seen.height, faces, seen.error)


def outputs(model: Sequential, classes: int | None) -> tuple[tuple[str, ...], bool]:
    """The names of the recogniser's outputs, and whether Disgust is to be added to Angry.

    Raises:
        ValueError: the model cannot answer in so many classes.
    """
    count = (model.output_shape or (0,))[-1]
    names = model.class_names
    if names is None:
        if count not in (6, 7):
            raise ValueError(f"the model does not name its {count} outputs; set model.class_names")
        names = class_names(count)
    if len(names) != count:
        raise ValueError(f"the model has {count} outputs and {len(names)} class names")
    if classes is None or names == class_names(classes):
        return names, False
    if names == SEVEN:
        return SIX, True
    raise ValueError(
        f"{classes} classes expect a network of {', '.join(SEVEN)}, "
        f"got {', '.join(names)}; leave out classes for its own"
    )
