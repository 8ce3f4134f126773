"""Steps, and chains of them: what a plan is made of.

A step is one or more layers that run as one operation. Between steps go arrays, as layers know
them, or maps: the same images as the fast kernels lay them out (`scratchnet.plan.store`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scratchnet.layers.base import Array, Layer

if TYPE_CHECKING:
    from scratchnet.plan.store import Store


class Step:
    """Layers that run as one operation.

    Attributes:
        layers: the layers, in order.
        algorithm: how they run, in words, for `summary()`.
        kept: what the last forward keeps for backward; None before it, and after release.
        needs_output: whether backward reads y, so that nobody may write to it.
        adds_to_y: whether forward takes maps `plus` and adds them to y.
        adds_to_dx: whether backward takes maps `plus` and adds them to dx.
        wants_moments: whether training needs the mean and the squares of x.
        measures: whether y shall come with them, because the next step wants them.
        owns_x: whether backward may write dx over x, because nobody else will read it.
        owns_dy: whether backward may write over dy, for the same reason.
    """

    layers: tuple[Layer, ...] = ()
    algorithm: str = ""
    kept: Any = None
    needs_output: bool = True
    adds_to_y: bool = False
    adds_to_dx: bool = False
    wants_moments: bool = False
    measures: bool = False
    owns_x: bool = False
    owns_dy: bool = False

    def prepare(self, *, backward: bool) -> None:
        """Before a pass, whose images may come all at once or a few at a time."""

    def finish(self) -> None:
        """After a backward pass: set the gradients of the parameters."""

    def forward(self, x: Any, *, training: bool, store: Any) -> Any:
        """y, an array or maps. Maps that it takes from the store are the step's to give back."""
        raise NotImplementedError

    def predict(self, x: Any, store: Any) -> Any:
        """y in evaluation, when no backward pass will follow."""
        return self.forward(x, training=False, store=store)

    def backward(self, dy: Any, store: Any) -> Any:
        """dx, or None where nobody asks for it; gradients of parameters are added up."""
        raise NotImplementedError

    def let_go(self) -> Any:
        """y, for others to give back, if this step would do so and does not read it in backward."""
        return None

    def release(self, store: Any) -> None:
        """Give back all that was taken in forward, y too: nobody reads it any more."""
        self.kept = None

    def recall(self) -> Any:
        """What the last forward kept; backward's first line."""
        if self.kept is None:
            raise RuntimeError(f"{self.algorithm}: backward needs a forward pass before it")
        return self.kept


class LayerStep(Step):
    """A layer as it is."""

    def __init__(self, layer: Layer) -> None:
        self.layers = (layer,)
        self.algorithm = "layer"

    def forward(self, x: Array, *, training: bool, store: Any) -> Array:
        return self.layers[0].forward(x, training=training)

    def backward(self, dy: Array, store: Any) -> Array:
        return self.layers[0].backward(dy)

    def release(self, store: Any) -> None:
        _forget(self.layers[0])


def _forget(layer: Layer) -> None:
    layer.cache = None
    for child in layer.children().values():
        _forget(child)


def link(steps: Sequence[Step]) -> None:
    """Tell steps that follow one another what they may expect of each other."""
    for step, following in pairwise(steps):
        step.measures = following.wants_moments
        step.owns_dy = True  # the following step's dx, and nobody else's
        following.owns_x = not step.needs_output


class Chain:
    """Steps one after another, and the store that they share."""

    def __init__(self, steps: Sequence[Step], store: Store | None = None) -> None:
        self.steps, self.store = list(steps), store
        link(self.steps)

    def forward(self, x: Any, *, training: bool, **plus: Any) -> Any:
        """The last step's output [+ plus]; every step keeps what its backward needs."""
        for step in self.steps:
            step.prepare(backward=False)
            extra = plus if step is self.steps[-1] else {}
            x = step.forward(x, training=training, store=self.store, **extra)
        return x

    def backward(self, dy: Any, **plus: Any) -> Any:
        """dx of the first step [+ plus]. What was kept and what was between is given back."""
        given = dy
        for step in reversed(self.steps):
            step.prepare(backward=True)
            extra = plus if step is self.steps[0] else {}
            dx = step.backward(dy, self.store, **extra)
            step.finish()
            if self.store is not None and dy is not given and dy is not dx:
                self.store.give_back(dy)
            step.release(self.store)
            dy = dx
        return dy

    def predict(self, x: Any) -> Any:
        """The last step's output, in evaluation; nothing is kept, so it must be an array."""
        for step in self.steps:
            step.prepare(backward=False)
        return self.run(x)

    def run(self, x: Any) -> Any:
        """`predict` with steps that are prepared."""
        before = None
        for step in self.steps:
            x = step.predict(x, self.store)
            if before is not None:
                before.release(self.store)
            before = step
        if before is not None:
            before.release(self.store)
        return x
