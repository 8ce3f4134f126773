"""Several opinions are better than one: probabilities averaged over views and over networks.

    p(x) = mean over networks f, over views v, of softmax(f(v(x)) / T)      T the temperature, or 1

The views of a face are the face, its mirror image, and either of them shifted by a pixel or more:

    shift 0      flip: 2 views
    shift s > 0  also by (±s, 0), (0, ±s), (±s, ±s), the edge going on outside: 9 or 18 views

A network learned from views like these, and each answers with errors of its own, which the mean
cancels in part. What it costs is one forward pass a view, and training costs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.losses import softmax

if TYPE_CHECKING:
    from scratchnet.sequential import Sequential

Array = NDArray[Any]


def views(x: Array, *, flip: bool = True, shift: int = 0) -> Iterator[Array]:
    """The views of inputs (N, C, H, W), one after another, each (N, C, H, W); first x itself.

    Args:
        flip: mirrored, too.
        shift: in pixels; 0 for none.

    Raises:
        ValueError: the shift is negative, or as large as the image.
    """
    H, W = x.shape[-2:]
    if not 0 <= shift < min(H, W):
        raise ValueError(f"views expects a shift of 0 to {min(H, W) - 1} pixels, got {shift}")
    wide = np.pad(x, ((0, 0), (0, 0), (shift, shift), (shift, shift)), mode="edge")
    steps = (0, -shift, shift) if shift else (0,)
    for dy, dx in product(steps, steps):
        top, left = shift - dy, shift - dx
        view = np.ascontiguousarray(wide[..., top : top + H, left : left + W])
        yield view
        if flip:
            yield np.ascontiguousarray(view[..., ::-1])


def averaged_predictions(
    models: Sequence[Sequential],
    x: Array,
    *,
    flip: bool = True,
    shift: int = 0,
    temperature: float = 1.0,
) -> Array:
    """The mean (N, K) of what the networks predict for the views of inputs x (N, C, H, W).

    All networks must have been trained with the same pre-processing and on the same classes.

    Raises:
        ValueError: no network, or networks that do not go together.
    """
    check_ensemble(models)
    answers = [
        model.loss.link(model.scores(view) / model.dtype.type(temperature))
        for view in views(x, flip=flip, shift=shift)
        for model in models
    ]
    return np.mean(answers, axis=0)


def fit_temperature(
    models: Sequence[Sequential], x: Array, labels: NDArray[np.integer], *, flip: bool = True
) -> float:
    """The T for which the mean of softmax(s / T), over views and networks, fits labels (N,) best.

    The least negative log-likelihood among 121 temperatures from 1/4 to 4, each 2.3 % above the one
    before. The faces should be held out from the training of all of these networks.
    """
    check_ensemble(models)
    scores = [model.scores(view) for view in views(x, flip=flip) for model in models]
    rows = np.arange(len(labels))

    def loss(temperature: float) -> float:
        p = np.mean([softmax(s / temperature) for s in scores], axis=0)
        return -float(np.log(np.maximum(p[rows, labels], 1e-12)).mean())

    return float(min(np.geomspace(1 / 4, 4, 121), key=loss))


def check_ensemble(models: Sequence[Sequential]) -> None:
    """ValueError, if these networks cannot be averaged: what they see or say is not the same."""
    if not models:
        raise ValueError("an average needs at least one network, got none")
    for name in ("class_names", "preprocessing", "input_shape"):
        first, *others = (getattr(model, name) for model in models)
        for other in others:
            if other != first:
                raise ValueError(
                    f"networks are averaged that have the same {name}, got {first} and {other}; "
                    "train them alike"
                )
