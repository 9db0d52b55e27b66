"""Citations by page, clause, chapter, sheet and time."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from longctx import render
from longctx.citation import Citation, Verdict, cited
from longctx.corpus import Anchor, Corpus, Document, Omission, Reason

V, R, N = Verdict.VERIFIED, Verdict.REPAIRED, Verdict.NOT_FOUND
LEASE = "case/My Lease (2nd).pdf"


def made(path: str, *lines: tuple[str, tuple[tuple[str, str, int], ...]]) -> Document:
    """A document of lines, each with the anchors (kind, label, depth) that begin with it."""
    text, anchors = "", []
    for line, begun in lines:
        anchors += [Anchor(len(text), *each) for each in begun]
        text += line + "\n"
    return Document(path, text, tuple(anchors))


DOCUMENTS = (
    made(
        LEASE,
        ("This lease of the old harbour house is made in May.", (("page", "i", 0),)),
        ("12 Rent", (("page", "14", 0), ("clause", "12", 0))),
        ("12.3 Payment of what is due under this lease", (("clause", "12.3", 1),)),
        ("(b) The Tenant shall pay the in\ufb02ated infor-", (("clause", "12.3(b)", 2),)),
        ("mation rent monthly in advance.", (("page", "15", 0),)),
        ("12.4 Interest runs from the due date at four per cent.", (("clause", "12.4", 1),)),
        ("Article V Term of seven years", (("clause", "Article V", 0),)),
        ("Schedule 1", (("page", "16", 0), ("clause", "Schedule 1", 0))),
        ("1. The fixtures stay where they are", (("clause", "Schedule 1 para 1", 1),)),
    ),
    made(
        "moby.epub",
        ("Call me Ishmael. Some years ago.", (("chapter", "CHAPTER 1. Loomings", 0),)),
        ("Never mind how long precisely.", ()),
        ("I stuffed a shirt or two into it.", (("chapter", "CHAPTER 2. The Carpet-Bag", 0),)),
    ),
    made(
        "minutes.vtt",
        ("Anna: shall we begin the meeting now", (("timestamp", "00:00:01", 0),)),
        ("Bob: thanks to all for coming here", (("timestamp", "00:12:31", 0),)),
    ),
    made(
        "rates.xlsx",
        ("A | 1 | one and a half", (("sheet", "Rates", 0), ("row", "1", 0))),
        ("B | 2 | two and a half", (("row", "26", 0),)),
        ("C | 3 | three and a half", (("sheet", "Old Rates", 0), ("row", "1", 0))),
    ),
    made("talk.pptx", ("Growth of the harbour", (("slide", "3", 0),))),
    made("urteil.txt", ("Die Klage ist unbegründet.", (("paragraph", "12", 0),))),
    Document("notes.md", "Nothing is planned for the third quarter.\n"),
)
CORPUS = Corpus.of(DOCUMENTS, [Omission(LEASE, Reason.SCANNED, part="p. 17")])
PAY = '"The Tenant shall pay the inflated information rent"'
DUE = '"Payment of what is due under this lease"'


def only(answer: str) -> Citation:
    (citation,) = cited(answer, CORPUS)
    return citation


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("[{} p. 14 §12.3(b)]", "p. 14 §12.3(b)"),
        ("[{}, p. 14]", "p. 14"),
        ("[{} p.14]", "p.14"),
        ("[{}: Section 12.3]", "Section 12.3"),
        ("[{} §12.3(b)]", "§12.3(b)"),
        ("[{} § 12.3 (b)]", "§ 12.3 (b)"),
        ("[{}, clause 12.3.b]", "clause 12.3.b"),
        ("[{} pp. 14–15]", "pp. 14–15"),
        ("[{} page 15]", "page 15"),
        ("[{} S. 14]", "S. 14"),
        ("[{} §§ 12, 12.4]", "§§ 12, 12.4"),
        ("[{} p. 14, first paragraph]", "p. 14, first paragraph"),
        ("[{}#page=14]", "page=14"),
        ("({}, p. 14)", "p. 14"),
        ("({} §12.3(b))", "§12.3(b)"),
        ("`{} p. 14`", "p. 14"),
        ("[`{}` p. 14]", "p. 14"),
        ("**[{} p. 14]**", "p. 14"),
        ("[{} p. 14](lease.pdf#page=14)", "p. 14"),
        ("【{} p. 14】", "p. 14"),
        ("{} p. 14", "p. 14"),
    ],
)
def test_pages_and_clauses(place: str, said: str) -> None:
    citation = only(f"{place.format(LEASE)}: {PAY}")
    assert (citation.path, citation.said, citation.claimed) == (LEASE, said, None)
    assert (citation.verdict, citation.reason) == (V, "")
    assert (citation.lines, citation.where) == ((4, 5), "pp. 14–15, § 12.3(b)")
    assert not citation.by_lines


@pytest.mark.parametrize(
    ("answer", "verdict", "where"),
    [
        ('[moby.epub ch. 1] "Call me Ishmael."', V, "“CHAPTER 1. Loomings”"),
        ('[moby.epub Kapitel 1] "Call me Ishmael."', V, "“CHAPTER 1. Loomings”"),
        ('[moby.epub Loomings] "Call me Ishmael."', V, "“CHAPTER 1. Loomings”"),
        ('[moby.epub, “Loomings”] "Call me Ishmael."', V, "“CHAPTER 1. Loomings”"),
        ('[moby.epub ch. “Loomings”] "Never mind how long"', V, "“CHAPTER 1. Loomings”"),
        ('[moby.epub ch. 2] "Never mind how long"', R, "“CHAPTER 1. Loomings”"),
        ('[minutes.vtt 00:12:31] "thanks to all for coming"', V, "00:12:31"),
        ('[minutes.vtt:00:12:31] "thanks to all for coming"', V, "00:12:31"),
        ('[minutes.vtt 12:40] "thanks to all for coming"', V, "00:12:31"),
        ('[minutes.vtt 00:12:31] "the meeting now Bob: thanks to all"', V, "00:00:01"),
        ('[minutes.vtt 00:00:02] "thanks to all for coming"', R, "00:12:31"),
        ('[rates.xlsx sheet Rates row 26] "two and a half"', V, "sheet Rates, row 26"),
        ('[rates.xlsx sheet Rates row 30] "two and a half"', V, "sheet Rates, row 26"),
        ('[rates.xlsx, sheet "Old Rates"] "three and a half"', V, "sheet Old Rates, row 1"),
        ('[rates.xlsx sheet Rates] "three and a half"', R, "sheet Old Rates, row 1"),
        ('[talk.pptx slide 3] "Growth of the harbour"', V, "slide 3"),
        ('[urteil.txt Rn. 12] "Die Klage ist unbegründet"', V, "¶ 12"),
        ('[urteil.txt ¶ 12] "Die Klage ist unbegründet"', V, "¶ 12"),
        (f'[{LEASE} Art. 5] "Term of seven years"', V, "p. 15, Article V"),
        (f'[{LEASE} §Article V] "Term of seven years"', V, "p. 15, Article V"),
        (
            f'[{LEASE} Schedule 1 para 1] "The fixtures stay where they are"',
            V,
            "p. 16, Schedule 1 para 1",
        ),
    ],
)
def test_places_of_other_documents(answer: str, verdict: Verdict, where: str) -> None:
    citation = only(answer)
    assert (citation.verdict, citation.where) == (verdict, where)


@pytest.mark.parametrize(
    ("place", "quote", "verdict", "reason"),
    [
        ("p. i", DUE, R, "place was off: p. i said, p. 14, § 12.3 true"),
        ("§12.4", DUE, R, "place was off: §12.4 said, p. 14, § 12.3 true"),
        ("p. 15 §12.3", DUE, R, "place was off: p. 15 §12.3 said, p. 14, § 12.3 true"),
        ("p. i §12.3", DUE, R, "place was off: p. i §12.3 said, p. 14, § 12.3 true"),
        ("p. 99 §12.3", DUE, R, "place was off: p. 99 §12.3 said, p. 14, § 12.3 true"),
        ("§12.4(c)", DUE, R, "place was off: §12.4(c) said, p. 14, § 12.3 true"),
        ("§ 99", DUE, R, "no § 99 in the document"),
        ("p. 99", DUE, R, "no p. 99 in the document"),
        ("§ 99", '"Nobody has ever agreed to this here"', N, "the quote is not in the document"),
        ("p. 14", '"Nobody has ever agreed to this here"', N, "the quote is not in the document"),
        ("§ 99", "", N, "no § 99 in the document"),
        ("p. 14", "", N, "no quote given for this place"),
        (
            "p. 14",
            '"Payment of what was due under this lease"',
            R,
            "quote differs slightly",
        ),
    ],
)
def test_verdicts(place: str, quote: str, verdict: Verdict, reason: str) -> None:
    citation = only(f"<evidence>\n[{LEASE} {place}] {quote}\n</evidence>")
    assert (citation.verdict, citation.reason) == (verdict, reason)
    assert (citation.span is None) == (verdict is N)
    assert citation.said == place


def test_a_document_without_such_places() -> None:
    citation = only('[notes.md p. 3] "Nothing is planned for the third quarter."')
    assert (citation.verdict, citation.reason) == (R, "no p. 3 in the document")
    assert (citation.lines, citation.where) == ((1, 1), "")


def test_lines_keep_working_in_every_document() -> None:
    citation = only(f"[{LEASE}:3] {DUE}")
    assert (citation.verdict, citation.claimed, citation.said) == (V, (3, 3), "3")
    assert citation.where == "p. 14, § 12.3"
    assert citation.by_lines
    assert only(f"[{LEASE}:3 §12.3] {DUE}").verdict is V
    assert only(f"[{LEASE}:9] {DUE}").reason == "lines were off: 9 said, 3 true"


def test_a_part_that_was_left_out_leaves_the_document_known() -> None:
    assert only(f"[My Lease (2nd).pdf p. 14] {DUE}").verdict is V


def test_several_places_in_one_bracket() -> None:
    found = cited(f"It says {PAY} [{LEASE} p. 14 §12.3(b); p. 16 and notes.md:1].", CORPUS)
    assert [(c.path, c.said, c.verdict) for c in found] == [
        (LEASE, "p. 14 §12.3(b)", V),
        (LEASE, "p. 16", N),
        ("notes.md", "1", N),
    ]


def test_a_place_without_a_quote_takes_the_verdict_of_one_that_overlaps() -> None:
    answer = f"""<evidence>
[{LEASE} p. 14 §12.3(b)] {PAY}
</evidence>
Rent is due monthly [{LEASE} §12.3(b), p. 14], in advance [{LEASE}, p. 15], by clause
[{LEASE} § 12], not [{LEASE} p. 16], nor [{LEASE} p. 16 § 12.3].
"""
    found = cited(answer, CORPUS)
    assert [(c.said, c.verdict, len(c.places)) for c in found] == [
        ("p. 14 §12.3(b)", V, 2),
        ("p. 15", V, 1),
        ("§ 12", V, 1),
        ("p. 16", N, 1),
        ("p. 16 § 12.3", R, 1),
    ]
    assert found[1].reason == "its quote is at pp. 14–15, § 12.3(b)"


@pytest.mark.parametrize(
    "answer",
    [
        "See notes.md p. 3 and Section 12.3 of the law, at 10:30, or ch. 4.",
        f"Whoever reads {LEASE} chapter and verse or p. 99 knows it.",
        "`notes.md` has pages; [notes.md is short] and [see page 4].",
        "```\nmoby.epub ch. 1\n```",
        "[Section 12.3] [p. 14] [§ 12.3(b)] [00:12:31]",
    ],
)
def test_what_is_no_citation(answer: str) -> None:
    assert cited(answer, CORPUS) == ()


def test_documents_that_are_not_there_are_reported() -> None:
    for place in ("p. 3", "p. 3 §1", "ch. 2"):
        citation = only(f'[ghost.pdf {place}] "The Tenant shall pay the rent"')
        assert (citation.path, citation.said) == ("ghost.pdf", place)
        assert (citation.verdict, citation.reason) == (N, "no such document in the corpus")


@pytest.mark.parametrize(
    "quote",
    [
        "The Tenant shall pay the inflated infor-\n[p. 15 §12.3(b)]\nmation rent monthly",
        "The Tenant shall pay the inflated infor-\nmation rent\nmonthly",
        "The Tenant shall pay the in\ufb02ated in-\nformation rent month-\nly in advance.",
        "The\nTenant shall pay ... monthly in advance",
    ],
)
@pytest.mark.parametrize("place", ["p. 14", "p. 15", "p. 14 §12.3(b)", "p. 15 §12.3(b)", "§12.3"])
def test_quotes_run_over_lines_and_pages(quote: str, place: str) -> None:
    assert only(f'<evidence>\n[{LEASE} {place}] "{quote}"\n</evidence>').verdict is V


def test_a_quote_within_one_page_is_not_of_the_next() -> None:
    for place in ("p. 15", "p. i"):
        assert only(f'[{LEASE} {place}] "Payment of what is due"').verdict is R
    assert only(f'[{LEASE} §12.3(b)] "Interest runs from the due date"').verdict is R


def test_of_places_of_one_name_any_may_be_meant() -> None:
    document = made(
        "deed.txt",
        ("1 The seller sells the whole house", (("clause", "1", 0),)),
        ("Schedule", (("clause", "Schedule", 0),)),
        ("1 The garden is sold as well, too", (("clause", "1", 0),)),
    )
    corpus = Corpus.of([document])
    for quote in ("The seller sells the whole house", "The garden is sold as well"):
        (citation,) = cited(f'[deed.txt § 1] "{quote}"', corpus)
        assert (citation.verdict, citation.where) == (V, "§ 1")


LABELS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["]", "[", "\n", "12.3(b)", "§", "p. 14", '"', "”", "a" * 10_000, "(" * 400]),
)
KINDS = st.sampled_from(
    ["page", "clause", "chapter", "heading", "row", "sheet", "timestamp", "bates", "slide", "x"]
)


@given(
    st.lists(st.tuples(st.integers(0, 60), KINDS, LABELS, st.integers(0, 5)), max_size=12),
    LABELS,
    st.sampled_from(["[{} {}]", "[{}: {}]", "({}, p. {})", "`{} § {}`", "[{} ch. {}; {}]"]),
)
@settings(deadline=None, max_examples=300)
def test_labels_of_damaged_files_do_no_harm(
    rows: list[tuple[int, str, str, int]], label: str, frame: str
) -> None:
    anchors = tuple(sorted(Anchor(*row) for row in rows))
    document = Document("a.pdf", "The Tenant shall pay the rent.\n" * 2, anchors)
    said = frame.replace("{}", "a.pdf", 1).replace("{}", label)
    answer = f'{said} "The Tenant shall pay the rent."'
    for citation in cited(answer, Corpus.of([document])):
        assert citation.where == " ".join(citation.where.split())
        assert len(citation.reason) < 4_000


@given(st.data())
@settings(deadline=None)
def test_what_the_model_was_shown_is_verified_by_its_page(data: st.DataObject) -> None:
    """Any lines as the prompt shows them, marks included, cited by the mark before them."""
    lines = data.draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=12))
    starts = sorted(data.draw(st.sets(st.integers(1, len(lines) - 1), max_size=4)) | {0})
    document = made(
        "a.pdf",
        *(
            (line, (("page", str(starts.index(n) + 1), 0),) if n in starts else ())
            for n, line in enumerate(lines)
        ),
    )
    shown = render.body(document).split("\n")
    first = data.draw(st.integers(0, len(shown) - 1))
    last = data.draw(st.integers(first, len(shown) - 1))
    quote = "\n".join(shown[first : last + 1]).strip()
    assume(any(line in WORDS for line in shown[first : last + 1]))
    page = next(each for each in reversed(shown[: first + 1]) if each.startswith("[p."))
    if quote.startswith("[p."):
        page = quote.split("\n")[0]
    elif not any(line in WORDS for line in shown[first : _next(shown, first)]):
        assume(False)
    (citation,) = cited(f"[a.pdf {page[1:-1]}]\n`````\n{quote}\n`````\n", Corpus.of([document]))
    assert citation.verdict is V


def _next(shown: list[str], first: int) -> int:
    later = (n for n in range(first, len(shown)) if shown[n].startswith("[p."))
    return next(later, len(shown))


WORDS = [
    "The Tenant shall pay the rent.",
    "Interest runs from the due date,",
    "the Landlord keeps the roof and the walls",
    "in good order",
]
