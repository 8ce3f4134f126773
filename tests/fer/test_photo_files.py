"""Which files are photos, and where drawings go."""

import numpy as np
from PIL import Image

from scratchnet.fer.photo_files import drawing_names, find_photos, is_drawing, save_drawing


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8)).save(path)
    return path


def test_files_folders_and_patterns_each_photo_once(tmp_path):
    one, two = put(tmp_path / "a" / "one.png"), put(tmp_path / "a" / "deep" / "two.JPG")
    (tmp_path / "a" / "notes.txt").write_text("x")
    found, complaints = find_photos([one, tmp_path / "a", f"{tmp_path}/**/*.JPG"])
    assert (found, complaints) == ([one, two], [])


def test_a_file_is_taken_as_it_is_given(tmp_path):
    odd = tmp_path / "photo"
    put(tmp_path / "photo.png").rename(odd)
    assert find_photos([odd, tmp_path / "missing.jpg"]) == ([odd, tmp_path / "missing.jpg"], [])
    brackets = put(tmp_path / "a[1].png")  # a name before it is a pattern
    assert find_photos([brackets]) == ([brackets], [])


def test_what_is_asked_for_in_vain_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    found, complaints = find_photos([tmp_path / "empty", f"{tmp_path}/*.gif"])
    assert found == []
    assert complaints == [
        f"{tmp_path}/empty holds no pictures",
        f"nothing matches {tmp_path}/*.gif",
    ]


def test_a_drawing_is_no_photo(tmp_path):
    photo = put(tmp_path / "photo.jpg")
    save_drawing(Image.new("RGB", (30, 20), "white"), tmp_path / "drawn.jpg")
    assert is_drawing(tmp_path / "drawn.jpg") and not is_drawing(photo)
    assert find_photos([tmp_path])[0] == [photo]
    with Image.open(tmp_path / "drawn.jpg") as drawn:
        assert (np.asarray(drawn) == 255).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn.jpg", "photo.jpg"]


def test_no_photo_is_overwritten_and_a_drawing_is(tmp_path):
    photos = [put(tmp_path / "a.jpg"), put(tmp_path / "b" / "a.png"), put(tmp_path / "c.png")]
    names = drawing_names(photos, tmp_path)
    assert [path.name for path in names] == ["a-2.jpg", "a-3.jpg", "c.jpg"]
    save_drawing(Image.new("RGB", (8, 8)), names[2])
    assert drawing_names(photos, tmp_path) == names
