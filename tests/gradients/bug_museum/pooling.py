"""Bugs of the pools: frames, overlaps, and equal maxima."""

from __future__ import annotations

import numpy as np

from scratchnet import ops
from scratchnet.layers import GlobalAvgPool2D, MaxPool2D
from scratchnet.layers.shapes import resolve_padding
from scratchnet.reference.max_pool import max_pool_backward, max_pool_forward
from scratchnet.reference.windows import output_size, pad, under, unpad
from tests.gradients.bug_museum.exhibits import planted

FORWARD, BACKWARD = (ops, "max_pool_forward"), (ops, "max_pool_backward")
AVERAGE = (ops, "avg_pool_backward")


@planted(*BACKWARD, case="MaxPool2D padded", comes_from="a published project")
def winners_sought_in_the_unpadded_image(right, dy, winner, x_shape, size, stride, padding):
    """The winner's place in the padded image is used in the unpadded one: off by the frame."""
    frame = tuple((0, before + after) for before, after in padding)
    return max_pool_backward(dy, winner, x_shape, size, stride, frame)


@planted(*BACKWARD, case="MaxPool2D overlapping", comes_from="a published project")
def overlap_overwritten(right, dy, winner, x_shape, size, stride, padding):
    """= for +=: a pixel that wins two windows keeps the gradient of the later one."""
    N, C, OH, OW = dy.shape
    dx = pad(np.zeros(x_shape, dy.dtype), padding, 0)
    for n, c, i, j in np.ndindex(N, C, OH, OW):
        kh, kw = divmod(int(winner[n, c, i, j]), size[1])
        dx[n, c, i * stride[0] + kh, j * stride[1] + kw] = dy[n, c, i, j]
    return unpad(dx, padding)


@planted(*BACKWARD, case="MaxPool2D", comes_from="a published project")
def added_to_memory_that_was_never_cleared(right, dy, winner, x_shape, *geometry):
    """np.empty, then +=: right as long as the system hands out memory full of zeros."""
    dx = np.empty(x_shape, dy.dtype)
    dx += right(dy, winner, x_shape, *geometry)
    return dx


@planted(*FORWARD, case="MaxPool2D padded", comes_from="a published project")
def output_size_without_the_padding(right, x, size, stride, padding):
    """(H - KH) // stride + 1, though the image was padded: the last windows are lost."""
    OH, OW = output_size(x, size, stride)
    y, winner = right(x, size, stride, padding)
    return y[:, :, :OH, :OW].copy(), winner[:, :, :OH, :OW].copy()


@planted(*BACKWARD, case="MaxPool2D", comes_from="average pooling, copied")
def maximum_shared_out_evenly(right, dy, winner, x_shape, size, stride, padding):
    """Every pixel of the window gets an equal share, the winner too."""
    return ops.avg_pool_backward(dy, x_shape, size, stride)


@planted(
    *FORWARD,
    case="MaxPool2D padded",
    comes_from="np.pad, whose default is 0",
    caught_by="test_outside_of_the_image_never_wins_a_pool",
)
def frame_of_zeros_wins(right, x, size, stride, padding):
    """The frame is 0 instead of -inf, and beats every negative pixel."""
    # Such winners lie outside of the image: nothing may run backward on them.
    padded = np.pad(x, ((0, 0), (0, 0), *padding))
    return max_pool_forward(padded, size, stride, ((0, 0), (0, 0)))


@planted(
    *FORWARD,
    case="MaxPool2D",
    comes_from=">= in the comparison",
    caught_by="test_the_first_of_equal_maxima_wins",
)
def last_of_equal_maxima_wins(right, x, size, stride, padding):
    """Of equal pixels the last wins: another implementation gives another gradient."""
    y, winner = right(x, size, stride, padding)
    x = pad(x, padding, -np.inf)
    for kh, kw in np.ndindex(*size):
        winner[under(x, (kh, kw), y.shape[2:], stride) == y] = kh * size[1] + kw
    return y, winner


@planted(
    MaxPool2D,
    "forward",
    case="MaxPool2D",
    comes_from="mask = (x == maximum)",
    caught_by="test_the_first_of_equal_maxima_wins",
)
def all_equal_maxima_win(right, layer, x, *, training=False):
    """Each of several equal pixels gets the whole gradient; after a ReLU many zeros are equal."""
    y = right(layer, x, training=training)

    def backward(dy):
        edges = resolve_padding(layer.padding, x.shape[2:], layer.size, layer.stride)
        padded = pad(x, edges, -np.inf)
        dx = np.zeros_like(padded)
        for offset in np.ndindex(*layer.size):
            pixels = under(padded, offset, y.shape[2:], layer.stride)
            dpixels = under(dx, offset, y.shape[2:], layer.stride)
            dpixels += dy * (pixels == y)
        return unpad(dx, edges)

    layer.backward = backward
    return y


@planted(*AVERAGE, case="AvgPool2D", comes_from="the max pool's scatter, reused")
def average_not_divided(right, dy, x_shape, size, stride):
    """Every pixel of the window gets the whole dy."""
    return right(dy * (size[0] * size[1]), x_shape, size, stride)


@planted(*AVERAGE, case="AvgPool2D overlapping", comes_from="a stride that was always the size")
def average_divided_by_the_stride(right, dy, x_shape, size, stride):
    """dy is divided by the stride's area, not by the window's."""
    return right(dy * (size[0] * size[1] / (stride[0] * stride[1])), x_shape, size, stride)


@planted(*AVERAGE, case="AvgPool2D overlapping", comes_from="np.repeat, which knows no overlap")
def overlapping_averages_overwritten(right, dy, x_shape, size, stride):
    """= for +=, where windows overlap."""
    dx = np.zeros(x_shape, dy.dtype)
    for kh, kw in np.ndindex(*size):
        under(dx, (kh, kw), dy.shape[2:], stride)[...] = dy / (size[0] * size[1])
    return dx


@planted(GlobalAvgPool2D, "backward", case="GlobalAvgPool2D", comes_from="len(x), out of habit")
def global_average_divided_by_the_batch(right, layer, dy):
    """dy is divided by N, not by H·W."""
    N, _, H, W = layer.recall()
    return right(layer, dy) * (H * W / N)
