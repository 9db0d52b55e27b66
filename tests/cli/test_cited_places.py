"""How citations are told behind their path, and kept with their turn."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from longctx.api.turn_facts import facts_of, turn_of
from longctx.citation import Citation, cited
from longctx.cli.phrasing import cited_at
from longctx.corpus import Anchor, Corpus, Document
from longctx.engines import Served, Usage
from longctx.session import Turn
from longctx.store import Kept

TEXT = "The lease\n12 Rent is due monthly\n"
CORPUS = Corpus.of(
    [
        Document("a.pdf", TEXT, (Anchor(0, "page", "1"), Anchor(10, "page", "2"))),
        Document("b.py", "import os, sys\n"),
    ]
)


def one(answer: str) -> Citation:
    (citation,) = cited(answer, CORPUS)
    return citation


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('[a.pdf p. 2] "Rent is due monthly"', " p. 2"),
        ('[a.pdf p. 1] "Rent is due monthly"', " p. 2"),
        ('[a.pdf p. 9] "Rent was never due at all"', " p. 9"),
        ('[a.pdf:2] "Rent is due monthly"', ":2 (p. 2)"),
        ('[a.pdf] "Rent is due monthly"', " p. 2"),
        ('[b.py:1] "import os, sys"', ":1"),
        ('[b.py:1-3] "import os, system"', ":1-3"),
        ('[b.py p. 3] "import os, sys"', ":1"),
        ("[b.py]", ""),
    ],
)
def test_the_place_behind_the_path(answer: str, told: str) -> None:
    assert cited_at(one(answer)) == told


def test_no_place_can_drive_the_terminal() -> None:
    evil = replace(one('[a.pdf p. 2] "Rent is due monthly"'), where="p. \x1b[2J\n3")
    assert cited_at(evil) == " p. \ufffd[2J 3"


def turn(citation: Citation) -> Turn:
    return Turn("q", "a", "", (citation,), Usage(), None, None, "", "", None, 0.0)


def kept(facts: str) -> Kept:
    return Kept(1, "s", None, "2026-01-01T12:00:00+00:00", "q", "a", "", facts, b"", b"", ())


def test_a_kept_citation_is_the_same() -> None:
    citation = one('[a.pdf p. 2] "Rent is due monthly"')
    facts = facts_of(turn(citation), Served("scripted"))
    assert (citation.said, citation.where) == ("p. 2", "p. 2")
    assert turn_of(kept(facts)).citations == (citation,)


def test_turns_kept_before_there_were_places_are_read() -> None:
    citation = one('[b.py:1] "import os, sys"')
    facts = json.loads(facts_of(turn(citation), Served("scripted")))
    for each in facts["citations"]:
        del each["said"], each["where"]
    (read,) = turn_of(kept(json.dumps(facts))).citations
    assert read == replace(citation, said="")
    assert cited_at(read) == ":1"
