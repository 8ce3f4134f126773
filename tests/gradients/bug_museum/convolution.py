"""Bugs of the convolution: so many axes, so many ways to sum over the wrong ones."""

from __future__ import annotations

import numpy as np

from scratchnet import ops
from scratchnet.layers import Conv2D, conv2d
from scratchnet.reference.conv2d import conv2d_backward
from scratchnet.reference.windows import pad, unpad
from tests.gradients.bug_museum.exhibits import planted

BACKWARD = (ops, "conv2d_backward")
NO_PADDING = ((0, 0), (0, 0))


@planted(*BACKWARD, case="Conv2D", comes_from="the mathematician's convolution")
def kernel_flipped_once_too_often(right, dy, x, W, *geometry):
    """dx is computed with the kernel turned around, though forward does not turn it."""
    dx, _, _ = right(dy, x, W[:, :, ::-1, ::-1].copy(), *geometry)
    _, dW, db = right(dy, x, W, *geometry)
    return dx, dW, db


@planted(*BACKWARD, case="Conv2D square", comes_from="a shape that fits by chance")
def filters_and_channels_swapped(right, dy, x, W, *geometry):
    """dx is computed with W's first two axes swapped, which F = C permits."""
    dx, _, _ = right(dy, x, W.transpose(1, 0, 2, 3).copy(), *geometry)
    _, dW, db = right(dy, x, W, *geometry)
    return dx, dW, db


@planted(*BACKWARD, case="Conv2D square", comes_from="code ported from channels-last")
def bias_summed_over_the_wrong_axes(right, dy, *arguments):
    """db is the sum over all axes but the last, which here is the image's width."""
    dx, dW, _ = right(dy, *arguments)
    return dx, dW, dy.sum(axis=(0, 1, 2))


@planted(*BACKWARD, case="Conv2D strided", comes_from="a network that had stride 1 everywhere")
def stride_forgotten_in_backward(right, dy, x, W, stride, padding, dilation, groups):
    """Backward slides the window by 1, forward by the stride."""
    return conv2d_backward(dy, x, W, (1, 1), padding, dilation, groups)


@planted(*BACKWARD, case="Conv2D dilated", comes_from="dilation added to forward only")
def dilation_forgotten_in_backward(right, dy, x, W, stride, padding, dilation, groups):
    """Backward reads neighbouring pixels, forward skips some."""
    return conv2d_backward(dy, x, W, stride, padding, (1, 1), groups)


@planted(*BACKWARD, case="Conv2D grouped", comes_from="a reshape with the axes in wrong order")
def groups_interleaved(right, dy, x, W, stride, padding, dilation, groups):
    """Backward deals the channels to the groups in turn, forward gives each a block."""
    C = x.shape[1]
    order = np.arange(C).reshape(C // groups, groups).T.reshape(-1)
    dealt = np.ascontiguousarray(x[:, order])
    dx, dW, db = right(dy, dealt, W, stride, padding, dilation, groups)
    back = np.zeros_like(dx)
    back[:, order] = dx
    return back, dW, db


@planted(*BACKWARD, case="Conv2D", comes_from="a published project")
def frame_cut_off_with_minus_pad(right, dy, x, W, stride, padding, dilation, groups):
    """dx[pad:-pad] takes the frame off, and everything else too where pad is 0."""
    (top, bottom), (left, right_) = padding
    dx, dW, db = conv2d_backward(dy, pad(x, padding, 0), W, stride, NO_PADDING, dilation, groups)
    return dx[:, :, top:-bottom, left:-right_], dW, db


@planted(*BACKWARD, case="Conv2D padded", comes_from="the unpadded x kept in the cache")
def weights_see_the_unpadded_image(right, dy, x, W, stride, padding, dilation, groups):
    """dW multiplies dy with an image that was never moved into its frame."""
    dx, _, db = right(dy, x, W, stride, padding, dilation, groups)
    frame = tuple((0, before + after) for before, after in padding)
    _, dW, _ = right(dy, pad(x, frame, 0), W, stride, NO_PADDING, dilation, groups)
    return dx, dW, db


@planted(*BACKWARD, case="Conv2D", comes_from="= where += was meant, in a loop over images")
def only_the_last_image_counts(right, dy, x, *arguments):
    """Each image's dW replaces that of the image before."""
    dx, _, db = right(dy, x, *arguments)
    _, dW, _ = right(dy[-1:].copy(), x[-1:].copy(), *arguments)
    return dx, dW, db


@planted(*BACKWARD, case="Conv2D", comes_from="an accumulator with a fixed dtype")
def weights_added_up_in_float32(right, dy, x, W, *geometry):
    """dW is accumulated in float32 whatever the input; a difference at 1e-5 cannot see it."""
    dx, dW, db = right(dy, x, W, *geometry)
    return dx, dW.astype(np.float32).astype(W.dtype), db


@planted(*BACKWARD, case="Conv2D same", comes_from="half of the padding on each side")
def odd_padding_shifted_in_backward(right, dy, x, W, stride, padding, dilation, groups):
    """Backward puts the odd pixel of "same" padding first, forward last."""
    frame = tuple((after, before) for before, after in padding)
    dx, dW, db = conv2d_backward(dy, pad(x, frame, 0), W, stride, NO_PADDING, dilation, groups)
    return unpad(dx, frame), dW, db


@planted(
    conv2d,
    "resolve_padding",
    case="Conv2D same",
    comes_from="(total + 1) // 2 first",
    caught_by="test_same_padding_puts_the_odd_pixel_last",
)
def odd_padding_first(right, *arguments):
    """The odd pixel of "same" padding goes to the top and left: foreign weights see a shift."""
    return tuple(edges[::-1] for edges in right(*arguments))


@planted(ops, "conv2d_forward", case="Conv2D", comes_from="while y < H - h")
def last_window_missing(right, *arguments):
    """The last row of windows is left out; gradients of what remains are right."""
    return right(*arguments)[:, :, :-1].copy()


@planted(Conv2D, "backward", case="Conv2D", comes_from="a framework whose user zeroes gradients")
def gradients_added_up_over_calls(right, layer, dy):
    """grads["W"] += dW, and nobody sets it to zero."""
    before = layer.grads["W"].copy()
    dx = right(layer, dy)
    layer.grads["W"] += before
    return dx


@planted(Conv2D, "backward", case="Conv2D", comes_from="a published project")
def backward_that_trains(right, layer, dy):
    """Backward subtracts the gradient from the weights at once, with a learning rate of its own."""
    dx = right(layer, dy)
    layer.params["W"] -= 0.01 * layer.grads["W"]
    return dx


@planted(Conv2D, "backward", case="Conv2D", comes_from="code from before there was a plan")
def gradient_array_replaced(right, layer, dy):
    """grads["W"] = dW: the optimiser goes on looking at the old array."""
    dx = right(layer, dy)
    layer.grads["W"] = layer.grads["W"].copy()
    return dx


@planted(Conv2D, "backward", case="Conv2D", comes_from="a buffer kept to save an allocation")
def input_gradient_in_a_reused_buffer(right, layer, dy):
    """dx lies in an array that the next call overwrites."""
    dx = right(layer, dy)
    layer.buffer = getattr(layer, "buffer", dx.copy())
    layer.buffer[...] = dx
    return layer.buffer
