"""Where cascades are looked for; and this package's own, with a stand-in of one stump.

That the real ones are installed is what tests/test_package_data.py looks at.
"""

import os
import sys
import types
from pathlib import Path

import pytest

from haar import (
    Cascade,
    CascadeError,
    HaarFeature,
    Node,
    Rectangle,
    Stage,
    WeakClassifier,
    files,
    find_cascade,
)
from haar.files import cascade_folders, own_cascade


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without any cascade, but for what HAAR_CASCADES names."""
    monkeypatch.setattr(files, "PREFIXES", ())
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("HAAR_CASCADES", str(folder))
    return folder


@pytest.mark.parametrize("name", ["a", "a.xml", "haarcascade_a", "haarcascade_a.xml"])
def test_a_name_may_be_short(home: Path, name: str) -> None:
    (home / "haarcascade_a.xml").touch()
    assert find_cascade(name) == home / "haarcascade_a.xml"


@pytest.mark.parametrize("file", ["lbpcascade_b.xml", "b.xml.gz", "haarcascade_b.xml.gz"])
def test_lbp_and_packed_files_are_found(home: Path, file: str) -> None:
    (home / file).touch()
    assert find_cascade("b") == home / file


def test_the_first_folder_wins(home: Path, tmp_path: Path, monkeypatch) -> None:
    second = tmp_path / "second"
    second.mkdir()
    monkeypatch.setenv("HAAR_CASCADES", os.pathsep.join([str(second), "", str(home), "/missing"]))
    (home / "haarcascade_a.xml").touch()
    assert find_cascade("a").parent == home
    (second / "haarcascade_a.xml").touch()
    assert find_cascade("a").parent == second
    assert list(cascade_folders()) == [second, home]


def test_opencvs_data_folder_may_be_named_as_a_whole(home: Path) -> None:
    for folder, name in (
        ("haarcascades", "haarcascade_a.xml"),
        ("lbpcascades", "lbpcascade_b.xml"),
    ):
        (home / folder).mkdir()
        (home / folder / name).touch()
        assert find_cascade(name[:-4].split("_")[1]) == home / folder / name


def test_a_tilde_is_the_users_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home.parent))
    monkeypatch.setenv("USERPROFILE", str(home.parent))
    monkeypatch.setenv("HAAR_CASCADES", "~/mine")
    (home / "a.xml").touch()
    assert find_cascade("a") == home / "a.xml"


def test_the_package_of_opencv_is_looked_into_but_not_imported(home, tmp_path, monkeypatch) -> None:
    data = tmp_path / "cv2" / "data"
    data.mkdir(parents=True)
    (data / "haarcascade_eye.xml").touch()
    spec = types.SimpleNamespace(submodule_search_locations=[str(tmp_path / "cv2")])
    monkeypatch.setattr(files, "find_spec", lambda name: spec)
    assert find_cascade("eye") == data / "haarcascade_eye.xml"


@pytest.mark.parametrize("answer", [ImportError, ValueError])
def test_a_broken_package_does_no_harm(home, monkeypatch, answer: type) -> None:
    def find_spec(name: str) -> None:
        raise answer(name)

    monkeypatch.setattr(files, "find_spec", find_spec)
    with pytest.raises(FileNotFoundError):
        find_cascade("eye")


def test_the_share_folder_of_the_environment_is_searched(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "prefix" / "share" / "opencv4" / "haarcascades"
    folder.mkdir(parents=True)
    (folder / "haarcascade_eye.xml").touch()
    assert find_cascade("eye") == folder / "haarcascade_eye.xml"


def test_a_missing_cascade_says_how_to_get_it(home: Path) -> None:
    with pytest.raises(
        FileNotFoundError,
        match=r"no cascade 'smile' found .*mine.*pip install.*HAAR_C.*Cascade\.frontal_face\(\)",
    ):
        find_cascade("smile")


def test_without_any_folder_the_message_says_so(home: Path, monkeypatch) -> None:
    monkeypatch.delenv("HAAR_CASCADES")
    with pytest.raises(FileNotFoundError, match="no folder of cascades exists here"):
        find_cascade("smile")


def test_a_misspelt_name_is_guessed(home: Path) -> None:
    (home / "haarcascade_frontalface_default.xml").touch()
    with pytest.raises(
        FileNotFoundError, match="'frontalface_defualt' found; there is frontalface_d"
    ):
        find_cascade("frontalface_defualt")


@pytest.mark.parametrize("name", ["", "a/b", "./a", str(Path("/", "folder", "a.xml"))])
def test_a_path_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match=r"expects a name .* Cascade\.load opens a path"):
        find_cascade(name)


# -- this package's own ----------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installation with one cascade, of one stump, under both names."""
    folder = tmp_path / "haar" / "cascades"
    folder.mkdir(parents=True)
    halves = HaarFeature((Rectangle(0, 0, 8, 8, -1.0), Rectangle(0, 4, 8, 4, 2.0)))
    stage = Stage(0.0, (WeakClassifier((Node(0, 1.0),), (-1.0, 1.0)),))
    for name in files.OWN:
        Cascade(8, 8, "haar", (stage,), (halves,)).save(folder / f"{name}.xml")
    monkeypatch.setattr(files.resources, "files", lambda package: tmp_path / package)
    files.load_own.cache_clear()
    yield folder
    files.load_own.cache_clear()


def test_own_cascades_are_read_once(package: Path) -> None:
    face, eye = Cascade.frontal_face(), Cascade.eye()
    assert (face.width, eye.width) == (8, 8)
    assert Cascade.frontal_face() is face and Cascade.eye() is eye and face is not eye
    assert face == Cascade.load(own_cascade("frontalface"))


def test_a_damaged_installation_is_told(package: Path) -> None:
    (package / "eye.xml").unlink()
    with pytest.raises(FileNotFoundError, match=r"eye\.xml came with .*pip install --force-rein"):
        Cascade.eye()
    (package / "frontalface.xml").write_text("<?xml version='1.0'?><opencv_storage>")
    with pytest.raises(CascadeError, match=r"frontalface\.xml: the file ends too early"):
        Cascade.frontal_face()
    (package / "eye.xml").write_bytes((package / "frontalface.xml").read_bytes())
    with pytest.raises(CascadeError):  # a failure is not remembered, nor is the file's absence
        Cascade.eye()


def test_a_name_that_is_not_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="expects one of frontalface, eye, got 'smile'"):
        own_cascade("smile")


def test_own_cascades_and_opencvs_do_not_stand_in_for_each_other(home: Path, package: Path) -> None:
    for name in files.OWN:
        with pytest.raises(FileNotFoundError):
            find_cascade(name)
    (home / "haarcascade_eye.xml").touch()
    assert find_cascade("eye") == home / "haarcascade_eye.xml"
    assert Cascade.eye().width == 8
