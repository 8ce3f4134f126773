"""What a cascade is lowered to: merged corners, 16-bit values, trees as sums; taps and desks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haar.cascade import Cascade, Node, Stage, WeakClassifier
from haar.features import HaarFeature, LBPFeature, Rectangle
from haar.image import resize
from haar.kernels.corners import (
    EIGHT,
    LBP_SHORT,
    LBP_WIDE,
    LITERAL,
    NINE,
    SIX,
    merge_corners,
)
from haar.kernels.desk import STRIP, lay_out
from haar.kernels.lowering import lower
from haar.kernels.resize import pair_weights, taps


def cascade_of(*features, size=(40, 40), lbp=False):
    subset = (1,) * 8 if lbp else ()
    weak = tuple(
        WeakClassifier((Node(i, 0.0, subset=subset),), (1.0, -1.0)) for i in range(len(features))
    )
    return Cascade(*size, "lbp" if lbp else "haar", (Stage(0.0, weak),), features)


def merged(*rectangles, tilted=False):
    feature = HaarFeature(tuple(Rectangle(*numbers) for numbers in rectangles), tilted)
    corners = merge_corners(cascade_of(feature).tables())
    return corners.kind[0], corners.factor[0], list(zip(corners.x[0], corners.y[0], strict=True))


# -- corners --------------------------------------------------------------------------------------


def test_two_bars_have_six_corners():
    # the whole (0, 0, 4, 2) with −1 and its right half with 2:
    # −S(0,0) + S(4,0) + S(0,2) − S(4,2)  +  2·(S(2,0) − S(4,0) − S(2,2) + S(4,2))
    kind, _, places = merged((0, 0, 4, 2, -1), (2, 0, 2, 2, 2))
    assert kind == SIX
    assert set(places[:2]) == {(0, 2), (4, 2)}  # + 1
    assert set(places[2:4]) == {(0, 0), (4, 0)}  # − 1
    assert places[4:6] == [(2, 0), (2, 2)]  # + 2 and − 2


def test_three_bars_and_a_point_have_eight_corners():
    assert merged((0, 0, 6, 2, -1), (2, 0, 2, 2, 3))[:2] == (EIGHT, 3)
    assert merged((0, 0, 9, 9, -1), (3, 3, 3, 3, 9))[:2] == (EIGHT, 9)
    assert merged((0, 0, 8, 3, 1), (2, 0, 4, 3, -2))[:2] == (EIGHT, 2)


def test_a_chequerboard_has_nine_corners_with_either_sign():
    board = [(0, 0, 4, 4, 1), (0, 0, 2, 2, -2), (2, 2, 2, 2, -2)]
    kind, factor, places = merged(*board)
    assert (kind, factor) == (NINE, -1)
    assert places[8] == (2, 2)  # the middle
    kind, factor, _ = merged(*((x, y, w, h, -weight) for x, y, w, h, weight in board))
    assert (kind, factor) == (NINE, 1)


def test_tilted_features_merge_like_upright_ones():
    # a tilted rectangle and its lower right half share two corners
    kind, *_ = merged((10, 0, 4, 2, -1), (12, 2, 2, 2, 2), tilted=True)
    assert kind == SIX


def test_other_weights_stay_literal():
    assert merged((0, 0, 4, 2, -1.0), (2, 0, 2, 2, 2.5))[0] == LITERAL
    assert merged((0, 0, 4, 2, -1), (2, 0, 2, 2, 2), (5, 5, 1, 1, 1))[0] == LITERAL
    assert merged((0, 0, 4, 2, 1e30), (2, 0, 2, 2, -1e30))[0] == LITERAL


def test_a_feature_is_short_up_to_128_pixels_of_one_sign():
    # two bars of 16 × 8: 128 · 255 = 32640 fits 16 bits with a sign, a row more does not
    assert merged((0, 0, 16, 16, -1), (0, 8, 16, 8, 2))[0] == SIX
    assert merged((0, 0, 16, 18, -1), (0, 9, 16, 9, 2))[0] == LITERAL
    # tilted, a rectangle of w · h has 2·w·h pixels
    assert merged((17, 0, 16, 8, -1), (25, 8, 8, 8, 2), tilted=True)[0] == SIX
    assert merged((18, 0, 16, 10, -1), (26, 8, 8, 10, 2), tilted=True)[0] == LITERAL


def test_lbp_blocks_are_short_up_to_257_pixels():
    features = LBPFeature(0, 0, 1, 257), LBPFeature(0, 0, 2, 129)
    kind = merge_corners(cascade_of(*features, size=(10, 800), lbp=True).tables()).kind
    assert kind.tolist() == [LBP_SHORT, LBP_WIDE]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_the_largest_value_of_a_short_feature_fits_16_bits(seed):
    rng = np.random.default_rng(seed)
    rectangles = []
    for _ in range(int(rng.integers(1, 4))):
        w, h = (int(v) for v in rng.integers(1, 15, 2))
        x, y = int(rng.integers(0, 40 - w)), int(rng.integers(0, 40 - h))
        rectangles.append(Rectangle(x, y, w, h, float(rng.integers(-3, 4))))
    corners = merge_corners(cascade_of(HaarFeature(tuple(rectangles))).tables())
    weight = np.zeros((40, 40), np.int64)
    for x, y, w, h, value in rectangles:
        weight[y : y + h, x : x + w] += int(value)
    largest = 255 * max(weight.clip(0).sum(), -weight.clip(None, 0).sum())
    assert corners.kind[0] == LITERAL or largest <= 32767


# -- trees ----------------------------------------------------------------------------------------


def test_a_stump_adds_the_difference_of_its_leaves():
    stump = WeakClassifier((Node(0, 0.25),), (0.5, -0.75))
    cascade = Cascade(
        9, 9, "haar", (Stage(0.0, (stump,)),), (HaarFeature((Rectangle(0, 0, 2, 2, 1),)),)
    )
    program = lower(cascade.tables(), 9, 9).program
    # right −0.75, left 0.5 = −0.75 + 1.25, in units of 2⁻²⁸
    assert program.base.tolist() == [-0.75 * 2**28]
    assert program.delta.tolist() == [1.25 * 2**28]
    # the threshold is 0 − 0.00001, the margin of one node 2.5 units, rounded outwards
    threshold = float(np.float32(-1e-5)) * 2**28
    assert program.low.tolist() == [np.floor(threshold - 2.5)]
    assert program.high.tolist() == [np.ceil(threshold + 2.5)]


def test_the_leaf_of_a_tree_is_the_sum_over_its_nodes():
    #        0            right: leaf 3 = 8;  left: node 1
    #      1              right: node 2;      left: leaf 0 = 1
    #        2            right: leaf 2 = 4;  left: leaf 1 = 2
    tree = WeakClassifier(
        (Node(0, 0.0, 1, -3), Node(0, 0.0, 0, 2), Node(0, 0.0, -1, -2)), (1.0, 2.0, 4.0, 8.0)
    )
    cascade = Cascade(
        9, 9, "haar", (Stage(0.0, (tree,)),), (HaarFeature((Rectangle(0, 0, 2, 2, 1),)),)
    )
    program = lower(cascade.tables(), 9, 9).program
    unit = program.base[0] / 8  # all right: leaf 3
    # node 0 to the left, then all right: 1, 2, leaf 2;  4 − 8
    # node 1 to the left: leaf 0 instead of leaf 2;      1 − 4
    # node 2 to the left: leaf 1 instead of leaf 2;      2 − 4
    assert (program.delta / unit).tolist() == [-4, -3, -2]
    # the root takes all lanes (path 0), node 1 what leaves it to the left (path 1), node 2 what
    # leaves node 1 to the right (path 4)
    assert program.source.tolist() == [0, 1, 4]


# -- pixels ---------------------------------------------------------------------------------------


def test_taps_of_seven_pixels_shrunk_to_four():
    k, c = taps(7, 4)
    assert k.tolist() == [0, 2, 3, 5]
    assert c.tolist() == [96, 32, 224, 160]


@pytest.mark.parametrize("source, target", [(7, 7), (5, 3), (640, 291), (1, 1), (3, 5)])
def test_a_pair_of_neighbours_takes_one_multiplication(source, target):
    row = np.random.default_rng(source).integers(0, 256, (1, source)).astype(np.uint8)
    k, c = taps(source, target)
    line = np.append(row[0].astype(np.uint64) << np.uint64(8), np.uint64(0))  # · 256
    pairs = line[k] | line[k + 1] << np.uint64(32)
    pixels = (pairs * pair_weights(c) + np.uint64(1 << 47)) >> np.uint64(48)
    assert pixels.tolist() == resize(row, target, 1)[0].tolist()


@pytest.mark.parametrize("width", [5, 20, 24, 45, 301])
def test_places_on_a_desk_are_all_different(width):
    for step in (1, 2):
        desk = lay_out(width, 4, step)
        x, y = np.meshgrid(np.arange(STRIP + width), np.arange(desk.rows))
        places = np.concatenate([desk.at(x, y).ravel(), desk.at(x, y, True).ravel()])
        assert len(set(places.tolist())) == len(places)
        assert desk.stride % 64 == 32
