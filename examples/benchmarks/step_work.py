"""What each step of the plan has to do at least, forward and backward.

Arithmetic is that of the algorithm's products (Winograd: 36 for a tile of 4 × 4, where the
definition takes 144, or 25 for one of 3 × 3, where it takes 81), 2 for each multiply-add; its
transforms, V computed again in backward, and channels filled up to sixteen are its own affair, and
lower its share of the limit. Bytes are what must be read and written if each pass over memory
touches each number once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from machine_limits import Work

from scratchnet.kernels import winograd
from scratchnet.layers import Flatten
from scratchnet.plan.chain import Step
from scratchnet.plan.convolution_step import Convolution
from scratchnet.plan.image_steps import Export, Import
from scratchnet.plan.pointwise_step import Pointwise
from scratchnet.plan.product_step import Product
from scratchnet.plan.sum_step import Sum


def all_steps(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, each followed by those that it is made of."""
    for step in steps:
        yield step
        yield from all_steps(parts(step))


def parts(step: Step) -> list[Step]:
    """What a step is made of: two chains in a sum, a list in a stretch, else nothing."""
    if isinstance(step, Sum):
        return [*step.body.steps, *(step.shortcut.steps if step.shortcut else ())]
    return list(getattr(step, "steps", ()))


def work(step: Step, N: int) -> tuple[Work, Work]:
    """Of a step's forward and backward, for N images."""
    if isinstance(step, Import | Export):
        moved = 8 * N * prod(step.shape)
        unread = isinstance(step, Import) and not step.wants_dx
        return Work(0, moved), Work(0, 0 if unread else moved)
    x, y = N * prod(step.layers[0].built()[0]), N * prod(step.layers[-1].built()[1])
    match step:
        case Convolution():
            return _convolution_work(step, N, x, y)
        case Product():
            W = step.dense.params["W"].size
            forward = Work(2 * N * W, 4 * (x + W + y))
            read = x + W + y * (1 + step.relu)
            if step.wants_dx:
                return forward, Work(4 * N * W, 4 * (read + W + x))
            return forward, Work(2 * N * W, 4 * read)
        case Pointwise():
            winners = y * step.activation.pool
            if step.activation.norm is None:
                return Work(2 * x, 4 * (x + y) + winners), Work(3 * x, 4 * (y + 2 * x) + winners)
            # Its statistics come with x; in backward the sums, then dx.
            forward = Work(2 * x, 4 * (x + y) + winners)
            return forward, Work(9 * x, 4 * (2 * y + 3 * x) + 2 * winners)
    if parts(step) or type(step.layers[0]) is Flatten:  # others' work, or another shape
        return Work(0, 0), Work(0, 0)
    return Work(0, 4 * (x + y)), Work(0, 4 * (x + y))


def _convolution_work(step: Convolution, N: int, x: int, y: int) -> tuple[Work, Work]:
    conv = step.conv
    (C, _, _), (F, OH, OW) = conv.built()
    W = conv.params["W"].size
    products = OH * OW * W
    if step.by_winograd:
        products = winograd.products(OH, OW, step.tile) * C * F
    winners = y * step.pool
    forward = Work(2 * N * products, 4 * (x + W + y) + winners)
    read = y * (1 + step.relu) + x + W
    z = N * prod(conv.built()[0])
    written = W + z * step.wants_dx
    if step.before is not None:  # a pass of its own, once the sums are known: z's gradient to x's
        read, written = read + z + x, written + x
    backward = 2 * N * products * (1 + step.wants_dx)
    return forward, Work(backward, 4 * (read + written) + winners)
