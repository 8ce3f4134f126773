"""A folder of labelled photos becomes a folder of faces."""

import numpy as np
import pytest
from PIL import Image

from scratchnet.fer import DataError, load_folder
from scratchnet.fer.cropping import crop_faces, labelled_photos
from scratchnet.fer.crops import cut_face
from tests.fer.recognition import Everywhere, noise

SMALL, LARGE = (10, 10, 45, 45), (70, 30, 60, 60)


def photos_in(folder, *names):
    for seed, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(120, 160, seed)).save(path)
    return labelled_photos(folder)


def test_the_largest_face_of_each_photo_in_the_folder_of_its_class(tmp_path):
    photos = photos_in(tmp_path / "in", "happy/a.png", "sad/b.png")
    done = list(crop_faces(photos, tmp_path / "out", Everywhere(SMALL, LARGE)))
    assert [cropped.face for cropped in done] == [
        tmp_path / "out" / "happy" / "a.png",
        tmp_path / "out" / "sad" / "b.png",
    ]
    assert [cropped.faces for cropped in done] == [2, 2]
    grey = np.asarray(Image.open(photos[0]).convert("L"))
    faces = load_folder(tmp_path / "out")
    assert faces.class_names == ("Happy", "Sad")
    assert (faces.images[0] == cut_face(grey, LARGE)).all()


def test_photos_without_a_face_and_broken_ones_are_told_and_the_others_go_on(tmp_path):
    photos_in(tmp_path / "in", "happy/a.png", "happy/c.png")
    Image.new("L", (30, 30)).save(tmp_path / "in" / "happy" / "b.png")
    (tmp_path / "in" / "happy" / "d.png").write_text("no picture")
    photos = labelled_photos(tmp_path / "in")
    done = list(crop_faces(photos, tmp_path / "out", Everywhere(LARGE), size=64))
    assert [cropped.face is not None for cropped in done] == [True, False, True, False]
    assert done[1].error is None and "no picture of a format" in done[3].error
    with Image.open(done[0].face) as face:
        assert (face.size, face.mode) == ((64, 64), "L")


def test_photos_of_one_name_do_not_overwrite_each_other(tmp_path):
    photos = photos_in(tmp_path / "in", "happy/a.bmp", "happy/a.png")
    done = list(crop_faces(photos, tmp_path / "out", Everywhere(LARGE)))
    assert [cropped.face.name for cropped in done] == ["a.png", "a-2.png"]


def test_wrong_folders(tmp_path):
    photos = photos_in(tmp_path / "in", "happy/a.png")
    with pytest.raises(DataError, match="holds the photos themselves"):
        next(crop_faces(photos, tmp_path / "in", Everywhere(LARGE)))
    with pytest.raises(DataError, match="expected one sub-folder of photos for each expression"):
        labelled_photos(tmp_path / "in" / "happy")
