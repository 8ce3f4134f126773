"""From the shape of a face to a picture of it: the paths to paint, from back to front.

    hair behind · neck, clothes · ears · head · shadows · folds · nose · eyes · mouth · brows · hair

Every curve runs *through* its landmarks (Catmull-Rom), so a landmark lies on what it names. A path
is made in face units on the frontal face; `project` then turns and places all points at once.
Folds of the skin have the opacity of the action units that make them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchnet.fer import action_units
from scratchnet.fer.face_shape import (
    BRIDGE,
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    NOSTRILS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    Traits,
    expressed,
    neutral_shape,
    project,
)
from scratchnet.fer.paint import Paths, paint

Array = NDArray[Any]
