"""haar.samples: CSV, info.dat, bg.txt and .vec, read, written and refused."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from haar.samples import (
    SampleError,
    from_boxes,
    from_crops,
    read_background,
    read_crops,
    read_csv,
    read_info,
    read_vec,
    write_csv,
    write_vec,
)

GREY = np.arange(200, dtype=np.uint8).reshape(10, 20)


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "b.png", "deep/c d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(GREY).save(tmp_path / name)
    return tmp_path


def write(folder, text, name="list"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


# -- CSV ------------------------------------------------------------------------------------------


def test_a_csv_names_pictures_and_their_boxes(folder):
    path = write(folder, "file,x,y,w,h\na.png,1,2.5,3,4\n\ndeep/c d.png,,,,\na.png,5,5,2,2\n")
    assert read_csv(path) == {
        folder / "a.png": [(1, 2.5, 3, 4), (5, 5, 2, 2)],
        folder / "deep" / "c d.png": [],
    }


def test_a_written_csv_is_read_again(folder):
    boxes = {"a.png": [(1.0, 2.25, 3.0, 4.0)], "b.png": []}
    write_csv(folder / "list", boxes)
    assert read_csv(folder / "list") == {folder / name: own for name, own in boxes.items()}


def test_excels_byte_order_mark_and_windows_separators_are_no_problem(folder):
    path = write(folder, "\ufefffile,x,y,w,h\r\ndeep\\c d.png,1,2,3,4\r\n")
    assert [len(own) for own in read_csv(path).values()] == [1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the header file,x,y,w,h, got nothing"),
        ("name,x,y,w,h\n", "line 1: expected the header file,x,y,w,h, got name,x,y,w,h"),
        ("file,x,y,w,h\na.png,1,2,3\n", "line 2: expected 5 cells, got 4"),
        ("file,x,y,w,h\na.png,1,2,3,4\na.png,1,2,,4\n", "line 3: expected four numbers"),
        ("file,x,y,w,h\na.png,1,2,three,4\n", "got '1 2 three 4'"),
        ("file,x,y,w,h\na.png,1,2,0,4\n", "a width and height above 0"),
        ("file,x,y,w,h\na.png,1,2,nan,4\n", "a width and height above 0"),
    ],
)
def test_a_malformed_csv_is_named_with_its_line(folder, text, message):
    with pytest.raises(SampleError) as error:
        read_csv(write(folder, text))
    assert message in str(error.value)


def test_a_picture_that_does_not_exist_is_named_with_its_line(folder):
    with pytest.raises(FileNotFoundError, match=r"line 2: there is no file 'z.png'"):
        read_csv(write(folder, "file,x,y,w,h\nz.png,1,2,3,4\n"))


# -- OpenCV's lists -------------------------------------------------------------------------------


def test_info_dat_has_the_number_of_boxes_first(folder):
    path = write(folder, "# faces\na.png 2  1 2 3 4  5 6 7 8\nb.png 0\n")
    assert read_info(path) == {
        folder / "a.png": [(1, 2, 3, 4), (5, 6, 7, 8)],
        folder / "b.png": [],
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.png", "expected a file and the number of its boxes, got 'nothing'"),
        ("a.png one 1 2 3 4", "got 'one'"),
        ("a.png 2 1 2 3 4", "2 boxes expect 8 numbers, got 4"),
        ("a.png 1 1 2 3 0", "a width and height above 0"),
    ],
)
def test_a_malformed_info_dat_is_named_with_its_line(folder, line, message):
    with pytest.raises(SampleError, match="line 2") as error:
        read_info(write(folder, f"b.png 0\n{line}\n"))
    assert message in str(error.value)


def test_bg_txt_is_a_picture_a_line(folder):
    path = write(folder, "a.png\n\n# not this one\ndeep/c d.png\n")
    assert read_background(path) == [folder / "a.png", folder / "deep" / "c d.png"]


# -- pictures -------------------------------------------------------------------------------------


def test_boxes_become_samples(folder):
    samples = from_boxes({folder / "a.png": [(1, 2, 3, 4), (0, 0, 20, 10)], folder / "b.png": []})
    assert [sample.box for sample in samples] == [(1, 2, 3, 4), (0, 0, 20, 10)]
    assert all((sample.grey == GREY).all() for sample in samples)


def test_a_box_outside_of_its_picture_is_named(folder):
    with pytest.raises(SampleError, match=r"a.png: the middle of the box 30 0 4 4 lies outside"):
        from_boxes({folder / "a.png": [(30, 0, 4, 4)]})


def test_a_margin_is_what_a_crop_has_beyond_its_box():
    (sample,) = from_crops([GREY], 0.1)
    assert sample.box == pytest.approx((2, 1, 16, 8))
    (sample,) = from_crops([GREY], (0.1, 0.2, 0.3, -0.2))
    assert sample.box == pytest.approx((2, 2, 12, 10))


def test_a_margin_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="shares that leave a box"):
        from_crops([GREY], 0.5)


def test_a_folder_of_crops_is_read_in_the_order_of_names(folder):
    Image.fromarray(np.full((3, 3), 9, np.uint8)).save(folder / "A first.png")
    write(folder, "no picture", "notes.txt")
    crops = read_crops(folder)
    assert [crop.shape for crop in crops] == [(3, 3), (10, 20), (10, 20), (10, 20)]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no picture in this folder"):
        read_crops(tmp_path)


# -- .vec -----------------------------------------------------------------------------------------


def test_a_vec_file_by_hand(tmp_path):
    path = tmp_path / "two.vec"
    path.write_bytes(
        struct.pack("<iihh", 2, 4, 0, 0)
        + struct.pack("<B4h", 0, 1, 2, 3, 4)
        + struct.pack("<B4h", 0, 250, 251, 252, 255)
    )
    assert read_vec(path, (2, 2)).tolist() == [[[1, 2], [3, 4]], [[250, 251], [252, 255]]]


@given(st.integers(0, 4), st.integers(1, 6), st.integers(1, 6))
def test_what_is_written_is_read(tmp_path_factory, N, h, w):
    path = tmp_path_factory.mktemp("vec") / "some.vec"
    windows = np.random.default_rng(N).integers(0, 256, (N, h, w)).astype(np.uint8)
    write_vec(path, windows)
    assert path.stat().st_size == 12 + N * (1 + 2 * h * w)
    again = read_vec(path, (w, h))
    assert again.shape == windows.shape and (again == windows).all()


def vec(count, pixels, values):
    return struct.pack("<iihh", count, pixels, 0, 0) + struct.pack(f"<B{len(values)}h", 0, *values)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"short", "begins with 12 bytes, got 5"),
        (vec(1, 9, range(9)), "expected windows of 2×2 = 4 pixels, got 9, as 3×3 windows have"),
        (vec(2, 4, range(4)), "expect 30 bytes, got 21; the end is missing"),
        (vec(1, 4, range(5)), "no .vec file, or damaged"),
        (vec(1, 4, (0, 1, 2, 256)), "expected pixels 0…255, got 0…256"),
        (vec(-1, 4, range(4)), "expected a number of windows and of pixels, got -1, 4"),
    ],
)
def test_a_malformed_vec_file_is_refused(tmp_path, data, message):
    (tmp_path / "bad.vec").write_bytes(data)
    with pytest.raises(SampleError) as error:
        read_vec(tmp_path / "bad.vec", (2, 2))
    assert message in str(error.value)


def test_only_windows_of_bytes_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"expects windows \(N, h, w\) of uint8"):
        write_vec(tmp_path / "bad.vec", np.zeros((2, 3, 3)))
