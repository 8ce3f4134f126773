"""Which layers run as one step, and by which algorithm: the one place that decides it.

    Conv2D       3 × 3, stride 1, padding 1, 16 channels and filters Winograd's algorithm
                 as many groups as channels and filters              depthwise convolution
                 8 channels or filters, groups that fill vectors     indirect convolution
                 else                                                as the layer does it
    ReLU behind a convolution, MaxPool2D(2) behind Winograd's        in its last transform
    BatchNorm, ReLU, MaxPool2D(2) behind a step on maps              one step, pixel by pixel,
                                  before a convolution on maps       or on its way to the products
    Dense, and a ReLU behind it                                      matrix product
    Residual     if all of its layers run on maps                    two chains and their sum
    all others                                                       as they are

    a run of convolutions without batch norm between them            in parts of the batch

A network in float64, or one that runs on the reference, is not touched: each layer is a step. So is
a layer of a class derived from these: what it computes, it alone knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from scratchnet.kernels import depthwise, indirect_conv, winograd
from scratchnet.kernels.maps import ONE, Pair, whole_vectors
from scratchnet.kernels.simd import LANES
from scratchnet.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU, Residual
from scratchnet.layers.base import Layer
from scratchnet.plan.activation import Activation
from scratchnet.plan.chain import Chain, LayerStep, Step
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.group_weights import mergers
from scratchnet.plan.image_steps import Export, Import
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.plan.product_step import Product
from scratchnet.plan.store import Store
from scratchnet.plan.stretch import Stretch, fits
from scratchnet.plan.sum_step import Sum

FEW = 8
"""Channels or filters below which a vector of sixteen is mostly zeros: the layer is as fast."""


def fused(layers: Sequence[Layer]) -> Chain:
    """The steps of a network of built float32 layers: arrays in, arrays out."""
    store = Store()
    steps: list[Step] = []
    on_maps = False
    i = 0
    while i < len(layers):
        wants_dx = on_maps or i > 0
        step = maps_step(layers[i:], store, wants_dx=wants_dx, on_maps=on_maps)
        if step is None:
            if on_maps:
                steps.append(Export(layers[i].built()[0]))
            step = _array_step(layers[i:], wants_dx=i > 0)
            on_maps = False
        elif not on_maps:
            channels, padding = whole_vectors(layers[i].built()[0][0]), ONE
            if isinstance(step, Convolution):
                channels, padding = step.C, _reach(step.conv)
            steps.append(Import(layers[i], channels, wants_dx=wants_dx, padding=padding))
            on_maps = True
        steps.append(step)
        i += len(step.layers)
    if on_maps:
        steps.append(Export(layers[-1].built()[1]))
    return Chain(_with_stretches(steps), store)


def _with_stretches(steps: Sequence[Step]) -> list[Step]:
    """The steps, but those from an Import to its Export as one, where that is possible."""
    grouped: list[Step] = []
    open_at = 0  # where the last Import stands
    for step in steps:
        if isinstance(step, Import):
            open_at = len(grouped)
        grouped.append(step)
        if isinstance(step, Export) and all(map(fits, grouped[open_at:])):
            grouped[open_at:] = [Stretch(grouped[open_at:])]
    return grouped


def _array_step(layers: Sequence[Layer], *, wants_dx: bool) -> Step:
    """The step that begins with the first of these layers, between arrays."""
    first, rest = layers[0], layers[1:]
    if type(first) is Dense:
        return Product(first, _next(rest, ReLU), wants_dx=wants_dx)
    return LayerStep(first)


def maps_step(
    layers: Sequence[Layer], store: Store, *, wants_dx: bool, on_maps: bool
) -> Step | None:
    """The step that begins with the first of these layers, or None if it cannot run on maps."""
    first, rest = layers[0], layers[1:]
    shape, _ = first.built()
    if isinstance(first, Conv2D) and type(first) is Conv2D:
        wide = on_maps and _reach(first) != ONE
        before = Activation(None, None, None, shape, _reach(first)) if wide else None
        return _convolution(before, layers, wants_dx=wants_dx)
    if type(first) is Residual:
        return _residual(first, store)
    if not on_maps:
        return None
    norm = first if type(first) is BatchNorm else None
    rest = rest if norm else layers
    relu = _next(rest, ReLU)
    rest = rest[relu is not None :]
    pool = _pool(rest)
    if norm is relu is pool is None:
        return None
    rest = rest[pool is not None :]
    conv = _next(rest, Conv2D)
    if isinstance(conv, Conv2D) and (norm is not None or _reach(conv) != ONE):
        before = Activation(norm, relu, pool, shape, _reach(conv))
        step = _convolution(before, rest, wants_dx=True)
        if step is not None:
            return step
    return Pointwise(Activation(norm, relu, pool, shape))


def _convolution(
    before: Activation | None, layers: Sequence[Layer], *, wants_dx: bool
) -> Convolution | None:
    """The step that begins with the convolution that is the first of these layers."""
    conv, rest = layers[0], layers[1:]
    assert isinstance(conv, Conv2D)
    found = _kernels(conv)
    if found is None:
        return None
    by, merged = found
    relu = _next(rest, ReLU)
    pool = _pool(rest[relu is not None :]) if by is winograd else None
    (C, _, _), _ = conv.built()
    # By products of rows, without dx, any number of channels will do as it is.
    as_it_is = by is indirect_conv and not wants_dx
    channels = C if as_it_is else whole_vectors(C)
    return Convolution(
        before, conv, relu, pool, by=by, wants_dx=wants_dx, channels=channels, merged=merged
    )


def _next(layers: Sequence[Layer], kind: type[Layer]) -> Layer | None:
    return layers[0] if layers and type(layers[0]) is kind else None


def _pool(layers: Sequence[Layer]) -> Layer | None:
    """MaxPool2D(2), if it is the next layer."""
    layer = _next(layers, MaxPool2D)
    if not isinstance(layer, MaxPool2D):
        return None
    plain = (layer.size, layer.stride, layer.edges) == ((2, 2), (2, 2), ((0, 0), (0, 0)))
    return layer if plain else None


def _kernels(conv: Conv2D) -> tuple[ModuleType, int] | None:
    """Those that do this convolution on maps, and how many groups they take as one; or None."""
    (C, _, _), _ = conv.built()
    F, groups = conv.filters, conv.groups
    if 1 < groups == C == F:
        return depthwise, 1
    usual = (
        conv.kernel_size == (3, 3)
        and conv.stride == conv.dilation == (1, 1)
        and conv.edges == ONE
        and groups == 1
    )
    if usual and min(C, F) >= LANES:
        return winograd, 1
    merged = mergers(C, F, groups)
    return (indirect_conv, merged) if merged and max(C, F) >= FEW else None


def _reach(conv: Conv2D) -> tuple[Pair, Pair]:
    """The zeros around an image that this convolution reads; maps have one everywhere."""
    (top, bottom), (left, right) = conv.edges
    return (max(top, 1), max(bottom, 1)), (max(left, 1), max(right, 1))


def _residual(layer: Residual, store: Store) -> Step | None:
    body = _inner_chain(layer.body, store)
    shortcut = _inner_chain(layer.projection, store) if layer.projection else None
    if body is None or (layer.projection and shortcut is None):
        return None
    return Sum(layer, body, shortcut)


def _inner_chain(layers: Sequence[Layer], store: Store) -> Chain | None:
    """All of these layers on maps, or None."""
    steps: list[Step] = []
    i = 0
    while i < len(layers):
        step = maps_step(layers[i:], store, wants_dx=True, on_maps=True)
        if step is None:
            return None
        steps.append(step)
        i += len(step.layers)
    return Chain(steps, store)
