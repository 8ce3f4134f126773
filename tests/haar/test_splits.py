"""The best question about one feature: by hand, then against every possible question."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haar.feature_pool import FeaturePool
from haar.kernels import splits as kernels
from haar.reference import Integrals
from haar.splits import (
    CRITERIA,
    Split,
    between,
    bound,
    errors,
    split_search,
    squares,
    subset_split,
    threshold_split,
)
from haar.strip import Strip

f32 = np.float32


def each(*numbers: float) -> list[np.ndarray]:
    return [np.array([number], np.float64) for number in numbers]


# -- by hand ---------------------------------------------------------------------------------------


def test_the_criteria_by_hand() -> None:
    """Left 3/8 faces and 1/8 others, right 1/8 and 3/8."""
    given = each(3 / 8, 1 / 8, 1 / 8, 3 / 8)
    assert squares(*given) == 2 * (1 / 4) ** 2 / (1 / 2)
    assert errors(*given) == 3 / 4
    z = 2 * np.sqrt(3 / 64) + 2 * np.sqrt(3 / 64)
    assert np.allclose(bound(*given), 1 - z)


def test_the_best_threshold_of_five_values_by_hand() -> None:
    """Faces at 1, 2 and 4, others at 3 and 5, all of weight 1.

    Squares: cut 1|2: 1 + 0, 2|3: 2 + 1/3, 3|4: 1/3 + 0, 4|5: 4/4 + 1.
    """
    values = np.array([4, 1, 5, 3, 2], np.float32)
    P, N = np.array([1.0, 1, 0, 0, 1]), np.array([0.0, 0, 1, 1, 0])
    assert threshold_split(7, values, P, N, "squares") == Split(7, 2 + 1 / 3, 2.5)


def test_of_equally_good_cuts_the_first_wins() -> None:
    values = np.array([1, 2, 3, 4], np.float32)
    P, N = np.array([1.0, 0, 0, 1]), np.array([0.0, 1, 1, 0])
    split = threshold_split(0, values, P, N, "squares")
    assert split is not None
    assert split.threshold == 1.5


def test_equal_values_are_not_parted() -> None:
    assert threshold_split(0, np.array([2, 2], f32), *np.eye(2), "squares") is None
    assert subset_split(0, np.array([9, 9]), *np.eye(2), "squares") is None


def test_neighbouring_singles_are_parted_too() -> None:
    low = f32(1)
    high = np.nextafter(low, f32(2))
    assert between(low, high) == high
    assert between(f32(1), f32(2)) == f32(1.5)


def test_the_best_subset_of_four_codes_by_hand() -> None:
    """Code 3 is always a face, 40 two times of three, 7 one of two, 255 never."""
    codes = np.array([3, 3, 40, 40, 40, 7, 7, 255])
    face = np.array([1, 1, 1, 1, 0, 1, 0, 0], np.float64)
    split = subset_split(5, codes, face, 1 - face, "errors")
    assert split is not None
    assert split.score == 6
    assert split.subset == (1 << 3, 1 << 8, 0, 0, 0, 0, 0, 0)


# -- against all questions -------------------------------------------------------------------------


def scored(left: np.ndarray, P: np.ndarray, N: np.ndarray, criterion: str) -> float:
    sides = each(P[left].sum(), N[left].sum(), P[~left].sum(), N[~left].sum())
    return CRITERIA[criterion](*sides).item()


SAMPLES = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.floats(0.05, 1)), min_size=2, max_size=12
)


@settings(deadline=None)
@given(SAMPLES, st.sampled_from(sorted(CRITERIA)))
def test_no_threshold_is_better(samples: list, criterion: str) -> None:
    values, face, weights = (np.array(column) for column in zip(*samples, strict=True))
    P, N = np.where(face, weights, 0), np.where(face, 0, weights)
    split = threshold_split(0, values.astype(np.float32), P, N, criterion)
    if split is None:
        assert len(set(values)) == 1
        return
    assert np.isclose(split.score, scored(values < split.threshold, P, N, criterion))
    for cut in np.unique(values)[1:]:
        assert scored(values < cut, P, N, criterion) <= split.score + 1e-9


@settings(deadline=None)
@given(SAMPLES, st.sampled_from(sorted(CRITERIA)))
def test_no_subset_of_codes_is_better(samples: list, criterion: str) -> None:
    codes, face, weights = (np.array(column) for column in zip(*samples, strict=True))
    P, N = np.where(face, weights, 0), np.where(face, 0, weights)
    split = subset_split(0, codes, P, N, criterion)
    if split is None:
        assert len(set(codes)) == 1
        return
    kinds = sorted(set(codes))
    for size in range(1, len(kinds)):
        for chosen in itertools.combinations(kinds, size):
            best = scored(np.isin(codes, chosen), P, N, criterion)
            assert best <= split.score + 1e-9


# -- the fast search -------------------------------------------------------------------------------


def problem(name: str, number: int = 70, seed: int = 0):
    rng = np.random.default_rng(seed)
    pool = FeaturePool(name, 9, 8)
    windows = rng.integers(0, 256, (number, 8, 9), dtype=np.uint8)
    windows[: number // 2, :4] //= 2
    chosen = np.flatnonzero(rng.random(number) < 0.9)
    face, weights = chosen < number // 2, rng.random(len(chosen))
    P, N = np.where(face, weights, 0), np.where(face, 0, weights)
    return pool, Strip(windows, pool), chosen, P, N


@pytest.mark.parametrize("name", ["basic", "core", "all", "lbp"])
@pytest.mark.parametrize("criterion", sorted(CRITERIA))
def test_the_fast_search_finds_what_the_plain_one_finds(name: str, criterion: str) -> None:
    pool, strip, chosen, P, N = problem(name)
    plain = split_search(pool, strip, 1e9, 1)(chosen, P, N, criterion)
    assert kernels.split_search(pool, strip, 1e9, 1)(chosen, P, N, criterion) == plain


def test_weights_of_either_sign_as_logit_has_them() -> None:
    pool, strip, chosen, P, N = problem("basic")
    P, N = 1.5 * P - 0.5 * N, 1.5 * N - 0.5 * P
    plain = split_search(pool, strip, 1e9, 1)(chosen, P, N, "squares")
    assert kernels.split_search(pool, strip, 1e9, 1)(chosen, P, N, "squares") == plain


@pytest.mark.parametrize("name", ["all", "lbp"])
def test_neither_memory_nor_threads_change_the_result(name: str) -> None:
    pool, strip, chosen, P, N = problem(name)
    splits = {
        kernels.split_search(pool, strip, memory, threads)(chosen, P, N, "squares")
        for memory in (0, 100_000, 1e9)
        for threads in (1, 2, 3)
    }
    assert len(splits) == 1


def test_the_bytes_of_values_are_in_their_order() -> None:
    pool, strip, *_ = problem("all")
    search = kernels.Search(pool, strip, 1e9, 1)
    for f in range(0, len(pool), 13):
        byte = search.kept[f // 4] >> 8 * (f % 4) & 255
        values = strip.values(pool[f])
        order = np.argsort(values, kind="stable")
        assert (np.diff(byte[: len(strip)][order].astype(int)) >= 0).all()


def test_the_codes_of_lbp_are_their_own_bytes() -> None:
    pool, strip, *_ = problem("lbp")
    search = kernels.Search(pool, strip, 1e9, 1)
    for f in range(len(pool)):
        byte = search.kept[f // 4] >> 8 * (f % 4) & 255
        assert (byte[: len(strip)] == strip.values(pool[f])).all()


@pytest.mark.parametrize("name", ["all", "lbp"])
def test_sums_beyond_32_bits_wrap_as_in_detection(name: str) -> None:
    """The integral images of many bright samples overflow; only differences count."""
    pool, strip, chosen, P, N = problem(name)
    S, Q, T = strip.integrals
    before = kernels.Search(pool, strip, 1e9, 1)(chosen, P, N, "squares")
    far = np.int32(2**31 - 9000)
    strip.integrals = Integrals(S + far, Q, T + far)
    assert strip.integrals.S.min() < 0
    assert kernels.Search(pool, strip, 1e9, 1)(chosen, P, N, "squares") == before
    assert split_search(pool, strip, 1e9, 1)(chosen, P, N, "squares") == before


def test_windows_that_are_all_the_same_cannot_be_told_apart() -> None:
    pool = FeaturePool("basic", 9, 8)
    strip = Strip(np.tile(np.arange(72, dtype=np.uint8).reshape(8, 9), (4, 1, 1)), pool)
    search = kernels.Search(pool, strip, 1e9, 1)
    assert search(np.arange(4), np.ones(4), np.ones(4), "squares") is None
