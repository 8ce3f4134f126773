"""Convolutions on maps for the kernels' tests: memory poisoned, outside of images watched."""

import numpy as np

from scratchnet.kernels import depthwise, indirect_conv
from scratchnet.kernels.maps import ONE, frame
from scratchnet.kernels.window import Window
from scratchnet.reference import conv2d as reference
from tests.kernels.layout import images_of, maps_of, nothing_outside, poisoned

ONES = 1, 1


class OnMaps:
    """A convolution of images by `indirect_conv` or by `depthwise`.

    Args:
        padding: also how wide the frame is.
    """

    def __init__(
        self, kernels, x, W, b, stride=ONES, padding=ONE, dilation=ONES, groups=1, *, relu=False,
        channels=None,
    ):  # fmt: skip
        self.kernels, self.W, self.b, self.shape = kernels, W, b, x.shape
        (top, _), (left, _) = padding
        self.window = Window(*W.shape[2:], *stride, *dilation, top, left, groups, relu)
        self.groups = 1 if kernels is depthwise else groups
        self.x, self.fx = maps_of(x, channels, padding)

    def forward(self, OH, OW):
        """y, of this size."""
        N, F = self.shape[0], len(self.W)
        self.fy = frame(OH, OW, F)
        self.y = poisoned(N, self.fy)
        W = indirect_conv.ordered(self.W, "CF", self.groups)
        self.kernels.forward_maps(N, self.x, self.fx, W, self.b, self.window, self.y, self.fy)
        assert nothing_outside(self.y, self.fy)
        return images_of(self.y, N, self.fy)

    def backward(self, dy, *, wants_dx=True):
        """(dx, dW, db), or (None, dW, db)."""
        N, C = self.shape[:2]
        upstream, _ = maps_of(dy)
        dx = poisoned(N, self.fx) if wants_dx else None
        sums = indirect_conv.empty_sums(self.W, self.groups)
        for array in sums:
            array[...] = np.nan
        W = indirect_conv.ordered(self.W, "FC", self.groups)
        self.kernels.backward_maps(
            N, upstream, self.y, self.fy, self.x, self.fx, W, self.window, dx, sums, fresh=True
        )
        if wants_dx:
            assert nothing_outside(dx, self.fx)
            dx = images_of(dx, N, self.fx)
            assert not dx[:, C:].any()
            dx = dx[:, :C]
        return dx, *indirect_conv.gradients(sums)


def same_bits(kernels, N, shape, F, kernel, stride, padding, dilation, groups, relu):
    """Whole numbers, so that no order of sums can matter."""
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.integers(-5, 6, shape).astype(np.float32)  # noqa: E731
    x, W, b = draw(N, *shape), draw(F, shape[0] // groups, *kernel), draw(F)
    how = stride, padding, dilation, groups
    z = reference.conv2d_forward(x, W, b, *how)
    dy = draw(*z.shape)
    dz = np.where(z > 0, dy, np.float32(0)) if relu else dy
    theirs = reference.conv2d_backward(dz, x, W, *how)

    mine = OnMaps(kernels, x, W, b, *how, relu=relu)
    assert np.array_equal(mine.forward(*z.shape[2:]), np.maximum(z, 0) if relu else z)
    for one, other in zip(mine.backward(dy), theirs, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(mine.backward(dy, wants_dx=False)[1], theirs[1])
