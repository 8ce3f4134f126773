"""The figures of an evaluation that the report of a training run does not have.

samples       some faces of each class
reliability_T after temperature scaling
coverage      accuracy of the surest answers
mistakes      the wrong answers it was surest of
explanations  for a right answer of each class: where it comes from
dead_units    of each ReLU layer the units that never speak
votes         what people confuse, and what the model confuses
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scratchnet import explain, visualize
from scratchnet.explain import UnitActivity
from scratchnet.fer.evaluation.candidate import Candidate
from scratchnet.fer.explain_face import explain_face
from scratchnet.metrics import are_distributions
from scratchnet.visualize.figure import headline

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]

MISTAKES = 12


def answers(
    probabilities: Array,
    labels: Array,
    images: Array,
    class_names: tuple[str, ...],
    rng: np.random.Generator,
) -> Iterator[tuple[str, Figure]]:
    """From what it answered, and to which faces."""
    yield "samples", visualize.sample_grid(images, labels, class_names, rng, noun="faces")
    yield "coverage", visualize.coverage_plot(probabilities, labels, noun="faces")
    if not are_distributions(probabilities):
        return
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    surest = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:MISTAKES]
    if len(surest):
        sample = images[surest], probabilities[surest], labels[surest]
        figure = visualize.face_predictions(*sample, class_names, noun="faces")
        least = probabilities[surest].max(axis=1).min()
        headline(figure, f"Wrong, and at least {100 * least:.0f} % sure")
        yield "mistakes", figure


def explanations(
    candidate: Candidate, probabilities: Array, labels: Array, images: Array,
    rng: np.random.Generator,
) -> Iterator[tuple[str, Figure]]:  # fmt: skip
    """One right answer of each class under Grad-CAM, saliency and occlusion."""
    right = probabilities.argmax(axis=1) == labels
    members = [np.flatnonzero(right & (labels == k)) for k in range(len(candidate.class_names))]
    chosen = np.array([rng.choice(group) for group in members if len(group)], np.int64)
    try:
        explain.default_layer(candidate.model)
    except ValueError:  # a network without convolutions
        return
    if len(chosen) == 0:
        return
    each = [explain_face(candidate.model, images[i]) for i in chosen]
    maps = {kind: [found[kind] for found in each] for kind in each[0]}
    titles = [
        f"{candidate.class_names[labels[i]]} {100 * probabilities[i, labels[i]]:.0f} %"
        for i in chosen
    ]
    yield "explanations", visualize.explanation_grid(list(images[chosen]), maps, titles)


def dead_units(found: list[UnitActivity], faces: int) -> Iterator[tuple[str, Figure]]:
    """A bar a ReLU layer, if there is one."""
    layers = {f"layer {layer.path}": layer.activity for layer in found}
    if layers:
        yield "dead_units", visualize.activity_bars(layers, faces, noun="faces")
