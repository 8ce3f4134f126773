"""The layers one by one in float64, where ReLU and max-pool choose as a plan's steps did.

Two ways to compute a network round differently; now and then a number so close to zero that it is
positive in one and negative in the other sends a whole gradient another way. That is no error of
either. So what a plan chose is read from what its steps kept, and the walk repeats it.
"""

import numpy as np

from scratchnet.kernels import pointwise
from scratchnet.kernels.maps import numbers
from scratchnet.kernels.memory import aligned_zeros
from scratchnet.layers import MaxPool2D, ReLU, Residual
from scratchnet.plan.chain import LayerStep
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.plan.product_step import Product
from scratchnet.plan.store import Maps
from scratchnet.plan.sum_step import Sum
from scratchnet.reference.max_pool import max_pool_backward
from scratchnet.reference.windows import output_size, pad, under
from tests.kernels.layout import images_of


def choices_of(steps):
    """{id of a layer: what it chose} of steps that ran forward and not yet backward.

    For a ReLU where it let through, for a pool (winner, where a ReLU before it let through).
    """
    chosen = {}
    for step in steps:
        if isinstance(step, LayerStep):
            _of_layer(step.layers[0], chosen)
        elif isinstance(step, Sum):
            inner = step.body.steps + (step.shortcut.steps if step.shortcut else [])
            chosen |= choices_of(inner)
        elif isinstance(step, Product):
            if step.relu:
                chosen[id(step.layers[-1])] = step.kept[1] > 0
        elif isinstance(step, Convolution | Pointwise):
            _of_maps(step, chosen)
    return chosen


def _of_layer(layer, chosen):
    for child in layer.children().values():
        _of_layer(child, chosen)
    if isinstance(layer, ReLU):
        chosen[id(layer)] = layer.cache > 0
    elif isinstance(layer, MaxPool2D):
        chosen[id(layer)] = layer.cache[1], True


def _of_maps(step, chosen):
    if isinstance(step, Pointwise):
        _of_activation(step.activation, step.kept[0], chosen)
        return
    x, y, winners, z = step.kept
    if z is not None:
        _of_activation(step.before, z, chosen)
    own = [layer for layer in step.layers if layer not in getattr(step.before, "layers", ())]
    y = y or Maps(x.N, step.frame, None)  # let go, for there is no ReLU that would read it
    _chosen(own, y, winners, chosen)


def _of_activation(activation, z, chosen):
    """What is not kept is computed again, by the same kernel."""
    if not activation.layers:
        return
    f = activation.frame
    pixels = aligned_zeros(numbers(z.x.N, f))
    pointwise.apply(z.x.N, z.x.pixels, z.x.frame, z.how, pixels)
    _chosen(activation.layers, Maps(z.x.N, f, pixels), z.how.winners, chosen)


def _chosen(layers, y, winners, chosen):
    """The ReLU and the pool among these layers, whose results are the maps y."""
    relu = [layer for layer in layers if isinstance(layer, ReLU)]
    channels = layers[-1].output_shape[0]
    let = images_of(y.pixels, y.N, y.frame, channels) > 0 if relu else True
    if isinstance(layers[-1], MaxPool2D):
        number = images_of(winners, y.N, y.frame, channels)
        assert number.max() <= 3
        chosen[id(layers[-1])] = number, let
        let = True  # the pool says it all
    if relu:
        chosen[id(relu[0])] = let


class Walk:
    """`layers` in float64, each ReLU and pool as the layer of the same place in `planned` chose."""

    def __init__(self, planned, layers, chosen):
        self.chosen = chosen
        self.pairs = list(zip(planned, layers, strict=True))
        self.inside = {
            id(layer): (
                Walk(plan.body, layer.body, chosen),
                Walk(plan.projection, layer.projection, chosen),
            )
            for plan, layer in self.pairs
            if isinstance(layer, Residual)
        }

    def forward(self, x, *, training):
        for plan, layer in self.pairs:
            if id(layer) in self.inside:
                x = sum(walk.forward(x, training=training) for walk in self.inside[id(layer)])
            elif isinstance(layer, ReLU):
                x = np.where(self.chosen[id(plan)], x, 0)
            elif isinstance(layer, MaxPool2D):
                layer.cache = x.shape
                winner, let = self.chosen[id(plan)]
                x = np.where(let, winners_of(layer, x, winner), 0)
            else:
                x = layer.forward(x, training=training)
        return x

    def backward(self, dy):
        for plan, layer in reversed(self.pairs):
            if id(layer) in self.inside:
                dy = sum(walk.backward(dy) for walk in self.inside[id(layer)])
            elif isinstance(layer, ReLU):
                dy = np.where(self.chosen[id(plan)], dy, 0)
            elif isinstance(layer, MaxPool2D):
                winner, let = self.chosen[id(plan)]
                how = layer.cache, layer.size, layer.stride, layer.edges
                dy = max_pool_backward(np.where(let, dy, 0), winner, *how)
            else:
                dy = layer.backward(dy)
        return dy


def winners_of(layer, x, winner):
    """The pixels of x that won their windows."""
    x = pad(x, layer.edges, 0)
    size = output_size(x, layer.size, layer.stride)
    y = np.zeros((*x.shape[:2], *size), x.dtype)
    for kh, kw in np.ndindex(*layer.size):
        pixels = under(x, (kh, kw), size, layer.stride)
        y = np.where(winner == kh * layer.size[1] + kw, pixels, y)
    return y
