"""Callbacks: what happens around the training loop, told at fixed moments.

    on_train_begin
      on_epoch_begin
        on_batch_end         logs: loss and accuracy of the epoch so far, size of the batch
      on_validation_begin    may put other weights in place
      on_epoch_end           row: what the epoch measured (as in History)
      on_validation_end      must put them back
    on_train_end             however training ends: done, stopped, interrupted or failed

The library itself is silent; a callback may speak. Each one's `state_dict` goes into the
checkpoint, so that a resumed run decides as the uninterrupted one would. A new run begins anew:
what a callback remembers of an earlier `fit` is forgotten.

Chapters: docs/training.md, docs/optimizers.md

Chapter: docs/training.md
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scratchnet.training import Training

Row = dict[str, float]


class Callback:
    """Does nothing at every moment; a subclass overrides those it cares about."""

    def on_train_begin(self, training: Training) -> None: ...

    def on_epoch_begin(self, training: Training) -> None: ...

    def on_batch_end(self, training: Training, logs: Row) -> None: ...

    def on_validation_begin(self, training: Training) -> None: ...

    def on_epoch_end(self, training: Training, row: Row) -> None: ...

    def on_validation_end(self, training: Training) -> None: ...

    def on_train_end(self, training: Training) -> None: ...

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run must know: plain values and arrays."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""


class Monitor(Callback):
    """Follows one measured value and knows whether it improved.

    Args:
        monitor: the row's key: "val_loss", "val_accuracy", ...; less is better for a loss.
        min_delta: an improvement has to be larger than this to count.

    Attributes:
        best, best_epoch: the best value so far, and when; None and 0 before the first epoch.
        wait: epochs since then.
    """

    def __init__(self, monitor: str = "val_loss", min_delta: float = 0.0) -> None:
        self.monitor = monitor
        self.min_delta = min_delta
        self.best: float | None = None
        self.best_epoch = 0
        self.wait = 0

    def on_train_begin(self, training: Training) -> None:
        if training.epoch == 0:
            self.best, self.best_epoch, self.wait = None, 0, 0

    def improved(self, row: Row) -> bool:
        """Whether this epoch is the best so far; counts the epochs since, where it is not.

        Raises:
            ValueError: nothing of that name was measured.
        """
        if self.monitor not in row:
            raise ValueError(
                f"{type(self).__name__} monitors {self.monitor!r}, but the epoch measured "
                f"{', '.join(row)}; give fit validation data"
            )
        value = row[self.monitor]
        gain = 0.0 if self.best is None else self.best - value
        if not self.monitor.endswith("loss"):
            gain = -gain
        if self.best is None or gain > self.min_delta:
            self.best, self.best_epoch, self.wait = value, int(row["epoch"]), 0
            return True
        self.wait += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "wait": self.wait}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch, self.wait = state["best"], state["best_epoch"], state["wait"]


class EarlyStopping(Monitor):
    """Stop after `patience` epochs without improvement, and put the best epoch's weights back.

    The best weights come back however training ends, Ctrl-C and exceptions included.
    """

    def __init__(
        self, patience: int = 5, monitor: str = "val_loss", min_delta: float = 0.0
    ) -> None:
        super().__init__(monitor, min_delta)
        self.patience = patience
        self.best_state: dict[str, Any] | None = None

    def on_train_begin(self, training: Training) -> None:
        super().on_train_begin(training)
        if training.epoch == 0:
            self.best_state = None

    def on_epoch_end(self, training: Training, row: Row) -> None:
        if self.improved(row):
            self.best_state = training.model.state()
        elif self.wait >= self.patience:
            training.stop = True

    def on_train_end(self, training: Training) -> None:
        if self.best_state is not None:
            training.model.set_state(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"best_state": self.best_state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.best_state = state["best_state"]


class ModelCheckpoint(Monitor):
    """Save the model to `folder` after every epoch that is the best so far."""

    def __init__(
        self, folder: str | Path, monitor: str = "val_loss", min_delta: float = 0.0
    ) -> None:
        super().__init__(monitor, min_delta)
        self.folder = Path(folder)

    def on_epoch_end(self, training: Training, row: Row) -> None:
        if self.improved(row):
            training.model.save(self.folder)


class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by `factor` after `patience` epochs without improvement."""

    def __init__(
        self,
        factor: float = 0.5,
        patience: int = 3,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
    ) -> None:
        super().__init__(monitor, min_delta)
        if not 0 < factor < 1:
            raise ValueError(f"ReduceLROnPlateau expects a factor between 0 and 1, got {factor}")
        self.factor, self.patience = factor, patience

    def on_epoch_end(self, training: Training, row: Row) -> None:
        if not self.improved(row) and self.wait >= self.patience:
            training.optimizer.scale *= self.factor
            self.wait = 0


class WeightAverage(Callback):
    """Exponential moving average of the weights: ā ← d ā + (1 − d) w after every step.

    The average is what is validated, saved by other callbacks, and left in the model at the end;
    training goes on with the weights themselves. In the first steps the average is shorter,
    d' = min(d, (1 + t) / (10 + t)), or it would remember the random start: it reaches back over a
    ninth of the steps so far, until that is more than 1 / (1 − d), some 9,000 steps for d = 0.999.

    Batch norm's running statistics are not averaged: they are a moving average already, and one
    more makes them late. They describe what the last weights make of the samples, which towards
    the end, when a schedule lets the weights come to rest, is what the average makes of them.

    Put it before callbacks that keep or save weights.
    """

    def __init__(self, decay: float = 0.999) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"WeightAverage expects a decay between 0 and 1, got {decay}")
        self.decay = decay
        self.steps = 0
        self.average: dict[str, Any] = {}
        self._weights: dict[str, Any] = {}

    def on_train_begin(self, training: Training) -> None:
        if training.epoch == 0:
            self.steps, self.average = 0, {}

    def on_batch_end(self, training: Training, logs: Row) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for p in training.model.plan.parameters:
            if p.name not in self.average:
                self.average[p.name] = p.value.copy()
            average = self.average[p.name]
            average += (1 - decay) * (p.value - average)

    def on_validation_begin(self, training: Training) -> None:
        if self.average:
            self._weights = training.model.plan.state()
            self._put(training, self.average)

    def on_validation_end(self, training: Training) -> None:
        if self._weights:
            self._put(training, self._weights)
            self._weights = {}

    def on_train_end(self, training: Training) -> None:
        self._weights = {}
        if self.average:
            self._put(training, self.average)

    @staticmethod
    def _put(training: Training, values: dict[str, Any]) -> None:
        for p in training.model.plan.parameters:
            p.value[...] = values[p.name]

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "average": {k: a.copy() for k, a in self.average.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps, self.average = state["steps"], state["average"]


class CSVLogger(Callback):
    """Write the history to a CSV after every epoch; its folder is made if it does not exist."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def on_train_begin(self, training: Training) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def on_epoch_end(self, training: Training, row: Row) -> None:
        temporary = self.path.with_name(self.path.name + ".new")
        training.history.to_frame().to_csv(temporary, index=False)
        os.replace(temporary, self.path)  # noqa: PTH105 - the name says that it overwrites


class LambdaCallback(Callback):
    """Call a function of one's own: `LambdaCallback(on_epoch_end=lambda training, row: ...)`."""

    def __init__(self, **functions: Callable[..., None]) -> None:
        for name, function in functions.items():
            if not name.startswith("on_") or not hasattr(Callback, name):
                moments = [m for m in vars(Callback) if m.startswith("on_")]
                raise ValueError(f"LambdaCallback expects {', '.join(moments)}; got {name!r}")
            setattr(self, name, function)


class ProgressBar(Callback):
    """One bar for the whole run: epoch, loss, accuracy, images per second, time left.

    Needs tqdm: pip install "scratchnet[examples]".
    """

    def __init__(self) -> None:
        self._bar: Any = None

    def on_train_begin(self, training: Training) -> None:
        from tqdm import tqdm

        size = len(training.x)
        self._bar = tqdm(
            total=training.epochs * size,
            initial=training.epoch * size,
            unit=" images",
            unit_scale=True,
            dynamic_ncols=True,
            mininterval=0.5,
        )

    def on_epoch_begin(self, training: Training) -> None:
        self._bar.set_description(f"epoch {training.epoch + 1}/{training.epochs}")

    def on_batch_end(self, training: Training, logs: Row) -> None:
        self._bar.set_postfix_str(
            f"loss {logs['loss']:.3f}, accuracy {logs['accuracy']:.1%}", False
        )
        self._bar.update(int(logs["size"]))

    def on_epoch_end(self, training: Training, row: Row) -> None:
        text = f"epoch {row['epoch']:3}  loss {row['loss']:.4f}  accuracy {row['accuracy']:.1%}"
        if "val_loss" in row:
            text += f"  validation loss {row['val_loss']:.4f}  accuracy {row['val_accuracy']:.1%}"
        self._bar.write(f"{text}  {row['seconds']:.1f} s")

    def on_train_end(self, training: Training) -> None:
        if self._bar is not None:
            self._bar.close()
