"""Clusters of similar rectangles become one, as OpenCV's do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import haar
from haar.grouping import clusters, similar

rectangles = st.lists(
    st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(5, 40)] * 2), min_size=0, max_size=40
)


def test_three_windows_of_one_face_and_one_accident() -> None:
    groups = haar.group_rectangles(
        [(10, 10, 20, 20), (11, 10, 20, 20), (100, 100, 20, 20), (10, 12, 22, 22)], 1
    )
    assert groups.rectangles.tolist() == [[10, 11, 21, 21]]  # means 10⅓, 10⅔, 20⅔, 20⅔
    assert groups.counts.tolist() == [3]


def test_clusters_are_chains_of_similar_rectangles() -> None:
    boxes = np.array([[x, 0, 20, 20] for x in (0, 50, 4, 8, 54, 12)], np.int32)
    assert clusters(boxes, 0.2).tolist() == [0, 1, 0, 0, 1, 0]  # 4 = 0.2 · (20 + 20) / 2


def test_a_difference_of_just_epsilon_is_similar() -> None:
    a = np.array([[0, 0, 20, 20]])
    assert similar(a, np.array([[4, 4, 20, 20]]), 0.2).tolist() == [True]
    assert similar(a, np.array([[5, 0, 20, 20]]), 0.2).tolist() == [False]
    assert similar(a, np.array([[0, 0, 25, 20]]), 0.2).tolist() == [False]


def test_means_are_rounded_to_even() -> None:
    groups = haar.group_rectangles([(0, 1, 10, 10), (1, 2, 10, 10)], 1)
    assert groups.rectangles.tolist() == [[0, 2, 10, 10]]


def test_a_cluster_inside_of_a_stronger_one_is_dropped() -> None:
    outer, inner = (0, 0, 100, 100), (30, 30, 20, 20)
    assert haar.group_rectangles([outer] * 5 + [inner] * 4, 2).counts.tolist() == [5]
    assert haar.group_rectangles([outer] * 4 + [inner] * 4, 2).counts.tolist() == [4, 4]
    assert haar.group_rectangles([outer] * 2 + [inner] * 2, 1).counts.tolist() == [
        2
    ]  # fewer than 3


def test_scores_are_the_best_of_the_cluster() -> None:
    boxes = [(0, 0, 20, 20), (1, 0, 20, 20), (70, 70, 20, 20), (70, 70, 20, 20)]
    groups = haar.group_rectangles(boxes, 1, scores=[0.5, 2.5, -3.0, -1.0])
    assert groups.scores.tolist() == [2.5, -1.0]


@pytest.mark.parametrize("min_neighbors", [0, -1])
def test_without_grouping_the_rectangles_stay(min_neighbors: int) -> None:
    boxes = [[3, 1, 4, 1], [5, 9, 2, 6]]
    groups = haar.group_rectangles(boxes, min_neighbors)
    assert groups.rectangles.tolist() == boxes
    assert groups.counts.tolist() == [1, 1]


def test_nothing_is_grouped_to_nothing() -> None:
    groups = haar.group_rectangles([], 3)
    assert groups.rectangles.shape == (0, 4)
    assert groups.rectangles.dtype == np.int32


@pytest.mark.parametrize("boxes", [[1, 2, 3, 4], [[1, 2, 3]], [[[1, 2, 3, 4]]]])
def test_another_shape_is_refused(boxes) -> None:
    with pytest.raises(ValueError, match=r"expects the shape \(N, 4\)"):
        haar.group_rectangles(boxes, 1)


@given(rectangles)
def test_clusters_are_the_connected_components(boxes: list) -> None:
    array = np.array(boxes, np.int32).reshape(-1, 4)
    assert clusters(array, 0.2).tolist() == components(array)


def components(boxes: np.ndarray) -> list[int]:
    """Walk from rectangle to rectangle, as in a textbook."""
    label = [-1] * len(boxes)
    for i in range(len(boxes)):
        if label[i] < 0:
            number, open_ones = max(label) + 1, [i]
            while open_ones:
                a = open_ones.pop()
                label[a] = number
                for j in range(len(boxes)):
                    if label[j] < 0 and similar(boxes[a : a + 1], boxes[j : j + 1], 0.2)[0]:
                        open_ones.append(j)
    return label


@pytest.mark.parametrize("number", [1.5, np.nan, 2**31, -(2**31) - 1])
def test_rectangles_that_int32_cannot_hold_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="rectangles expects"):
        haar.group_rectangles([(number, 2, 3, 4)] * 5)


@pytest.mark.oracle
@settings(max_examples=300)
@given(rectangles, st.integers(0, 5), st.sampled_from([0.05, 0.2, 0.2, 0.6]))
def test_groups_are_opencvs(boxes: list, min_neighbors: int, epsilon: float) -> None:
    cv2 = pytest.importorskip("cv2")
    expected, counts = cv2.groupRectangles(boxes, min_neighbors, epsilon)
    groups = haar.group_rectangles(boxes, min_neighbors, epsilon)
    assert groups.rectangles.tolist() == np.array(expected).reshape(-1, 4).tolist()
    if min_neighbors > 0:
        assert groups.counts.tolist() == np.array(counts).ravel().tolist()
