"""The recogniser: the pixels of training, the classes that are asked for, batches, complaints."""

import json

import numpy as np
import pytest
from PIL import Image

from scratchnet import losses
from scratchnet.fer import EmotionRecognizer, PhotoError, load_folder
from scratchnet.fer.cropping import crop_faces
from scratchnet.fer.labels import SEVEN, SIX, merge_disgust
from scratchnet.fer.pack import pack
from scratchnet.fer.preprocess import Preprocessing
from scratchnet.serialization import FormatError
from tests.fer.recognition import Everywhere, network, noise

BOXES = [(30, 40, 45, 45), (90, 20, 60, 60)]


@pytest.fixture
def recognizer():
    return EmotionRecognizer(network(), Everywhere(*BOXES))


# -- training and serving -------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [(), ({"step": "equalise"}, {"step": "median", "size": 3})])
def test_recognition_sees_the_pixels_of_training(tmp_path, monkeypatch, steps):
    """A photo by way of `crop` and a training folder, and the same photo in recognition."""
    photos = tmp_path / "photos"
    for seed, name in enumerate(["happy", "sad"]):
        (photos / name).mkdir(parents=True)
        Image.fromarray(noise(160, 200, seed)).save(photos / name / "one.png")
    files = sorted(photos.glob("*/*"))
    cascade, size = Everywhere(BOXES[1]), 48
    assert all(done.face for done in crop_faces(files, tmp_path / "faces", cascade, size=size))
    model = network(steps=steps)
    trained_on = Preprocessing(**model.preprocessing)(load_folder(tmp_path / "faces").images)

    model.save(tmp_path / "model")
    loaded = EmotionRecognizer.load(tmp_path / "model", cascade)
    served = []
    scores = type(model).scores
    monkeypatch.setattr(
        type(model), "scores", lambda self, x, **how: served.append(x) or scores(self, x, **how)
    )
    assert len(list(loaded.many(files))) == 2
    assert np.concatenate(served).tobytes() == trained_on.tobytes()


class Eyes:
    """A cascade that sees the same two eyes in every face, one higher than the other."""

    width = height = 20

    def detect(self, face, **search):
        side = face.shape[0]
        boxes = [(0.2, 0.3, 0.2, 0.2), (0.58, 0.24, 0.2, 0.2)]
        return np.array(boxes) * side


def test_registered_faces_are_the_pixels_of_training_too(tmp_path, monkeypatch):
    """Faces cropped by their eyes, and a model whose card says by which: the same pixels."""
    from scratchnet.fer import recognizer as module

    photo = tmp_path / "photos" / "happy" / "one.png"
    photo.parent.mkdir(parents=True)
    Image.fromarray(noise(160, 200)).save(photo)
    cascade = Everywhere(BOXES[1])
    assert next(crop_faces([photo], tmp_path / "plain", cascade)).face
    assert next(crop_faces([photo], tmp_path / "faces", cascade, eyes=Eyes())).face
    plain, trained_on = (load_folder(tmp_path / name).images for name in ("plain", "faces"))
    assert (trained_on != plain).any()

    network().save(tmp_path / "run")
    pack(tmp_path / "run", tmp_path / "model", {"eyes": "own-eye"})
    asked = []
    monkeypatch.setattr(module, "load_cascade", lambda name: asked.append(name) or Eyes())
    served = EmotionRecognizer.load(tmp_path / "model", cascade)
    (face,) = served(photo)
    assert asked == ["own-eye"]
    assert face.crop.tobytes() == trained_on[0].tobytes()
    (face,) = EmotionRecognizer.load(tmp_path / "model", cascade, eyes=None)(photo)
    assert face.crop.tobytes() == plain[0].tobytes()


def test_a_photo_is_answered_as_its_crops_are(recognizer):
    faces = recognizer(noise(160, 200))
    assert [tuple(face.box) for face in faces] == BOXES
    p = recognizer.predict_faces(np.stack([face.crop for face in faces]))
    for face, row in zip(faces, p, strict=True):
        assert list(face.probabilities) == list(SEVEN)
        np.testing.assert_allclose(list(face.probabilities.values()), row, rtol=1e-6)
        assert sum(face.probabilities.values()) == pytest.approx(1, abs=1e-12)
        assert all(type(p) is float for p in face.probabilities.values())
        assert all(type(side) is int for side in face.box)
        json.dumps(face.to_dict())


def test_a_path_a_picture_and_an_array_are_the_same_photo(recognizer, tmp_path):
    pixels = noise(160, 200)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    first = recognizer(pixels)
    assert len(first) == 2
    assert recognizer(tmp_path / "photo.png") == first
    assert recognizer(str(tmp_path / "photo.png")) == first
    assert recognizer(Image.fromarray(pixels)) == first
    assert recognizer(np.ascontiguousarray(pixels[:, :, ::-1]), "bgr") == first


def test_no_face_is_an_empty_list(recognizer):
    assert recognizer(noise(20, 20)) == []
    assert recognizer(np.zeros((1, 1), np.uint8)) == []


def test_an_unreadable_photo_is_one_kind_of_error(recognizer):
    with pytest.raises(PhotoError, match="there is no such file"):
        recognizer("nothing.jpg")


# -- classes --------------------------------------------------------------------------------------


def test_six_classes_count_disgust_as_angry():
    model, crops = network(), noise(48, 48)[None, :, :, 0]
    seven = EmotionRecognizer(model, Everywhere(), classes=7)
    six = EmotionRecognizer(model, Everywhere(), classes=6)
    assert (seven.class_names, six.class_names) == (SEVEN, SIX)
    p, q = seven.predict_faces(crops), six.predict_faces(crops)
    assert p.shape == (1, 7) and q.shape == (1, 6)
    assert (q == merge_disgust(p)).all()
    assert q[0, 0] == p[0, 0] + p[0, 1]


def test_other_classes_than_the_networks_are_refused():
    model = network(SIX)
    assert EmotionRecognizer(model, Everywhere()).class_names == SIX
    assert EmotionRecognizer(model, Everywhere(), classes=6).class_names == SIX
    with pytest.raises(ValueError, match="7 classes expect a network of Angry, Disgust"):
        EmotionRecognizer(model, Everywhere(), classes=7)
    own = network(("wink", "bored"))
    assert EmotionRecognizer(own, Everywhere()).class_names == ("wink", "bored")
    with pytest.raises(ValueError, match="got wink, bored; leave out classes"):
        EmotionRecognizer(own, Everywhere(), classes=6)


def test_a_network_without_names_has_fer2013s_by_their_number():
    model = network()
    model.class_names = None
    assert EmotionRecognizer(model, Everywhere()).class_names == SEVEN
    model = network(("a", "b"))
    model.class_names = None
    with pytest.raises(ValueError, match="does not name its 2 outputs"):
        EmotionRecognizer(model, Everywhere())


# -- how it is asked ------------------------------------------------------------------------------


def test_flip_is_the_mean_over_the_face_and_its_mirror_image(recognizer):
    crops = noise(48, 48)[None, :, :, 0]
    both = EmotionRecognizer(recognizer.models, Everywhere(), flip=True)
    mirrored = np.ascontiguousarray(crops[:, :, ::-1])
    plain = (recognizer.predict_faces(crops) + recognizer.predict_faces(mirrored)) / 2
    np.testing.assert_allclose(both.predict_faces(crops), plain, rtol=1e-5)


def test_several_networks_are_averaged():
    one, two, crops = network(seed=1), network(seed=2), noise(48, 48)[None, :, :, 0]
    mean = EmotionRecognizer([one, two], Everywhere()).predict_faces(crops)
    apart = [EmotionRecognizer(model, Everywhere()).predict_faces(crops) for model in (one, two)]
    np.testing.assert_allclose(mean, np.mean(apart, axis=0), rtol=1e-6)


def test_of_an_ensemble_fewer_may_be_asked_at_their_own_temperature(tmp_path):
    card = {"temperature": 0.5, "temperatures_of_fewer": [2.0], "networks": [{}, {}]}
    for seed, folder in enumerate((tmp_path / "box", tmp_path / "box" / "2")):
        network(seed=seed).save(tmp_path / "run")
        pack(tmp_path / "run", folder, card if not seed else {})
    both = EmotionRecognizer.load(tmp_path / "box", Everywhere())
    one = EmotionRecognizer.load(tmp_path / "box", Everywhere(), networks=1)
    assert (len(both.models), both.temperature) == (2, 0.5)
    assert (len(one.models), one.temperature) == (1, 2.0)


def test_a_higher_temperature_is_less_sure(recognizer):
    crops = noise(48, 48)[None, :, :, 0]
    cool = EmotionRecognizer(recognizer.models, Everywhere(), temperature=4.0)
    p, q = recognizer.predict_faces(crops)[0], cool.predict_faces(crops)[0]
    assert p.argmax() == q.argmax() and q.max() < p.max()
    scores = np.log(p) / 4
    np.testing.assert_allclose(q, np.exp(scores) / np.exp(scores).sum(), rtol=1e-4)


def test_the_card_says_how_to_ask(tmp_path):
    network().save(tmp_path / "model")
    plain = EmotionRecognizer.load(tmp_path / "model", Everywhere())
    assert (plain.flip, plain.temperature) == (False, 1.0)
    path = tmp_path / "model" / "model.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"card": {"flip": True, "temperature": 1.5}}))
    asked = EmotionRecognizer.load(tmp_path / "model", Everywhere())
    assert (asked.flip, asked.temperature) == (True, 1.5)
    told = EmotionRecognizer.load(tmp_path / "model", Everywhere(), flip=False)
    assert (told.flip, told.temperature) == (False, 1.5)
    path.write_text(json.dumps(document | {"card": {"flip": "yes"}}))
    with pytest.raises(FormatError, match="the card expects flip to be true or false"):
        EmotionRecognizer.load(tmp_path / "model", Everywhere())


@pytest.mark.parametrize(
    ("crops", "complaint"),
    [
        (np.zeros((48, 48), np.uint8), r"use crops\[np.newaxis\]"),
        (np.zeros((1, 64, 64), np.uint8), r"expects \(N, 48, 48\) uint8, got \(1, 64, 64\)"),
        (np.zeros((1, 48, 48)), "float64"),
    ],
)
def test_crops_of_another_kind_are_refused(recognizer, crops, complaint):
    with pytest.raises(ValueError, match=complaint):
        recognizer.predict_faces(crops)


def test_no_crops_have_no_probabilities(recognizer):
    assert recognizer.predict_faces(np.zeros((0, 48, 48), np.uint8)).shape == (0, 7)


def test_models_that_cannot_be_asked_are_refused():
    bare = network()
    bare.preprocessing = {}
    with pytest.raises(ValueError, match="does not say how pictures become its inputs"):
        EmotionRecognizer(bare, Everywhere())
    with pytest.raises(ValueError, match="temperature expects a number above 0, got 0"):
        EmotionRecognizer(network(), Everywhere(), temperature=0)
    hinge = network()
    hinge.loss = losses.SquaredHinge()
    with pytest.raises(ValueError, match="trained with SquaredHinge"):
        EmotionRecognizer(hinge, Everywhere())


# -- many photos ----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_many_photos_are_answered_as_each_alone(recognizer, tmp_path, batch_size):
    photos = []
    for i in range(7):
        photos.append(tmp_path / f"{i}.png")
        Image.fromarray(noise(160 if i % 3 else 70, 200, seed=i)).save(photos[-1])
    answers = list(recognizer.many(photos, batch_size))
    assert [answer.photo for answer in answers] == [str(photo) for photo in photos]
    for answer in answers:
        alone = recognizer(answer.photo)
        assert [f.box for f in answer.faces] == [f.box for f in alone]
        assert [f.status for f in answer.faces] == [f.status for f in alone]
        for one, other in zip(answer.faces, alone, strict=True):
            np.testing.assert_allclose(
                list(one.probabilities.values()), list(other.probabilities.values()), rtol=1e-5
            )


def test_a_broken_photo_is_an_answer_and_the_others_go_on(recognizer, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    answers = list(recognizer.many([noise(160, 200), tmp_path / "text.jpg", noise(160, 200)]))
    assert [len(answer.faces) for answer in answers] == [2, 0, 2]
    assert answers[0].error is None and "no picture of a format" in answers[1].error
    assert answers[0].photo == "<ndarray>"


def test_faces_of_several_photos_go_through_the_network_together(recognizer, monkeypatch):
    batches = []
    predict = recognizer.predict_faces
    monkeypatch.setattr(
        recognizer, "predict_faces", lambda crops: batches.append(len(crops)) or predict(crops)
    )
    photos = [noise(160, 200, seed) for seed in range(5)]
    assert len(list(recognizer.many(photos, batch_size=4))) == 5
    assert batches == [4, 4, 2]  # two faces in each photo


def test_photos_are_read_one_after_another_and_not_kept(recognizer):
    """Constant memory: no more photos are asked for than a batch needs."""
    asked = []

    def photos():
        for seed in range(100):
            asked.append(seed)
            yield noise(70, 80, seed)

    answers = recognizer.many(photos(), batch_size=5)
    next(answers)
    assert len(asked) == 5


def test_one_photo_is_not_many(recognizer):
    with pytest.raises(ValueError, match=r"got one, photo\.jpg; put it into a list"):
        next(recognizer.many("photo.jpg"))
    with pytest.raises(ValueError, match="batch_size expects at least 1, got 0"):
        next(recognizer.many([], 0))


# -- the box --------------------------------------------------------------------------------------


def test_without_a_network_in_the_box_it_says_how_to_get_one(monkeypatch, tmp_path):
    from scratchnet.fer import pretrained

    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    with pytest.raises(FileNotFoundError, match="train one with `python -m scratchnet train"):
        EmotionRecognizer.pretrained()


def test_the_network_in_the_box_is_asked_in_seven_or_six_classes(monkeypatch, tmp_path):
    from scratchnet.fer import pretrained, recognizer

    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    monkeypatch.setattr(recognizer, "default_cascade", Everywhere)
    network().save(tmp_path / pretrained.PRETRAINED)
    assert EmotionRecognizer.pretrained().class_names == SEVEN
    assert EmotionRecognizer.pretrained(classes=6).class_names == SIX
