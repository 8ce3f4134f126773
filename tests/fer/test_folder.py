import numpy as np
import pytest
from PIL import Image

from scratchnet.fer.datasets import DataError
from scratchnet.fer.folder import load_folder, read_face
from scratchnet.fer.photos import read_photo


def put(path, grey=0, size=(48, 48)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, grey).save(path)
    return path


def test_emotions_count_in_fer2013s_order_whatever_their_case(tmp_path):
    for grey, name in [(1, "sad"), (2, "HAPPY"), (3, "angry")]:
        put(tmp_path / name / "face.png", grey)
    data = load_folder(tmp_path)
    assert data.class_names == ("Angry", "Happy", "Sad")
    assert data.labels.tolist() == [0, 1, 2]
    assert data.images[:, 0, 0].tolist() == [3, 2, 1]
    assert data.images.shape == (3, 48, 48)
    assert data.usage is None


def test_other_names_count_in_their_own_order(tmp_path):
    for name in ["wink", "Happy", "bored"]:
        put(tmp_path / name / "face.png")
    assert load_folder(tmp_path).class_names == ("Happy", "bored", "wink")


def test_seven_and_six_number_labels_as_load_fer2013_does(tmp_path):
    for name in ["disgust", "happy", "neutral"]:
        put(tmp_path / name / "face.png")
    seven, six = load_folder(tmp_path, classes=7), load_folder(tmp_path, classes=6)
    assert seven.labels.tolist() == [1, 3, 6] and len(seven.class_names) == 7
    assert six.labels.tolist() == [0, 2, 5] and len(six.class_names) == 6


def test_files_come_by_name_within_a_class(tmp_path):
    for grey, name in [(2, "b.png"), (1, "a.bmp"), (3, "c.tiff")]:
        put(tmp_path / "happy" / name, grey)
    assert load_folder(tmp_path).images[:, 0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "tiff", "webp", "pgm", "ppm"])
def test_any_image_format(tmp_path, suffix):
    put(tmp_path / "happy" / f"face.{suffix}", 128)
    assert np.abs(load_folder(tmp_path).images.astype(int) - 128).max() <= 1


def test_what_systems_leave_lying_about_is_not_a_face(tmp_path):
    put(tmp_path / "happy" / "face.png")
    for name in [".DS_Store", "Thumbs.db", "desktop.ini"]:
        (tmp_path / "happy" / name).write_bytes(b"x")
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.txt").write_text("about these faces")
    assert len(load_folder(tmp_path)) == 1


def test_colours_become_grey_by_bt601(tmp_path):
    Image.new("RGB", (48, 48), (255, 0, 0)).save(tmp_path / "red.png")
    assert (read_face(tmp_path / "red.png") == 76).all()  # 0.299 · 255 = 76.2


def test_a_larger_picture_is_averaged_not_thinned_out(tmp_path):
    board = np.indices((96, 96)).sum(axis=0) % 2 * 255  # every second pixel would be all black
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "board.png")
    face = read_face(tmp_path / "board.png")
    assert face.shape == (48, 48)
    assert np.abs(face[1:-1, 1:-1].astype(int) - 127).max() <= 1


def test_size_is_the_side_in_pixels(tmp_path):
    put(tmp_path / "happy" / "face.png", 9, size=(100, 60))
    assert load_folder(tmp_path, size=64).images.shape == (1, 64, 64)


def test_the_cameras_orientation_is_obeyed(tmp_path):
    top_white = np.zeros((48, 48), np.uint8)
    top_white[:24] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # the camera stood on its head
    Image.fromarray(top_white).save(tmp_path / "face.png", exif=exif)
    face = read_face(tmp_path / "face.png")
    assert (face[:24] == 0).all() and (face[24:] == 255).all()


def test_sixteen_bits_are_scaled_not_cut_off(tmp_path):
    Image.fromarray(np.full((48, 48), 128 * 256, np.uint16)).save(tmp_path / "deep.png")
    assert (read_face(tmp_path / "deep.png") == 128).all()


def test_palettes_with_transparency_are_read(tmp_path):
    picture = Image.new("P", (48, 48), 1)
    picture.putpalette([0, 0, 0, 100, 100, 100])
    picture.save(tmp_path / "face.png", transparency=bytes([0, 255]))
    assert (read_face(tmp_path / "face.png") == 100).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_lies_over_white_as_in_recognition(tmp_path, mode):
    picture = Image.new("RGBA", (60, 48), (0, 0, 0, 255))
    picture.paste((90, 20, 70, 0), (0, 0, 30, 48))  # nobody sees the left half
    (picture.quantize(8) if mode == "P" else picture.convert(mode)).save(tmp_path / "face.png")
    face = read_face(tmp_path / "face.png")
    assert (face[:, :22] == 255).all() and (face[:, -22:] == 0).all()
    grey = read_photo(tmp_path / "face.png").convert("L")
    assert (face == np.asarray(grey.resize((48, 48), Image.Resampling.BILINEAR))).all()


def test_broken_pictures_are_reported_together(tmp_path):
    whole = put(tmp_path / "happy" / "whole.png", size=(200, 200))
    (tmp_path / "happy" / "a.png").write_bytes(b"no picture")
    (tmp_path / "happy" / "b.png").write_bytes(whole.read_bytes()[:60])
    (tmp_path / "happy" / "notes.txt").write_text("to do")
    put(tmp_path / "sad" / "face.png")
    (tmp_path / "sad" / "empty.jpg").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        load_folder(tmp_path)
    message = str(caught.value).replace("\\", "/")
    assert message.startswith("4 of 6 files in ")
    assert message.endswith(
        "cannot be read as pictures: happy/a.png, happy/b.png, happy/notes.txt and 1 more; "
        "replace or remove them"
    )


def test_wrong_folders_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder"):
        load_folder(tmp_path / "none")
    with pytest.raises(DataError, match="has no sub-folders; expected one for each class"):
        load_folder(tmp_path)
    with pytest.raises(DataError, match="is a file, expected a folder; use load_fer2013"):
        load_folder(put(tmp_path / "face.png"))
    (tmp_path / "happy").mkdir()
    with pytest.raises(DataError, match="class folder happy has no pictures; add some, or remove"):
        load_folder(tmp_path)
    put(tmp_path / "train" / "happy" / "face.png")
    put(tmp_path / "happy" / "face.png")
    with pytest.raises(DataError, match=r"train has no pictures; .* give .*train itself"):
        load_folder(tmp_path)


def test_folders_that_are_no_emotions_do_not_fit_seven_classes(tmp_path):
    for name in ["happy", "wink"]:
        put(tmp_path / name / "face.png")
    with pytest.raises(DataError, match=r"7 classes expect folders named Angry, .* got wink"):
        load_folder(tmp_path, classes=7)
    with pytest.raises(ValueError, match="classes must be 7"):
        load_folder(tmp_path, classes=5)


def test_folders_that_differ_only_in_case_are_refused(tmp_path):
    put(tmp_path / "happy" / "face.png")
    if (tmp_path / "Happy").exists():
        pytest.skip("this file system does not tell case apart")
    put(tmp_path / "Happy" / "face.png")
    with pytest.raises(DataError, match="differ only in case; merge them"):
        load_folder(tmp_path)
