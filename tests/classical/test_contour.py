"""Contour features: a drawn mouth by hand, pictures without features, and generated faces."""

import numpy as np
import pytest

from scratchnet.classical import MLPClassifier, RBFNetwork
from scratchnet.classical.contour import (
    NUMBERS,
    PATCHES,
    ContourFeatures,
    cut_patches,
    describe,
    middle_regions,
)

# -- by hand --------------------------------------------------------------------------------------


def test_the_numbers_of_a_box():
    """9 × 3 pixels in the middle of 21 × 11; 32 pixels are the distance of the eyes."""
    mask = np.zeros((11, 21), bool)
    mask[4:7, 6:15] = True
    numbers = describe(mask) * 32
    assert numbers[0] == 32  # found
    assert numbers[1:3].tolist() == [0, 0]  # in the middle
    assert numbers[3:5].tolist() == [9, 3]
    assert numbers[5] * 32 == 16  # area 8 · 2
    assert numbers[6] == 20  # length 8 + 2 + 8 + 2
    assert numbers[7:9].tolist() == [-4, -1]  # leftmost, the first of the walk
    assert numbers[9:11].tolist() == [4, -1]
    assert numbers[11:15].tolist() == [-4, -1, 4, 1]
    assert numbers[-1] == 2  # 2 · 0 - (-1) - (-1)


def test_corners_above_the_middle_are_a_smile():
    smile = np.zeros((9, 15), bool)
    smile[[2, 3, 4, 5, 5, 5, 4, 3, 2], range(3, 12)] = True
    assert describe(smile)[-1] > 0.1 > -0.1 > describe(smile[::-1])[-1]


def test_no_region_is_all_zeros():
    assert describe(np.zeros((9, 15), bool)).tolist() == [0] * NUMBERS


def test_the_middle_region_is_taken_and_not_the_larger_one_at_the_edge():
    patch = np.full((1, 24, 40), 180.0, np.float32)
    patch[0, 10:14, 12:28] = 90  # a brow
    patch[0, :, :7] = 20  # hair
    region = middle_regions(patch)[0]
    assert region[11, 20]
    assert not region[:, :7].any()


def test_a_patch_of_one_grey_has_no_region():
    assert not middle_regions(np.full((2, 24, 40), 77.0, np.float32)).any()


def test_a_patch_is_cut_where_the_eyes_say():
    images = np.zeros((1, 48, 48), np.float32)
    images[0, 20, 30] = 100
    # 32 pixels of the patch are 16 of the picture: each pixel becomes 2 × 2.
    patch = PATCHES["mouth"]
    eyes = np.array([[30.0, 20.0 - patch.y * 16, 16.0]])
    cut = cut_patches(images, eyes, patch)[0]
    h, w = cut.shape
    y, x = np.unravel_index(cut.argmax(), cut.shape)
    assert abs(y - (h - 1) / 2) <= 1
    assert abs(x - (w - 1) / 2) <= 1


# -- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "picture",
    [np.zeros(2304), np.full(2304, 255.0), np.random.default_rng(0).uniform(0, 255, 2304)],
)
def test_pictures_without_a_face_give_finite_numbers(picture):
    features = ContourFeatures().fit_transform(picture[None])
    assert features.shape == (1, 5 * NUMBERS)
    assert np.isfinite(features).all()
    if np.ptp(picture) == 0:
        assert not features.any()


def test_faces_of_twice_the_size_have_about_the_same_numbers(faces):
    small = faces.X[:40].reshape(-1, 48, 48)
    large = small.repeat(2, axis=1).repeat(2, axis=2).reshape(40, -1)
    a = ContourFeatures().fit_transform(small.reshape(40, -1))
    b = ContourFeatures().fit_transform(large)
    widths = np.arange(5) * NUMBERS + 3
    assert np.median(np.abs(a[:, widths] - b[:, widths])) < 0.08


def test_contours_lie_on_the_features_of_generated_faces(faces):
    found = ContourFeatures().fit(faces.X).contours(faces.X[:100])
    assert set(found.contours) == set(PATCHES)
    for name, side in (("left eye", -0.5), ("right eye", 0.5)):
        middles = np.array([contour.mean(axis=0) for contour in found.contours[name]])
        expected = faces.eyes[:100, :2] + np.outer(faces.eyes[:100, 2], [side, 0])
        error = np.hypot(*(middles - expected).T) / faces.eyes[:100, 2]
        assert np.median(error) < 0.12


@pytest.fixture(scope="module")
def features(faces):
    """Of 600 faces to learn from, and 200 others."""
    contours = ContourFeatures().fit(faces.X)
    return contours.transform(faces.X[:600]), contours.transform(faces.X_test[:200])


@pytest.mark.parametrize(
    "model",
    [RBFNetwork(100, random_state=0), MLPClassifier((20,), max_iter=8, random_state=0)],
    ids=["RBF", "MLP"],
)
def test_contours_beat_the_nearest_neighbour_on_pixels_by_far(faces, features, model):
    train, test = features
    model.fit(train, faces.y[:600])
    assert model.score(test, faces.y_test[:200]) > 2.5 * faces.nearest_neighbour


# -- errors ---------------------------------------------------------------------------------------


def test_rows_that_are_no_pictures_are_refused():
    with pytest.raises(ValueError, match="rows of 14 × 14 pixels, got 200"):
        ContourFeatures().fit(np.zeros((1, 200)))
    with pytest.raises(ValueError, match="at least 24 × 24 pixels, got 16 × 16"):
        ContourFeatures().fit(np.zeros((1, 256)))
    with pytest.raises(ValueError, match="rows of 40 × 30 pixels"):
        ContourFeatures(shape=(40, 30)).fit(np.zeros((1, 2304)))
    with pytest.raises(ValueError, match="not fitted yet"):
        ContourFeatures().transform(np.zeros((1, 2304)))
    with pytest.raises(ValueError, match="NaN"):
        ContourFeatures().fit(np.full((1, 2304), np.nan))
