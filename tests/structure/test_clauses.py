"""A tree for each way of numbering, and texts that are not numbered by clauses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structure import numbered

from longctx.structure.clauses import clauses_in

SAMPLES = Path(__file__).parents[2] / "sample_corpora"

TREES = {
    "STATUTE_DE": (
        "0 Abschnitt 1; 1 § 1; 1 § 2; 2 § 2 Abs. 1; 3 § 2 Abs. 1 Nr. 1; 3 § 2 Abs. 1 Nr. 2; "
        "4 § 2 Abs. 1 Nr. 2 lit. a; 4 § 2 Abs. 1 Nr. 2 lit. b; 5 § 2 Abs. 1 Nr. 2 lit. b aa; "
        "5 § 2 Abs. 1 Nr. 2 lit. b bb; 3 § 2 Abs. 1 Nr. 3; 2 § 2 Abs. 2; 1 § 2a; 2 § 2a Abs. 1; "
        "2 § 2a Abs. 2; 0 Abschnitt 2; 1 § 3; 2 § 3 Abs. 1; 2 § 3 Abs. 2; 3 § 3 Abs. 2 Nr. 1; "
        "3 § 3 Abs. 2 Nr. 2; 2 § 3 Abs. 3"
    ),
    "CONTRACT_DE": (
        "0 Recital A; 0 Recital B; 0 1; 1 1.1; 1 1.2; 2 1.2 lit. a; 2 1.2 lit. b; 0 2; 1 2.1; "
        "1 2.2; 2 2.2(i); 2 2.2(ii); 0 Anlage 1; 1 Anlage 1 Nr. 1; 1 Anlage 1 Nr. 2; 0 Anlage 2; "
        "1 Anlage 2 Nr. 1; 1 Anlage 2 Nr. 2"
    ),
    "BYLAWS": (
        "0 Article I; 1 Article I Section 1; 1 Article I Section 2; 0 Article II; "
        "1 Article II Section 1; 1 Article II Section 2; 2 Article II Section 2(a); "
        "2 Article II Section 2(b); 3 Article II Section 2(b)(i); 3 Article II Section 2(b)(ii); "
        "1 Article II Section 3"
    ),
    "REGULATION": (
        "0 Recital 1; 0 Recital 2; 0 Chapter I; 1 Article 1; 2 Article 1(1); 2 Article 1(2); "
        "1 Article 2; 2 Article 2(a); 2 Article 2(b); 3 Article 2(b)(i); 3 Article 2(b)(ii); "
        "0 Chapter II; 1 Article 3; 2 Article 3(1); 2 Article 3(2); 3 Article 3(2)(a); "
        "3 Article 3(2)(b); 0 Annex I; 1 Annex I para 1; 1 Annex I para 2"
    ),
    "CODE": (
        "0 § 230; 1 § 230(a); 2 § 230(a)(1); 2 § 230(a)(2); 1 § 230(c); 2 § 230(c)(1); "
        "2 § 230(c)(2); 3 § 230(c)(2)(A); 3 § 230(c)(2)(B); 0 § 231; 0 § 231a"
    ),
    "FROM_PDF": (
        "0 1; 1 1.1; 1 1.2; 0 2; 1 2.1; 2 2.1(a); 2 2.1(b); 3 2.1(b)(i); 3 2.1(b)(ii); 1 2.2; "
        "0 Schedule 1; 1 Schedule 1 para 1; 1 Schedule 1 para 2"
    ),
    "RUN_ON": (
        "0 Recital 1; 0 Recital 2; 0 1; 1 1.1; 1 1.2; 0 2; 1 2.1; 1 2.2; 0 3; 1 3.1; 1 3.2; "
        "0 Exhibit A"
    ),
    "LETTERS": (
        "0 1; 1 1(a); 1 1(b); 1 1(c); 1 1(d); 1 1(e); 1 1(f); 1 1(g); 1 1(h); 2 1(h)(i); "
        "2 1(h)(ii); 1 1(i); 1 1(j); 0 2; 0 3; 1 3(a); 2 3(a)(i); 2 3(a)(ii); 2 3(a)(iii); "
        "2 3(a)(iv); 2 3(a)(v); 1 3(b)"
    ),
    "OUTLINE": "0 I; 1 I.A; 2 I.A.1; 2 I.A.2; 1 I.B; 0 II; 1 II.A; 1 II.B; 0 III",
}


def tree(text: str) -> str:
    return "; ".join(f"{anchor.depth} {anchor.label}" for anchor in clauses_in(text))


@pytest.mark.parametrize("name", TREES)
def test_each_way_of_numbering_gives_its_tree(name: str) -> None:
    assert tree(getattr(numbered, name)) == TREES[name]


def test_the_clause_stands_where_its_text_is_and_not_in_the_contents_list() -> None:
    text = numbered.STATUTE_DE
    places = {anchor.label: anchor.start for anchor in clauses_in(text)}
    assert text[places["§ 1"] :].startswith("§ 1\nZweck\n\nDieses Gesetz")
    assert text[places["Abschnitt 2"] :].startswith("Abschnitt 2\nNutzung\n\n§ 3")


@pytest.mark.parametrize("leaders", [" ........ {}", "\t{}", "   {}", " {}"])
def test_entries_of_a_contents_list_with_pages_are_skipped(leaders: str) -> None:
    heads = ["Definitions", "Services", "Fees", "Term", "Liability"]
    contents = "\n".join(
        f"{number}. {head}{leaders.format(number * 3)}" for number, head in enumerate(heads, 1)
    )
    body = "\n\n".join(
        f"{number}. {head}\n\n{number}.1 The Supplier shall do what the agreement says, and more."
        for number, head in enumerate(heads, 1)
    )
    text = f"AGREEMENT\n\n{contents}\n\n{body}\n"
    found = clauses_in(text)
    assert [anchor.label for anchor in found] == [
        label for number in range(1, 6) for label in (f"{number}", f"{number}.1")
    ]
    assert found[0].start > len("AGREEMENT\n\n" + contents)


def test_windows_line_ends_and_markdown_headings_change_nothing() -> None:
    plain = numbered.CONTRACT_DE
    assert tree(plain.replace("\n", "\r\n")) == TREES["CONTRACT_DE"]
    marked = plain.replace("1. Geg", "## 1. Geg").replace("2. Kauf", "## 2. Kauf")
    marked = marked.replace("1.1 ", "**1.1** ")
    assert tree(marked) == TREES["CONTRACT_DE"]


@pytest.mark.parametrize("name", ["JUDGMENT", "URTEIL"])
def test_paragraphs_of_judgments_are_paragraphs(name: str) -> None:
    found = clauses_in(getattr(numbered, name))
    assert {anchor.kind for anchor in found} == {"paragraph"}
    assert [anchor.label for anchor in found] == [f"{n}" for n in range(1, len(found) + 1)]
    assert len(found) >= 4


def test_bare_numbers_in_a_judgments_margin_are_paragraphs() -> None:
    said = "The claimant said that the defendant had told the court otherwise.\n\n"
    text = "JUDGMENT of the court\n\n" + "".join(f"{n}\n{said}" for n in range(1, 13))
    found = clauses_in(text)
    assert [(anchor.kind, anchor.label) for anchor in found] == [
        ("paragraph", f"{n}") for n in range(1, 13)
    ]


def test_a_reference_at_a_lines_beginning_is_no_clause() -> None:
    text = numbered.FROM_PDF
    starts = [anchor.start for anchor in clauses_in(text) if anchor.label in ("2.1", "2.2")]
    assert [text[start : start + 7] for start in starts] == ["2.1\nThe", "2.2\nThe"]


def test_what_follows_a_list_in_a_sentence_is_not_its_last_item() -> None:
    body = "The Supplier shall: (a) mend the roof; and (b) mend the walls."
    more = " The party in breach shall pay."
    head = "AGREEMENT\n\n1. The parties agree.\n2. The Term is a year.\n3. "
    assert [a.label for a in clauses_in(head + body)] == ["1", "2", "3", "3(a)", "3(b)"]
    assert [a.label for a in clauses_in(head + body + more)] == ["1", "2", "3"]


CLAUSES = "1. The party shall pay.\n\n2. The Term is a year.\n\n3. The agreement ends.\n"


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [("RECITALS", "(A)", "(B)"), ("Background", "A.", "B."), ("Präambel", "1.", "2.")],
)
def test_recitals_below_their_heading(heading: str, first: str, second: str) -> None:
    text = f"AGREEMENT\n\n{heading}\n\n{first} We met.\n\n{second} We agreed.\n\n{CLAUSES}"
    recitals = [f"Recital {sign.strip('().')}" for sign in (first, second)]
    assert [anchor.label for anchor in clauses_in(text)] == [*recitals, "1", "2", "3"]


def test_each_whereas_is_a_recital() -> None:
    text = f"AGREEMENT\n\nWHEREAS, we met; and\n\nWHEREAS, we agreed;\n\n{CLAUSES}"
    labels = [anchor.label for anchor in clauses_in(text)]
    assert labels == ["Recital 1", "Recital 2", "1", "2", "3"]


def test_the_sample_contract_has_its_clauses_and_schedules() -> None:
    text = (SAMPLES / "contract" / "agreement.txt").read_text()
    found = {anchor.label: anchor for anchor in clauses_in(text)}
    assert len(found) == 302
    assert [label for label in found if label.isdigit()] == [f"{n}" for n in range(1, 28)]
    assert text[found["6.5(c)"].start :].startswith("(c) reject the Station")
    assert text[found["Schedule 2 para 9"].start :].startswith("9.    The times for response")
    assert found["Schedule 2 para 9"].depth == 2
    assert found["Schedule 2 Part C"].depth == 1
    assert "Recital D" in found


def test_the_sample_handbook_is_numbered_by_chapter_and_section() -> None:
    found = clauses_in((SAMPLES / "handbook" / "handbook.md").read_text())
    assert len(found) == 96
    assert [a.label for a in found if a.depth == 0] == [f"Chapter {n}" for n in range(1, 13)]


NOT_CLAUSES = {
    "python": "def f(a):\n    return (a)\n\n1\n2\n(a)\n(b)\nif x:\n    y = 1.1\n" * 30,
    "csv": "1,Apples,2.30\n2,Pears,1.10\n3,Plums,0.99\n" * 40,
    "table": "1   12.4   Red\n2   13.1   Blue\n3   11.0   Green\n4   10.9   Grey\n" * 10,
    "changelog": "".join(
        f"## {major}.{minor}.0 (2024-0{minor + 1}-12)\n\n- Fixed a bug\n- Added a thing\n\n"
        for major in (3, 2, 1)
        for minor in (4, 3, 2, 1)
    ),
    "rising changelog": "".join(f"1.{n} Fixed the parser\n\n" for n in range(1, 3)),
    "recipe": "Soup\n\n1. Peel the onions.\n2. Fry them.\n3. Add water.\n4. Simmer for an hour.\n",
    "readme": "# Tool\n\n1. Install it.\n2. Run it.\n\n## More\n\n1. Read on.\n2. Stop.\n",
    "poem": "I.\nThe sea is wide\n\nII.\nThe wind was here\n\nIII.\nAnd then no more\n",
    "dates": "14 March 2022\n15 March 2022\n16 March 2022\n1. Januar 2020\n2. Januar 2020\n" * 5,
    "addresses": "1 High Street\nHexley\n\n2 High Street\nHexley\n\n3 High Street\nHexley\n",
    "contents only": "".join(
        f"{n}. Chapter {'.' * 40} {n * 7}\n{n}.1. Section {'.' * 40} {n * 7 + 1}\n"
        for n in range(1, 12)
    ),
    "scores": "1.5 Million\n2.5 Billion\n0.5 Thousand\n",
    "bibliography": "".join(
        f"[{n}] Author, A. A paper on things. 20{n:02d}.\n" for n in range(1, 30)
    ),
    "log": "12:00:01 INFO (a) 12.3 started\n12:00:02 INFO (b) 12.4 ended\n" * 50,
    "versions": "Python 3.11\nPython 3.12\n3.13\n3.14\n",
}


@pytest.mark.parametrize("name", NOT_CLAUSES)
def test_other_numbers_are_no_clauses(name: str) -> None:
    assert clauses_in(NOT_CLAUSES[name]) == ()


PIECES = st.sampled_from(
    [
        "1. ", "2. ", "1.1 ", "1.2 ", "(a) ", "(b) ", "(i) ", "(ii) ", "(A) ", "aa) ", "§ 1 ",
        "§ 2a ", "Article I ", "ARTICLE 2\n", "Section 1.1 ", "Schedule 1\n", "EXHIBIT A\n",
        "Part A\n", "Anlage 1\n", "WHEREAS, ", "RECITALS\n", "[1] ", "Rn. 1 ", "\n", "\n\n", "   ",
        "\t", "The party shall pay. ", "pursuant to ", "“Term” means ", "agreement ", "3\n", "....",
        "IV. ", "\r\n", "\x0c", "\u00a0", "the ", "Der Käufer ", "1", ".", "(",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_anchors_are_sorted_and_stand_at_their_number(text: str) -> None:
    found = clauses_in(text)
    starts = [anchor.start for anchor in found]
    assert starts == sorted(starts)
    for anchor in found:
        assert 0 <= anchor.start < len(text)
        assert anchor.depth >= 0
        assert not text[anchor.start].isspace()
        if anchor.label[-1] != ")" and not anchor.label.startswith("Recital"):
            last = anchor.label.split()[-1].rpartition(".")[2]
            assert last.lower() in text[anchor.start : anchor.start + 60].lower()
    assert found == clauses_in(text)
