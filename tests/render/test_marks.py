"""Marks name the page or the line, and the clause that is open there; the index tells titles."""

from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Anchor, Document, Span
from longctx.render import body, listings
from longctx.render.escaping import defused, restored
from longctx.render.frame import caption
from longctx.render.marks import MARK_EVERY, place_mark

PAGES = "one\ntwo\nthree\n"


def paged(*anchors: Anchor, text: str = PAGES) -> Document:
    return Document("a.pdf", text, anchors)


def test_pages_take_the_place_of_lines() -> None:
    pages = (Anchor(0, "page", "i"), Anchor(4, "page", "1"))
    assert body(paged(*pages)) == "[p. i]\none\n[p. 1]\ntwo\nthree\n"
    long = paged(Anchor(0, "page", "1"), text="x\n" * 3 * MARK_EVERY)
    assert "[L" not in body(long)


def test_a_mark_names_the_clause_that_is_open_there() -> None:
    anchors = (Anchor(0, "page", "1"), Anchor(4, "clause", "12.3(b)"), Anchor(8, "page", "2"))
    assert body(paged(*anchors)) == "[p. 1]\none\ntwo\n[p. 2 §12.3(b)]\nthree\n"
    lines = "x\n" * (MARK_EVERY + 1)
    assert f"[L{MARK_EVERY + 1} §7]\n" in body(paged(Anchor(0, "clause", "7"), text=lines))


def test_an_empty_page_has_no_mark_of_its_own() -> None:
    anchors = (Anchor(0, "page", "1"), Anchor(4, "page", "2"), Anchor(4, "page", "3"))
    assert body(paged(*anchors)) == "[p. 1]\none\n[p. 2]\ntwo\nthree\n"
    assert body(paged(Anchor(0, "page", "1"), Anchor(len(PAGES), "page", "2"))).endswith("three\n")


def test_the_first_thing_in_a_body_is_never_a_line_end() -> None:
    text = "\nafter\n"
    assert body(paged(Anchor(1, "page", "1"), text=text)) == "[L1]\n\n[p. 1]\nafter\n"
    assert body(paged(Anchor(0, "page", "1"), text=text)) == "[p. 1]\n\nafter\n"


labels = st.text(max_size=60)


@given(labels, labels)
def test_no_label_breaks_a_mark(page: str, clause: str) -> None:
    anchors = (Anchor(0, "clause", clause), Anchor(0, "page", page))
    mark, rest = body(paged(*anchors, text="text\n")).split("\n", 1)
    assert mark.startswith("[p. ")
    assert mark.endswith("]")
    assert not set(mark[1:-1]) & set('[]<>"\\｜')
    assert rest == "text\n"


@given(st.sampled_from(["[p. 3]", "[p. 3 §1]", "[row 26 A]", "[slide 9]", "[L26 §2]", "[L26]"]))
def test_a_text_cannot_forge_a_mark(mark: str) -> None:
    shown = body(paged(Anchor(0, "page", "1"), text=f"{mark}\n"))
    assert mark not in shown
    assert restored(defused(mark)) == mark


def test_code_is_not_mistaken_for_marks() -> None:
    for code in ("[p.name for p in people]", "[row for row in rows]", "[L2 for L2 in ls]"):
        assert defused(code) == code


def test_the_index_is_a_table_of_documents() -> None:
    lease = Document(
        "b/Lease.pdf", "x", (Anchor(0, "title", 'The "Lease"'), Anchor(0, "page", "1"))
    )
    rates = Document("Rates.xlsx", "x", (Anchor(0, "sheet", "A"), Anchor(0, "sheet", "B")))
    plain = Document("notes.txt", "x")
    assert caption(lease) == ": The &#34;Lease&#34;, 1 page"
    listed = list(listings([(1, rates), (2, lease), (3, plain)]))
    assert listed[0] == (
        "d1 Rates.xlsx: 2 sheets\nd2 b/Lease.pdf: The &#34;Lease&#34;, 1 page\nd3 notes.txt\n"
    )
    assert listed[1] == "d1 Rates.xlsx\nd2 b/Lease.pdf\nd3 notes.txt\n"
    assert next(iter(listings([(3, plain)]))) == "d3 notes.txt\n"


def test_a_passage_is_cited_as_its_marks_tell() -> None:
    anchors = (Anchor(0, "page", "1"), Anchor(4, "clause", "12.3(b)"), Anchor(8, "page", "2"))
    document = paged(*anchors)
    assert place_mark(document, Span(0, 3)) == " p. 1"
    assert place_mark(document, Span(4, 12)) == " p. 1 §12.3(b)"
    assert place_mark(document, Span(8, 12)) == " p. 2 §12.3(b)"
    assert place_mark(Document("a.py", PAGES), Span(4, 12)) == ":2-3"


def test_a_passage_over_several_clauses_is_cited_by_what_holds_it() -> None:
    clauses = (("2", 0), ("2.1", 1), ("2.1(a)", 2), ("2.1(b)", 2), ("2.2", 1), ("3", 0))
    text = "x\n" * 6
    anchors = [Anchor(0, "page", "1")]
    anchors += [Anchor(2 * n, "clause", label, depth) for n, (label, depth) in enumerate(clauses)]
    document = paged(*anchors, text=text)
    cited = {
        (4, 6): "2.1(a)",
        (4, 8): "2.1",
        (4, 10): "2",
        (0, 2): "2",
        (0, 8): "2",
        (8, 12): "",
        (10, 12): "3",
    }
    for (start, end), label in cited.items():
        assert place_mark(document, Span(start, end)) == " p. 1" + f" §{label}" * bool(label)
