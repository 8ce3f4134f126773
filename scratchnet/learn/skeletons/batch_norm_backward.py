"""Batch norm in training, backward: x acts on y by itself, through the mean, and the variance.

    mean  = Σ x / m     var = Σ (x − mean)² / m      over the m = N·H·W values of each channel
    x_hat = (x − mean) / √(var + eps)     y = gamma · x_hat + beta                 forward

    dbeta  = Σ dy
    dgamma = Σ dy · x_hat
    dx     = gamma / √(var + eps) · (dy − dbeta / m − x_hat · dgamma / m)

    x, x_hat, dx, dy (N, C, H, W)     gamma, dgamma, dbeta (C,)

Read docs/batch_norm.md. Try your own: python -m doctest batch_norm_backward.py; then
python -m scratchnet learn check batch_norm_backward.py
"""

import numpy as np

EXERCISE = "batch_norm_backward"


def batch_norm_backward(
    dy: np.ndarray, x: np.ndarray, gamma: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (N, C, H, W), dgamma (C,) and dbeta (C,), in this order.

    >>> dy, x = np.array([[[[1.0, 5.0]]]]), np.array([[[[3.0, 7.0]]]])
    >>> dx, dgamma, dbeta = batch_norm_backward(dy, x, np.array([2.0]), eps=0.0)
    >>> dx.tolist(), dgamma.tolist(), dbeta.tolist()
    ([[[[0.0, 0.0]]]], [4.0], [6.0])
    """
    raise NotImplementedError
