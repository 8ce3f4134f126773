import gzip
import io
import zipfile

import pytest

from scratchnet.fer.datasets import DataError
from scratchnet.fer.packed import unpacked

TEXT = b"first\nsecond\n" * 500


def read(packed):
    with unpacked(io.BytesIO(packed), "data.csv") as lines:
        return b"".join(iter(lambda: lines.readline(100), b""))


def zipped(**files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in files.items():
            z.writestr(name.replace("_", "."), content)
    return archive.getvalue()


def test_plain_gzip_and_zip_read_the_same():
    assert read(TEXT) == read(gzip.compress(TEXT)) == read(zipped(a_csv=TEXT)) == TEXT


def test_a_zip_may_hold_other_files_beside_the_one_csv():
    assert read(zipped(readme_txt=b"hello", a_csv=TEXT)) == TEXT


def test_among_several_csvs_fer2013_is_the_one():
    assert read(zipped(test_csv=b"no", fer2013_csv=TEXT)) == TEXT
    with pytest.raises(DataError, match=r"one \.csv, .* holds a\.csv, b\.csv; unpack it"):
        read(zipped(a_csv=TEXT, b_csv=TEXT))
    with pytest.raises(DataError, match=r"but holds nothing; unpack it"):
        read(zipped())


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (b"", r"^data\.csv is empty; download it again$"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4\n", r"`git lfs pull`"),
        (b"\n<!DOCTYPE html><title>Log in</title>", r"is a web page, .*log in"),
        (gzip.compress(TEXT)[:-20], r"is truncated: .* download it again"),
        (gzip.compress(TEXT)[:-8] + bytes(8), r"is damaged \(.*\); download it again"),
        (zipped(a_csv=TEXT)[:-30], r"is damaged \(.*\); download it again"),
    ],
)
def test_what_is_no_sound_file_is_named(packed, message):
    with pytest.raises(DataError, match=message):
        read(packed)


def test_bytes_flipped_inside_a_zip_are_noticed():
    packed = bytearray(zipped(a_csv=bytes(range(256)) * 8))
    packed[60] ^= 255
    with pytest.raises(DataError, match="is damaged"):
        read(bytes(packed))


def test_an_encrypted_zip_is_named():
    packed = zipped(a_csv=TEXT)
    central = packed.index(b"PK\x01\x02")
    locked = bytearray(packed)
    locked[6] |= 1  # the flag stands in the file's own header and in the directory
    locked[central + 8] |= 1
    with pytest.raises(DataError, match=r"is encrypted; unpack it and give a\.csv itself"):
        read(bytes(locked))


def test_our_own_errors_pass_through():
    with pytest.raises(ZeroDivisionError), unpacked(io.BytesIO(TEXT), "data.csv"):
        raise ZeroDivisionError
