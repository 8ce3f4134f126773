"""The template of blobs finds the eyes it was drawn for, and those of generated faces."""

import numpy as np
import pytest

from scratchnet.classical.face_template import face_template, local_darkness, locate_eyes


def test_the_template_is_dark_on_eyes_brows_and_mouth_and_light_on_cheeks():
    T = face_template(np.array([24.0, 18.0, 16.0]), (48, 48))
    assert np.linalg.norm(T) == pytest.approx(1)
    at = {
        "eye": (18, 16),
        "brow": (12, 16),
        "mouth": (36, 24),
        "cheek": (26, 16),
        "bridge": (18, 24),
    }
    sign = {name: np.sign(T[place]) for name, place in at.items()}
    assert sign == {"eye": 1, "brow": 1, "mouth": 1, "cheek": -1, "bridge": -1}


@pytest.mark.parametrize("place", [(23.5, 16.0, 14.4), (21.5, 18.0, 16.0), (26.5, 14.0, 13.0)])
def test_a_drawn_template_is_found_where_it_was_drawn(place):
    image = 200 - 400 * face_template(np.array(place), (48, 48))
    a, b, e = locate_eyes(image[None])[0]
    assert abs(a - place[0]) <= 0.5
    assert abs(b - place[1]) <= 0.6
    assert abs(e - place[2]) <= 1.0


def test_light_and_contrast_do_not_matter_much(faces):
    images = faces.X[:50].reshape(-1, 48, 48).astype(np.float64)
    usual, other = locate_eyes(images), locate_eyes(images * 3 + 40)
    assert (np.abs(usual - other).max(axis=1) < 1.1).mean() > 0.9


def test_one_grey_has_no_darkness_and_the_usual_place():
    grey = np.full((1, 48, 48), 90.0)
    np.testing.assert_allclose(local_darkness(grey), 0, atol=1e-3)
    assert np.abs(locate_eyes(grey)[0] - [23.5, 16.06, 14.4]).max() < 1


def test_eyes_of_generated_faces_are_found_within_a_few_pixels(faces):
    found = locate_eyes(faces.X.reshape(-1, 48, 48))
    error = np.hypot(*(found[:, :2] - faces.eyes[:, :2]).T) / faces.eyes[:, 2]
    assert np.median(error) < 0.08
    assert np.mean(error > 0.2) < 0.08
    assert np.median(np.abs(found[:, 2] / faces.eyes[:, 2] - 1)) < 0.1
