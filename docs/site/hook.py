"""What mkdocs calls while it builds the book: `mkdocs build --strict` into build/book.

The pages are docs/*.md as they are; GitHub shows the same. A page passes, in this order:

    on_config          the navigation, from docs/README.md
    on_page_markdown   formulas and diagrams are hidden, links to files of the repository marked
    (Markdown)         mkdocs makes HTML of it, and complains of links between pages that fail
    on_post_page       formulas come back as MathML, diagrams as SVG; links get their address
    on_post_build      every file that was linked to becomes a page

Nothing that is built asks another host for anything.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import contents
import diagrams
import formulas
import markdown_parts
import sources
from mkdocs.exceptions import PluginError
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
IMAGE = re.compile(r'(<img [^>]*src="([^"]+)"[^>]*>)')


HIDDEN: dict[str, markdown_parts.Hidden] = {}
"""The formulas and diagrams of each page, by its path."""
LINKED: set[str] = set()
"""The files of the repository that pages link to."""
THEME: dict[str, Any] = {}
"""The template and the navigation, for the pages that mkdocs does not make."""


def on_config(config: Any) -> Any:
    HIDDEN.clear()
    LINKED.clear()
    config.nav = contents.navigation((DOCS / "README.md").read_text(encoding="utf-8"))
    config.mdx_configs["toc"] = {"slugify": contents.slug}
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    hidden = HIDDEN[page.file.src_uri] = markdown_parts.Hidden()
    name = page.file.name

    def diagram(found: Any) -> str:
        return hidden.hide(diagrams.svg(found[1], f"{name}-{len(hidden.parts)}"), alone=True)

    def formula(text: str, displayed: bool) -> str:
        try:
            return hidden.hide(formulas.mathml(text, displayed), alone=displayed)
        except ValueError as error:
            raise PluginError(f"{page.file.src_uri}: {error}") from error

    markdown = markdown_parts.MERMAID.sub(diagram, markdown)
    markdown = markdown_parts.replace_formulas(markdown, formula)
    return markdown_parts.outside_fences(markdown, for_python_markdown)


def for_python_markdown(text: str) -> str:
    """What GitHub takes as it is: links to files, and Markdown inside of <details>."""
    return sources.mark(text, ROOT).replace("<details>", '<details markdown="1">')


def on_env(env: Any, config: Any, files: Any) -> Any:
    THEME["template"] = env.get_template("main.html")
    return env


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    THEME["context"] = {"nav": nav, "config": config, "page": None}
    return nav


def on_post_page(output: str, page: Any, config: Any) -> str:
    def address(found: Any) -> str:
        if not (ROOT / found[1]).exists():
            raise PluginError(f"{page.file.src_uri} links to ../{found[1]}, which is not there")
        LINKED.add(found[1])
        return f'href="{sources.page_of(found[1])}{found[2] or ""}"'

    output = HIDDEN[page.file.src_uri].put_back(output)
    output = sources.HREF.sub(address, output)
    return IMAGE.sub(r'<a class="figure" href="\2">\1</a>', output)


def on_post_build(config: Any) -> None:
    site = Path(config.site_dir)
    chapters = {Path(source).stem for source in HIDDEN}
    for name in sorted(LINKED):
        file = site / sources.page_of(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * sources.page_of(name).count("/")
        shown = sources.shown(ROOT, name, chapters)
        page = THEME["template"].render(
            **THEME["context"], base_url=up.rstrip("/"), title=name, text=shown
        )
        file.write_text(page, encoding="utf-8", newline="\n")
    (site / "colours.css").write_text(colours(), encoding="utf-8", newline="\n")


def colours() -> str:
    """The colours of code, by day and by night."""
    day = HtmlFormatter(style="tango").get_style_defs(".highlight")
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{day}\n@media (prefers-color-scheme: dark) {{\n{night}\n}}\n"
