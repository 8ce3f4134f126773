"""Groups that are merged: by hand, and there and back."""

import numpy as np
import pytest

from scratchnet.plan.group_weights import mergers, off_diagonal, on_diagonal


def test_two_groups_of_one_channel_by_hand():
    """Filters 1, 2 see channel 0; filters 3, 4 see channel 1."""
    W = np.float32([1, 2, 3, 4]).reshape(4, 1, 1, 1)
    merged = on_diagonal(W, 2, 2)
    assert merged[:, :, 0, 0].tolist() == [[1, 0], [2, 0], [0, 3], [0, 4]]
    dW = np.float32([[1, 9], [2, 9], [9, 3], [9, 4]]).reshape(4, 2, 1, 1)
    assert off_diagonal(dW, 2, 2).reshape(-1).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(("groups", "merged"), [(6, 1), (6, 2), (6, 3), (6, 6)])
def test_what_goes_onto_the_diagonal_comes_off_it(groups, merged):
    rng = np.random.default_rng(0)
    W = rng.standard_normal((12, 3, 2, 5), np.float32)
    wide = on_diagonal(W, groups, merged)
    assert wide.shape == (12, 3 * merged, 2, 5)
    assert np.array_equal(np.sort(wide[wide != 0]), np.sort(W.reshape(-1)))
    assert np.array_equal(off_diagonal(wide, groups, merged), W)


# C, F, groups, merged
CASES = [
    (5, 3, 1, 1), (32, 64, 2, 1), (32, 32, 4, 2), (64, 64, 32, 8), (32, 64, 32, 16), (16, 32, 2, 2),
    (9, 6, 3, 3), (40, 40, 20, None), (60, 60, 20, None), (320, 160, 20, 2),
]  # fmt: skip


@pytest.mark.parametrize(("C", "F", "groups", "merged"), CASES)
def test_groups_are_merged_until_they_are_whole_vectors_or_one(C, F, groups, merged):
    assert mergers(C, F, groups) == merged
