"""What prose says: the sentences that answer, and not the passages around them."""

from pathlib import Path

import pytest
from excerpts.answering import asked, checked, corpus, over

from longctx.corpus import Anchor, Corpus, Document, Span
from longctx.excerpts.sentences import LONGEST, is_heading, sentences_in

SAMPLES = Path(__file__).parents[2] / "sample_corpora"

LEASE = """1. TERM

1.1 The term begins on 1 June 2026. It ends on 31 May 2031, unless sec. 1.2 applies. The
    parties may agree otherwise.

2. RENT

2.1 The tenant pays rent of EUR 2,000 a month. Rent is due on the first working day. A late
    payment bears interest of 4 % a year.

3. NOTICES

Notices are given in writing.
"""


def test_the_sentence_that_answers_is_quoted_with_its_clause() -> None:
    found = asked("what interest does a late payment bear?", lease__txt=LEASE)
    first, *_ = found.excerpts
    assert first.text == "A late\n    payment bears interest of 4 % a year."
    assert (first.place, first.role) == (":8-9", "")


def test_clauses_name_the_places_of_a_contract() -> None:
    path = SAMPLES / "contract" / "agreement.txt"
    documents = Corpus.of([Document(path.name, path.read_text(encoding="utf-8"))])
    found = over("what does a replaced item carry?", documents)
    assert "unexpired part of the original period" in found.excerpts[0].text
    assert found.excerpts[0].label == "§ 8.2"
    assert checked(found, documents)


def test_a_heading_comes_with_what_it_announces() -> None:
    found = asked("notices", lease__txt=LEASE)
    assert "Notices are given in writing." in found.excerpts[0].text


def test_a_page_is_named_where_the_document_has_pages() -> None:
    pages = (Anchor(0, "page", "1"), Anchor(LEASE.index("2. RENT"), "page", "2"))
    documents = Corpus.of([Document("lease.pdf", LEASE, pages)])
    found = over("what interest does a late payment bear?", documents)
    assert found.excerpts[0].place.startswith(" p. 2")
    assert checked(found, documents)


def test_every_citation_is_verified() -> None:
    documents = corpus(lease__txt=LEASE, readme__md="# Lease\n\nSee `lease.txt`.\n")
    for question in ("when does the term end?", "rent", "lease"):
        assert checked(over(question, documents), documents)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("See sec. 4 and No. 5 of Acme Inc. as is. A new one.", 2),
        ("Mr. Smith (e.g. John A. Smith) signs. He pays 1.5 % of 14.3 m.", 2),
        ("He said “Stop.” Then he left.", 2),
        ("- one\n- two\n\nA paragraph\nin two lines", 3),
        ("これは一文です。二文目です。", 2),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    found = sentences_in(text, Span(0, len(text)))
    assert len(found) == count
    assert "".join("".join(text[s.start : s.end].split()) for s in found) == "".join(text.split())


def test_an_endless_sentence_is_cut() -> None:
    text = "The lessee, " + "and the lessor; " * 200 + "word " * 500 + "x" * 5_000
    found = sentences_in(text, Span(0, len(text)))
    assert all(len(each) <= LONGEST for each in found)
    assert "".join("".join(text[s.start : s.end].split()) for s in found) == "".join(text.split())


@pytest.mark.parametrize("text", ["# Auth", "7. CHARGES AND PAYMENT", "Insurance.", "Auth\n===="])
def test_a_heading_says_nothing(text: str) -> None:
    assert is_heading(text)


@pytest.mark.parametrize("text", ["Rent is due on the first day.", "A; b", "a" * 200])
def test_a_sentence_is_no_heading(text: str) -> None:
    assert not is_heading(text)
