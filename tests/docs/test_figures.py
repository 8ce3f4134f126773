"""docs/figures: every file is drawn by a function, or listed with the command that measures it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from docs import make_figures
from tests.docs.chapters import DOCS, ROOT, letters

SMALL = "conv2d_matrix.svg"


def files() -> set[str]:
    folder = make_figures.FOLDER
    found = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(folder).as_posix() for p in found if p.suffix not in (".py", ".tmp")}


def test_every_figure_is_drawn_or_measured_and_not_both() -> None:
    drawn, measured = set(make_figures.figures()), set(make_figures.MEASURED)
    assert drawn & measured == set()
    assert files() - drawn - measured == set(), "in no module's FIGURES, and not in MEASURED"
    assert drawn - files() == set(), "not there yet: python -m docs.make_figures"
    assert measured - files() == set(), "listed in MEASURED, and not there"


def test_every_figure_that_is_drawn_is_on_a_page() -> None:
    pages = [ROOT / "README.md", *DOCS.glob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in make_figures.figures() if f"figures/{name}" not in text] == []


@pytest.mark.parametrize("name", [name for name in make_figures.figures() if name.endswith("svg")])
def test_drawn_again_a_figure_has_the_same_letters(name: str, tmp_path: Path) -> None:
    make_figures.figures()[name](tmp_path / name)
    assert letters(tmp_path / name) == letters(DOCS / "figures" / name)


def test_drawing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    (write,) = make_figures.chosen([SMALL]).values()
    write(tmp_path / "a.svg")
    first = (tmp_path / "a.svg").read_bytes()
    write(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_bytes() == first


def test_the_figures_are_written_and_checked_by_name(tmp_path: Path, capsys) -> None:
    assert make_figures.main([SMALL], tmp_path) == 0
    assert [path.name for path in tmp_path.iterdir()] == [SMALL]
    assert make_figures.main(["--check", SMALL], tmp_path) == 0
    (tmp_path / SMALL).write_text("<svg/>", encoding="utf-8")
    assert make_figures.main(["--check", SMALL], tmp_path) == 1
    assert f"{SMALL} is not what its module draws" in capsys.readouterr().out


def test_pictures_are_compared_by_their_pixels(tmp_path: Path) -> None:
    kept = make_figures.FOLDER / "viola_jones_face.png"
    other = tmp_path / "face.png"
    assert not make_figures.same(kept, other)
    shutil.copy(kept, other)
    assert make_figures.same(kept, other)
    shutil.copy(make_figures.FOLDER / "cascade_training_faces.png", other)
    assert not make_figures.same(kept, other)


def test_a_word_of_no_figure_is_an_error(capsys) -> None:
    with pytest.raises(SystemExit):
        make_figures.main(["conv3d"])
    assert "no figure has ['conv3d'] in its name" in capsys.readouterr().err


def test_the_list_names_the_command_of_what_is_measured(capsys) -> None:
    assert make_figures.main(["--list"]) == 0
    assert "examples/benchmarks/detect.py" in capsys.readouterr().out
