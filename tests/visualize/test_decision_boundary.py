"""The decision boundary's figure shows the samples, the street and the support vectors it has."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.visualize import decision_boundary, save_figure

matplotlib = pytest.importorskip("matplotlib")

X = np.array([[-2.0, 0], [-1, 0], [1, 0], [2, 1]])
Y = np.array([0, 0, 1, 1])


class ByTheSign:
    """Class 1 where the first feature is above 0."""

    support_ = np.array([1, 2])

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)

    def decision_function(self, X):
        return X[:, 0]


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def lines(figure):
    """Per drawn contour line of one colour: the x of its points."""
    from matplotlib.contour import ContourSet

    sets = [c for c in figure.axes[0].collections if isinstance(c, ContourSet) and not c.filled]
    return [path.vertices[:, 0] for contours in sets for path in contours.get_paths()]


def test_the_street_is_drawn_where_the_function_is_0_and_1():
    figure = decision_boundary(ByTheSign(), X, Y, ["left", "right"])
    assert legend(figure) == ["left", "right", "support vectors (2)"]
    assert [x.mean() for x in lines(figure)] == pytest.approx([-1, 0, 1], abs=1e-6)
    assert figure.get_suptitle() == "100.0 % of 4 samples on their side"
    rings = figure.axes[0].collections[-1]
    assert np.array_equal(rings.get_offsets(), X[[1, 2]])


def test_a_model_without_a_decision_function_has_regions_only():
    class Plain:
        def predict(self, X):
            return np.where(X[:, 0] > 0, "b", "a")

    figure = decision_boundary(Plain(), X, np.array(["a", "b", "b", "b"]), title="regions")
    assert lines(figure) == []
    assert legend(figure) == ["a", "b"]
    assert figure.get_suptitle() == "regions"


def test_what_is_outside_of_all_clusters_is_a_cross_and_no_class(tmp_path):
    figure = decision_boundary(ByTheSign(), X, np.array([0, 0, 1, -1]))
    assert legend(figure) == ["0", "1", "outside", "support vectors (2)"]
    assert save_figure(figure, tmp_path / "boundary.png").stat().st_size > 10_000


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"X \(n, 2\) and y \(n,\), got \(4, 1\)"):
        decision_boundary(ByTheSign(), X[:, :1], Y)
    with pytest.raises(ValueError, match="2 labels need as many names"):
        decision_boundary(ByTheSign(), X, Y, ["one"])
