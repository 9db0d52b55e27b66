"""What a document's anchors are together."""

from __future__ import annotations

from structure import numbered

from longctx.corpus import Anchor, Document
from longctx.structure import anchors_of


def test_a_loaders_anchors_are_kept_and_those_of_the_text_added() -> None:
    pages = (Anchor(0, "page", "1"), Anchor(700, "page", "2"))
    found = anchors_of(Document("lease.txt", numbered.STATUTE_DE, pages))
    assert set(pages) <= set(found)
    assert "§ 2a Abs. 1" in [anchor.label for anchor in found]
    assert list(found) == sorted(found, key=lambda anchor: anchor.start)


def test_what_a_loader_knows_is_not_looked_for_again() -> None:
    own = (Anchor(0, "clause", "1"), Anchor(5, "heading", "Title"))
    assert anchors_of(Document("a.md", "# One\n\n" + numbered.FROM_PDF, own)) == own


def test_source_code_has_no_clauses() -> None:
    assert anchors_of(Document("a.py", numbered.FROM_PDF)) == ()
    assert anchors_of(Document("LICENSE", numbered.FROM_PDF)) != ()


def test_headings_clauses_and_stamps_of_one_text() -> None:
    text = "# Lease\n\n" + numbered.FROM_PDF + "\nAB-0001\nAB-0002\nAB-0003\n"
    kinds = {anchor.kind for anchor in anchors_of(Document("a.md", text))}
    assert kinds == {"heading", "clause", "bates"}
