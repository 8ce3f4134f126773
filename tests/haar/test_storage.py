"""OpenCV's storage: the tree of elements, and what is refused."""

import gzip
from pathlib import Path

import pytest

from haar import CascadeError
from haar import storage as limits
from haar.storage import find, parse, read_bytes

START = '<?xml version="1.0"?>'


def read(text: str):
    return parse((START + text).encode("latin-1"))


def test_an_element_is_its_name_text_and_children() -> None:
    root = read("<a> <b>1 2</b> <_><c>x</c></_> </a>")
    assert root[0] == "a"
    assert [child[0] for child in root[2]] == ["b", "_"]
    assert find(root, "b")[1] == "1 2"
    assert find(find(root, "_"), "c")[1] == "x"
    assert find(root, "d") is None


@pytest.mark.parametrize(
    "text",
    [
        "<a><b>5</b></a>",
        "<a><!-- a comment -- with dashes --><b>5<!-- inside of text --></b></a>",
        "<a name='x' other=\"y/z\"><b type_id='w'>5</b ></a >",
        "<a\n><b >5</b></a> what follows is not read <",
    ],
)
def test_comments_attributes_and_spaces_mean_nothing(text: str) -> None:
    root = read(text)
    assert (root[0], root[2][0][:2]) == ("a", ("b", "5"))


def test_bytes_that_are_no_utf8_and_a_byte_order_mark_do_no_harm() -> None:
    data = b"\xef\xbb\xbf<?xml version='1.0'?><!-- \xe9\xff --><a>1</a>"
    assert parse(data)[:2] == ("a", "1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file ends too early: there is no element"),
        ("<a><b>1</b>", "the file ends too early: <a> is not closed"),
        ("<a><b>1</a></b>", "unexpected tag '</a>'; it closes another element"),
        ("</a>", "unexpected tag '</a>'"),
        ("<a><b/></a>", "unexpected tag '<b/>'; empty elements"),
        ("<a><b />1</b></a>", "unexpected tag '<b />'; empty elements"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>1</a>", "declarations and entities are not part"),
        ("<a><![CDATA[1]]></a>", "unexpected tag '<!.CDATA"),
        ("<a><b <c>1</c></a>", "'<b': expected a > at the end of the tag"),
        ("<a><1>1</1></a>", "unexpected tag '<1>'"),
        ("<a>text<b>1</b></a>", "<a>: expected text or elements, not both: 'text'"),
        ("<a><b>1</b>text</a>", "<a>: expected an element, got 'text'"),
        ("<a><!-- never closed", "expected --> behind a comment, got '<!-- never closed'"),
        ("<a" + " b='c'" * 5000 + "></a>", "unexpected tag"),
    ],
)
def test_what_is_no_storage_is_refused(text: str, message: str) -> None:
    with pytest.raises(CascadeError, match=message):
        read(text)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "got an empty file"),
        (b"\x00\x01", r"got '\\x00\\x01'"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12", "pointer of Git LFS; `git"),
        (b"\n<!DOCTYPE html><html><body>404", "got a web page; download the file itself"),
        (b"<HTML><body>", "got a web page"),
        (b"%YAML:1.0\n---", "got YAML"),
        (b'{"a": 1}', "got JSON"),
        (b"<?xml <a>1</a>", "expected <.xml ….> as the first tag, got '<.xml'"),
        (b"<?xml version='1.0'", "expected <.xml ….> as the first tag"),
    ],
)
def test_other_files_are_recognised(data: bytes, message: str) -> None:
    with pytest.raises(CascadeError, match=message):
        parse(data)


def test_megabytes_of_nesting_are_refused_at_the_limit() -> None:
    with pytest.raises(CascadeError, match="at most 32 nested elements"):
        read("<_>" * 300_000)


def test_too_many_tags_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TAGS", 10)
    with pytest.raises(CascadeError, match="at most 10 tags, got 13"):
        read("<a>" * 6 + "</a>" * 6)


def test_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TEXT", 10)
    with pytest.raises(CascadeError, match="<b>: expected at most 10 characters"):
        read("<a><b>12345678901</b></a>")


# -- files ----------------------------------------------------------------------------------------


def test_a_gz_file_is_unpacked_whatever_its_name_is(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(gzip.compress(b"abc"))
    assert read_bytes(path) == b"abc"


@pytest.mark.parametrize("keep", [2, 5, 15, -1])
def test_a_damaged_gz_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.xml.gz"
    path.write_bytes(gzip.compress(b"abc" * 100)[:keep])
    with pytest.raises(CascadeError, match=r"expected a whole \.gz file, got a damaged one"):
        read_bytes(path)


def test_a_gz_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 100_000)
    path = tmp_path / "a.xml.gz"
    path.write_bytes(gzip.compress(bytes(100_001)))
    assert path.stat().st_size < 500
    with pytest.raises(CascadeError, match="at most 100000 bytes, unpacked"):
        read_bytes(path)


def test_a_folder_or_nothing_is_an_error_of_the_system(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.xml"):
        with pytest.raises(OSError, match=path.name):
            read_bytes(path)
