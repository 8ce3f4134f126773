"""A Haar feature: is the right half lighter than the left? In six or eight look-ups, at any size.

                X        X+w
           +----+---------+       S[Y, X] is the sum of the pixels above row Y and left of
           | A  |    B    |       column X: of A alone. S[Y, X+w] is A + B, S[Y+h, X] is A + C,
      Y    +----+---------+       S[Y+h, X+w] is everything.
           | C  | these   |
      Y+h  +----+---------+

    feature = (sum of the right half) − (sum of the left half)        each width / 2 wide

    S (H + 1, W + 1): the integral image     x, y: upper left corner     width: an even number

Read docs/viola_jones.md. Try your own: python -m doctest haar_feature.py; then
python -m scratchnet learn check haar_feature.py
"""

import numpy as np

EXERCISE = "haar_feature"


def rectangle_sum(S: np.ndarray, x: int, y: int, width: int, height: int) -> int:
    """The sum of the width × height pixels at (x, y), from four entries of S.

    >>> S = np.array([[0, 0, 0, 0], [0, 2, 4, 8], [0, 4, 8, 13]])  # of [[2, 2, 4], [2, 2, 1]]
    >>> int(rectangle_sum(S, 1, 0, 2, 2))
    9
    """
    raise NotImplementedError


def haar_feature(S: np.ndarray, x: int, y: int, width: int, height: int) -> int:
    """Right half minus left half of the window at (x, y).

    >>> S = np.array([[0, 0, 0, 0], [0, 2, 4, 8], [0, 4, 8, 13]])
    >>> int(haar_feature(S, 1, 0, 2, 2))
    1
    """
    raise NotImplementedError
