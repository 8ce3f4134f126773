"""The active appearance model: its parts by hand and by finite differences, then unseen faces."""

import numpy as np
import pytest

from scratchnet.classical import ActiveAppearanceModel, NotFittedError
from scratchnet.classical.edge_texture import edge_texture, gradient_field
from scratchnet.classical.piecewise_affine import PiecewiseAffine
from scratchnet.classical.procrustes import nearest_similarity
from scratchnet.classical.shape_model import ShapeModel
from scratchnet.classical.texture_model import NEIGHBOURS, TextureModel
from scratchnet.fer import generate_faces
from scratchnet.vision.geometry import around, compose, move, rotation, scaling, translation

SQUARE = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
UPRIGHT = np.eye(3)


def eye_distance(landmarks):
    left, right = landmarks[..., 36:42, :].mean(axis=-2), landmarks[..., 42:48, :].mean(axis=-2)
    return np.linalg.norm(right - left, axis=-1)


def mistake(landmarks, truth):
    """Each face's mean distance of the landmarks from the truth, in distances of its eyes."""
    return np.linalg.norm(landmarks - truth, axis=-1).mean(axis=-1) / eye_distance(truth)


def starts_beside(mean_shape, truth, rng):
    """The mean shape in each face's place, a tenth of the eyes' distance off and ± 10 % large."""
    N, away = len(truth), 0.1 * eye_distance(truth)
    angle, size = rng.uniform(0.0, 2 * np.pi, N), rng.choice([0.9, 1.1], N)
    placed = move(nearest_similarity(np.broadcast_to(mean_shape, truth.shape), truth), mean_shape)
    centre = placed[..., 0].mean(axis=1), placed[..., 1].mean(axis=1)
    off = translation(away * np.cos(angle), away * np.sin(angle))
    return move(compose(around(centre, scaling(size)), off), placed)


@pytest.fixture(scope="module")
def learned():
    faces = generate_faces(300, np.random.default_rng(0))
    return ActiveAppearanceModel().fit(faces.images, faces.landmarks), faces


@pytest.fixture(scope="module")
def unseen():
    return generate_faces(40, np.random.default_rng(1))


@pytest.fixture(scope="module")
def starts(learned, unseen):
    model, _ = learned
    return starts_beside(model.mean_shape_, unseen.landmarks, np.random.default_rng(2))


@pytest.fixture(scope="module")
def found(learned, unseen, starts):
    model, _ = learned
    return [model.fit_face(*pair) for pair in zip(unseen.images, starts, strict=True)]


# -- shapes ---------------------------------------------------------------------------------------


def test_shapes_that_differ_in_one_way_have_one_mode():
    """Wide and tall rectangles: the mean is a square, the mode pulls x out and y in."""
    shapes = [SQUARE * (1 + amount, 1 - amount) for amount in (-0.2, -0.1, 0.1, 0.2)]
    model = ShapeModel.fit(shapes, width=2.0, explained=0.999)
    np.testing.assert_allclose(model.mean, SQUARE, atol=1e-9)
    assert len(model.modes) == 1
    mode = model.modes[0] * np.sign(model.modes[0, 1, 0])
    np.testing.assert_allclose(mode, SQUARE * (1, -1) / np.sqrt(8), atol=1e-9)


def test_pose_and_shape_are_told_apart_exactly(learned):
    shape_model = learned[0].shape_model_
    pose = compose(scaling(1.3), rotation(25.0), translation(20.0, 30.0))
    p = np.sqrt(shape_model.variances) * np.random.default_rng(0).uniform(
        -2, 2, len(shape_model.modes)
    )
    found_pose, found = shape_model.split(shape_model.join(pose, p))
    np.testing.assert_allclose(found_pose, pose, atol=1e-10)
    np.testing.assert_allclose(found, p, atol=1e-9)


def test_a_plausible_shape_stays_and_another_is_brought_back(learned):
    shape_model = learned[0].shape_model_
    deviations = np.sqrt(shape_model.variances)
    fine, wild = (shape_model.join(UPRIGHT, k * deviations) for k in (2.0, 9.0))
    np.testing.assert_allclose(shape_model.plausible(fine), fine, atol=1e-9)
    _, p = shape_model.split(shape_model.plausible(wild))
    np.testing.assert_allclose(p / deviations, 3.0, atol=1e-9)


def test_the_rim_of_a_square_is_a_larger_square():
    model = ShapeModel(SQUARE, np.zeros((0, 4, 2)), np.zeros(0))
    E = model.with_rim(1.5)
    np.testing.assert_allclose(E @ SQUARE, [*SQUARE, *(1.5 * SQUARE)], atol=1e-12)
    np.testing.assert_allclose(E.sum(axis=1), 1.0)


# -- textures -------------------------------------------------------------------------------------


def test_an_edge_by_hand():
    """Gradients (3, 4), (0, 5), none: the mean strength is 10/3, so e = g / (|g| + 10/3)."""
    field = np.array([[(3.0, 0.0, 0.0)] * 2, [(4.0, 5.0, 0.0)] * 2])
    texture = edge_texture(field, np.array([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]), UPRIGHT)
    np.testing.assert_allclose(texture, [0.36, 0, 0, 0.48, 0.6, 0], atol=1e-12)


def test_edges_do_not_know_brightness_contrast_and_how_the_head_is_held():
    rng = np.random.default_rng(0)
    image, points = 100 * rng.random((20, 20)), rng.uniform(2, 17, (30, 2))
    texture = edge_texture(gradient_field(image, 1.0), points, UPRIGHT)
    other = edge_texture(gradient_field(0.5 * image + 40.0, 1.0), points, UPRIGHT)
    np.testing.assert_allclose(other, texture, atol=1e-9)
    quarter = around((9.5, 9.5), rotation(90.0))
    turned = edge_texture(gradient_field(np.rot90(image), 1.0), move(quarter, points), quarter)
    np.testing.assert_allclose(turned, texture, atol=1e-9)


def test_noise_is_what_the_modes_leave():
    """Four textures ± 3 in one pixel, ± 1 in another: the mode is the first, the noise the rest."""
    mesh = PiecewiseAffine.over([(0, 0), (2, 0), (0, 2)])
    textures = np.zeros((4, len(mesh)))
    textures[:, 0], textures[:, 1] = (3, 3, -3, -3), (1, -1, 1, -1)
    model = TextureModel.fit(textures, mesh, explained=0.85)
    assert model.variances == pytest.approx([4 * 9 / 3])
    assert model.noise == pytest.approx(NEIGHBOURS * (4 / 3) / (len(mesh) - 1))


def test_steepest_descent_images_are_finite_differences():
    """Textures that are quadratic in x and y: half the difference of the neighbours is exact."""
    shape = np.array([(0.0, 0.0), (12.0, 0.0), (12.0, 10.0), (0.0, 10.0), (5.0, 6.0)])
    mesh = PiecewiseAffine.over(shape)
    rng = np.random.default_rng(0)
    coefficients = rng.standard_normal((4, 6))

    def textures(points):
        x, y = points.T
        return coefficients @ np.stack([x * x, x * y, y * y, x, y, np.ones_like(x)])

    base = textures(mesh.points(shape))
    model = TextureModel.fit(base, mesh, explained=0.7)
    amounts = rng.standard_normal(len(model.modes))
    direction = rng.standard_normal((1, 5, 2))
    J = model.steepest_descent(amounts, mesh.points(direction))[0]

    # > mean and modes are weighted sums of the four textures, so they can be sampled anywhere
    weights = np.linalg.lstsq(base.T, model.mean + amounts @ model.modes, rcond=None)[0]
    step = 1e-5
    ahead, behind = (textures(mesh.points(shape + s * direction[0])) for s in (step, -step))
    inner = np.zeros(mesh.mask.shape, bool)
    inner[1:-1, 1:-1] = True
    numeric = weights @ (ahead - behind) / (2 * step)
    np.testing.assert_allclose(J[inner[mesh.mask]], numeric[inner[mesh.mask]], rtol=1e-6, atol=1e-6)


# -- the model ------------------------------------------------------------------------------------


def test_unseen_faces_are_found_within_three_percent(unseen, starts, found):
    """From the mean shape, a tenth of the eyes' distance off and a tenth too large or too small."""
    landmarks = np.stack([face.landmarks for face in found])
    assert mistake(starts, unseen.landmarks).mean() > 0.12
    assert mistake(landmarks, unseen.landmarks).mean() < 0.03
    errors = np.array([[face.errors[-1][0], face.errors[-1][-1]] for face in found])
    assert (errors[:, 1] < errors[:, 0]).mean() > 0.9, "the sharp image pulls it closer still"


def test_the_expression_is_in_the_parameters(learned, unseen, starts, found):
    """The nearest class mean, told apart by 7 means alone; raw pixels' neighbours know little."""
    model, faces = learned
    pairs = zip(faces.images, faces.landmarks, strict=True)
    known = np.stack([model.parameters(*pair) for pair in pairs])
    parameters = np.stack([face.parameters for face in found])
    np.testing.assert_array_equal(model.transform(unseen.images[:2], starts[:2]), parameters[:2])
    means = np.stack([known[faces.labels == k].mean(axis=0) for k in range(7)])
    predicted = np.linalg.norm(parameters[:, None] - means, axis=-1).argmin(axis=1)
    pixels, others = (f.images.reshape(len(f), -1).astype(np.float64) for f in (faces, unseen))
    nearest = [faces.labels[np.linalg.norm(pixels - x, axis=1).argmin()] for x in others]
    accuracy, baseline = (np.mean(guess == unseen.labels) for guess in (predicted, nearest))
    assert accuracy > 0.7 > 0.4 > baseline


def test_a_brighter_face_has_the_same_landmarks(learned, unseen):
    model, _ = learned
    image, start = unseen.images[0] / 255.0, unseen.landmarks[0] + 1.0
    one, other = model.fit_face(image, start), model.fit_face(0.3 * image + 0.5, start)
    np.testing.assert_allclose(one.landmarks, other.landmarks, atol=1e-6)


def test_a_face_on_its_side_is_found_on_its_side(learned, unseen):
    model, _ = learned
    image, start = unseen.images[1].astype(np.float64), unseen.landmarks[1] + 1.0
    quarter = around((23.5, 23.5), rotation(90.0))
    upright = model.fit_face(image, start)
    lying = model.fit_face(np.rot90(image), move(quarter, start))
    np.testing.assert_allclose(lying.landmarks, move(quarter, upright.landmarks), atol=1e-6)
    np.testing.assert_allclose(lying.parameters, upright.parameters, atol=1e-6)


def test_a_fitted_face_tells_how_it_came_there(learned, unseen):
    model, _ = learned
    face = model.fit_face(unseen.images[2], unseen.landmarks[2])
    assert len(face.errors) == len(model.blurs)
    assert len(face.path) == 1 + sum(map(len, face.errors))
    np.testing.assert_array_equal(face.path[-1], face.landmarks)
    np.testing.assert_array_equal(
        face.parameters, model.parameters(unseen.images[2], face.landmarks)
    )


def test_the_shape_free_face_is_the_picture_within_the_mean_shape(learned):
    model, _ = learned
    image = np.full((48, 48), 7.0)
    patch = model.shape_free(image, model.mean_shape_ + 24.0)
    np.testing.assert_allclose(patch[model.mesh_.mask], 7.0)
    assert not patch[~model.mesh_.mask].any()


def test_the_same_faces_give_the_same_model(learned):
    model, faces = learned
    again = ActiveAppearanceModel().fit(faces.images, faces.landmarks)
    np.testing.assert_array_equal(again.combined_.components_, model.combined_.components_)


# -- wrong inputs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i, s: (i, s[:-1]), "expected 9 grey images"),
        (lambda i, s: (i[:, None], s), r"images\[:, 0\]"),
        (lambda i, s: (i, s[..., :1]), r"\(N, L, 2\)"),
        (lambda i, s: (i, np.where(s == s[4, 5, 1], np.nan, s)), "landmark 5 of face 4"),
        (lambda i, s: (np.where(i == i[0, 0, 0], np.nan, i), s), "finite real pixels"),
        (lambda i, s: (i[:2], s[:2]), "at least 3 shapes"),
        (lambda i, s: (i, np.repeat(s[:1], 10, axis=0)), "all shapes are the same"),
        (lambda i, s: (i, s * [1, 0]), "one line"),
    ],
)
def test_what_cannot_be_learned(learned, change, message):
    _, faces = learned
    with pytest.raises(ValueError, match=message):
        ActiveAppearanceModel().fit(*change(faces.images[:10].astype(float), faces.landmarks[:10]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 2}, "width"),
        ({"rim": 1.0}, "rim"),
        ({"blurs": ()}, "blurs"),
        ({"max_iter": 0}, "max_iter"),
    ],
)
def test_options_that_cannot_be_meant(learned, options, message):
    _, faces = learned
    with pytest.raises(ValueError, match=f"{message} expects"):
        ActiveAppearanceModel(**options).fit(faces.images, faces.landmarks)


def test_what_cannot_be_fitted(learned, unseen):
    model, _ = learned
    image, start = unseen.images[0], unseen.landmarks[0]
    for wrong, message in [
        ((image[None], start), "grey images"),
        ((image, start[:-1]), "68 landmarks, got 67"),
        ((image, start * np.nan), "landmark 0 of face 0"),
        ((np.full_like(image, 9), start), "no edge"),
        ((image, np.ones_like(start)), "coincide"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit_face(*wrong)


def test_every_method_refuses_what_is_no_face(learned, unseen):
    model, _ = learned
    image, landmarks = unseen.images[0].astype(float), unseen.landmarks[0]
    nan = np.where(image == image[5, 5], np.nan, image)
    for method in ("fit_face", "parameters", "shape_free"):
        for wrong, message in [
            ((nan, landmarks), "finite real pixels"),
            ((image[None], landmarks), "grey images"),
            ((image, landmarks[:-1]), "68 landmarks, got 67"),
            ((image, landmarks * np.nan), "landmark 0 of face 0"),
        ]:
            with pytest.raises(ValueError, match=message):
                getattr(model, method)(*wrong)
        with pytest.raises(NotFittedError):
            getattr(ActiveAppearanceModel(), method)(image, landmarks)
    with pytest.raises(ValueError, match="finite real pixels"):
        model.transform(nan[None], landmarks[None])
    with pytest.raises(ValueError, match="expected 1 grey images"):
        model.transform(unseen.images[:2], landmarks[None])
    with pytest.raises(NotFittedError):
        ActiveAppearanceModel().transform(image[None], landmarks[None])
