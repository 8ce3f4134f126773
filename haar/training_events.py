"""What happens in a training: an observer is called with one of these after another.

    Mining …  Boosting Boosting …  Trained        of each stage
    Finished                                      once, at the end

    def observer(event):
        match event:
            case Mining(found=found, wanted=wanted): ...
            case Trained(stage=stage, hit_rate=hits): ...

What an observer raises ends the training; with a folder, it can be resumed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Mining(NamedTuple):
    """Negatives are being searched; `found` of them in so many windows of the backgrounds."""

    stage: int
    found: int
    wanted: int
    windows: int


class Boosting(NamedTuple):
    """A weak classifier was added; the rates are those of the stage as it is now."""

    stage: int
    weak: int
    max_weak: int
    hit_rate: float  # share of the positives that came to this stage, all of the pool
    false_alarms: float  # share of the stage's negatives


class Trained(NamedTuple):
    """A stage is complete, and saved."""

    stage: int
    weak: int
    positives: int  # that it was boosted with
    negatives: int
    hit_rate: float
    false_alarms: float
    accepted: int  # by the stages before this one, of `windows` windows of the backgrounds
    windows: int


class Finished(NamedTuple):
    """The cascade is complete."""

    stages: int
    reason: str  # ALL_STAGES, RATE_REACHED or NO_NEGATIVES


ALL_STAGES = "all stages trained"
RATE_REACHED = "overall false-alarm rate reached"
NO_NEGATIVES = "no more negatives found"

Event = Mining | Boosting | Trained | Finished
Observer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The observer of a training that nobody watches."""
