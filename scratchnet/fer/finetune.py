"""Fine-tuning: a trained network learns other faces, from where it is.

    x ─▶ trunk ─▶ features (N, D) ─▶ Dense ─▶ logits
         all layers but the last     the head

    frozen    the trunk is a fixed function: the features of all faces, and of their mirror images,
              are computed once, and only the head is trained on them. Minutes become seconds, and
              little data cannot spoil what the trunk knows
    all       every weight is trained, with augmentation, at a small learning rate

The head goes on from where it is if the classes are the same, else it begins at zero. The
pre-processing is the old network's, always.

A run folder is that of `scratchnet.fer.train`; its run.json also says where the run began:

    "data": {…, "model": the model folder or null for the one in the box, "freeze": true or false}
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.callbacks import Callback, CSVLogger, EarlyStopping, WeightAverage
from scratchnet.fer.augment import AUGMENTATIONS
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.recipe import RUN, Recipe, read_run
from scratchnet.fer.train import CHECKPOINT, held_out
from scratchnet.layers import Dense
from scratchnet.layers.base import Layer, layer_from_spec, layer_spec
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import AdamW
from scratchnet.schedules import OneCycle
from scratchnet.sequential import Sequential

RECIPE = Recipe(network="finetuned", epochs=10, batch_size=64, max_rate=3e-4, average=0.98)
"""What fine-tuning does if nothing else is said."""
HEAD_RATE = 1e-2
"""The learning rate of a head alone."""


def finetune(
    model: Sequential,
    faces: Dataset,
    recipe: Recipe,
    run: Path,
    *,
    freeze: bool = False,
    callbacks: Sequence[Callback] = (),
    resume: bool = False,
) -> Sequential:
    """Train a copy of `model` on `faces`, and leave the best in run/model.

    Interrupted by Ctrl-C, it saves the best model so far and passes the interruption on.

    Args:
        model: a trained network that ends in Dense, with its pre-processing.
        faces: the training faces; validation faces are split off from them.
        recipe: its network, optimizer, schedule and votes are not asked for.
        run: the run folder; made if it does not exist.
        freeze: train the last layer only.
        resume: go on after the last finished epoch of that folder.

    Raises:
        DataError: all faces are of one class.
        FormatError: the checkpoint is damaged, or belongs to another recipe, model or other data.
        ValueError: the model does not end in Dense, or takes pictures of another size.
    """
    if len(np.unique(faces.labels)) < 2:
        raise DataError(f"fine-tuning expects faces of at least two classes, got {len(faces)} of 1")
    preprocess = Preprocessing(**model.preprocessing)
    learn, check = held_out(faces, recipe)
    x, y = preprocess(faces.images[learn]), faces.labels[learn]
    validation = preprocess(faces.images[check]), faces.labels[check]
    build_rng, fit_rng = np.random.default_rng(recipe.seed).spawn(2)
    tuned = copied(model, faces.class_names, build_rng)
    trained, augment = tuned, AUGMENTATIONS[recipe.augment]
    if freeze:
        trunk = first_layers(tuned)
        x, y = np.concatenate([x, x[..., ::-1]]), np.concatenate([y, y])
        x, validation = trunk.scores(x), (trunk.scores(validation[0]), validation[1])
        trained, augment = last_layer(tuned, build_rng), None

    steps = recipe.epochs * math.ceil(len(x) / recipe.batch_size)
    averaging = [WeightAverage(recipe.average)] if recipe.average else []
    try:
        trained.fit(
            x,
            y,
            rng=fit_rng,
            loss=SoftmaxCrossEntropy(label_smoothing=recipe.label_smoothing),
            optimizer=AdamW(OneCycle(recipe.max_rate, steps), weight_decay=recipe.weight_decay),
            epochs=recipe.epochs,
            batch_size=recipe.batch_size,
            validation_data=validation,
            augment=augment,
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
        if trained.history.rows:
            if freeze:
                put_last_layer(tuned, trained)
            tuned.loss, tuned.history = trained.loss, trained.history
            tuned.save(run / "model")
    return tuned


def read_finetuning(run: Path) -> tuple[Recipe, dict[str, Any]]:
    """What `read_run` says of a run folder, and where it began: model and freeze.

    Raises:
        DataError: it is no run folder, or no fine-tuning, or run.json is damaged.
    """
    recipe, data = read_run(run)
    noted = json.loads((run / RUN).read_text(encoding="utf-8"))["data"]
    if "freeze" not in noted:
        raise DataError(f"{run} was trained from the beginning; resume it with `train --resume`")
    return recipe, data | {name: noted[name] for name in ("model", "freeze")}


# -- networks cut in two --------------------------------------------------------------------------


def copied(model: Sequential, class_names: tuple[str, ...], rng: np.random.Generator) -> Sequential:
    """The same network with the same weights, and a new head if these are other classes.

    Raises:
        ValueError: the model does not end in Dense.
    """
    last = model.layers[-1]
    if not isinstance(last, Dense):
        raise ValueError(
            f"fine-tuning expects a network that ends in Dense, got {type(last).__name__}"
        )
    same = model.class_names == class_names
    head: Layer = _again(last) if same else Dense(len(class_names), initializer="zeros")
    copy = Sequential([*map(_again, model.layers[:-1]), head])
    copy.build(model.input_shape or (), rng, model.dtype)
    old, state = model.state(), copy.state()
    head_path = f"{len(model.layers) - 1}."
    kept = {name for name in state if same or not name.startswith(head_path)}
    copy.set_state(state | {name: old[name] for name in kept})
    copy.class_names, copy.preprocessing = class_names, dict(model.preprocessing)
    return copy


def first_layers(model: Sequential) -> Sequential:
    """All layers but the last, copied: `scores` are the features (N, D)."""
    trunk = Sequential([_again(layer) for layer in model.layers[:-1]])
    trunk.build(model.input_shape or (), np.random.default_rng(0), model.dtype)
    state = model.state()
    trunk.set_state({name: state[name] for name in trunk.state()})
    return trunk


def last_layer(model: Sequential, rng: np.random.Generator) -> Sequential:
    """The last layer as a network of its own, copied."""
    last = model.layers[-1]
    head = Sequential([_again(last)]).build(last.input_shape or (), rng, model.dtype)
    head.set_state({f"0.{name}": array for name, array in last.params.items()})
    return head


def put_last_layer(model: Sequential, head: Sequential) -> None:
    """What `last_layer` took out, put back."""
    for name, array in model.layers[-1].params.items():
        array[...] = head.layers[0].params[name]


def _again(layer: Layer) -> Any:
    return layer_from_spec(layer_spec(layer))
