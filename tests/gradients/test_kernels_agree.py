"""Reference and kernels are two programs for one definition: their agreement is evidence.

On whole numbers no sum rounds, so both must give the same bits, in whatever order they add.
Elsewhere they differ by rounding; where a kernel computes differently (Winograd), by a bound that
is measured here.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scratchnet import kernels, reference
from scratchnet.layers.shapes import output_size
from tests.gradients.cases import CONFIGURATIONS

fast, plain = (
    {
        name: getattr(__import__(f"{package.__name__}.{module}", fromlist=[name]), name)
        for name, module in {
            "conv2d_forward": "conv2d",
            "conv2d_backward": "conv2d",
            "max_pool_forward": "max_pool",
            "max_pool_backward": "max_pool",
            "avg_pool_forward": "avg_pool",
            "avg_pool_backward": "avg_pool",
            "dense_forward": "dense",
            "dense_backward": "dense",
            "batch_norm_forward": "batch_norm",
            "batch_norm_backward": "batch_norm",
            "relu_forward": "relu",
            "relu_backward": "relu",
        }.items()
    }
    for package in (kernels, reference)
)
