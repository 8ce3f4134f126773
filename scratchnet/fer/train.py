"""Training a network on expressions: a recipe, a run folder, and nothing that cannot be resumed.

    pictures ─▶ Preprocessing ─▶ Augment (each epoch anew) ─▶ network ─▶ softmax cross-entropy

The default recipe is AdamW under a one-cycle schedule, with mirrored, turned, scaled and shifted
faces, a little label smoothing, and an exponential average of the weights; it keeps the epoch that
was best on the validation faces. Those are a share of the training faces, split by content: equal
pictures stay on one side, since 6.7 % of FER2013 would otherwise be learned by heart.

A run folder holds

    run.json         the recipe and the data: what `--resume` needs to know
    checkpoint.npz   everything after the last finished epoch
    history.csv      one row an epoch
    model/           the best network, with its pre-processing and class names
    *.png, metrics.json     the report (`scratchnet.fer.report`)
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.callbacks import Callback, CSVLogger, EarlyStopping, WeightAverage
from scratchnet.fer.augment import Augment
from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.networks import make_network
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.fer.splits import split_by_content
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.optimizers import Adam, AdamW
from scratchnet.schedules import OneCycle
from scratchnet.sequential import Sequential

CHECKPOINT = "checkpoint.npz"
RUN = "run.json"


@dataclass(frozen=True)
class Recipe:
    """Every choice of a run. Equal recipes on equal data give equal bits.

    Args:
        network: a name in `scratchnet.fer.networks.NETWORKS`.
        epochs: passes over the training faces; the schedule is stretched over them.
        batch_size: faces in a step.
        max_rate: the learning rate at the top of the one-cycle schedule; see MAX_RATES.
        weight_decay: AdamW's, on weights only.
        label_smoothing: the share of each label that is spread over all classes.
        average: decay of the weight average, or 0 for none.
        patience: epochs without a better validation accuracy before the run stops.
        validation_share: the share of the training faces that is held out.
        seed: of everything random.
    """

    network: str = "residual"
    epochs: int = 20
    batch_size: int = 128
    max_rate: float = 4e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    average: float = 0.998
    patience: int = 10
    validation_share: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, kind = getattr(self, field.name), type(field.default)
            if not isinstance(value, int | float if kind is float else kind):
                raise ValueError(f"{field.name} expects {kind.__name__}, got {value!r}")
        for name in ("epochs", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} expects at least 1, got {getattr(self, name)}")
        if self.seed < 0:
            raise ValueError(f"seed expects at least 0, got {self.seed}")
        if not 0 < self.validation_share < 1:
            raise ValueError(f"validation_share expects a share, got {self.validation_share}")
        if not self.max_rate > 0:
            raise ValueError(f"max_rate expects a number above 0, got {self.max_rate}")


MAX_RATES = {"residual": 4e-3, "simple": 1e-3, "seven": 1e-3, "vgg": 5e-4, "nine": 1e-3}
"""The top learning rate for each network; those without batch norm bear less."""


def train(
    faces: Dataset,
    recipe: Recipe,
    run: Path,
    *,
    callbacks: Sequence[Callback] = (),
    resume: bool = False,
) -> Sequential:
    """Train the recipe's network on `faces`, and leave the best model in run/model.

    Interrupted by Ctrl-C, it saves the best model so far and passes the interruption on.

    Args:
        faces: the training faces; validation faces are split off from them.
        run: the run folder; made if it does not exist.
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
    rng = np.random.default_rng(recipe.seed)
    split_rng, build_rng, fit_rng = rng.spawn(3)
    learn, check = split_by_content(faces.labels, faces.images, recipe.validation_share, split_rng)
    preprocess = Preprocessing(size=faces.images.shape[-1])
    x, y = preprocess(faces.images[learn]), faces.labels[learn]
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
            optimizer=AdamW(OneCycle(recipe.max_rate, steps), weight_decay=recipe.weight_decay),
            epochs=recipe.epochs,
            batch_size=recipe.batch_size,
            validation_data=validation,
            augment=Augment(),
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
            model.save(run / "model")
    return model


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


# -- the run folder -------------------------------------------------------------------------------


def write_run(run: Path, recipe: Recipe, data: dict[str, Any]) -> None:
    """Note in run.json what the run consists of; data: the path and the number of classes."""
    run.mkdir(parents=True, exist_ok=True)
    temporary = run / (RUN + ".new")
    text = json.dumps({"recipe": asdict(recipe), "data": data}, indent=2)
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, run / RUN)  # noqa: PTH105 - the name says that it overwrites


def read_run(run: Path) -> tuple[Recipe, dict[str, Any]]:
    """The recipe and the data of a run folder.

    Raises:
        DataError: it is no run folder, or run.json is damaged.
    """
    try:
        document = json.loads((run / RUN).read_text(encoding="utf-8"))
        data = {name: document["data"][name] for name in ("path", "classes")}
        return Recipe(**document["recipe"]), data
    except FileNotFoundError as error:
        raise DataError(f"{run} is not a run folder: it holds no {RUN}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{run / RUN} is damaged: {error}") from error
