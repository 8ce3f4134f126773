"""Eigenfaces and Fisherfaces: worked numbers, and what each of them is for."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.classical import PCA, Eigenfaces, Fisherfaces, LinearDiscriminantAnalysis

FACES = np.array([[1.0, 0.0, 5.0], [3.0, 0.0, 5.0], [5.0, 0.0, 5.0]])
"""Three faces of three pixels, which differ in the first only."""
NAMES = ["Ann", "Ann", "Bob"]


def lit_faces(rng, light, per_person=12):
    """Five persons of 30 pixels each, under a light that varies far more than they differ."""
    persons = 3 * rng.standard_normal((5, 30))
    y = np.repeat(np.arange(5), per_person)
    shine = light * rng.standard_normal((len(y), 2)) @ rng.standard_normal((2, 30))
    return persons[y] + shine + rng.standard_normal((len(y), 30)), y


# -- eigenfaces -----------------------------------------------------------------------------


def test_three_faces_on_a_line_have_one_eigenface():
    model = Eigenfaces().fit(FACES, NAMES)
    np.testing.assert_allclose(model.mean_, [3, 0, 5])
    np.testing.assert_allclose(model.components_, [[1, 0, 0]])
    np.testing.assert_allclose(model.weights_, [[-2], [0], [2]])


def test_distances_tell_a_known_face_a_stranger_and_no_face():
    model = Eigenfaces().fit(FACES, NAMES)
    probes = [[4.8, 0, 5], [11, 0, 5], [5, 3, 9]]  # Bob, a stranger, no face (though like Bob)
    np.testing.assert_allclose(model.distance_from_face_space(probes), [0, 0, 5], atol=1e-12)
    distances, indices = model.nearest_face(probes)
    np.testing.assert_allclose(distances, [0.2, 6, 0], atol=1e-12)
    assert indices.tolist() == [2, 2, 2]
    assert model.predict(probes).tolist() == ["Bob"] * 3


def test_a_reconstruction_is_the_nearest_point_of_face_space():
    model = Eigenfaces().fit(FACES, NAMES)
    np.testing.assert_allclose(model.reconstruct([[4, 3, 9]]), [[4, 0, 5]], atol=1e-12)


def test_training_faces_are_recognised_and_all_eigenfaces_rebuild_them():
    X, y = lit_faces(np.random.default_rng(0), 1)
    for whiten in (False, True):
        model = Eigenfaces(n_components=30, whiten=whiten).fit(X, y)
        assert model.score(X, y) == 1.0
        np.testing.assert_allclose(model.reconstruct(X), X, atol=1e-9)
        np.testing.assert_allclose(model.transform(X), model.weights_)


def test_of_equally_near_faces_the_first_is_it():
    model = Eigenfaces().fit(FACES, ["Zoe", "Ann", "Bob"])
    assert model.predict([[2.0, 0, 5]]).tolist() == ["Zoe"]


# -- Fisherfaces ----------------------------------------------------------------------------


def test_fisherfaces_are_lda_after_pca():
    X, y = lit_faces(np.random.default_rng(1), 3)
    model = Fisherfaces(pca_components=10).fit(X, y)
    pca = PCA(10).fit(X)
    lda = LinearDiscriminantAnalysis().fit(pca.transform(X), y)
    np.testing.assert_allclose(model.transform(X), lda.transform(pca.transform(X)))
    assert model.components_.shape == (4, 30)
    np.testing.assert_allclose(
        (X - model.mean_) @ model.components_.T, model.transform(X), atol=1e-8
    )


def test_fisherfaces_see_through_the_light_that_eigenfaces_follow():
    rng = np.random.default_rng(2)
    X, y = lit_faces(rng, 30, per_person=24)
    train = np.arange(len(y)) % 2 == 0
    eigenfaces = Eigenfaces(n_components=4).fit(X[train], y[train])
    fisherfaces = Fisherfaces(pca_components=20).fit(X[train], y[train])
    assert fisherfaces.score(X[~train], y[~train]) > 0.9
    assert eigenfaces.score(X[~train], y[~train]) < 0.6


def test_fewer_fisherfaces_are_the_best_of_them():
    X, y = lit_faces(np.random.default_rng(3), 1)
    full, two = Fisherfaces().fit(X, y), Fisherfaces(2).fit(X, y)
    assert full.transform(X).shape == (60, 4)
    np.testing.assert_allclose(two.transform(X), full.transform(X)[:, :2])


def test_more_pixels_than_faces_need_no_shrinkage_but_may_have_it():
    rng = np.random.default_rng(4)
    X = np.repeat(rng.standard_normal((3, 80)), 4, axis=0) + 0.1 * rng.standard_normal((12, 80))
    y = np.repeat(list("abc"), 4)
    for shrinkage in (None, 0.2, "auto"):
        model = Fisherfaces(shrinkage=shrinkage).fit(X, y)
        assert model.pca_.n_components_ == 9  # n - K
        assert model.score(X, y) == 1.0


def test_one_face_a_person_is_refused():
    with pytest.raises(ValueError, match="more samples than classes, got 3 of each"):
        Fisherfaces().fit(FACES, ["Ann", "Bob", "Cat"])


def test_more_principal_components_than_there_are_are_refused():
    X, y = lit_faces(np.random.default_rng(5), 1, per_person=3)
    with pytest.raises(
        ValueError, match=r"1 to min\(n_samples - n_classes, n_features\) = 10, got"
    ):
        Fisherfaces(pca_components=11).fit(X, y)
