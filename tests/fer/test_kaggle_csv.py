import gzip

import numpy as np
import pytest

from scratchnet.fer.datasets import DataError
from scratchnet.fer.kaggle_csv import read_kaggle_csv

FACE = np.arange(2304) % 256
PIXELS = " ".join(map(str, FACE))


def row(emotion="3", pixels=PIXELS, usage="Training"):
    return f"{emotion},{pixels},{usage}"


def read(folder, *rows, header="emotion,pixels,Usage", end="\n"):
    path = folder / "faces.csv"
    path.write_bytes(("\n".join([header, *rows]) + end).encode())
    return read_kaggle_csv(path)


def with_value(index, value):
    """The good pixels, but for one."""
    values = PIXELS.split()
    values[index] = value
    return " ".join(values)


def test_a_row_is_a_label_a_picture_row_by_row_and_a_split(tmp_path):
    faces = read(tmp_path, row(), row("0", "0 " + "255 " * 2303, "PublicTest"))
    assert faces.labels.tolist() == [3, 0]
    assert (faces.labels.dtype, faces.images.dtype) == (np.int64, np.uint8)
    assert faces.usage is not None and faces.usage.tolist() == ["Training", "PublicTest"]
    assert faces.images[0, 0, :3].tolist() == [0, 1, 2]
    assert faces.images[0, 1, 0] == 48
    assert np.array_equal(faces.images[0].ravel(), FACE)
    assert faces.images[1].sum() == 255 * 2303


def test_columns_may_stand_in_any_order_with_spaces_quotes_and_a_bom(tmp_path):
    faces = read(tmp_path, f'Training,"{PIXELS}","6"', header="\ufeffusage, PIXELS, emotion")
    assert faces.labels.tolist() == [6]
    assert np.array_equal(faces.images[0].ravel(), FACE)


def test_usage_may_be_missing(tmp_path):
    assert read(tmp_path, f"1,{PIXELS}", header="emotion,pixels").usage is None


def test_windows_line_ends_blank_lines_and_a_missing_last_line_end_are_no_faults(tmp_path):
    faces = read(tmp_path, row() + "\r", "", "  ", row("4") + "\r", row("5"), end="")
    assert faces.labels.tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row(pixels=PIXELS[:-4]), r"2,303 pixels, expected 2,304 \(48×48\)"),
        (row(pixels=PIXELS + " 7"), r"2,305 pixels, expected 2,304"),
        (row(pixels=""), r"0 pixels, expected 2,304"),
        (row(pixels=with_value(9, "256")), r"pixel value 256, expected 0 to 255"),
        (row(pixels=with_value(9, "65537")), r"pixel value 65537, expected 0 to 255"),
        (row(pixels=with_value(9, "18446744073709551617")), r"pixel value \d+, expected 0 to 255"),
        (row(pixels=with_value(0, "-1")), r"pixels hold '-', expected whole numbers 0 to 255"),
        (row(pixels=with_value(2303, "5x")), r"pixels hold 'x', expected whole numbers"),
        (row(pixels=with_value(7, "1.5")), r"pixels hold '\.', expected whole numbers"),
        (row(pixels=with_value(7, "nan")), r"pixels hold 'nan', expected whole numbers"),
        (row("7"), r"emotion '7', expected 0 to 6"),
        (row("-1"), r"emotion '-1', expected 0 to 6"),
        (row(""), r"emotion '', expected 0 to 6"),
        (row("happy"), r"emotion 'happy', expected 0 to 6"),
        (row(usage="Test"), r"Usage 'Test', expected Training, PublicTest, PrivateTest"),
        (row(usage=""), r"Usage '', expected"),
        (f"3,{PIXELS}", r"2 columns, expected 3"),
        (row() + ",more", r"4 columns, expected 3"),
    ],
)
def test_a_malformed_row_is_named_by_its_number(tmp_path, bad, message):
    with pytest.raises(
        DataError,
        match=r"^faces\.csv has 1 malformed row \(the header is row 1\): row 3: "
        + message
        + r".*\. Download it again, or correct or remove the rows$",
    ):
        read(tmp_path, row(), bad, row())


def test_many_malformed_rows_are_counted_and_the_first_named(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, row("9"), row(), *[row("8")] * 1200)
    assert str(caught.value) == (
        "faces.csv has 1,201 malformed rows (the header is row 1): "
        "row 2: emotion '9', expected 0 to 6; row 4: emotion '8', expected 0 to 6; "
        "row 5: emotion '8', expected 0 to 6; and 1,198 more. "
        "Download it again, or correct or remove the rows"
    )


def test_row_numbers_count_blank_lines_as_an_editor_does(tmp_path):
    with pytest.raises(DataError, match="row 4: emotion '9'"):
        read(tmp_path, row(), "", row("9"))


def test_a_file_cut_off_in_its_last_row_is_called_truncated(tmp_path):
    hint = "ends inside its last row: is it truncated"
    with pytest.raises(DataError, match=hint):
        read(tmp_path, row(), row()[:5000], end="")
    with pytest.raises(DataError, match=hint):
        read(tmp_path, row(), row()[:-3], end="")
    with pytest.raises(DataError) as caught:
        read(tmp_path, row("9"), row(), end="")
    assert "truncated" not in str(caught.value)


def test_a_row_without_end_is_not_read_into_memory_whole(tmp_path):
    with pytest.raises(DataError, match="row 2: 1 columns, expected 3"):
        read(tmp_path, "1 " * 200_000)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("pixels,Usage", r"has no column emotion: expected the header emotion,pixels,Usage, got"),
        ("emotion,Usage", r"has no column pixels: expected"),
        ("a,b", r"no column emotion and no column pixels: .* got 'a,b'; is it FER2013's CSV"),
        ("\0\x01\x02", r"no column emotion and no column pixels"),
    ],
)
def test_a_wrong_header_is_shown(tmp_path, header, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, row(), header=header)


def test_a_header_without_rows_is_no_dataset(tmp_path):
    with pytest.raises(DataError, match=r"faces\.csv has a header but no rows"):
        read(tmp_path)


def test_a_tar_archive_is_named(tmp_path):
    tar = bytearray(2048)
    tar[257:262] = b"ustar"
    (tmp_path / "fer2013.tar.gz").write_bytes(gzip.compress(bytes(tar)))
    with pytest.raises(DataError, match=r"is a tar archive; unpack it and give fer2013\.csv"):
        read_kaggle_csv(tmp_path / "fer2013.tar.gz")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_progress_counts_bytes_of_the_file_up_to_its_size(tmp_path, pack):
    path = tmp_path / "faces.csv"
    path.write_bytes(pack("\n".join(["emotion,pixels,Usage", *[row()] * 600]).encode()))
    calls = []
    read_kaggle_csv(path, lambda done, total: calls.append((done, total)))
    done, totals = zip(*calls, strict=True)
    assert set(totals) == {path.stat().st_size}
    assert list(done) == sorted(done) and done[-1] == totals[0]
    assert len(done) == 3  # after 256 rows, after 512, and at the end
    assert pack is gzip.compress or 0.4 < done[0] / totals[0] < 0.45
