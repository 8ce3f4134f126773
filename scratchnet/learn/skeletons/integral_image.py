"""The integral image: the sums of everything above and to the left.

    S[Y, X] = Σ of the pixels with y < Y and x < X

    grey (H, W) uint8     S (H + 1, W + 1) of whole numbers: row 0 and column 0 are sums of nothing

A picture's sum is far above 255: name the dtype of what adds up.

Read docs/viola_jones.md. Try your own: python -m doctest integral_image.py; then
python -m scratchnet learn check integral_image.py
"""

import numpy as np

EXERCISE = "integral_image"


def integral_image(grey: np.ndarray) -> np.ndarray:
    """S (H + 1, W + 1), int64.

    >>> integral_image(np.array([[2, 2, 4], [2, 2, 1]], np.uint8)).tolist()
    [[0, 0, 0, 0], [0, 2, 4, 8], [0, 4, 8, 13]]
    """
    raise NotImplementedError
