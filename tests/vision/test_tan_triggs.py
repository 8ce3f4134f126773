"""Tan and Triggs: the formula on float64, and what it is for: light must not matter."""

import numpy as np
import pytest

from scratchnet.fer import generate_faces
from scratchnet.vision.gaussian import gaussian_blur
from scratchnet.vision.tan_triggs import tan_triggs


@pytest.fixture(scope="module")
def faces():
    return generate_faces(6, np.random.default_rng(3)).images


def written_out(image, gamma=0.2, inner=1.0, outer=2.0, tau=10.0, alpha=0.1):
    """The four lines of the paper, for one picture in float64."""
    x = (image / 255.0) ** gamma
    x = gaussian_blur(x, inner) - gaussian_blur(x, outer)
    x = x / np.mean(np.abs(x) ** alpha) ** (1 / alpha)
    x = x / np.mean(np.minimum(tau, np.abs(x)) ** alpha) ** (1 / alpha)
    return tau * np.tanh(x / tau)


def test_it_is_the_papers_formula(faces):
    for face in faces:
        expected = written_out(face.astype(np.float64))
        np.testing.assert_allclose(tan_triggs(face.astype(np.float64)), expected, atol=1e-9)
        assert np.abs(tan_triggs(face) - expected).max() < 0.01  # in float32


@pytest.mark.oracle
def test_it_is_the_formula_with_scipys_gaussians(faces):
    ndimage = pytest.importorskip("scipy.ndimage")
    x = (faces[0] / 255.0) ** 0.2
    x = ndimage.gaussian_filter(x, 1, mode="nearest") - ndimage.gaussian_filter(
        x, 2, mode="nearest"
    )
    for _ in range(2):
        x = x / np.mean(np.minimum(np.abs(x), 10 if _ else np.inf) ** 0.1) ** 10
    np.testing.assert_allclose(
        tan_triggs(faces[0].astype(np.float64)), 10 * np.tanh(x / 10), atol=1e-9
    )


def test_values_stay_below_tau(faces):
    assert np.abs(tan_triggs(faces)).max() < 10
    assert np.abs(tan_triggs(faces, tau=2.0)).max() <= 2


def test_a_dimmed_picture_looks_the_same(faces):
    """A factor goes through the power and the differences, and the division takes it out."""
    photo = faces.astype(np.float64)
    np.testing.assert_allclose(tan_triggs(0.3 * photo), tan_triggs(photo), atol=1e-9)


def test_light_from_one_side_matters_less_than_to_the_pixels(faces):
    light = np.linspace(0.25, 1.0, 48)  # from the right
    lit = faces * light

    def likeness(a, b):
        return np.mean([np.corrcoef(p.ravel(), q.ravel())[0, 1] for p, q in zip(a, b, strict=True)])

    assert likeness(tan_triggs(faces), tan_triggs(lit)) > 0.97
    assert likeness(faces, lit) < 0.9


def test_a_blank_picture_gives_zeros_and_a_nearly_blank_one_small_numbers():
    blank = np.full((2, 16, 16), 120, np.uint8)
    blank[1, 8, 8] = 121
    result = tan_triggs(blank)
    assert np.abs(result[0]).max() < 0.01
    assert 0 < np.abs(result[1]).max() < 2


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_stack_is_its_pictures_and_comes_back_in_floats(dtype, faces):
    stack = faces.astype(dtype).reshape(2, 3, 48, 48)
    result = tan_triggs(stack)
    assert result.dtype == (np.float64 if dtype == np.float64 else np.float32)
    assert np.array_equal(result[1, 2], tan_triggs(stack[1, 2]))


@pytest.mark.parametrize("options", [{"inner": 2.0}, {"gamma": 0}, {"tau": -1}, {"alpha": 0}])
def test_numbers_without_sense_are_refused(options):
    with pytest.raises(ValueError, match="expects positive numbers and inner < outer, got"):
        tan_triggs(np.zeros((8, 8)), **options)
