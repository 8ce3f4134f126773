"""The book as a site: the same pages, in the order of docs/README.md, and nothing from elsewhere.

What needs only Python is tested everywhere; the built site is looked at where mkdocs is installed
(`pip install -e ".[docs]"`).
"""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.site.contents import navigation, slug
from docs.site.markdown_parts import Hidden, formulas, outside_fences, replace_formulas
from tests.docs.chapters import DOCS, MATH, ROOT, Chapter, _slug

CHAPTERS = sorted(path.name for path in DOCS.glob("*.md"))


# -- the pages ------------------------------------------------------------------------------------


def test_the_navigation_is_the_list_of_chapters() -> None:
    listed = "1. [A](a.md): one.\n   More.\n2. [B](b.md)\n\n## Old\n\n3. [C](c.md), [d](d.md)\n"
    assert navigation(f"# The book\n\n{listed}") == [
        {"The book": "README.md"},
        {"1. A": "a.md"},
        {"2. B": "b.md"},
        {"Old": [{"3. C": "c.md"}, {"3. D": "d.md"}]},
    ]


def test_every_chapter_of_the_list_is_in_the_navigation() -> None:
    contents = Chapter("README.md")
    nav = navigation(contents.text)
    files = re.findall(r"'(\w+\.md)'", str(nav))
    assert files == ["README.md", *(target for _, target in contents.links())]


def test_anchors_are_those_of_github() -> None:
    for heading in (
        "A pitfall",
        "`KMeans`, step by step",
        "What it's for: x² + 1",
        "Stride, padding",
    ):
        assert slug(heading) == _slug(heading)


def test_formulas_are_found_outside_of_code_only() -> None:
    text = "$a_1$ and `$HOME`\n\n```sh\n$ x $\n```\n\n$$\nb\n$$\n"
    assert formulas(text) == [("a_1", False), ("\nb\n", True)]
    assert replace_formulas(text, lambda formula, displayed: "!").count("!") == 2


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_site_finds_the_formulas_that_the_chapters_tests_find(name: str) -> None:
    text = Chapter(name).text
    prose = re.sub(r"`[^`\n]+`", "", outside_fences_only(text))
    assert len(formulas(text)) == len(MATH.findall(prose))


def outside_fences_only(text: str) -> str:
    kept: list[str] = []

    def keep(part: str) -> str:
        kept.append(part)
        return part

    outside_fences(text, keep)
    return "\n".join(kept)


def test_hidden_parts_come_back_where_they_were() -> None:
    hidden = Hidden()
    page = f"<p>{hidden.hide('<i>x</i>', alone=False)}</p>"
    alone = f"<p>{hidden.hide('<b>y</b>', alone=True).strip()}</p>"
    assert hidden.put_back(page + alone) == "<p><i>x</i></p><b>y</b>"


# -- the site -------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What one page of the site refers to, and what may be referred to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.ids |= {values[key] for key in ("id", "name") if key in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag in ("link", "use", "image"):
            self.loaded += [values[key] for key in ("href", "xlink:href") if key in values]
        self.loaded += [values[key] for key in ("src", "srcset", "data", "poster") if key in values]
        self.loaded += re.findall(r"url\(([^)]*)\)", values.get("style", ""))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `mkdocs build --strict` makes it."""
    for package in ("mkdocs", "latex2mathml", "mermaidx"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("book")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(folder),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


@pytest.mark.oracle
def test_every_chapter_is_a_page(site: Path) -> None:
    names = {"index.html" if n == "README.md" else Path(n).stem + ".html" for n in CHAPTERS}
    assert names == {path.name for path in site.glob("*.html")} - {"404.html"}


@pytest.mark.oracle
def test_no_page_asks_another_host_for_anything(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        assert not page.tags & {"script", "iframe", "object", "embed"}, path
        far = [url for url in page.loaded if urlsplit(url).netloc]
        assert far == [], path
    for path in [*site.rglob("*.css"), *site.rglob("*.svg")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//|href=['\"]https?:", text), path
    assert not list(site.rglob("*.js"))


@pytest.mark.oracle
def test_every_link_of_the_site_leads_to_a_page_and_a_place(pages: dict[Path, Page]) -> None:
    wrong = []
    for path, page in pages.items():
        for url in [*page.links, *page.loaded]:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            found = target.exists() and (not place or place in pages[target].ids)
            wrong += [] if found else [f"{path.name}: {url}"]
    assert wrong == []


@pytest.mark.oracle
def test_every_formula_is_mathml_and_nothing_is_left_over(site: Path) -> None:
    for name in CHAPTERS:
        stem = "index" if name == "README.md" else Path(name).stem
        text = (site / f"{stem}.html").read_text(encoding="utf-8")
        main = text[text.index("<main") :]
        assert main.count("<math ") == len(formulas(Chapter(name).text)), name
        assert not re.search("[\U000f0000-\U000ffffd]|merror|repository:", text), name
        prose = re.sub(r"<(pre|code)\b.*?</\1>", "", main, flags=re.S)
        assert "$" not in prose, name
        assert "```" not in prose, name


@pytest.mark.oracle
def test_a_file_of_the_project_is_a_page_that_leads_back_to_its_chapter(site: Path) -> None:
    chapter = (site / "conv2d.html").read_text(encoding="utf-8")
    found = re.search(r'href="(source/scratchnet/layers/conv2d\.py\.html)#L-(\d+)"', chapter)
    assert found
    source = (ROOT / "scratchnet" / "layers" / "conv2d.py").read_text(encoding="utf-8")
    assert source.splitlines()[int(found[2]) - 1].startswith("class Conv2D")
    page = (site / found[1]).read_text(encoding="utf-8")
    assert '<a href="../../../conv2d.html">docs/conv2d.md</a>' in page


@pytest.mark.oracle
def test_diagrams_become_svg_with_ids_of_their_own() -> None:
    pytest.importorskip("mermaidx")
    from docs.site.diagrams import svg

    one, two = (
        svg("flowchart LR\n  a[grey] -->|48 × 48| b((resize))\n", f"page-{n}") for n in "12"
    )
    assert one.startswith('<figure class="diagram"><svg')
    assert "resize" in one and 'id="page-1"' in one
    assert re.search(r"<svg [^>]*style=\"--width: \d", one)
    assert "my-svg" not in one and one.replace("page-1", "page-2") == two
    assert not re.search(r"<script|<image|@import", one)


@pytest.mark.oracle
def test_a_formula_that_browsers_cannot_show_is_refused() -> None:
    pytest.importorskip("latex2mathml")
    from docs.site.formulas import mathml

    assert mathml("x_i", False).startswith("<math ")
    with pytest.raises(ValueError, match="cannot show"):
        mathml(r"\nosuchcommand{x}", False)
