"""A recipe: every choice of a training run, and how a run folder remembers it.

    run.json    {"recipe": {network, epochs, …}, "data": {path, classes, fer_plus}}

Equal recipes on equal data give equal bits, so run.json and the data are all that a run consists
of: `--resume` goes on by it, and `command` writes down how anybody else begins the same.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from scratchnet.fer.augment import AUGMENTATIONS
from scratchnet.fer.datasets import DataError

RUN = "run.json"

CHOICES = {
    "optimizer": ("adamw", "sgd"),
    "schedule": ("one-cycle", "constant"),
    "augment": tuple(AUGMENTATIONS),
}
"""The names that some fields of a recipe take."""


@dataclass(frozen=True)
class Recipe:
    """Every choice of a run. Equal recipes on equal data give equal bits.

    Args:
        network: a name in `scratchnet.fer.networks.NETWORKS`.
        epochs: passes over the training faces; the schedule is stretched over them.
        batch_size: faces in a step.
        optimizer: "adamw", or "sgd" with Nesterov's momentum of 0.9.
        schedule: "one-cycle", or "constant": always the top rate.
        max_rate: the learning rate at the top of the schedule; see MAX_RATES, which are AdamW's.
        weight_decay: decoupled from the gradient, on weights only.
        augment: a name in `scratchnet.fer.augment.AUGMENTATIONS`.
        label_smoothing: the share of each label that is spread over all classes.
        votes: the share of each target that further annotators decide, if their votes are given.
        average: decay of the weight average, or 0 for none.
        patience: epochs without a better validation accuracy before the run stops.
        validation_share: the share of the training faces that is held out.
        split_seed: decides which faces these are (and without data, or with a folder of them,
            which faces are drawn, or are for testing).
        seed: of everything else that is random.
    """

    network: str = "residual"
    epochs: int = 20
    batch_size: int = 128
    optimizer: str = "adamw"
    schedule: str = "one-cycle"
    max_rate: float = 4e-3
    weight_decay: float = 0.05
    augment: str = "usual"
    label_smoothing: float = 0.05
    votes: float = 0.0
    average: float = 0.998
    patience: int = 10
    validation_share: float = 0.1
    split_seed: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, kind = getattr(self, field.name), type(field.default)
            if not isinstance(value, int | float if kind is float else kind):
                raise ValueError(f"{field.name} expects {kind.__name__}, got {value!r}")
        for name in ("epochs", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} expects at least 1, got {getattr(self, name)}")
        for name in ("seed", "split_seed"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} expects at least 0, got {getattr(self, name)}")
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} expects one of {', '.join(known)}, got {getattr(self, name)!r}"
                )
        if not 0 <= self.votes <= 1:
            raise ValueError(f"votes expects a share from 0 to 1, got {self.votes}")
        if not 0 < self.validation_share < 1:
            raise ValueError(f"validation_share expects a share, got {self.validation_share}")
        if not self.max_rate > 0:
            raise ValueError(f"max_rate expects a number above 0, got {self.max_rate}")


MAX_RATES = {
    "residual": 4e-3,
    "wide": 3e-3,
    "simple": 1e-3,
    "seven": 1e-3,
    "vgg": 5e-4,
    "nine": 1e-3,
    "nine-norm": 3e-3,
}
"""AdamW's top learning rate for each network; those without batch norm bear less."""


# -- the run folder -------------------------------------------------------------------------------


def write_run(run: Path, recipe: Recipe, data: dict[str, Any]) -> None:
    """Note in run.json what the run consists of; data: as `read_run` returns it."""
    run.mkdir(parents=True, exist_ok=True)
    temporary = run / (RUN + ".new")
    text = json.dumps({"recipe": asdict(recipe), "data": data}, indent=2)
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, run / RUN)  # noqa: PTH105 - the name says that it overwrites


def read_run(run: Path) -> tuple[Recipe, dict[str, Any]]:
    """The recipe and the data of a run folder: path, number of classes, path of FER+'s votes.

    Raises:
        DataError: it is no run folder, or run.json is damaged.
    """
    try:
        document = json.loads((run / RUN).read_text(encoding="utf-8"))
        data = {name: document["data"][name] for name in ("path", "classes")}
        data["fer_plus"] = document["data"].get("fer_plus")
        return Recipe(**document["recipe"]), data
    except FileNotFoundError as error:
        raise DataError(f"{run} is not a run folder: it holds no {RUN}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{run / RUN} is damaged: {error}") from error


def command(recipe: Recipe, data: dict[str, Any]) -> str:
    """The command line that begins such a run; of paths only the names, the rest is private."""
    usual = Recipe(network=recipe.network, max_rate=MAX_RATES[recipe.network])
    words = ["python examples/train_fer.py"]
    for option, path in (("--data", data["path"]), ("--fer-plus", data["fer_plus"])):
        words += [option, Path(path).name] if path else []
    words += ["--classes", str(data["classes"])] if data["classes"] else []
    words += ["--network", recipe.network]
    for field in fields(Recipe):
        value = getattr(recipe, field.name)
        if value != getattr(usual, field.name):
            words += ["--" + field.name.replace("_", "-"), str(value)]
    return " ".join(words)
