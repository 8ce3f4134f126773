"""The training loop, visible on one screen.

    repeat for each epoch
        shuffle
        for each batch of samples x with targets t
            s  = f(x; w)            forward
            L  = loss(s, t)
            ds = ∂L/∂s              backward, layer by layer, down to ∂L/∂w
            w  = optimiser(w, ∂L/∂w)
        measure loss and accuracy on the validation samples

Nothing is hidden from a run that was interrupted. After each epoch everything the next one depends
on goes to the checkpoint: weights, running statistics, the optimiser's moments, the state of every
random generator and of every callback. So a run that is killed at any moment and resumed ends in
the same bits as one that was not.

Chapter: docs/training.md
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.layers.base import Array
from scratchnet.serialization import FormatError, read_archive, write_archive

if TYPE_CHECKING:
    import pandas as pd

    from scratchnet.callbacks import Callback
    from scratchnet.losses import Loss
    from scratchnet.optimizers import Optimizer
    from scratchnet.sequential import Sequential

CHECKPOINT_FORMAT = 1
Augmentation = Callable[[Array, np.random.Generator], Array]


@dataclass
class History:
    """What each epoch measured: rows of epoch, loss, accuracy, val_loss, val_accuracy,
    learning_rate (of its last step) and seconds. `loss` and `accuracy` are means over the epoch's
    training batches, augmented and with dropout, while the weights move; the val_ ones are
    measured after it. A batch counts by its samples; so where the loss has class weights, and
    divides each batch by its own, the epoch's loss is near their common mean, not equal to it."""

    rows: list[dict[str, float]] = field(default_factory=list)

    def to_frame(self) -> pd.DataFrame:
        """The rows as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows)


@dataclass
class Training:
    """One run of the loop: what it works on, and how far it is."""

    model: Sequential
    loss: Loss
    optimizer: Optimizer
    x: Array
    target: Array
    validation: tuple[Array, Array] | None
    epochs: int
    batch_size: int
    rng: np.random.Generator
    augment: Augmentation | None = None
    callbacks: Sequence[Callback] = ()
    checkpoint: Path | None = None
    history: History = field(default_factory=History)
    epoch: int = 0
    """Epochs that are finished."""
    stop: bool = False
    """Set by a callback to end the run after this epoch."""

    def run(self) -> History:
        """Train until `epochs` are done, a callback says stop, or somebody interrupts."""
        self._tell("on_train_begin")
        try:
            while self.epoch < self.epochs and not self.stop:
                self._run_epoch()
        finally:  # also on Ctrl-C: a callback may want to put the best weights back
            self._tell("on_train_end")
        return self.history

    def _run_epoch(self) -> None:
        start = time.perf_counter()
        self._tell("on_epoch_begin")
        total_loss, right, seen, rate = 0.0, 0, 0, 0.0
        for x, target in self._batches():
            rate, count = self.optimizer.learning_rate, len(x)
            loss, hits = self._step(x, target)
            total_loss, right, seen = total_loss + loss * count, right + hits, seen + count
            so_far = {"loss": total_loss / seen, "accuracy": right / seen}
            self._tell("on_batch_end", so_far | {"size": count})

        row = {"epoch": self.epoch + 1, "loss": total_loss / seen, "accuracy": right / seen}
        self._tell("on_validation_begin")
        row |= self._validate()
        row |= {"learning_rate": rate, "seconds": time.perf_counter() - start}
        self.history.rows.append(row)
        self._tell("on_epoch_end", row)
        self._tell("on_validation_end")
        self.epoch += 1
        if self.checkpoint is not None:
            self.save(self.checkpoint)

    @np.errstate(all="ignore")  # what overflows ends as a loss that is not finite, and is reported
    def _step(self, x: Array, target: Array) -> tuple[float, int]:
        """One update of the weights: the batch's loss before it, and how many scores were right."""
        scores = self.model.plan.forward(x, training=True)
        loss = self._finite(self.loss.forward(scores, target), "loss")
        self.model.plan.backward(self.loss.backward())
        self.optimizer.step(self.model.plan.parameters)
        return loss, int(np.count_nonzero(scores.argmax(axis=1) == class_index(target)))

    @np.errstate(all="ignore")
    def _validate(self) -> dict[str, float]:
        """Loss and accuracy on the validation samples, if there are any."""
        if self.validation is None:
            return {}
        x, target = self.validation
        measured = self.model.evaluate(x, target, batch_size=self.batch_size, loss=self.loss)
        self._finite(measured["loss"], "validation loss")
        return {f"val_{name}": value for name, value in measured.items()}

    def _finite(self, loss: float, name: str) -> float:
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"the {name} became {loss} in epoch {self.epoch + 1}, after "
                f"{self.optimizer.iterations} steps; lower the learning rate or clip the gradients"
            )
        return loss

    def _batches(self) -> Iterator[tuple[Array, Array]]:
        """The samples in a new order, a batch at a time; the last one may be smaller."""
        order = self.rng.permutation(len(self.x))
        for first in range(0, len(order), self.batch_size):
            batch = order[first : first + self.batch_size]
            x = self.x[batch]
            if self.augment is not None:
                x = self.augment(x, self.rng)
            yield self.model.as_input(x), self.target[batch]

    def _tell(self, event: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self, *arguments)

    # -- checkpoints ------------------------------------------------------------------------

    def _fingerprint(self) -> dict[str, Any]:
        """What must be the same again for a resumed run to be the same run."""
        validation = () if self.validation is None else (*self.validation[0].shape,)
        return {
            "network": self.model.to_json(),
            "loss": self.loss.config(),
            "optimizer": self.optimizer.config(),
            "batch_size": self.batch_size,
            "samples": [list(self.x.shape), list(validation)],
            "inputs": self._inputs_digest,
            "targets": int(np.asarray(class_index(self.target), np.int64) @ np.arange(len(self.x))),
            "callbacks": [type(callback).__name__ for callback in self.callbacks],
        }

    @cached_property
    def _inputs_digest(self) -> int:
        """A checksum of all inputs, those for validation too."""
        digest = 0
        for inputs in (self.x, *(self.validation or ())[:1]):
            for first in range(0, len(inputs), 4096):
                part = np.ascontiguousarray(inputs[first : first + 4096])
                digest = zlib.crc32(part.data, digest)
        return digest

    def save(self, path: Path) -> None:
        """Write everything that the next epoch depends on."""
        write_archive(
            path,
            {
                "format": CHECKPOINT_FORMAT,
                "fingerprint": self._fingerprint(),
                "epoch": self.epoch,
                "stop": self.stop,
                "history": self.history.rows,
                "weights": self.model.state(),
                "layer_generators": self.model.generator_states(),
                "optimizer": self.optimizer.state_dict(),
                "rng": self.rng.bit_generator.state,
                "callbacks": [callback.state_dict() for callback in self.callbacks],
            },
        )

    def load(self, path: Path) -> None:
        """Go on where the checkpoint was written.

        Raises:
            FormatError: it is damaged, or belongs to another network, data set or set-up.
        """
        tree = read_archive(path)
        try:
            self._restore(tree, path)
        except FormatError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{path} is damaged: {error!r}") from error

    def _restore(self, tree: dict[str, Any], path: Path) -> None:
        if tree.get("format") != CHECKPOINT_FORMAT:
            got = tree.get("format")
            raise FormatError(f"{path}: expected checkpoint format {CHECKPOINT_FORMAT}, got {got}")
        mine, its = json.loads(json.dumps(self._fingerprint())), tree["fingerprint"]
        different = [key for key, value in its.items() if mine.get(key) != value]
        if different:
            raise FormatError(
                f"{path} belongs to another run: {', '.join(different)} differ; "
                "resume with the settings and data it began with"
            )
        self.epoch, self.stop = int(tree["epoch"]), bool(tree["stop"])
        self.history.rows[:] = tree["history"]
        self.model.set_state(tree["weights"], str(path))
        self.model.set_generator_states(tree["layer_generators"])
        self.optimizer.load_state_dict(tree["optimizer"])
        self.rng.bit_generator.state = tree["rng"]
        for callback, state in zip(self.callbacks, tree["callbacks"], strict=True):
            callback.load_state_dict(state)


# -- data -----------------------------------------------------------------------------------------


def class_index(target: Array) -> Array:
    """The class numbers (N,) of labels that are ints (N,) or one-hot or soft (N, K)."""
    return target if target.ndim == 1 else target.argmax(axis=1)


def stratified_split(labels: Array, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Indices (training, validation): `share` of each class, drawn at random, goes to validation.

    Raises:
        ValueError: the share is not between 0 and 1, or leaves one side empty.
    """
    if not 0 < share < 1:
        raise ValueError(f"validation_split expects a share between 0 and 1, got {share}")
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        chosen[members[: round(share * len(members))]] = True
    if chosen.all() or not chosen.any():
        raise ValueError(f"a share of {share} of {len(labels)} samples leaves one side empty")
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
