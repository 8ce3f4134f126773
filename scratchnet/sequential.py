"""Sequential: a network as a list of layers, with the habits people know from Keras.

    scores = fₙ(… f₂(f₁(x)) …)              forward
    dx     = f₁ᵀ(… fₙ₋₁ᵀ(fₙᵀ(dscores)) …)   backward: the chain rule, last layer first

    model = Sequential([Conv2D(32, 3, padding=1), ReLU(), MaxPool2D(2), Flatten(), Dense(7)])
    model.build((1, 48, 48), rng)
    model.fit(x, labels, epochs=10, rng=rng, validation_split=0.1)
    model.predict(x)                         probabilities (N, 7)

`forward`, `backward` and `activations` walk the layers one by one; `fit`, `evaluate` and `predict`
run the plan (`scratchnet.plan`), which may fuse them. Both are tested to agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from scratchnet.layers.base import Array, Layer, Shape, layer_from_spec, layer_spec, leaves
from scratchnet.losses import Loss, SoftmaxCrossEntropy, loss_from_spec, loss_spec
from scratchnet.optimizers import Adam, Optimizer
from scratchnet.plan import Plan
from scratchnet.serialization import (
    FormatError,
    check_arrays,
    read_arrays,
    read_folder,
    write_arrays,
    write_folder,
)
from scratchnet.training import Augmentation, History, Training, class_index, stratified_split

if TYPE_CHECKING:
    from scratchnet.callbacks import Callback

MODEL_FORMAT = 1


class Sequential:
    """A network of layers, each fed by the one before.

    Attributes:
        layers: the layers, in order.
        loss: what `fit` minimises; its link turns scores into what `predict` returns.
        class_names: the names of the outputs, or None.
        preprocessing: how pictures become inputs, as plain values; saved with the model.
        history: what the last `fit` measured.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)
        if not self.layers:
            raise ValueError("Sequential expects at least one layer, got none")
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise TypeError(
                    f"Sequential expects layers, got {layer!r}; write Dense(10), not Dense"
                )
        ids = [id(layer) for _, layer in self.leaves()]
        if len(set(ids)) < len(ids):
            raise ValueError(
                "Sequential expects each layer object once; make a new layer for each place"
            )
        self.loss: Loss = SoftmaxCrossEntropy()
        self.class_names: tuple[str, ...] | None = None
        self.preprocessing: dict[str, Any] = {}
        self.history = History()
        self.dtype: np.dtype[Any] = np.dtype(np.float32)
        self.input_shape: Shape | None = None
        self.output_shape: Shape | None = None
        self._plan: Plan | None = None

    # -- building -------------------------------------------------------------------------------

    def build(
        self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike = np.float32
    ) -> Sequential:
        """Allocate all parameters for samples of `input_shape` (no batch axis); returns itself.

        Raises:
            ValueError: some layer cannot take its input; the message names layer and remedy.
        """
        self.dtype = np.dtype(dtype)
        self.input_shape = shape = tuple(int(n) for n in input_shape)
        for i, layer in enumerate(self.layers):
            try:
                shape = layer.build(shape, rng, self.dtype)
            except ValueError as error:
                raise ValueError(f"layer {i}: {error}") from error
        self.output_shape = shape
        self._plan = Plan(self.layers)
        return self

    @property
    def plan(self) -> Plan:
        """The compiled network.

        Raises:
            RuntimeError: the model is not built yet.
        """
        if self._plan is None:
            raise RuntimeError("this model is not built; call model.build(input_shape, rng) first")
        return self._plan

    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """All plain layers with their paths, those inside of containers too."""
        for i, layer in enumerate(self.layers):
            yield from leaves(layer, str(i))

    def parameter_count(self) -> int:
        """The number of trained values."""
        return sum(p.value.size for p in self.plan.parameters)

    def macs(self) -> int:
        """Multiply-accumulates of one forward pass of one sample."""
        return sum(layer.macs() for layer in self.layers)

    # -- one pass -------------------------------------------------------------------------------

    def as_input(self, x: Array) -> Array:
        """x as a batch that the first layer takes: its dtype, and its shape checked."""
        x = np.asarray(x)
        self._check_input(x)
        return np.ascontiguousarray(x, self.dtype)

    def _check_input(self, x: Array) -> None:
        _ = self.plan
        shape = self.input_shape or ()
        if x.ndim != len(shape) + 1 or x.shape[1:] != shape:
            remedy = "convert the samples"
            if x.shape == shape:
                remedy = "for one sample pass x[np.newaxis]"
            elif len(shape) == 3 and x.shape[1:] == (*shape[1:], shape[0]):
                remedy = "channels come first: x.transpose(0, 3, 1, 2)"
            elif len(shape) == 3 and x.shape[1:] == shape[1:]:
                remedy = "the channels are missing: x[:, np.newaxis]"
            elif len(shape) == 3 and x.ndim == 4 and x.shape[1] != shape[0]:
                remedy = f"this network takes {shape[0]} channel(s): convert the pictures"
            expected = ", ".join(["N", *map(str, shape)])
            raise ValueError(f"the model expects ({expected}), got {x.shape}; {remedy}")
        if x.dtype.kind not in "fiub":
            raise ValueError(f"the model expects numbers, got an array of {x.dtype}")

    def forward(self, x: Array, *, training: bool = False) -> Array:
        """Scores (N, K), layer by layer; each layer keeps what its backward needs."""
        x = self.as_input(x)
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, dscores: Array) -> Array:
        """Set every layer's gradients; returns the gradient of the input."""
        for layer in reversed(self.layers):
            dscores = layer.backward(dscores)
        return dscores

    def activations(self, x: Array) -> list[Array]:
        """The output of every layer for a batch x, in evaluation."""
        x = self.as_input(x)
        outputs = []
        for layer in self.layers:
            x = layer.forward(x)
            outputs.append(x)
        return outputs

    # -- training and use -----------------------------------------------------------------------

    def fit(
        self,
        x: Array,
        y: Array,
        *,
        rng: np.random.Generator,
        loss: Loss | None = None,
        optimizer: Optimizer | None = None,
        epochs: int = 10,
        batch_size: int = 128,
        validation_split: float | None = None,
        validation_data: tuple[Array, Array] | None = None,
        augment: Augmentation | None = None,
        callbacks: Sequence[Callback] = (),
        checkpoint: str | Path | None = None,
        resume: bool = False,
    ) -> History:
        """Train on samples x with targets y (ints, one-hot or soft), in a new order each epoch.

        Class weights are the loss's business, as label smoothing is:
        `loss=SoftmaxCrossEntropy(class_weights=balanced_class_weights(y, 7))`, both from
        `scratchnet.losses`.

        Args:
            rng: draws the split, the order of samples and the augmentation.
            loss: default: the model's own, softmax cross-entropy.
            optimizer: default `Adam()`.
            validation_split: a share of each class that is held out, or
            validation_data: (x, y) to measure on after each epoch.
            augment: `augment(batch, rng) -> batch`, applied to training batches only.
            checkpoint: a file that is rewritten after each epoch.
            resume: go on from `checkpoint` if that file exists; the result is, bit for bit, that
                of a run without the interruption, given the same arguments: `rng`, too, as it
                was when the run began. More epochs are welcome.

        Raises:
            ValueError: shapes, labels or numbers are not what the network takes.
            FloatingPointError: the loss became infinite or NaN.
        """
        if validation_split is not None and validation_data is not None:
            raise ValueError("fit expects validation_split or validation_data, got both")
        if resume and checkpoint is None:
            raise ValueError("fit(resume=True) expects a checkpoint to resume from, got None")
        for name, number in (("epochs", epochs), ("batch_size", batch_size)):
            if number < 1:
                raise ValueError(f"fit expects {name} of at least 1, got {number}")
        self.loss = loss or self.loss
        x, y = self._check_samples(x, y, "x")
        split_rng, run_rng = rng.spawn(2)
        if validation_split is not None:
            train, held_out = stratified_split(class_index(y), validation_split, split_rng)
            validation_data = x[held_out], y[held_out]
            x, y = x[train], y[train]
        elif validation_data is not None:
            validation_data = self._check_samples(*validation_data, "validation x")
        training = Training(
            model=self,
            loss=self.loss,
            optimizer=optimizer or Adam(),
            x=x,
            target=y,
            validation=validation_data,
            epochs=epochs,
            batch_size=batch_size,
            rng=run_rng,
            augment=augment,
            callbacks=callbacks,
            checkpoint=None if checkpoint is None else Path(checkpoint),
        )
        if resume and training.checkpoint is not None and training.checkpoint.exists():
            training.load(training.checkpoint)
        self.history = training.history
        return training.run()

    def _check_samples(self, x: Array, y: Array, name: str) -> tuple[Array, Array]:
        """Reject at once what would fail, or fail to fail, hours later."""
        x, y = np.asarray(x), np.asarray(y)
        self._check_input(x)
        if y.ndim == 0 or len(x) != len(y) or len(x) == 0:
            raise ValueError(
                f"expected {name} and its labels of one length, at least 1; got {x.shape} "
                f"and {y.shape}"
            )
        for part in _slices(len(x), 4096):
            finite = np.isfinite(x[part]).reshape(len(x[part]), -1).all(axis=1)
            if not finite.all():
                bad = part.start + int(np.argmin(finite))
                raise ValueError(f"{name}[{bad}] holds NaN or infinity; clean the data first")
        outputs = (self.output_shape or ())[-1]
        if y.ndim == 1 and y.dtype.kind in "iu" and (y.min() < 0 or y.max() >= outputs):
            raise ValueError(
                f"labels of {name} are expected in 0..{outputs - 1}, as the network has {outputs} "
                f"outputs; got {y.min()}..{y.max()}"
            )
        return x, y

    def evaluate(
        self, x: Array, y: Array, *, batch_size: int = 256, loss: Loss | None = None
    ) -> dict[str, float]:
        """Mean loss and accuracy on samples x with targets y, in evaluation.

        Raises:
            ValueError: shapes, labels or numbers are not what the network takes.
        """
        x, y = self._check_samples(x, y, "x")
        loss = loss or self.loss
        total, right = 0.0, 0
        for part in _slices(len(x), batch_size):
            scores = self.plan.predict(self.as_input(x[part]))
            total += loss.forward(scores, y[part]) * len(scores)
            right += int(np.count_nonzero(scores.argmax(axis=1) == class_index(y[part])))
        return {"loss": total / len(x), "accuracy": right / len(x)}

    def scores(self, x: Array, *, batch_size: int = 256) -> Array:
        """The last layer's output (N, K): logits, before the loss's link."""
        x = np.asarray(x)
        self._check_input(x)
        scores = np.empty((len(x), *(self.output_shape or ())), self.dtype)
        for part in _slices(len(x), batch_size):
            scores[part] = self.plan.predict(self.as_input(x[part]))
        return scores

    def predict(self, x: Array, *, batch_size: int = 256) -> Array:
        """What the loss's link makes of the scores: for the default loss, probabilities (N, K)."""
        return self.loss.link(self.scores(x, batch_size=batch_size))

    # -- state ----------------------------------------------------------------------------------

    def state(self) -> dict[str, Array]:
        """Copies of all parameters and running statistics, by "path.name"."""
        return {name: array.copy() for name, array in self._arrays().items()}

    def _arrays(self) -> dict[str, Array]:
        _ = self.plan
        return {
            f"{path}.{name}": array
            for path, layer in self.leaves()
            for name, array in (layer.params | layer.buffers).items()
        }

    def set_state(self, arrays: Mapping[str, Array], where: str = "the state") -> None:
        """Copy arrays into the parameters and running statistics.

        Raises:
            FormatError: names or shapes differ; all differences are reported together.
        """
        mine = self._arrays()
        check_arrays(mine, arrays, where)
        for name, array in mine.items():
            array[...] = arrays[name]

    def generator_states(self) -> dict[str, Any]:
        """The state of every random layer's generator."""
        return {
            path: layer.rng.bit_generator.state
            for path, layer in self.leaves()
            if layer.rng is not None
        }

    def set_generator_states(self, states: Mapping[str, Any]) -> None:
        """Put the generators of random layers back into the states that `generator_states` gave."""
        for path, layer in self.leaves():
            if layer.rng is not None:
                layer.rng.bit_generator.state = states[path]

    # -- files ----------------------------------------------------------------------------------

    def to_json(self) -> str:
        """The architecture, without weights."""
        return json.dumps(
            {
                "format": MODEL_FORMAT,
                "input_shape": self.input_shape,
                "dtype": self.dtype.name,
                "layers": [layer_spec(layer) for layer in self.layers],
            }
        )

    @classmethod
    def from_json(cls, text: str, rng: np.random.Generator | None = None) -> Sequential:
        """The network that `to_json` described, built with new weights if it was built.

        Raises:
            FormatError: the text is no such description.
        """
        try:
            document = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise FormatError(f"the description of the network is not JSON: {error}") from error
        return cls._from_document(document, "the description", rng)

    @classmethod
    def _from_document(
        cls, document: Any, where: str, rng: np.random.Generator | None
    ) -> Sequential:
        if not isinstance(document, dict) or document.get("format") != MODEL_FORMAT:
            got = document.get("format") if isinstance(document, dict) else document
            raise FormatError(f"{where}: expected model format {MODEL_FORMAT}, got {got!r}")
        try:
            model = cls([layer_from_spec(spec) for spec in document["layers"]])
            if document["dtype"] not in ("float32", "float64"):
                raise ValueError(f"expected dtype float32 or float64, got {document['dtype']!r}")
            if document["input_shape"] is not None:
                generator = np.random.default_rng(0) if rng is None else rng
                model.build(tuple(document["input_shape"]), generator, document["dtype"])
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{where} does not describe a network: {error}") from error
        return model

    def save_weights(self, path: str | Path) -> None:
        """Write parameters and running statistics to one .npz."""
        write_arrays(Path(path), self._arrays())

    def load_weights(self, path: str | Path) -> None:
        """Read what `save_weights` wrote.

        Raises:
            FormatError: the file is damaged or belongs to another network.
        """
        self.set_state(read_arrays(Path(path)), str(path))

    def save(self, folder: str | Path) -> None:
        """Write model.json and weights.npz; an older model of that name is replaced as a whole."""
        document = json.loads(self.to_json()) | {
            "loss": loss_spec(self.loss),
            "class_names": None if self.class_names is None else list(self.class_names),
            "preprocessing": self.preprocessing,
        }
        write_folder(Path(folder), document, self._arrays())

    @classmethod
    def load(cls, folder: str | Path) -> Sequential:
        """Read what `save` wrote: weights, loss, class names and pre-processing.

        Raises:
            FormatError: the folder is missing, damaged, or of another version.
        """
        document, arrays = read_folder(Path(folder))
        model = cls._from_document(document, str(folder), None)
        try:
            model.loss = loss_from_spec(document["loss"])
            names = document["class_names"]
            model.class_names = None if names is None else tuple(str(name) for name in names)
            model.preprocessing = dict(document["preprocessing"])
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{folder}: model.json is incomplete: {error}") from error
        model.set_state(arrays, str(folder))
        return model

    # -- description ----------------------------------------------------------------------------

    def summary(self) -> str:
        """A table of the layers: output shape, parameters, millions of multiply-accumulates, and
        how they run; ↑ runs as a part of the layer above."""
        rows = [("layer", "output", "parameters", "MMAC", "runs as")]
        for step in self.plan.steps:
            for layer in step.layers:
                shape = " × ".join(map(str, layer.output_shape or ()))
                count = sum(p.size for p in layer.params.values())
                how = step.algorithm if layer is step.layers[0] else "↑"
                numbers = f"{count:,}", f"{layer.macs() / 1e6:.2f}"
                rows.append((type(layer).__name__, shape, *numbers, how))
        total = f"{self.parameter_count():,}", f"{self.macs() / 1e6:.2f}"
        rows.append(("total", "", *total, ""))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}  {e}".rstrip()
            for a, b, c, d, e in rows
        ]
        rule = "─" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def __repr__(self) -> str:
        return f"Sequential({self.layers!r})"


def _slices(length: int, size: int) -> Iterator[slice]:
    """`size` samples after `size` samples; the last slice may be shorter."""
    if size < 1:
        raise ValueError(f"batch_size expects at least 1, got {size}")
    return (slice(first, min(first + size, length)) for first in range(0, length, size))
