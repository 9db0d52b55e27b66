"""From words to places and back: labels compare loosely, and nothing that a file says does harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Anchor, Document, Span
from longctx.structure.comparing import arabic, chapter_keys, clause_keys, seconds
from longctx.structure.places import Places
from longctx.structure.wordings import extent, items, told

ROWS: list[tuple[str, tuple[tuple[str, str, int], ...]]] = [
    ("cover", (("page", "i", 0), ("bates", "ACME 000123", 0))),
    ("12 Rent", (("page", "14", 0), ("clause", "12", 0), ("heading", "12. Rent", 0))),
    ("12.3 Payment", (("clause", "12.3", 1),)),
    ("(b) The Tenant shall pay", (("clause", "12.3(b)", 2),)),
    ("the rent monthly.", (("page", "15", 0), ("bates", "ACME000124", 0))),
    ("Article V Term", (("clause", "Article V", 0), ("chapter", "Chapter III. Of Terms", 0))),
    ("5 Deposit", (("clause", "5", 0),)),
    ("§ 7 Kündigung", (("page", "xiv", 0), ("clause", "§ 7", 0))),
    ("(2) Frist", (("clause", "§ 7 Abs. 2", 1),)),
    ("Schedule 1", (("clause", "Schedule 1", 0), ("chapter", "Loomings", 0))),
    ("1. Fixtures", (("clause", "Schedule 1 para 1", 1),)),
]


def document(rows: list[tuple[str, tuple[tuple[str, str, int], ...]]]) -> Document:
    text, anchors = "", []
    for line, begun in rows:
        anchors += [Anchor(len(text), *each) for each in begun]
        text += line + "\n"
    return Document("a.pdf", text, tuple(anchors))


LEASE = document(ROWS)
PLACES = Places(LEASE)


def lines(words: str, places: Places = PLACES, of: Document = LEASE) -> tuple[int, int] | None:
    span = places.area(words)
    return None if span is None else of.lines_of(span)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("p. 14", (2, 4)),
        ("p.14", (2, 4)),
        ("page 14", (2, 4)),
        ("pp. 14-15", (2, 7)),
        ("pp. 14 – 15", (2, 7)),
        ("page i", (1, 1)),
        ("Page XIV", (8, 11)),
        ("S. 14", (2, 4)),
        ("Seite 14", (2, 4)),
        ("§12.3(b)", (4, 5)),
        ("§ 12.3 (b)", (4, 5)),
        ("§ 12.3.b", (4, 5)),
        ("clause 12.3(B)", (4, 5)),
        ("cl. 12.3(b)", (4, 5)),
        ("Section 12.3", (3, 5)),
        ("§§ 12.3-12.3(b)", (3, 5)),
        ("12.3(b)", (4, 5)),
        ("Art. 5", (6, 6)),
        ("Article V", (6, 6)),
        ("article v", (6, 6)),
        ("§ 5", (7, 7)),
        ("§ 7 Abs. 2", (9, 9)),
        ("§ 7 Abs. 2 Satz 1", (9, 9)),
        ("§ 7 (2)", (9, 9)),
        ("Schedule 1", (10, 11)),
        ("Schedule 1, paragraph 1", (11, 11)),
        ("ch. 3", (6, 9)),
        ("Kapitel 3", (6, 9)),
        ("chapter III", (6, 9)),
        ("ch. “Of Terms”", (6, 9)),
        ("Of terms", (6, 9)),
        ("“Loomings”", (10, 11)),
        ("Loomings", (10, 11)),
        ("heading Rent", (2, 11)),
        ("ACME000123", (1, 4)),
        ("Bates ACME-000124", (5, 11)),
        ("p. 14 §12.3", (3, 4)),
        ("§ 12.3, p. 15", (5, 5)),
        ("p. i § 12.3", (3, 5)),
        ("p. 99 § 12.3", (3, 5)),
        ("§ 12.3(z)", (3, 5)),
        ("p. 99", None),
        ("§ 99", None),
        ("ch. 9", None),
        ("slide 1", None),
        ("the moon", None),
        ("", None),
    ],
)
def test_areas(words: str, expected: tuple[int, int] | None) -> None:
    assert lines(words) == expected


def test_what_is_not_true_of_a_place_is_noted() -> None:
    def off(words: str) -> tuple[str, ...]:
        return PLACES.areas(words)[0].off

    assert off("p. 14 § 12.3") == ()
    assert off("p. i § 12.3") == ("p. i",)
    assert off("§ 12.3, p. 99") == ("p. 99",)
    assert off("§ 12.3(z)") == ("§ 12.3(z)",)


def test_passages_run_over_the_ends_of_pages_but_not_of_clauses() -> None:
    page, clause, both = (PLACES.areas(words)[0] for words in ("p. 14", "§ 12.3", "p. 14 § 12.3"))
    over = Span(LEASE.text.index("shall"), LEASE.text.index("monthly"))
    beyond = Span(LEASE.text.index("monthly"), LEASE.text.index("Term"))
    before = Span(LEASE.text.index("Rent"), LEASE.text.index("Tenant"))
    assert page.holds(over) and clause.holds(over) and both.holds(over)
    assert not page.holds(beyond) and not clause.holds(beyond)
    assert page.holds(before) and not clause.holds(before) and not both.holds(before)


@pytest.mark.parametrize(
    ("first", "last", "where"),
    [
        (1, 1, "p. i, ACME 000123"),
        (3, 3, "p. 14, ACME 000123, § 12.3"),
        (4, 5, "pp. 14–15, ACME 000123–ACME000124, § 12.3(b)"),
        (6, 6, "p. 15, ACME000124, Article V"),
        (5, 7, "p. 15, ACME000124, §§ 12.3(b)–5"),
        (9, 9, "p. xiv, ACME000124, § 7 Abs. 2"),
        (11, 11, "p. xiv, ACME000124, Schedule 1 para 1"),
    ],
)
def test_where(first: int, last: int, where: str) -> None:
    span = LEASE.span_of(first, last)
    assert PLACES.where(Span(span.start, span.end - 1)) == where


def test_rows_times_and_repeated_labels() -> None:
    sheet = document(
        [
            ("a", (("sheet", "Rates", 0), ("row", "1", 0))),
            ("b", (("row", "26", 0),)),
            ("c", (("sheet", "Old Rates", 0), ("row", "Old Rates 1", 0))),
            ("d", (("row", "Old Rates 26", 0),)),
        ]
    )
    places = Places(sheet)
    assert lines("row 30", places, sheet) == (2, 2)
    assert lines("sheet Rates row 26", places, sheet) == (2, 2)
    assert lines("sheet Old Rates, row 3", places, sheet) == (3, 3)
    assert lines("row Old Rates 26", places, sheet) == (4, 4)
    assert lines('tab "Old Rates"', places, sheet) == (3, 4)
    assert places.where(sheet.span_of(4, 4)) == "sheet Old Rates, row 26"
    assert places.where(sheet.span_of(1, 2)) == "sheet Rates, rows 1–26"
    film = document(
        [("x", (("timestamp", "00:00:05", 0),)), ("y", (("timestamp", "00:01:05.5", 0),))]
    )
    places = Places(film)
    assert [
        lines(at, places, film) for at in ("0:05", "00:01:04", "01:05", "00:09:00", "0:01")
    ] == [
        (1, 1),
        (1, 1),
        (2, 2),
        None,
        None,
    ]
    twice = document([("1 a", (("clause", "1", 0),)), ("1 b", (("clause", "1", 0),))])
    assert [twice.lines_of(each.span) for each in Places(twice).areas("§ 1")] == [(1, 1), (2, 2)]


def test_a_chapter_that_is_a_clause_is_told_once() -> None:
    made = document(
        [
            ("2. Term", (("chapter", "2. Term", 0), ("clause", "2", 0))),
            ("2.1 It ends.", (("clause", "2.1", 1),)),
            ("Notes", (("chapter", "Notes", 0),)),
        ]
    )
    assert Places(made).where(made.span_of(2, 2)) == "§ 2.1"
    assert Places(made).where(made.span_of(3, 3)) == "ch. “Notes”, § 2.1"


def test_near_misses() -> None:
    assert PLACES.near("§ 12.4")[0] == "§ 12.3"
    assert "ch. “Loomings”" in PLACES.near("ch. “Lomings”")
    assert PLACES.near("slide 3") == ()


def test_a_document_without_anchors_has_no_places() -> None:
    plain = Document("a.txt", "a\n")
    assert not Places(plain)
    assert Places(plain).where(Span(0, 1)) == ""
    assert Places(plain).areas("p. 1") == ()
    assert Places(Document("b", "")).where(Span(0, 0)) == ""


def test_labels_compare_loosely() -> None:
    assert clause_keys("12.3(b)") == clause_keys("§ 12 . 3.B") == [("12", "3", "b")]
    assert ("5",) in clause_keys("Article V") and ("5",) not in clause_keys("(v)")
    assert [arabic(each) for each in ("XIV", "iv", "IIX", "", "did")] == [
        "14",
        "4",
        None,
        None,
        None,
    ]
    assert chapter_keys("CHAPTER 1. Loomings") == [
        "chapter 1 loomings",
        "1 loomings",
        "#1",
        "loomings",
    ]
    assert (seconds("01:02:03,5"), seconds("2:03"), seconds("x")) == (3723, 123, None)


def test_a_place_ends_where_other_words_begin() -> None:
    for text, end in (
        ("p. 14 §12.3(b): “The rent”", 14),
        ("p. 14; p. 15", 5),
        ("§ 12.3 and then", 6),
        ("nothing", 0),
        ("00:12:31 Bob", 8),
    ):
        assert extent(text, 0, len(text)) == end, text
    assert [item.kind for item in items("sheet Rates, row 26; p. 3")] == ["sheet", "row", "page"]


LABELS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["]", "\n", "\x1b[2J", "12.3(b)", "((((", "a" * 10_000, "IIII", "1-2-3", "§§"]),
)
KINDS = ["page", "clause", "chapter", "heading", "row", "sheet", "timestamp", "bates", "cell", "z"]
ANCHORS = st.lists(
    st.builds(Anchor, st.integers(0, 99), st.sampled_from(KINDS), LABELS, st.integers(0, 9)),
    max_size=30,
).map(sorted)


@given(ANCHORS, st.one_of(st.text(max_size=60), LABELS), st.data())
@settings(deadline=None, max_examples=300)
def test_any_anchors_and_words(anchors: list[Anchor], words: str, data: st.DataObject) -> None:
    made = Document("a.pdf", "x" * 80, tuple(anchors))
    places = Places(made)
    for area in places.areas(words):
        assert area.span.end <= 80
        assert area.within.end <= 80
    start = data.draw(st.integers(0, 80))
    where = places.where(Span(start, data.draw(st.integers(start, 80))))
    assert not any(character in where for character in "\n\x1b")
    places.near(words)
    for each in places:
        places.areas(told(each.anchor))


SANE = st.one_of(
    st.tuples(st.just("page"), st.integers(1, 400).map(str)),
    st.tuples(st.just("slide"), st.integers(1, 400).map(str)),
    st.tuples(st.just("cell"), st.integers(1, 400).map(str)),
    st.tuples(st.just("clause"), st.from_regex(r"[1-9][0-9]?\.[1-9]\([a-h]\)", fullmatch=True)),
    st.tuples(st.just("clause"), st.from_regex(r"Article [1-9]|Schedule [1-9]", fullmatch=True)),
    st.tuples(st.just("chapter"), st.from_regex(r"[B-Z][b-hj-z]{3,9} [b-z]{4,9}", fullmatch=True)),
    st.tuples(st.just("sheet"), st.from_regex(r"[B-Z][b-z]{3,9}", fullmatch=True)),
    st.tuples(st.just("timestamp"), st.from_regex(r"0[0-9]:[0-5][0-9]:[0-5][0-9]", fullmatch=True)),
)


@given(st.lists(SANE, min_size=1, max_size=12, unique=True), st.data())
@settings(deadline=None, max_examples=300)
def test_what_is_told_of_a_place_leads_back_to_it(
    labels: list[tuple[str, str]], data: st.DataObject
) -> None:
    labels.sort(key=lambda each: each[1] if each[0] == "timestamp" else "")
    made = document([("some words", ((kind, label, 0),)) for kind, label in labels])
    places = Places(made)
    for each in places:
        own = places.area(told(each.anchor))
        assert own == each.span, told(each.anchor)
    line = data.draw(st.integers(1, len(labels)))
    span = made.span_of(line, line)
    where = places.where(span)
    assert any(area.holds(span) and not area.off for area in places.areas(where)), where


def test_a_part_of_a_schedule_is_found() -> None:
    text = "SCHEDULE 4\n\nPart A\n\none\n\nPart B\n\ntwo\n"
    clauses = (("Schedule 4", 0, 0), ("Schedule 4 Part A", 12, 1), ("Schedule 4 Part B", 25, 1))
    document = Document("a.pdf", text, tuple(Anchor(s, "clause", x, d) for x, s, d in clauses))
    places = Places(document)
    for words in ("Schedule 4 Part B", "schedule 4, part B"):
        area = places.area(words)
        assert area is not None
        assert document.slice(area).startswith("Part B")
