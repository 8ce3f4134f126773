"""The README keeps its promises: its code runs, its links lead somewhere, CI runs its command."""

import re
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_ten_lines_run_and_give_seven_probabilities(capsys) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(block.replace("generate_faces(2000", "generate_faces(200"), names)
    answer = names["model"].predict(names["x"][:1])
    assert answer.shape == (1, 7)
    assert np.isclose(answer.sum(), 1)
    assert "parameters" in capsys.readouterr().out


def test_every_link_to_a_file_leads_to_one() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_continuous_integration_finds_the_test_command() -> None:
    assert re.findall(r"^pip install -e .*pytest$", README, re.MULTILINE) == [
        'pip install -e ".[test]" && python -m pytest'
    ]
