"""The README keeps its promises: its code runs, its links lead somewhere, CI runs its command."""

import re
import shutil
from pathlib import Path

import numpy as np

from docs.figures.make_viola_jones import FACE
from scratchnet.fer.pretrained import pretrained_folder, read_card
from tests.gradients.bug_museum import MUSEUM

ROOT = Path(__file__).parents[2]
PORTRAIT = ROOT / "tests" / "data" / "astronaut.jpg"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_ten_lines_run_and_give_seven_probabilities(capsys) -> None:
    (block,) = (code for code in BLOCKS if "Sequential" in code)
    names: dict[str, object] = {}
    exec(block.replace("generate_faces(2000", "generate_faces(200"), names)
    answer = names["model"].predict(names["x"][:1])
    assert answer.shape == (1, 7)
    assert np.isclose(answer.sum(), 1)
    assert "parameters" in capsys.readouterr().out


def test_the_face_in_a_photo_is_found(tmp_path: Path, monkeypatch, capsys) -> None:
    (block,) = (code for code in BLOCKS if "haar" in code)
    shutil.copy(FACE, tmp_path / "photo.jpg")  # Pillow looks at the contents, not at the name
    monkeypatch.chdir(tmp_path)
    exec(block, {})
    x, y, width, height = map(int, capsys.readouterr().out.split())
    assert width == height
    assert abs(x + width / 2 - 48) < 6  # the face fills the middle of 96 × 96 pixels
    assert abs(y + height / 2 - 44) < 8


def test_the_expression_in_a_photo_is_named(tmp_path: Path, monkeypatch, capsys) -> None:
    (block,) = (code for code in BLOCKS if "EmotionRecognizer" in code)
    shutil.copy(PORTRAIT, tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    exec(block, {})
    assert re.fullmatch(r"Box\(.*\) Happy {'Angry': .*}\n", capsys.readouterr().out)


def test_the_figures_of_the_network_in_the_box_are_its_cards() -> None:
    results = read_card(pretrained_folder())["results"]
    for part in ("PublicTest", "PublicTest, six classes"):
        for accuracy in (results[part]["accuracy"], results[part]["without_leaked"]["accuracy"]):
            assert f"{100 * accuracy:.1f} %" in README


def test_the_planted_bugs_are_counted() -> None:
    assert f"{len(MUSEUM)} planted bugs" in README


def test_every_link_to_a_file_leads_to_one() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_continuous_integration_finds_the_test_command() -> None:
    assert re.findall(r"^pip install -e .*pytest$", README, re.MULTILINE) == [
        'pip install -e ".[test]" && python -m pytest'
    ]


def test_no_page_waits_for_its_text() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<!--[\w ]*table[\w ]*-->", text), page.name
        assert not re.search(r"(?m)^[A-Z]{4,}$|TODO|FIXME", text), page.name
