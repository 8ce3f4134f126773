"""The fast detector equals the reference bit for bit: windows, order, sums, for any cascade."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haar import reference
from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.features import HaarFeature, LBPFeature, Rectangle
from haar.kernels import detect
from haar.kernels.scan import visited_windows
from haar.scales import plan_levels


def photo(rng, height, width):
    """A picture with structure at every scale, and flat parts."""
    picture = rng.normal(0, 12, (height, width))
    for size in (3, 9, 27):
        grains = rng.normal(0, 40, (height // size + 1, width // size + 1))
        picture += np.kron(grains, np.ones((size, size)))[:height, :width]
    picture[: height // 4, : width // 4] = 0
    return np.clip(picture + 120, 0, 255).astype(np.uint8)


def random_feature(rng, width, height, tilted, whole_weights):
    """Two or three bars, a point in a square, a chequerboard; or any rectangles at all."""
    kind = rng.integers(5) if not tilted else 4
    across, down = (int(rng.integers(1, side // 3 + 1)) for side in (width, height))
    pattern = [  # parts across and down, and the rectangles that are bright
        (2, 1, [(1, 0, 1, 1, 2)]),
        (3, 1, [(1, 0, 1, 1, 3)]),
        (3, 3, [(1, 1, 1, 1, 9)]),
        (2, 2, [(0, 0, 1, 1, 2), (1, 1, 1, 1, 2)]),
    ]
    if kind < 4:
        w, h, bright = pattern[kind]
        x = int(rng.integers(0, width - w * across + 1))
        y = int(rng.integers(0, height - h * down + 1))
        sign = float(rng.choice([-1, 1]))
        parts = [(0, 0, w, h, -1), *bright]
        return HaarFeature(
            tuple(
                Rectangle(x + i * across, y + j * down, p * across, q * down, sign * weight)
                for i, j, p, q, weight in parts
            )
        )
    rectangles = []
    for _ in range(int(rng.integers(1, 4))):
        w, h = int(rng.integers(1, width // 2)), int(rng.integers(1, height // 2))
        weight = float(rng.integers(-3, 4)) if whole_weights else float(rng.normal())
        if tilted:
            h = int(rng.integers(1, max(2, min(height - w, width - w))))
            x, y = int(rng.integers(h, width - w + 1)), int(rng.integers(0, height - w - h + 1))
        else:
            x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
        rectangles.append(Rectangle(x, y, w, h, weight))
    return HaarFeature(tuple(rectangles), tilted)


def random_tree(rng, nodes, features, lbp, leaf):
    """A tree whose nodes are attached one by one to a free place of those before."""
    children = [[None, None]]
    for i in range(1, nodes):
        free = [(j, s) for j in range(i) for s in (0, 1) if children[j][s] is None]
        j, s = free[rng.integers(len(free))]
        children[j][s] = i
        children.append([None, None])
    leaves = iter(rng.permutation(nodes + 1))
    ways = [[-int(next(leaves)) if c is None else c for c in pair] for pair in children]
    subset = tuple(int(v) for v in rng.integers(-(2**31), 2**31, 8)) if lbp else ()
    tree = tuple(
        Node(
            int(rng.integers(features)),
            float(rng.normal() * 0.1),
            left,
            right,
            subset=tuple(np.roll(subset, i).tolist()) if lbp else (),
        )
        for i, (left, right) in enumerate(ways)
    )
    return WeakClassifier(tree, tuple(leaf(rng) for _ in range(nodes + 1)))


def normal_leaf(rng):
    return float(rng.normal())


def random_cascade(
    seed, size=(20, 20), lbp=False, tilted=False, whole=True, nodes=1, leaf=normal_leaf, stages=4
):
    rng = np.random.default_rng(seed)
    width, height = size
    if lbp:
        features = []
        for _ in range(30):
            w, h = int(rng.integers(1, width // 3 + 1)), int(rng.integers(1, height // 3 + 1))
            x, y = (int(rng.integers(0, side - 3 * s + 1)) for side, s in ((width, w), (height, h)))
            features.append(LBPFeature(x, y, w, h))
    else:
        features = [
            random_feature(rng, width, height, tilted and i % 2 == 0, whole) for i in range(30)
        ]
    made = []
    for k in range(stages):
        weak = tuple(
            random_tree(rng, int(rng.integers(1, nodes + 1)), 30, lbp, leaf)
            for _ in range(3 + 2 * k)
        )
        made.append(Stage(float(rng.normal() * 0.3 - 0.4), weak))
    return Cascade(width, height, "lbp" if lbp else "haar", tuple(made), tuple(features))


def assert_same(cascade, image, threads=1, scale_factor=1.2):
    H, W = image.shape
    levels = plan_levels((W, H), (cascade.width, cascade.height), scale_factor)
    rectangles, sums = reference.find_candidates(image, cascade, levels)
    fast_rectangles, fast_sums = detect.find_candidates(image, cascade, levels, threads)
    np.testing.assert_array_equal(fast_rectangles, rectangles)
    assert fast_rectangles.dtype == np.int32
    np.testing.assert_array_equal(fast_sums, sums)
    return len(rectangles)


KINDS = {
    "stumps": {},
    "stumps, odd window": {"size": (23, 17)},
    "float weights": {"whole": False},
    "tilted": {"tilted": True},
    "tilted, odd window": {"tilted": True, "size": (21, 29)},
    "tilted float weights": {"tilted": True, "whole": False},
    "trees": {"nodes": 3},
    "deep trees, tilted": {"nodes": 9, "tilted": True},
    "large trees": {"nodes": 90, "stages": 2},
    "LBP": {"lbp": True},
    "LBP trees": {"lbp": True, "nodes": 4},
    "LBP, blocks beyond 16 bits": {"lbp": True, "size": (60, 57)},
    "tiny window": {"size": (6, 6)},
    "wide window": {"size": (90, 12)},
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_cascade_finds_what_the_reference_finds(kind, seed):
    rng = np.random.default_rng(seed)
    image = photo(rng, 101, 133)
    assert_same(random_cascade(seed, **KINDS[kind]), image)


@pytest.mark.parametrize("tilted", [False, True])
def test_the_borders_of_strips_and_bands_leave_no_trace(tilted):
    # 256 columns and 128 rows of windows are one desk: here are several, at both steps
    image = photo(np.random.default_rng(5), 330, 611)
    cascade = random_cascade(11, tilted=tilted, nodes=2)
    assert assert_same(cascade, image, scale_factor=2.1) > 1000


@pytest.mark.parametrize("width", [20, 21, 22, 35, 36, 37, 147, 148, 149, 275, 276, 277])
def test_every_width_around_a_vector_a_word_and_a_strip(width):
    image = photo(np.random.default_rng(width), 26, width)
    assert_same(random_cascade(3, tilted=True), image)


def test_bright_pictures_wrap_the_squares_and_nothing_happens():
    rng = np.random.default_rng(0)
    image = (255 - rng.integers(0, 60, (300, 400))).astype(np.uint8)
    assert_same(random_cascade(4), image, scale_factor=1.9)


@pytest.mark.parametrize("kind", ["stumps", "trees", "LBP"])
def test_one_thread_two_and_eight_give_the_same(kind):
    image = photo(np.random.default_rng(8), 300, 420)
    for threads in (1, 2, 8):
        assert_same(random_cascade(21, **KINDS[kind]), image, threads)


def test_sums_that_equal_the_threshold_are_settled_by_the_judge():
    # leaves of ± 1/3 and a threshold of −1/3: the sum of a stage often is the threshold itself
    third = float(np.float32(1 / 3))
    cascade = random_cascade(6, leaf=lambda rng: third * float(rng.choice([-1, 1])), stages=2)
    margin = float(np.float32(1e-5))
    stages = tuple(stage._replace(threshold=margin - third) for stage in cascade.stages)
    cascade = dataclasses.replace(cascade, stages=stages)
    assert assert_same(cascade, photo(np.random.default_rng(6), 80, 90)) > 0


def test_leaves_of_very_different_size_are_settled_by_the_judge():
    def leaf(rng):
        return float(rng.normal() * 10.0 ** rng.integers(-12, 12))

    for seed in range(3):
        image = photo(np.random.default_rng(seed), 60, 70)
        assert_same(random_cascade(seed, leaf=leaf, nodes=2), image)


def test_nodes_that_share_a_child_are_left_to_the_judge():
    tree = WeakClassifier(
        (Node(0, 0.0, 1, 1), Node(1, 0.01, 0, -1)), (1.0, -1.0, 0.5)
    )  # both ways lead to node 1
    cascade = random_cascade(2, nodes=2)
    first = cascade.stages[0]
    stages = (first._replace(weak=(*first.weak, tree), threshold=-1.0), *cascade.stages[1:])
    assert_same(
        dataclasses.replace(cascade, stages=stages), photo(np.random.default_rng(1), 60, 70)
    )


def test_more_candidates_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(detect, "CAPACITY", 3)
    cascade = random_cascade(4)
    stages = tuple(stage._replace(threshold=-100.0) for stage in cascade.stages)
    cascade = dataclasses.replace(cascade, stages=stages)  # accepts whatever is not flat
    assert assert_same(cascade, photo(np.random.default_rng(2), 70, 80)) > 500


def test_a_flat_picture_has_no_candidates():
    assert assert_same(random_cascade(1), np.full((50, 60), 77, np.uint8)) == 0


# -- the skip -------------------------------------------------------------------------------------


def visited_one_by_one(rejected, carry):
    skip, visited = bool(carry), []
    for reject in rejected:
        visited.append(not skip)
        skip = not skip and bool(reject)
    return visited, skip


def test_a_rejected_window_lets_the_next_one_be_skipped():
    # windows 0, 1, 2 rejected: 0 is visited, 1 skipped, 2 visited, 3 skipped, 4 visited
    visited, carry = visited_windows(np.uint64(0b00111), np.uint64(0))
    assert int(visited) & 0b11111 == 0b10101
    assert carry == 0


@given(st.integers(0, 2**64 - 1), st.booleans())
@settings(max_examples=300)
def test_the_skip_of_a_word_is_the_skip_of_its_windows(word, carry):
    rejected = [word >> i & 1 for i in range(64)]
    expected, skip = visited_one_by_one(rejected, carry)
    visited, carry_out = visited_windows(np.uint64(word), np.uint64(carry))
    assert [bool(int(visited) >> i & 1) for i in range(64)] == expected
    assert bool(carry_out) == skip
