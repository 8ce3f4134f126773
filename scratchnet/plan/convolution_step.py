"""A convolution on maps, and what is done to an image of them before and behind it.

    x ─▶ [norm, ReLU, pool] ─▶ ⋆ W + b ─▶ [ReLU, pool] ─▶ [+ plus] ─▶ y

What is before is computed an image at a time, into a little memory that stays in the cache, and
once more in backward: no pass over the memory of all maps. Likewise, when an image of y is complete
the sum of a residual block is added, and its mean and squares are taken if a batch norm wants them.

Maps have their channels filled up to whole vectors; so are weights, with zeros, on their way into a
kernel, and gradients are cut on their way out.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np

from scratchnet.kernels import depthwise, indirect_conv, one_image, pointwise, winograd
from scratchnet.kernels.maps import frame, numbers, whole_vectors
from scratchnet.kernels.window import Window
from scratchnet.layers import Conv2D
from scratchnet.layers.base import Array, Layer
from scratchnet.plan.activation import NO_WINNERS, Activation, padded
from scratchnet.plan.chain import Step
from scratchnet.plan.group_weights import off_diagonal, on_diagonal
from scratchnet.plan.store import Maps, Store

_NO_NUMBERS = np.zeros(0, np.float32)

LARGE = 1 << 25
"""Maps of more numbers are written over by dz: memory counts more than a few percent of time.
(The parts of a stretch are smaller.)"""

ALGORITHMS = {
    winograd: "Winograd F({0}×{0}, 3×3)",
    indirect_conv: "indirect convolution",
    depthwise: "depthwise convolution",
}


class Convolution(Step):
    """By one of the `ALGORITHMS`.

    Args:
        before: what happens to x first, or None.
        relu, pool: layers behind the convolution, which only Winograd's algorithm can pool.
        by: the kernels.
        wants_dx: whether somebody asks for dx.
        channels: of the maps x.
        merged: groups that run as one (`scratchnet.plan.group_weights`).
    """

    def __init__(
        self,
        before: Activation | None,
        conv: Conv2D,
        relu: Layer | None,
        pool: Layer | None,
        *,
        by: ModuleType,
        wants_dx: bool,
        channels: int,
        merged: int = 1,
    ) -> None:
        self.before, self.conv, self.relu, self.pool = (
            before, conv, relu is not None, pool is not None,
        )  # fmt: skip
        self.by, self.wants_dx, self.merged = by, wants_dx, merged
        # One window for each channel is one group, as the kernels count.
        self.groups = 1 if by is depthwise else conv.groups // merged
        own = tuple(layer for layer in (conv, relu, pool) if layer is not None)
        self.layers = (*before.layers, *own) if before else own
        _, (filters, OH, OW) = conv.built()
        self.C, self.F = channels, whole_vectors(filters)
        self.frame = frame(OH // 2, OW // 2, self.F) if self.pool else frame(OH, OW, self.F)
        self.size = OH, OW
        self.algorithm = ALGORITHMS[by].format(self.tile)
        self.needs_output = self.relu
        self.wants_moments = before is not None and before.norm is not None
        self.adds_to_dx = before is not None
        self.adds_to_y = not (self.relu or self.pool)
        self.weights: dict[str, Array] = {}
        self.sums: winograd.Sums | indirect_conv.Sums | None = None
        self.fresh = True

    @property
    def by_winograd(self) -> bool:
        return self.by is winograd

    @property
    def tile(self) -> int:
        """Pixels along a side of Winograd's tiles."""
        return self._job().tile

    def _job(self) -> winograd.Job:
        return winograd.job(*self.size, self.C, self.F, relu=self.relu, pool=self.pool)

    def _window(self) -> Window:
        conv = self.conv
        (top, _), (left, _) = conv.edges
        return Window(
            *conv.kernel_size, *conv.stride, *conv.dilation, top, left, self.groups, self.relu
        )

    def prepare(self, *, backward: bool) -> None:
        """Bring the weights into the kernel's order: channels before filters, or behind them."""
        order = "FC" if backward else "CF"
        W = on_diagonal(self.conv.params["W"], self.conv.groups, self.merged)
        C = self.C if self.groups == 1 and self.by is not depthwise else W.shape[1]
        W = padded(W, self.F, C, *W.shape[2:])
        old = self.weights.get(order)
        if self.by_winograd:
            self.weights[order] = winograd.transformed(W, order, self.tile, old)
        else:
            self.weights[order] = indirect_conv.ordered(W, order, self.groups, old)
        self.fresh = True
        if backward and self.sums is None:
            self.sums = (
                winograd.empty_sums(self.C, self.F, self.tile)
                if self.by_winograd
                else indirect_conv.empty_sums(W, self.groups)
            )

    def forward(self, x: Maps, *, training: bool, store: Store, plus: Maps | None = None) -> Maps:
        y = store.maps(x.N, self.frame)
        winners = store.array(x.N, self.frame, "uint8") if self.pool else NO_WINNERS
        b = padded(self.conv.params.get("b", _NO_NUMBERS), self.F)
        z = self.before.forward(x, training=training, store=store) if self.before else None
        how = z.how if z else None
        y, after = self._after(y, plus, training)
        W = self.weights["CF"]
        if self.by_winograd:
            winograd.forward_maps(
                x.N, x.pixels, x.frame, W, b, self._job(), y.pixels, y.frame, winners, how, after
            )
        else:
            self.by.forward_maps(
                x.N, x.pixels, x.frame, W, b, self._window(), y.pixels, y.frame, how, after
            )
        self.kept = x, y, winners, z
        return y

    def _after(
        self, y: Maps, plus: Maps | None, training: bool
    ) -> tuple[Maps, one_image.After | None]:
        """y, with a place for its moments if they are wanted, and what is done to its images."""
        measure = training and self.measures
        if self.before is None and plus is None and not self.measures:
            return y, None
        mean = squares = _NO_NUMBERS
        if measure:
            moments = pointwise.empty_moments(y.N, y.frame)
            y = replace(y, moments=moments)
            mean, squares = moments.mean.reshape(-1), moments.squares.reshape(-1)
        add = plus is not None
        return y, one_image.After(add, plus.pixels if plus else y.pixels, measure, mean, squares)

    def backward(self, dy: Maps, store: Store, plus: Maps | None = None) -> Maps | None:
        x, y, winners, z = self.recall()
        if y is None:
            y = dy  # as good as any: without a ReLU the kernels do not read it
        elif dy.pixels is y.pixels:
            self.let_go()
        f = self.before.frame if self.before else x.frame
        dz = None
        if self.owns_dy and self.by_winograd and dy.frame == f and numbers(dy.N, f) > LARGE:
            dz = dy
        elif self.wants_dx or self.by_winograd:
            dz = store.maps(x.N, f)
        assert self.sums is not None
        how, norm = None, None
        if z:
            how = z.how
            if self.wants_moments:
                norm = pointwise.empty_sums(len(self.sums.db), z.mean, z.inv_std)
        Wt = self.weights["FC"]
        if isinstance(self.sums, winograd.Sums):
            assert dz is not None
            winograd.backward_maps(
                x.N, dy.pixels, y.pixels, winners, y.frame, x.pixels, x.frame, Wt,
                self._job(), dz.pixels, self.sums, self.fresh, how, norm,
            )  # fmt: skip
        else:
            self.by.backward_maps(
                x.N, dy.pixels, y.pixels, y.frame, x.pixels, x.frame, Wt,
                self._window(), None if dz is None else dz.pixels, self.sums, self.fresh,
                how, norm,
            )  # fmt: skip
        self.fresh = False
        if self.before is None or dz is None:
            return dz
        dx = z.x if self.owns_x else dz if dz.frame == x.frame else store.maps(x.N, x.frame)
        self.before.hand_back(z, dz, norm, plus, dx)
        if dz is not dx and dz is not dy:
            store.give_back(dz)
        return dx

    def finish(self) -> None:
        grads = self.conv.grads
        F, C = grads["W"].shape[:2]
        if isinstance(self.sums, winograd.Sums):
            as_it_is = (F, C) == (self.F, self.C)
            dW, db = winograd.gradients(self.sums, grads["W"] if as_it_is else None)
            if not as_it_is:
                grads["W"][...] = dW[:F, :C]
        else:
            assert self.sums is not None
            dW, db = indirect_conv.gradients(self.sums)
            dW = dW[:F, : C * self.merged]
            grads["W"][...] = off_diagonal(dW, self.conv.groups, self.merged)
        if "b" in grads:
            grads["b"][...] = db[:F]

    def let_go(self) -> Maps | None:
        x, y, winners, z = self.recall()
        if self.needs_output:
            return None
        self.kept = x, None, winners, z
        return y

    def release(self, store: Store) -> None:
        if self.kept is not None:
            _, y, winners, z = self.kept
            store.give_back(y)
            if self.pool:
                store.give_back(winners, self.frame)
            if self.before is not None:
                self.before.release(z, store)
        self.kept = None
