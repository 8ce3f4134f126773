"""Several opinions are better than one: probabilities averaged over views and over networks.

    p(x) = mean over networks f, over views v, of softmax(f(v(x)) / T)      T the temperature, or 1

The views of a face are the face, its mirror image, and either of them shifted by a pixel or more:

    shift 0      flip: 2 views
    shift s > 0  also by (±s, 0), (0, ±s), (±s, ±s), the edge going on outside: 9 or 18 views

A network learned from views like these, and each answers with errors of its own, which the mean
cancels in part. What it costs is one forward pass a view, and training costs nothing more.

The scores f(v(x)) do not depend on T, so that a temperature is fitted without a further pass:
`metrics.fit_temperature` takes softmax(scores), (V, N, K), and fits T for their mean, which is what
is served.

Chapter: docs/recognizer.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scratchnet.losses import Loss
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


def view_scores(
    models: Sequence[Sequential], x: Array, *, flip: bool = True, shift: int = 0
) -> Array:
    """What the networks say of every view of inputs x (N, C, H, W): scores (V, N, K).

    The networks take turns: V = views × networks, first every network's scores of x itself.

    All networks must have been trained with the same pre-processing and on the same classes.

    Raises:
        ValueError: no network, or networks that do not go together.
    """
    check_ensemble(models)
    seen = views(x, flip=flip, shift=shift)
    return np.stack([model.scores(view) for view in seen for model in models])


def averaged(loss: Loss, scores: Array, temperature: float = 1.0) -> Array:
    """The mean (N, K) of the answers to scores (V, N, K): `loss` makes probabilities of them."""
    divided = scores / scores.dtype.type(temperature)
    return np.mean([loss.link(view) for view in divided], axis=0)


def averaged_predictions(
    models: Sequence[Sequential],
    x: Array,
    *,
    flip: bool = True,
    shift: int = 0,
    temperature: float = 1.0,
) -> Array:
    """The mean (N, K) of what the networks predict for the views of inputs x (N, C, H, W).

    Raises:
        ValueError: no network, or networks that do not go together.
    """
    scores = view_scores(models, x, flip=flip, shift=shift)
    return averaged(models[0].loss, scores, temperature)


def check_ensemble(models: Sequence[Sequential]) -> None:
    """ValueError, if these networks cannot be averaged: what they see or say is not the same."""
    if not models:
        raise ValueError("an average needs at least one network, got none")
    first, *others = map(_traits, models)
    for other in others:
        for name, value in other.items():
            if value != first[name]:
                raise ValueError(
                    f"networks are averaged that have the same {name}, got {first[name]} and "
                    f"{value}; train them alike"
                )


def _traits(model: Sequential) -> dict[str, Any]:
    names = ("class_names", "preprocessing", "input_shape")
    return {name: getattr(model, name) for name in names} | {"loss": type(model.loss).__name__}
