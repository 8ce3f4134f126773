"""Tables and the page: what is written is what was measured, and nothing runs away."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from scratchnet.fer.evaluation.page import Section, Tile, page, table_html
from scratchnet.fer.evaluation.tables import Table

TABLE = Table("t", "A <title>", ["class", "recall", "n"], [["a|b", 0.6408, 1234], ["c,d", None, 0]])
VOID = {"meta", "img", "br", "link"}


class Checker(HTMLParser):
    """Fails on a tag that is not closed, and notes what is loaded."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.loaded += [value for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def checked(html):
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return checker


def test_csv_has_all_digits_and_quotes_commas():
    assert TABLE.csv() == 'class,recall,n\na|b,0.6408,1234\n"c,d",,0\n'


def test_markdown_has_per_cent_and_escapes_pipes():
    assert TABLE.markdown().splitlines() == [
        "| class | recall | n |",
        "| --- | ---: | ---: |",
        "| a\\|b | 64.1 % | 1,234 |",
        "| c,d |  | 0 |",
    ]


def test_a_table_of_other_numbers_has_three_decimals():
    assert Table("t", "", ["a"], [], shares=False).shown(0.96061) == "0.961"


def test_html_escapes_what_people_named():
    html = table_html(TABLE)
    assert "A &lt;title&gt;" in html
    checked(html)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "ranks.png"
    path.write_bytes(b"\x89PNG")
    return path


def test_the_page_loads_nothing_and_embeds_its_pictures(picture):
    sections = [Section("One", "Text & more.", ["t"], ["ranks"])]
    html = page("A <b>", "sub", [Tile("64 %", "right")], sections, {"t": TABLE}, {"ranks": picture})
    checker = checked(html)
    assert checker.loaded == ["data:image/png;base64,iVBORw=="]
    assert "<script" not in html
    assert "Text & more." in "".join(checker.text)


def test_sections_without_content_are_left_out(picture):
    sections = [Section("Empty", "", ["none"], ["none"]), Section("Full", "", [], ["ranks"])]
    html = page("t", "", [], sections, {}, {"ranks": picture})
    assert "Empty" not in html
    assert "Full" in html


def test_a_pair_stands_side_by_side_only_if_there_are_two(picture):
    section = Section("S", "", [], ["a", "b"], pair=True)
    assert 'class="pair"' in page("t", "", [], [section], {}, {"a": picture, "b": picture})
    assert 'class="pair"' not in page("t", "", [], [section], {}, {"a": picture})
