"""Odd photos: each is read right, or refused in one clear sentence."""

import numpy as np
import pytest
from PIL import Image

from scratchnet.fer import PhotoError
from scratchnet.fer.photos import read_photo

WHITE, HALF = 255, 128


def read(photo, **options):
    picture = read_photo(photo, **options)
    assert picture.mode in ("L", "RGB")
    return np.asarray(picture)


# -- formats --------------------------------------------------------------------------------------


def test_a_photo_stands_as_the_camera_stood(tmp_path):
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20] = 255  # the left half is white …
    exif = Image.Exif()
    exif[0x0112] = 6  # … and the camera was turned: to be shown a quarter turn clockwise
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    upright = read(tmp_path / "turned.png")
    assert upright.shape == (40, 20, 3)
    assert (upright[:20] == 255).all() and (upright[20:] == 0).all()
    with Image.open(tmp_path / "turned.png") as opened:
        assert (read(opened) == upright).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_are_turned_back(tmp_path, orientation):
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
    stored = {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.T,
        6: np.rot90(pixels),
        7: pixels[::-1, ::-1].T,
        8: np.rot90(pixels, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.fromarray(np.ascontiguousarray(stored[orientation]))
    picture.save(tmp_path / "photo.png", exif=exif)
    assert read(tmp_path / "photo.png").tolist() == pixels.tolist()


def test_sixteen_bits_become_the_upper_eight(tmp_path):
    deep = np.array([[0, 255, 256, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert read(tmp_path / "deep.png").tolist() == [[0, 0, 1, 255]]
    assert read(deep).tolist() == [[0, 0, 1, 255]]


def test_whole_numbers_of_32_bits_are_scaled_only_if_they_have_to_be():
    assert read(np.array([[0, 200]], np.int32)).tolist() == [[0, 200]]
    assert read(np.array([[0, 51200]], np.int32)).tolist() == [[0, 200]]
    assert read(Image.fromarray(np.array([[0, 51200]], np.int32))).tolist() == [[0, 200]]


def test_cmyk_becomes_colours(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    red, green, blue = np.moveaxis(read(tmp_path / "red.jpg").astype(int), -1, 0)
    assert (red > 245).all() and (green < 12).all() and (blue < 12).all()


def test_what_is_transparent_lies_over_white():
    layer = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    layer.putpixel((1, 0), (0, 0, 0, 127))
    assert read(layer)[0].tolist() == [[WHITE] * 3, [HALF] * 3]
    assert read(np.asarray(layer))[0].tolist() == [[WHITE] * 3, [HALF] * 3]
    assert read(Image.new("LA", (1, 1), (0, 0))).tolist() == [[WHITE]]
    assert read(layer.convert("RGBa"))[0].tolist() == [[WHITE] * 3, [HALF] * 3]


def test_a_palette_with_a_transparent_colour(tmp_path):
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "palette.png", transparency=0)
    assert read(tmp_path / "palette.png")[0].tolist() == [[255, 255, 255], [40, 50, 60]]


def test_one_bit_is_black_and_white(tmp_path):
    Image.fromarray(np.array([[False, True]])).save(tmp_path / "bits.png")
    assert read(tmp_path / "bits.png").tolist() == [[0, 255]]
    assert read(np.array([[False, True]])).tolist() == [[0, 255]]


def test_a_moving_picture_is_its_first_frame(tmp_path):
    frames = [Image.new("L", (8, 8), grey) for grey in (30, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert (read(tmp_path / "moving.gif") == 30).all()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_an_ordinary_picture_stays_what_it_is(mode):
    picture = Image.new(mode, (3, 2), "gray")
    assert read_photo(picture).mode == mode
    assert (read(picture) == np.asarray(picture)).all()


# -- arrays ---------------------------------------------------------------------------------------


def test_the_order_of_an_arrays_channels():
    pixel = np.array([[[1, 2, 3]]], np.uint8)
    assert read(pixel).ravel().tolist() == [1, 2, 3]
    assert read(pixel, channels="bgr").ravel().tolist() == [3, 2, 1]
    translucent = np.array([[[1, 2, 3, 255]]], np.uint8)
    assert read(translucent, channels="bgr").ravel().tolist() == [3, 2, 1]


def test_an_array_of_grey_may_have_an_axis_for_channels():
    assert read(np.full((4, 5, 1), 7, np.uint8)).shape == (4, 5)


@pytest.mark.parametrize(
    ("photo", "complaint"),
    [
        (np.zeros((3, 40, 40), np.uint8), r"got \(3, 40, 40\); channels come last"),
        (np.zeros((2, 40, 40, 3), np.uint8), "this is a batch"),
        (np.zeros((40, 40)), "if white is 1.0"),
        (np.zeros((0, 40), np.uint8), "was the file read"),
        (np.full((4, 4), -1, np.int64), "got -1…-1"),
        (np.full((4, 4), 70000), "8 or 16 bits, got 70000"),
    ],
)
def test_arrays_that_are_no_photos(photo, complaint):
    with pytest.raises(PhotoError, match=complaint):
        read_photo(photo)


def test_unknown_channels():
    with pytest.raises(PhotoError, match="channels expects 'rgb' or 'bgr', got 'gbr'"):
        read_photo(np.zeros((4, 4, 3), np.uint8), "gbr")


# -- what cannot be read --------------------------------------------------------------------------


def refused(photo):
    with pytest.raises(PhotoError) as caught:
        read_photo(photo)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_missing_file(tmp_path):
    assert refused(tmp_path / "no.jpg").endswith("no.jpg: there is no such file")
    assert "this is a folder" in refused(tmp_path)


def test_a_text_that_is_named_like_a_picture(tmp_path):
    (tmp_path / "text.jpg").write_text("this is no picture")
    assert "no picture of a format that Pillow reads" in refused(tmp_path / "text.jpg")
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert "no picture of a format that Pillow reads" in refused(tmp_path / "empty.jpg")


@pytest.mark.parametrize("ending", ["jpg", "png", "gif", "tif", "webp"])
def test_a_file_that_stops_in_the_middle(tmp_path, ending):
    path = tmp_path / f"half.{ending}"
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert f"half.{ending}: " in refused(path)


def test_a_decompression_bomb(tmp_path, monkeypatch):
    Image.new("L", (100, 100)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 9_000)  # Pillow warns
    assert "it has more than 9,000 pixels" in refused(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4_000)  # Pillow refuses
    assert "raise PIL.Image.MAX_IMAGE_PIXELS if you trust it" in refused(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    assert read(tmp_path / "bomb.png").shape == (100, 100)


def test_floating_point_pixels(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "float.tif")
    assert "nobody says where white is" in refused(tmp_path / "float.tif")


def test_a_damaged_note_of_the_camera_does_not_spoil_the_picture(tmp_path):
    Image.new("L", (8, 8), 90).save(tmp_path / "note.png", exif=b"Exif\x00\x00MM\x00*\x00\x00\xff")
    assert (read(tmp_path / "note.png") == 90).all()
