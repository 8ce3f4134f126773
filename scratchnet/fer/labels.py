"""The names of the expressions, in the order in which a label counts them.

    label        0       1        2     3      4      5         6
    SEVEN      Angry  Disgust   Fear  Happy   Sad  Surprise  Neutral
    SIX        Angry   Fear    Happy   Sad  Surprise  Neutral

Seven is FER2013's own order. Disgust is rare there (1.5 % of the faces), so the six of the report
count it as Angry: label k of seven is label SIX_OF_SEVEN[k] of six. That holds for scores, too: the
probability of Angry among six is P(Angry) + P(Disgust) among seven.

Source: Goodfellow et al., "Challenges in Representation Learning", 2013, section 2.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEVEN = ("Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral")
SIX = ("Angry", "Fear", "Happy", "Sad", "Surprise", "Neutral")
SIX_OF_SEVEN = (0, 0, 1, 2, 3, 4, 5)


def class_names(classes: int) -> tuple[str, ...]:
    """The names for `classes` = 7 or 6; ValueError for any other number."""
    if classes == 7:
        return SEVEN
    if classes == 6:
        return SIX
    raise ValueError(
        f"classes must be 7 (FER2013's) or 6 (Disgust counted as Angry), got {classes}; "
        "for another choice, load all seven and call select_classes"
    )


def to_six(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Labels 0..6 of seven classes as labels 0..5 of six, in the same shape."""
    return np.array(SIX_OF_SEVEN, np.int64)[labels]


def merge_disgust(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    """Probabilities, votes or one-hot rows (..., 7) as (..., 6): Disgust's share goes to Angry."""
    if scores.shape[-1] != 7:
        raise ValueError(f"merge_disgust expects (..., 7), got {scores.shape}; has it been merged?")
    six = np.delete(scores, SEVEN.index("Disgust"), axis=-1)
    six[..., SIX.index("Angry")] += scores[..., SEVEN.index("Disgust")]
    return six
