"""A run: a folder that holds everything that a training is, so that it can go on, or be repeated.

settings.json    what was asked for
samples.npz      the positives' windows: `train` (N, h, w) and `held_out` (M, h, w)
training/        what `haar.training` keeps after each stage
log.jsonl        an event a line: a weak classifier, a stage, the end
cascade.xml      the cascade, in the end
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Settings:
    """What decides about the cascade; the number of threads does not."""

    positives: tuple[str, ...] = ()
    """Sources (`positives`); without any, generated faces and backgrounds."""
    negatives: str = ""
    limit: int | None = None
    """Positives of a source, at most; drawn at random."""
    align: tuple[str, ...] = ()
    """Cascades that frame the positives anew; what none of them finds is left out."""
    agree: int = 1
    """How many of them must find a positive."""
    eyes: tuple[str, ...] = ()
    """Cascades for eyes: then the objects are the eyes of the positives."""
    size: tuple[int, int] = (24, 24)
    copies: int = 3
    """Varied windows of each positive."""
    seed: int = 0
    training: tuple[tuple[str, Any], ...] = ()
    """Arguments of `haar.training.train_cascade`."""


def write_settings(run: Path, settings: Settings) -> None:
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**asdict(settings), "training": dict(settings.training)}, indent=2)
    (run / "settings.json").write_text(text + "\n", encoding="utf-8")


def read_settings(run: Path) -> Settings:
    """Of a run to go on with.

    Raises:
        FileNotFoundError: it is no run.
        ValueError: its settings are damaged.
    """
    path = run / "settings.json"
    if not path.is_file():
        raise FileNotFoundError(f"--resume: {run} is no run; it has no settings.json")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        training = tuple(found.pop("training").items())
        known = {field.name for field in fields(Settings)}
        kept: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in found.items()
        }
        if unknown := set(kept) - known:
            raise ValueError(f"unknown setting {', '.join(sorted(unknown))}")
        return Settings(**kept, training=training)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"--resume: {path} is damaged: {error}") from error


class Samples(NamedTuple):
    train: Grey
    held_out: Grey
    others: Grey


def write_samples(run: Path, samples: Samples) -> None:
    part = run / "samples.part.npz"
    np.savez_compressed(part, **samples._asdict())
    part.replace(run / "samples.npz")


def read_samples(run: Path) -> Samples | None:
    """The samples, if the run got so far as to make them."""
    if not (run / "samples.npz").is_file():
        return None
    with np.load(run / "samples.npz", allow_pickle=False) as archive:
        return Samples(*(archive[name] for name in Samples._fields))


def read_log(run: Path) -> list[dict[str, Any]]:
    """The events, in order; of a stage that was trained again after an interruption, the last."""
    path = run / "log.jsonl"
    events: list[dict[str, Any]] = []
    if not path.is_file():
        return events
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "Boosting" and event["weak"] == 1:
            events = [e for e in events if e.get("stage", -1) < event["stage"]]
        events.append(event)
    return events
