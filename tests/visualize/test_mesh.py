"""The mesh on faces: one picture a face, triangles of its own landmarks only, clear errors."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from scratchnet.visualize import face_meshes, save_figure

IMAGES = np.random.default_rng(0).random((3, 20, 16))
SHAPES = np.tile([(2.0, 2.0), (12.0, 2.0), (12.0, 15.0), (2.0, 15.0)], (3, 1, 1))
TRIANGLES = np.array([(0, 1, 2), (0, 2, 3), (1, 2, 4)])
"""The last one hangs on a point of a mesh's rim, which is no landmark."""


def test_each_face_has_its_mesh_and_its_dots(tmp_path):
    figure = face_meshes(
        IMAGES, SHAPES, TRIANGLES, truth=SHAPES + 1, captions=["a", "b", "c"], columns=2
    )
    drawn = [axes for axes in figure.axes if axes.images]
    assert (len(figure.axes), len(drawn)) == (4, 3)
    edges, _, dots = drawn[0].lines
    np.testing.assert_allclose(dots.get_xydata(), SHAPES[0] + 1)
    corners = {tuple(point) for point in edges.get_xydata() if np.isfinite(point).all()}
    assert corners == {tuple(point) for point in SHAPES[0]}
    assert np.isnan(edges.get_xydata()).any(axis=1).sum() == 5, "five edges of two triangles"
    assert [axes.texts[0].get_text() for axes in drawn] == ["a", "b", "c"]
    assert save_figure(figure, tmp_path / "mesh.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": IMAGES[:0]}, r"\(n, H, W\)"),
        ({"images": IMAGES[:, None]}, r"\(n, H, W\)"),
        ({"landmarks": SHAPES[:2]}, r"\(3, L, 2\)"),
        ({"truth": SHAPES[:, :2]}, "truth expects"),
        ({"captions": ["a"]}, "3 captions"),
    ],
)
def test_lengths_have_to_agree(change, message):
    with pytest.raises(ValueError, match=message):
        face_meshes(**{"images": IMAGES, "landmarks": SHAPES, "triangles": TRIANGLES, **change})
