"""Training a network on expressions: a recipe, a run folder, and nothing that cannot be resumed.

    pictures ─▶ Preprocessing ─▶ Augment (each epoch anew) ─▶ network ─▶ softmax cross-entropy
    label y, votes v of further annotators:   target (1 − s) y + s v,  s the recipe's `votes`

The default recipe is AdamW under a one-cycle schedule, with mirrored, turned, scaled and shifted
faces, a little label smoothing, and an exponential average of the weights; it keeps the epoch that
was best on the validation faces. Those are a share of the training faces, split by content: equal
pictures stay on one side, since 6.7 % of FER2013 would otherwise be learned by heart. They are
judged by their own labels, whatever the others are trained on; and networks of different seeds
hold out the same faces, on which their average can be judged, too. A network that learned from
votes is made to speak of labels again by its last biases: `scratchnet.fer.label_shift`.

A run folder holds

    run.json         the recipe and the data: what `--resume` needs to know
    checkpoint.npz   everything after the last finished epoch
    history.csv      one row an epoch
    model/           the best network, with its pre-processing and class names
    *.png, metrics.json     the report (`scratchnet.fer.report`)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scratchnet.callbacks import Callback, CSVLogger, EarlyStopping, WeightAverage
from scratchnet.fer.augment import AUGMENTATIONS
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.fer_plus import load_fer_plus
from scratchnet.fer.label_shift import match_labels
from scratchnet.fer.networks import make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import Recipe
from scratchnet.fer.sources import TRAINING
from scratchnet.fer.splits import split_by_content
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import SGD, Adam, AdamW, Optimizer
from scratchnet.schedules import Constant, OneCycle, Schedule
from scratchnet.sequential import Sequential

CHECKPOINT = "checkpoint.npz"


def train(
    faces: Dataset,
    recipe: Recipe,
    run: Path,
    *,
    votes: NDArray[np.floating] | None = None,
    callbacks: Sequence[Callback] = (),
    resume: bool = False,
) -> Sequential:
    """Train the recipe's network on `faces`, and leave the best model in run/model.

    Interrupted by Ctrl-C, it saves the best model so far and passes the interruption on.

    Args:
        faces: the training faces; validation faces are split off from them.
        run: the run folder; made if it does not exist.
        votes: (N, K) what further annotators saw, each row a distribution
            (`scratchnet.fer.fer_plus`); a row of zeros where they saw nothing.
        resume: go on after the last finished epoch of that folder.

    Raises:
        DataError: there are too few faces, or all of them are of one class.
        FormatError: the checkpoint is damaged or belongs to another recipe or other data.
    """
    if len(np.unique(faces.labels)) < 2:
        raise DataError(
            f"training expects faces of at least two classes, got {len(faces)} faces of "
            f"{len(np.unique(faces.labels))}"
        )
    _, build_rng, fit_rng = np.random.default_rng(recipe.seed).spawn(3)
    learn, check = held_out(faces, recipe)
    preprocess = Preprocessing(size=faces.images.shape[-1])
    x, y = preprocess(faces.images[learn]), targets(faces, recipe, votes)[learn]
    validation = preprocess(faces.images[check]), faces.labels[check]

    model = make_network(recipe.network, len(faces.class_names))
    model.build(x.shape[1:], build_rng)
    model.class_names = faces.class_names
    model.preprocessing = preprocess.config()
    steps = recipe.epochs * math.ceil(len(learn) / recipe.batch_size)
    averaging = [WeightAverage(recipe.average)] if recipe.average else []
    try:
        model.fit(
            x,
            y,
            rng=fit_rng,
            loss=SoftmaxCrossEntropy(label_smoothing=recipe.label_smoothing),
            optimizer=optimizer_of(recipe, steps),
            epochs=recipe.epochs,
            batch_size=recipe.batch_size,
            validation_data=validation,
            augment=AUGMENTATIONS[recipe.augment],
            callbacks=[
                *averaging,
                EarlyStopping(patience=recipe.patience, monitor="val_accuracy"),
                CSVLogger(run / "history.csv"),
                *callbacks,
            ],
            checkpoint=run / CHECKPOINT,
            resume=resume,
        )
    finally:
        if model.history.rows:
            try:
                if votes is not None:
                    match_labels(model, *validation)
            finally:  # a second Ctrl-C
                model.save(run / "model")
    return model


def training_faces(
    faces: Dataset, fer_plus: str | Path | None = None
) -> tuple[Dataset, NDArray[np.float32] | None]:
    """The part to train on, and FER+'s votes (N, K) on it, if there is such a file.

    Pictures that FER+ takes for no faces are left out.
    """
    if fer_plus is None:
        return faces.split(TRAINING), None
    votes, shows_a_face = load_fer_plus(fer_plus, faces)
    if faces.usage is None:
        raise DataError("these faces have no Usage column; use a FER2013 that has it")
    chosen = shows_a_face & (faces.usage == TRAINING)
    return faces.select(chosen), votes[chosen]


def held_out(faces: Dataset, recipe: Recipe) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The indices of the training faces that a run learns from, and of those held out."""
    rng, _, _ = np.random.default_rng(recipe.split_seed).spawn(3)
    return split_by_content(faces.labels, faces.images, recipe.validation_share, rng)


def targets(
    faces: Dataset, recipe: Recipe, votes: NDArray[np.floating] | None
) -> NDArray[np.integer] | NDArray[np.floating]:
    """What the network shall answer: labels (N,), or with votes (1 − s) y + s v, (N, K).

    Raises:
        DataError: the recipe asks for votes and there are none, or the other way round, or they
            are not those on these faces.
    """
    share = recipe.votes
    if (votes is None) != (share == 0):
        given = "none" if votes is None else "some"
        raise DataError(f"the recipe gives votes a share of {share:g}, but got {given}")
    if votes is None:
        return faces.labels
    y = faces.one_hot()
    if votes.shape != y.shape:
        raise DataError(f"training expects votes {y.shape}, got {votes.shape}")
    return np.where(votes.sum(axis=1, keepdims=True) > 0, (1 - share) * y + share * votes, y)


def optimizer_of(recipe: Recipe, steps: int) -> Optimizer:
    """The recipe's optimiser, for a training of so many steps."""
    rate: Schedule = Constant(recipe.max_rate)
    if recipe.schedule == "one-cycle":
        rate = OneCycle(recipe.max_rate, steps)
    if recipe.optimizer == "sgd":
        return SGD(rate, momentum=0.9, nesterov=True, weight_decay=recipe.weight_decay)
    return AdamW(rate, weight_decay=recipe.weight_decay)


def overfit(
    image: NDArray[np.uint8], label: int, network: str, classes: int, *, steps: int = 200
) -> list[float]:
    """Learn one face by heart: the probability of its label after each step, up to 0.99.

    A network that cannot do this has a fault; the report's own first check.

    Args:
        image: (size, size) uint8.
        label: the class to learn, 0 … classes − 1.
    """
    preprocess = Preprocessing(size=image.shape[-1])
    x = preprocess(image[np.newaxis])
    y = np.array([label], np.int64)
    model = make_network(network, classes).build(x.shape[1:], np.random.default_rng(0))
    loss, optimizer = SoftmaxCrossEntropy(), Adam(3e-4)
    probabilities: list[float] = []
    while len(probabilities) < steps:
        loss.forward(model.forward(x, training=True), y)
        model.backward(loss.backward())
        optimizer.step(model.plan.parameters)
        probabilities.append(float(model.predict(x)[0, label]))
        if probabilities[-1] >= 0.99:
            break
    return probabilities
