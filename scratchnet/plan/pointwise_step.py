"""BatchNorm, ReLU, 2 × 2 max-pool behind a step on maps: any of them, in this order."""

from __future__ import annotations

from scratchnet.kernels import pointwise
from scratchnet.plan.activation import Activation
from scratchnet.plan.chain import Step
from scratchnet.plan.store import Maps, Store


class Pointwise(Step):
    """y = pool(relu(norm(x))), each of them if there is such a layer."""

    algorithm = "pixel by pixel"
    needs_output = False
    adds_to_dx = True

    def __init__(self, activation: Activation) -> None:
        self.activation = activation
        self.layers = activation.layers
        self.frame = activation.frame
        self.wants_moments = activation.norm is not None

    def forward(self, x: Maps, *, training: bool, store: Store) -> Maps:
        y = store.maps(x.N, self.frame)
        z = self.activation.forward(x, training=training, store=store)
        pointwise.apply(x.N, x.pixels, x.frame, z.how, y.pixels)
        self.kept = z, y
        return y

    def backward(self, dy: Maps, store: Store, plus: Maps | None = None) -> Maps:
        z, y = self.recall()
        if y is not None and dy.pixels is y.pixels:
            self.let_go()
        sums = None
        if self.activation.norm is not None:
            sums = pointwise.sums(
                dy.N, dy.pixels, z.x.pixels, z.x.frame, z.how, z.mean, z.inv_std
            )  # fmt: skip
        dx = z.x if self.owns_x else store.maps(z.x.N, z.x.frame)
        self.activation.hand_back(z, dy, sums, plus, dx)
        return dx

    def let_go(self) -> Maps | None:
        z, y = self.recall()
        self.kept = z, None
        return y

    def release(self, store: Store) -> None:
        if self.kept is not None:
            z, y = self.kept
            store.give_back(y)
            self.activation.release(z, store)
        self.kept = None
