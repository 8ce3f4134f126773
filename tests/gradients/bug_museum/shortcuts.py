"""Bugs of what holds layers together: the residual block and the frame of zeros."""

from __future__ import annotations

from scratchnet.layers import Residual, ZeroPadding2D
from tests.gradients.bug_museum.exhibits import planted


@planted(Residual, "backward", case="Residual", comes_from="a loop over the body, and done")
def shortcut_without_gradient(right, layer, dy):
    """dx is the body's alone: the very gradient that residual blocks were made for is lost."""
    dx = dy
    for child in reversed(layer.body):
        dx = child.backward(dx)
    return dx


@planted(Residual, "backward", case="Residual projected", comes_from="the identity's + dy, kept")
def projection_passed_by(right, layer, dy):
    """The shortcut's gradient goes around the projection, whose weights get none at all."""
    for child in layer.projection:
        for gradient in child.grads.values():
            gradient[...] = 0
    return shortcut_without_gradient(right, layer, dy) + dy


@planted(ZeroPadding2D, "backward", case="ZeroPadding2D", comes_from="padding that was symmetric")
def frame_cut_off_at_the_other_side(right, layer, dy):
    """Backward cuts off bottom and right first: the same thing, if the frame is even."""
    _, _, H, W = layer.recall()
    (_, bottom), (_, right_) = layer.edges
    return dy[:, :, bottom : bottom + H, right_ : right_ + W]


@planted(
    ZeroPadding2D,
    "backward",
    case="ZeroPadding2D at two sides",
    comes_from="negative indices, which have no -0",
)
def frame_cut_off_with_a_negative_index(right, layer, dy):
    """dy[top:-bottom, left:-right] is empty where a side has no frame."""
    (top, bottom), (left, right_) = layer.edges
    return dy[:, :, top:-bottom, left:-right_]
