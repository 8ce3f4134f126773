"""docs/glossary.md: every term once, in order, under its letter, with its chapter."""

from __future__ import annotations

import re

from tests.docs.chapters import Chapter

GLOSSARY = Chapter("glossary.md")
TERM = re.compile(r"^\*\*(.+?)\*\*: (.+?)(?=\n\n|\n*\Z)", re.M | re.S)
LONGEST = 40  # words of an explanation


def entries() -> list[tuple[str, str]]:
    return TERM.findall(GLOSSARY.text)


def test_every_paragraph_below_a_letter_is_an_entry() -> None:
    body = GLOSSARY.text[GLOSSARY.text.index("## A") :]
    paragraphs = [p for p in re.split(r"\n{2,}", body.strip()) if not re.fullmatch(r"## [A-Z]", p)]
    assert [p for p in paragraphs if not TERM.fullmatch(p)] == []
    assert len(paragraphs) == len(entries()) > 50


def test_terms_are_in_the_order_of_the_alphabet_and_each_stands_once() -> None:
    terms = [term.casefold() for term, _ in entries()]
    assert terms == sorted(terms)
    assert len(set(terms)) == len(terms)


def test_every_term_stands_under_its_letter() -> None:
    letters = [part[:1] for part in re.split(r"^## ", GLOSSARY.text, flags=re.M)[1:]]
    assert letters == sorted({term[0].upper() for term, _ in entries()})
    for part in re.split(r"^## ", GLOSSARY.text, flags=re.M)[1:]:
        assert {term[0].upper() for term, _ in TERM.findall(part)} == {part[:1]}


def test_every_term_is_explained_shortly_and_leads_to_a_chapter() -> None:
    for term, text in entries():
        explained, _, links = text.partition("[")
        assert 3 <= len(explained.split()) <= LONGEST, term
        assert re.search(r"\]\(\w+\.md(#[\w-]*)?\)", f"[{links}"), f"{term} names no chapter"


def test_links_lead_somewhere() -> None:
    assert GLOSSARY.broken_links() == []


def test_no_number_stands_unproved_and_mathematics_survives() -> None:
    assert GLOSSARY.unproved_numbers() == []
    assert GLOSSARY.fragile_math() == []
