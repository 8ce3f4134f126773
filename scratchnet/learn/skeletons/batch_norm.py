"""Batch norm, in training: each channel to mean 0 and variance 1, then to a learned scale.

    mean  = Σ x / m                      over the m = N·H·W values of each channel
    var   = Σ (x − mean)² / m
    x_hat = (x − mean) / √(var + eps)
    y     = gamma · x_hat + beta

    x, x_hat, y (N, C, H, W)     gamma, beta, mean, var (C,)

Read docs/batch_norm.md. Try your own: python -m doctest batch_norm.py; then
python -m scratchnet learn check batch_norm.py
"""

import numpy as np

EXERCISE = "batch_norm"


def batch_norm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float
) -> np.ndarray:
    """y (N, C, H, W).

    >>> x = np.array([[[[1.0, 5.0]]], [[[1.0, 5.0]]]])
    >>> batch_norm_forward(x, np.array([2.0]), np.array([10.0]), eps=0.0).tolist()
    [[[[8.0, 12.0]]], [[[8.0, 12.0]]]]
    """
    raise NotImplementedError
