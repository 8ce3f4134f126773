"""The difference to a neutral face: by hand, its geometry, and what it is good for."""

import numpy as np
import pytest

from scratchnet.classical import LinearDiscriminantAnalysis
from scratchnet.classical.neutral_difference import NeutralDifference
from scratchnet.classical.pca import PCA

# Neutral faces lie on the line y = 2, z = 0; a smile moves z.
X = np.array([[0.0, 2, 0], [4, 2, 0], [2, 2, 0], [1, 2, 5], [3, 3, -1]])
Y = np.array(["neutral", "neutral", "neutral", "smile", "sad"])


def test_only_what_neutral_faces_cannot_show_remains():
    difference = NeutralDifference("neutral", n_components=1).fit(X, Y)
    assert difference.mean_.tolist() == [2, 2, 0]
    np.testing.assert_allclose(np.abs(difference.components_), [[1, 0, 0]], atol=1e-12)
    expected = [[0, 0, 0]] * 3 + [[0, 0, 5], [0, 1, -1]]
    np.testing.assert_allclose(difference.transform(X), expected, atol=1e-12)


def test_without_components_the_mean_neutral_face_is_subtracted():
    difference = NeutralDifference("neutral", n_components=0).fit(X, Y)
    assert difference.transform(X).tolist() == (X - [2, 2, 0]).tolist()


def test_the_persons_own_neutral_face_is_subtracted_where_it_is_known():
    difference = NeutralDifference("neutral", n_components=1).fit(X, Y)
    assert difference.transform(X[3:], neutral=X[:2]).tolist() == [[1, 0, 5], [-1, 1, -1]]
    assert difference.transform(X[3:], neutral=X[:1]).tolist() == [[1, 0, 5], [3, 1, -1]]


def test_differences_stand_upright_on_the_space_of_neutral_faces():
    rng = np.random.default_rng(0)
    faces, labels = rng.standard_normal((40, 12)), np.arange(40) % 2
    difference = NeutralDifference(0, n_components=5).fit(faces, labels)
    D = difference.transform(faces)
    np.testing.assert_allclose(D @ difference.components_.T, 0, atol=1e-12)
    np.testing.assert_allclose(difference.transform(D + difference.mean_), D, atol=1e-12)


def test_the_own_neutral_face_makes_generated_expressions_plain(faces):
    pca = PCA(60)
    difference = NeutralDifference(6, n_components=0).fit(faces.X, faces.y)
    Z = pca.fit_transform(difference.transform(faces.X, neutral=faces.neutral[:1000]))
    lda = LinearDiscriminantAnalysis().fit(Z, faces.y)
    Z_test = pca.transform(difference.transform(faces.X_test, neutral=faces.neutral[1000:]))
    assert lda.score(Z_test, faces.y_test) > 0.75


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neutral": "calm"}, r"label 'calm', got labels \['neutral', 'sad', 'smile'\]"),
        ({"neutral": "neutral", "n_components": 3}, r"0 to 2, less than .* samples \(3\)"),
        ({"neutral": "neutral", "n_components": -1}, "got -1"),
    ],
)
def test_wrong_inputs_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        NeutralDifference(**options).fit(X, Y)


def test_neutral_faces_of_another_number_are_refused():
    difference = NeutralDifference("neutral", n_components=1).fit(X, Y)
    with pytest.raises(
        ValueError, match=r"each sample, \(5, 3\), or one for all, \(1, 3\); got \(2, 3\)"
    ):
        difference.transform(X, neutral=X[:2])
