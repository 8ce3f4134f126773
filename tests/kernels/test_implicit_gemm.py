"""Convolution by implicit GEMM is the reference's, bit for bit on whole numbers.

tests/gradients draws small configurations; here are those that meet the seams of the panels.
"""

import numpy as np
import pytest

from scratchnet.kernels import implicit_gemm
from scratchnet.reference import conv2d as reference

NONE, RING = ((0, 0), (0, 0)), ((1, 1), (1, 1))

# (N, C, H, W), (F, C / groups, KH, KW), stride, padding, dilation, groups
CASES = {
    "a plain one": ((2, 3, 9, 8), (4, 3, 3, 3), (1, 1), RING, (1, 1), 1),
    "one image over many panels": ((1, 1, 40, 41), (1, 1, 3, 3), (1, 1), NONE, (1, 1), 1),
    "many images in a panel": ((37, 2, 3, 3), (3, 2, 3, 3), (1, 1), NONE, (1, 1), 1),
    "a sum longer than a panel": ((2, 30, 4, 5), (2, 30, 3, 3), (1, 1), RING, (1, 1), 1),
    "more filters than a vector": ((2, 2, 5, 5), (19, 2, 2, 2), (1, 1), NONE, (1, 1), 1),
    "a stride above the window": ((2, 2, 11, 13), (3, 2, 2, 2), (3, 4), NONE, (1, 1), 1),
    "wide stride along a row": ((2, 2, 8, 19), (3, 2, 3, 3), (1, 2), RING, (1, 1), 1),
    "uneven padding": ((2, 2, 5, 6), (3, 2, 3, 2), (2, 1), ((2, 0), (0, 3)), (1, 1), 1),
    "dilation": ((2, 2, 12, 11), (3, 2, 3, 3), (1, 2), ((2, 1), (0, 2)), (3, 2), 1),
    "groups": ((3, 6, 7, 7), (9, 2, 3, 3), (2, 2), RING, (1, 1), 3),
    "depthwise": ((3, 5, 7, 6), (5, 1, 3, 3), (1, 1), RING, (1, 1), 5),
    "one pixel": ((5, 4, 1, 1), (6, 4, 1, 1), (1, 1), NONE, (1, 1), 1),
    "a window as large as the image": ((2, 3, 5, 4), (2, 3, 5, 4), (1, 1), NONE, (1, 1), 1),
    "rows of 64 pixels": ((2, 1, 2, 64), (2, 1, 1, 1), (1, 1), NONE, (1, 1), 1),
    "rows of 18 pixels": ((4, 1, 9, 18), (2, 1, 1, 3), (1, 1), ((0, 0), (1, 1)), (1, 1), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_bits_are_the_references(name, dtype):
    x_shape, W_shape, *how = CASES[name]
    rng = np.random.default_rng(0)
    draw = lambda shape: rng.integers(-5, 6, shape).astype(dtype)  # noqa: E731
    x, W, b = draw(x_shape), draw(W_shape), draw(W_shape[0])
    y = implicit_gemm.forward(x, W, b, *how)
    assert np.array_equal(y, reference.conv2d_forward(x, W, b, *how))
    without = implicit_gemm.forward(x, W, None, *how)
    assert np.array_equal(without, reference.conv2d_forward(x, W, None, *how))
    dy = draw(y.shape)
    ours = implicit_gemm.backward(dy, x, W, *how)
    theirs = reference.conv2d_backward(dy, x, W, *how)
    for one, other in zip(ours, theirs, strict=True):
        assert one.dtype == dtype
        assert np.array_equal(one, other)
