"""Whatever is wrong with a cascade is refused when it is made, and the message says where."""

import numpy as np
import pytest

import haar
from haar import CascadeError, HaarFeature, LBPFeature, Node, Rectangle, Stage, WeakClassifier

HALVES = HaarFeature((Rectangle(0, 0, 8, 8, -1.0), Rectangle(0, 4, 8, 4, 2.0)))
STUMP = WeakClassifier((Node(0, 0.5),), (0.0, 1.0))
WORDS = (0,) * 8


def cascade(features=(HALVES,), weak=(STUMP,), kind="haar", threshold=0.0, width=8, height=8):
    return haar.Cascade(width, height, kind, (Stage(threshold, tuple(weak)),), tuple(features))


def tree(*nodes: Node) -> WeakClassifier:
    return WeakClassifier(nodes, tuple(float(i) for i in range(len(nodes) + 1)))


def test_the_smallest_cascade_is_accepted() -> None:
    assert len(cascade().stages) == 1
    assert cascade(width=np.int64(8)).width == 8


def test_a_tree_may_skip_nodes_and_a_stump_may_say_anything() -> None:
    cascade(weak=[tree(Node(0, 0.0, 1, 2), Node(0, 0.0, 0, -1), Node(0, 0.0, -2, -3))])
    cascade(weak=[WeakClassifier((Node(0, 0.0, 77, -(10**9)),), (0.0, 1.0))])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 0}, "width: expected a whole number, 1 to 10000, got 0"),
        ({"height": 10_001}, "height: expected a whole number, 1 to 10000, got 10001"),
        ({"width": 8.0}, "width: expected a whole number"),
        ({"kind": "hog"}, "feature type: expected 'haar' or 'lbp', got 'hog'"),
        ({"features": ()}, "features: expected 1 to 300000 of them, got 0"),
        ({"weak": ()}, "stage 0: expected at least one weak classifier"),
        ({"threshold": float("nan")}, "stage 0, threshold: expected a finite"),
        ({"threshold": 1e39}, "stage 0, threshold: expected a finite"),
    ],
)
def test_sizes_and_numbers(change: dict, message: str) -> None:
    with pytest.raises(CascadeError, match=message):
        cascade(**change)


def test_a_cascade_without_stages_is_refused() -> None:
    with pytest.raises(CascadeError, match="stages: expected 1 to 10000 of them, got 0"):
        haar.Cascade(8, 8, "haar", (), (HALVES,))


@pytest.mark.parametrize(
    ("weak", "message"),
    [
        (WeakClassifier((), (1.0,)), "leaves: expected one more than its nodes"),
        (WeakClassifier((Node(0),), (1.0,)), "leaves: expected one more than its nodes, got 1 nod"),
        (WeakClassifier((Node(0),), (1.0, np.inf)), "leaves: expected finite single"),
        (WeakClassifier((Node(0, np.nan),), (0.0, 1.0)), "node 0, threshold: expected a finite"),
        (WeakClassifier((Node(1),), (0.0, 1.0)), "node 0: feature 1 does not exist; there are 1"),
        (WeakClassifier((Node(-1),), (0.0, 1.0)), "node 0: feature -1 does not exist"),
        (WeakClassifier((Node(0.0),), (0.0, 1.0)), "node 0: expected whole numbers, got 0.0"),
        (
            WeakClassifier((Node(0, subset=WORDS),), (0.0, 1.0)),
            "node 0: expected a subset of 0 words",
        ),
        (tree(Node(0, 0, 1, 1), Node(0, 0, 1, 0)), "node 1: expected a leaf .* got 1; .*backwards"),
        (tree(Node(0, 0, 1, 2), Node(0, 0, 0, -1)), "node 0: expected a later node .* got 2"),
        (
            tree(Node(0, 0, 1, -3), Node(0, 0, 0, -1)),
            r"node 0: .* leaf \(0 to -2\) as a child, got -3",
        ),
    ],
)
def test_weak_classifiers(weak: WeakClassifier, message: str) -> None:
    with pytest.raises(CascadeError, match=f"stage 0, weak classifier 1, {message}"):
        cascade(weak=[STUMP, weak])


@pytest.mark.parametrize(
    ("rectangle", "tilted"),
    [
        ((-1, 0, 2, 2), False),
        ((0, -1, 2, 2), False),
        ((7, 0, 2, 2), False),
        ((0, 7, 2, 2), False),
        ((0, 0, -1, 2), False),
        ((8, 0, 0, 1), False),
        ((1, 0, 2, 2), True),  # reaches column 1 − 2
        ((7, 0, 2, 2), True),  # and 7 + 2
        ((4, 5, 2, 2), True),  # and row 5 + 2 + 2
    ],
)
def test_rectangles_that_leave_the_window(rectangle, tilted: bool) -> None:
    feature = HaarFeature((Rectangle(*rectangle),), tilted)
    with pytest.raises(CascadeError, match=r"feature 1: .*leaves the window of 8×8 pixels"):
        cascade([HALVES, feature])


def test_a_tilted_rectangle_may_touch_every_side() -> None:
    cascade([HaarFeature((Rectangle(4, 0, 4, 4),), True)])


@pytest.mark.parametrize("number", [0, 4])
def test_a_feature_has_one_to_three_rectangles(number: int) -> None:
    with pytest.raises(CascadeError, match=f"feature 0: expected 1 to 3 rectangles, got {number}"):
        cascade([HaarFeature((Rectangle(0, 0, 2, 2),) * number)])


@pytest.mark.parametrize("weight", [np.nan, np.inf, 1e39])
def test_weights_are_finite(weight: float) -> None:
    with pytest.raises(CascadeError, match="feature 0, weight: expected a finite"):
        cascade([HaarFeature((Rectangle(0, 0, 2, 2, weight),))])


@pytest.mark.parametrize(
    "block", [(0, 0, 3, 1), (0, 0, 1, 3), (-1, 0, 1, 1), (6, 0, 1, 1), (0, 0, 0, 1)]
)
def test_blocks_that_leave_the_window(block) -> None:
    weak = WeakClassifier((Node(0, subset=WORDS),), (0.0, 1.0))
    with pytest.raises(CascadeError, match=r"feature 0: 3×3 blocks of .* leave the window of 8×8"):
        cascade([LBPFeature(*block)], [weak], "lbp")


@pytest.mark.parametrize("words", [(), (0,) * 7, (0,) * 7 + (2**31,)])
def test_subsets_have_eight_words(words) -> None:
    with pytest.raises(
        CascadeError, match=r"stage 0, weak classifier 0, node 0: expected .* subset"
    ):
        cascade(
            [LBPFeature(0, 0, 1, 1)], [WeakClassifier((Node(0, subset=words),), (0.0, 1.0))], "lbp"
        )


def test_features_are_of_the_cascades_kind() -> None:
    with pytest.raises(CascadeError, match="feature 0: expected a HaarFeature, got LBPFeature"):
        cascade([LBPFeature(0, 0, 1, 1)])
    with pytest.raises(CascadeError, match="feature 0: expected whole pixels"):
        cascade([HaarFeature((Rectangle(0.5, 0, 2, 2),))])
