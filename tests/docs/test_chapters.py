"""The chapters' own checks: each catches what it is there for, and lets the right thing pass."""

from __future__ import annotations

import pytest

from tests.docs.chapters import Chapter


@pytest.fixture
def page(tmp_path):
    """A chapter of this text, with one computed function."""

    def make(text):
        path = tmp_path / "chapter.md"
        path.write_text(text, encoding="utf-8")
        chapter = Chapter(str(path))

        @chapter.computed
        def double(x):
            return str(2 * x)

        return chapter

    return make


SNIPPET = "```python\nx = 21\nprint(x + 1)\n```\n"


def test_output_is_shown_below_its_snippet(page):
    assert page(SNIPPET + "\n```text\n22\n```\n").stale_lines() == []
    assert "-23" in page(SNIPPET + "\n```text\n23\n```\n").stale_lines()
    assert page(SNIPPET + "\nNo output.\n").stale_lines()


def test_computed_text_uses_the_variables_of_the_session(page):
    assert (
        page(
            SNIPPET + "\n```text\n22\n```\n\nx <!-- computed: double -->42<!-- end -->\n"
        ).stale_lines()
        == []
    )
    stale = page(SNIPPET + "\n```text\n22\n```\n\nx <!-- computed: double -->41<!-- end -->\n")
    assert "+x <!-- computed: double -->42<!-- end -->" in stale.stale_lines()


def test_a_mark_at_the_start_of_a_line_is_refused(page):
    with pytest.raises(ValueError, match="put a word before it"):
        page("x is\n<!-- computed: double -->42<!-- end -->\n").stale_lines()


def test_rewriting_makes_a_page_right(page):
    chapter = page(SNIPPET + "\n<!-- computed: double -->\n<!-- end -->\n")
    chapter.rewrite()
    text = chapter.path.read_text(encoding="utf-8")
    assert (
        text == SNIPPET + "\n```text\n22\n```\n\n<!-- computed: double -->\n\n42\n\n<!-- end -->\n"
    )
    assert page(text).stale_lines() == []


def test_a_failing_snippet_names_its_line_on_the_page(page):
    with pytest.raises(ZeroDivisionError) as error:
        page("# A\n\n```python\nx = 1\n1 / 0\n```\n").stale_lines()
    assert error.traceback[-1].lineno + 1 == 5


@pytest.mark.parametrize(
    "true", ["3·1 + 1·(−2) = 1", "(93 - 79) / 2 = 7", "(so 1 + 1 = 2)", "(1 + 1 = 2)", "b + 1 = 3"]
)
def test_true_sums_pass(page, true):
    assert page(f"Here {true}.\n").wrong_sums() == []


@pytest.mark.parametrize(
    "false", ["3·1 + 1·(−2) = 2", "16·9 = 145", "1 + 1 = 2 = 3", "0.1·2 = 0.3"]
)
def test_false_sums_are_found(page, false):
    assert page(f"Here {false}.\n").wrong_sums() == [false]


def test_numbers_in_prose_need_a_proof(page):
    assert page("It took 14 steps and 0.5 s.\n").unproved_numbers() == ["14", "0.5"]
    fine = "In 1998, 3 of `range(48)` and 4·4 = 16, <!-- computed: double -->42<!-- end -->\n"
    assert page(fine).unproved_numbers() == []


def test_links_need_a_file_a_heading_and_the_name(page):
    links = (
        "# One two\n\n[a](chapter.md) [b](nowhere.md) [c](#one-two) [d](#three) [e](https://a.b)\n"
    )
    chapter = page(links)
    assert chapter.broken_links(root=chapter.path.parent) == ["[b](nowhere.md)", "[d](#three)"]
    (chapter.path.parent / "layer.py").write_text("def forward(): ...\n", encoding="utf-8")
    chapter = page("[`forward`](layer.py) [`backward`](layer.py) [`layer.py`](layer.py)\n")
    assert chapter.broken_links(root=chapter.path.parent) == ["[`backward`](layer.py)"]


def test_sections_come_in_their_order(page):
    chapter = page("# A\n\n## B\n\n## C\n")
    assert chapter.missing_sections(("A", "C")) == []
    assert chapter.missing_sections(("C", "B")) == ["B"]


def test_formulas_that_markdown_would_change_are_found(page):
    assert page("$a_{i} b$ and\n\n$$\nx \\cdot y\n$$\n").fragile_math() == []
    assert page(r"$a\, b$").fragile_math() == [r"$a\, b$"]
    assert page("$a +\nb$\n").fragile_math() == ["$a +", "b$"]
