import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scratchnet.fer.content import leaks
from scratchnet.fer.splits import quotas, split_by_content, stratified_sample


def pictures(values):
    """One picture a value: two bytes, so that 65,536 of them are different."""
    return np.array(values, np.uint16)[:, None].view(np.uint8)


def split(labels, values, share, seed=0):
    return split_by_content(
        np.array(labels, np.int64), pictures(values), share, np.random.default_rng(seed)
    )


def test_quotas_by_hand():
    # 0.25 · (10, 6, 3) = (2.5, 1.5, 0.75), in all 4.75 -> 5; down: (2, 1, 0); the two that are
    # missing go to the remainders .75 and, of the equal .5, to the first.
    assert quotas(np.array([10, 6, 3]), 0.25).tolist() == [3, 1, 1]


def test_quotas_survive_shares_that_binary_cannot_write():
    assert quotas(np.array([100]), 0.29).tolist() == [29]  # 0.29 · 100 = 28.999999999999996


@given(st.lists(st.integers(0, 50)), st.floats(0.01, 1))
def test_quotas_add_up_and_stay_within_one_of_the_exact_share(counts, share):
    result = quotas(np.array(counts, np.int64), share)
    assert result.sum() == round(share * sum(counts))
    assert (np.abs(result - share * np.array(counts)) < 1 + 1e-9).all()
    assert (result <= counts).all()


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5])
def test_a_share_is_a_share(share):
    with pytest.raises(ValueError, match=f"share must be above 0 and at most 1, got {share}"):
        quotas(np.array([3]), share)


def test_stratified_sample_draws_from_every_class_and_repeats_under_a_seed():
    labels = np.array([0, 1] * 20)
    drawn = stratified_sample(labels, 0.25, np.random.default_rng(1))
    assert np.bincount(labels[drawn]).tolist() == [5, 5]
    assert (np.diff(drawn) > 0).all()
    assert np.array_equal(drawn, stratified_sample(labels, 0.25, np.random.default_rng(1)))


def test_different_pictures_split_exactly():
    labels = [0] * 50 + [1] * 30 + [2] * 20
    train, validation = split(labels, range(100), 0.2)
    assert np.bincount(np.array(labels)[validation]).tolist() == [10, 6, 4]
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(100))
    assert (np.diff(train) > 0).all() and (np.diff(validation) > 0).all()


def test_the_seed_decides_and_nothing_else():
    labels = [0] * 50
    a, b = split(labels, range(50), 0.2, seed=5)[1], split(labels, range(50), 0.2, seed=5)[1]
    assert np.array_equal(a, b)
    assert not np.array_equal(a, split(labels, range(50), 0.2, seed=6)[1])


def test_equal_pictures_stay_together_even_with_different_labels():
    labels, values = [0, 1] * 20, list(range(20)) * 2  # each picture occurs twice
    for seed in range(20):
        train, validation = split(labels, values, 0.3, seed)
        assert not leaks(pictures(values)[train], pictures(values)[validation]).any()
        assert len(validation) == 12


def test_a_group_too_large_is_taken_only_if_that_is_nearer():
    # Wanted: 2 of 8. Groups of 4: none (2 away) is as near as one (2 away) -> nothing fits.
    with pytest.raises(ValueError, match="25% of 8 faces leaves one side of the split empty"):
        split([0] * 8, [1, 1, 1, 1, 2, 2, 2, 2], 0.25)
    # Wanted: 3 of 8. One group of 4 is 1 away, none is 3 away.
    assert len(split([0] * 8, [1, 1, 1, 1, 2, 2, 2, 2], 0.375)[1]) == 4


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=4, max_size=60),
    st.floats(0.1, 0.9),
    st.integers(0, 99),
)
def test_sides_never_share_a_picture_and_lose_no_face(faces, share, seed):
    labels, values = zip(*faces, strict=True)
    try:
        train, validation = split(labels, values, share, seed)
    except ValueError:
        assume(False)
    assert set(np.array(values)[train]).isdisjoint(np.array(values)[validation])
    assert sorted([*train, *validation]) == list(range(len(faces)))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="share must be between 0 and 1, got 1"):
        split([0, 0], [1, 2], 1)
    with pytest.raises(ValueError, match="one label an image, got 3 and 2"):
        split([0, 0, 0], [1, 2], 0.5)
    with pytest.raises(ValueError, match="of 0 faces leaves one side of the split empty"):
        split([], [], 0.5)
