"""What a class weighs."""

import numpy as np
import pytest

from scratchnet.classical.class_weights import class_weights

CLASSES, LABELS = np.array(["a", "b"]), np.array([0, 0, 0, 1])


def test_three_to_one_by_hand():
    assert class_weights(None, CLASSES, LABELS).tolist() == [1, 1]
    # 4 / (2 · 3) and 4 / (2 · 1)
    assert class_weights("balanced", CLASSES, LABELS).tolist() == [2 / 3, 2]
    assert class_weights({"b": 5}, CLASSES, LABELS).tolist() == [1, 5]


@pytest.mark.parametrize("wrong", ["even", {"c": 1.0}, {"a": 0.0}, {"a": np.nan}])
def test_anything_else_is_refused(wrong):
    with pytest.raises(ValueError, match="class_weight expects"):
        class_weights(wrong, CLASSES, LABELS)
