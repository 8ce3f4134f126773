"""docs/README.md: the table of contents."""

from __future__ import annotations

from tests.docs.chapters import DOCS, Chapter

CONTENTS = Chapter("README.md")


def test_every_chapter_is_in_the_table_of_contents_once():
    listed = [target for _, target in CONTENTS.links()]
    assert sorted(listed) == sorted(
        path.name for path in DOCS.glob("*.md") if path.name != "README.md"
    )


def test_links_lead_somewhere():
    assert CONTENTS.broken_links() == []
