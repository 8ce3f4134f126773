"""A fused step beside the reference in float64, on memory that a `CheckedStore` gives out.

Where a ReLU or a pool stands at a tie, up to rounding, float32 may choose otherwise than float64;
there the upstream gradient is 0, so that the choice does not count.
"""

import numpy as np

from scratchnet.kernels.maps import frame, whole_vectors
from scratchnet.layers import BatchNorm, MaxPool2D, ReLU
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.fusion import maps_step
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.reference import batch_norm, conv2d, max_pool
from tests.kernels.layout import images_of, nothing_outside, write_images
from tests.plan.checked_store import CheckedStore

BOUND, WINOGRAD = 1e-5, 2e-5
"""The largest error over the largest value; Winograd's algorithm has its own, by its header."""
TIE = 1e-4
"""Over the largest value: what lies closer than this may be decided either way."""
PAIR = (2, 2)
NO_EDGES = ((0, 0), (0, 0))


def draw(rng, *shape):
    return rng.standard_normal(shape, dtype=np.float32)


def close(name, one, other, scale=0.0, bound=BOUND):
    assert one.shape == other.shape, name
    assert one.dtype == np.float32, name
    if other.size:
        error = np.abs(one - other).max()
        assert error <= bound * max(np.abs(other).max(), scale), f"{name}: {error:.1e}"


def maps_of(x, store, channels=None):
    """Images as maps from the store."""
    N, C, H, W = x.shape
    maps = store.maps(N, frame(H, W, channels or whole_vectors(C)))
    write_images(x, maps.frame, maps.pixels)
    return maps


def images(maps, channels):
    """Images out of maps; whatever is not an image must be zero."""
    assert nothing_outside(maps.pixels, maps.frame)
    assert not images_of(maps.pixels, maps.N, maps.frame)[:, channels:].any()
    return images_of(maps.pixels, maps.N, maps.frame, channels)


def run(step, x, dy, *, training=True):
    """(y, dx) of a step on maps; backward's memory holds poison too."""
    store = CheckedStore()
    source = maps_of(x, store)
    step.prepare(backward=False)
    y = step.forward(source, training=training, store=store)
    found = images(y, dy.shape[1])
    upstream = maps_of(dy, store)
    step.prepare(backward=True)
    dx = step.backward(upstream, store)
    step.finish()
    result = found, images(dx, x.shape[1])
    step.release(store)
    for maps in (source, upstream, dx):
        store.give_back(maps)
    assert not store.taken, "everything was given back"
    assert step.kept is None
    return result


class Choices:
    """ReLU and 2 × 2 pool in float64, which also find the ties."""

    def __init__(self, z, relu, pool):
        self.z, self.relu, self.pool = z, relu, pool
        scale = np.abs(z).max() if z.size else 0
        self.y, self.winner = z, None
        self.tie = np.zeros(z.shape, bool)
        if pool:
            self.y, self.winner = max_pool.max_pool_forward(z, PAIR, PAIR, NO_EDGES)
            N, C, H, W = self.y.shape
            windows = z[:, :, : 2 * H, : 2 * W].reshape(N, C, H, 2, W, 2).swapaxes(3, 4)
            two = np.sort(windows.reshape(N, C, H, W, 4), axis=-1)[..., -2:]
            self.tie = two[..., 1] - two[..., 0] < TIE * scale
        if relu:
            self.tie |= np.abs(self.y) < TIE * scale
            self.y = np.maximum(self.y, 0)

    def back(self, dy):
        """dz"""
        if self.relu:
            dy = np.where(self.y > 0, dy, 0)
        if self.pool:
            dy = max_pool.max_pool_backward(dy, self.winner, self.z.shape, PAIR, PAIR, NO_EDGES)
        return dy


def built(layers, shape, rng):
    """Layers for samples of this shape, one after the other, with parameters drawn anew."""
    for layer in layers:
        layer.build(shape, rng)
        shape = layer.output_shape
        for name, value in layer.params.items():
            if name != "W":
                value[...] = draw(rng, *value.shape)
    return layers


def some(relu, pool):
    return [layer for layer, wanted in ((ReLU(), relu), (MaxPool2D(2), pool)) if wanted]


def double(*arrays):
    return [None if array is None else array.astype(np.float64) for array in arrays]


def check_convolution(N, shape, conv, relu, pool):
    rng = np.random.default_rng(N)
    layers = built([conv, *some(relu, pool)], shape, rng)
    W, b = conv.params["W"], conv.params.get("b")
    how = conv.stride, conv.edges, conv.dilation, conv.groups
    x = draw(rng, N, *shape)
    exact_x, exact_W, exact_b = double(x, W, b)
    choices = Choices(conv2d.conv2d_forward(exact_x, exact_W, exact_b, *how), relu, pool)
    dy = np.where(choices.tie, np.float32(0), draw(rng, *choices.y.shape))
    dx, dW, db = conv2d.conv2d_backward(choices.back(*double(dy)), exact_x, exact_W, *how)

    step = maps_step(layers, None, wants_dx=True, on_maps=True)
    assert isinstance(step, Convolution)
    assert list(step.layers) == layers
    found_y, found_dx = run(step, x, dy)
    bound = WINOGRAD if step.by_winograd else BOUND
    close("y", found_y, choices.y, bound=bound)
    close("dx", found_dx, dx, bound=bound)
    close("dW", conv.grads["W"], dW, bound=bound)
    if conv.bias:
        close("db", conv.grads["b"], db, scale=np.abs(dy).max())
    return step


def check_pointwise(N, H, W, C, norm, relu, pool, training):
    rng = np.random.default_rng(N)
    # A ramp: no channel's variance may be so small that dx is mostly rounding.
    ramp = np.linspace(-1.5, 1.5, N * H * W, dtype=np.float32).reshape(N, 1, H, W)
    x = draw(rng, N, C, H, W) / 3 + ramp
    layers = built([BatchNorm()] * norm + some(relu, pool), (C, H, W), rng)
    exact = x.astype(np.float64)
    z, magnitude = exact, 0.0
    if norm:
        layer = layers[0]
        layer.buffers["running_mean"][...] = draw(rng, C)
        layer.buffers["running_var"][...] = 0.5 + np.abs(draw(rng, C))
        before = {name: array.copy() for name, array in layer.buffers.items()}
        gamma, beta = double(layer.params["gamma"], layer.params["beta"])
        values = exact.reshape(N, C, H * W)
        if training:
            z, x_hat, mean, var, inv_std = batch_norm.batch_norm_forward(
                values, gamma, beta, layer.eps
            )
        else:
            mean, var = double(*layer.buffers.values())
            inv_std = 1 / np.sqrt(var + layer.eps)
            x_hat = (values - mean[:, np.newaxis]) * inv_std[:, np.newaxis]
            z = gamma[:, np.newaxis] * x_hat + beta[:, np.newaxis]
        z = z.reshape(x.shape)
        # scale·x + shift: if all values of a channel are nearly the same, both are large
        magnitude = np.abs(exact * (gamma * inv_std)[:, np.newaxis, np.newaxis]).max()
    choices = Choices(z, relu, pool)
    dy = np.where(choices.tie, np.float32(0), draw(rng, *choices.y.shape))
    dz = choices.back(*double(dy))
    step = maps_step(layers, None, wants_dx=True, on_maps=True)
    assert isinstance(step, Pointwise)
    assert list(step.layers) == layers
    found_y, found_dx = run(step, x, dy, training=training)

    close("y", found_y, choices.y, magnitude)
    if not norm:
        close("dx", found_dx, dz)
        return
    dvalues = dz.reshape(values.shape)
    steepest = np.abs(gamma * inv_std).max() * np.abs(dz).max()
    if training:
        dx, dgamma, dbeta = batch_norm.batch_norm_backward(dvalues, x_hat, gamma, inv_std)
    else:
        dx = dvalues * (gamma * inv_std)[:, np.newaxis]
        dgamma, dbeta = (dvalues * x_hat).sum(axis=(0, 2)), dvalues.sum(axis=(0, 2))
    close("dx", found_dx, dx.reshape(x.shape), steepest)
    largest = np.abs(dz).max() * max(1, np.abs(x_hat).max())
    close("dgamma", layer.grads["gamma"], dgamma, largest)
    close("dbeta", layer.grads["beta"], dbeta, largest)
    m = N * H * W
    for name, batch in (("running_mean", mean), ("running_var", var * m / max(m - 1, 1))):
        expected = before[name].astype(np.float64)
        if training and m > 1:
            expected = 0.9 * expected + 0.1 * batch
        close(name, layer.buffers[name], expected, 1.0)
