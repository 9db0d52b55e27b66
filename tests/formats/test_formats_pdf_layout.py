"""PDF: the order of reading, divided words, tables, and what repeats on each page."""

from __future__ import annotations

from formats.made_pdf import MadePDF, prose
from formats.test_formats_pdf import anchors, read

from longctx.corpus import Reason


def lined(*texts: str) -> list[str]:
    """What comes out for one page of these lines."""
    pdf = MadePDF()
    pdf.page().lines(72, 700, list(texts))
    return read(pdf.data()).text.splitlines()


def test_a_word_that_the_line_divides_moves_up() -> None:
    assert lined("This is some infor-", "mation about it.") == [
        "This is some information",
        "about it.",
    ]


def test_a_compound_keeps_its_hyphen() -> None:
    assert lined("It is a well-", "known fact.") == ["It is a well-known", "fact."]
    assert lined("A mother-board and a mother-", "board again.")[0].endswith("mother-board")


def test_names_and_numbers_keep_their_hyphens() -> None:
    assert lined("He lives in Baden-", "Baden now.")[0].startswith("He lives in Baden-")
    assert "".join(lined("In the years 1990-", "1995 it was so.")).startswith("In the years 1990-")


def test_a_range_of_pages_is_no_divided_word() -> None:
    assert lined("See section A -", "which is long.") == ["See section A -", "which is long."]


def headed(count: int, header: str = "ACME Lease", amounts: bool = False) -> MadePDF:
    pdf = MadePDF()
    for number in range(count):
        page = pdf.page().write(72, 770, header)
        page.lines(72, 700, [f"Text of page {number}.", *prose(5, start=number)])
        footer = f"Total: {number * 137 % 1000}.00" if amounts else f"Page {number + 1} of {count}"
        page.write(280, 30, footer)
    return pdf


def test_running_headers_are_said_once_and_page_numbers_not_at_all() -> None:
    extract = read(headed(6).data())
    assert extract.text.count("ACME Lease") == 1
    assert "of 6" not in extract.text
    (left,) = extract.left
    assert left.reason is Reason.RUNNING
    assert left.part == "headers and footers"
    assert left.detail == '"ACME Lease" on 6 pages, page numbers on 6 pages'
    assert [line for _, line, _ in anchors(extract, "page")][1:] == [
        f"Text of page {number}." for number in range(1, 6)
    ]


def test_three_pages_are_too_few_to_tell() -> None:
    extract = read(headed(3).data())
    assert extract.text.count("ACME Lease") == 3
    assert extract.left == ()


def test_amounts_at_the_foot_of_each_page_are_kept() -> None:
    text = read(headed(6, amounts=True).data()).text
    assert [f"Total: {number * 137 % 1000}.00" in text for number in range(6)] == [True] * 6


def test_a_header_that_names_the_page_goes_though_its_words_change() -> None:
    pdf = MadePDF()
    sections = ["Scope", "Scope", "Term", "Term", "Rent", "Rent", "Repair", "Repair"]
    for number, section in enumerate(sections):
        page = pdf.page().write(72, 770, f"{number + 12} {section}")
        page.lines(72, 700, [f"Text of page {number}.", *prose(5, start=number)])
    extract = read(pdf.data())
    assert [f"{number + 12} {each}" in extract.text for number, each in enumerate(sections)] == (
        [False] * 8
    )
    assert extract.left[0].detail == "page numbers on 8 pages"


def test_lines_at_the_edge_that_are_all_there_is_are_kept() -> None:
    pdf = MadePDF()
    for _ in range(6):
        pdf.page().write(72, 770, "Title slide")
    assert read(pdf.data()).text.count("Title slide") == 6


def numbered(pages: int) -> MadePDF:
    pdf = MadePDF()
    for page in range(pages):
        made = pdf.page()
        for number, text in enumerate(prose(25, start=page * 7), 1):
            made.write(60, 740 - 24 * number, str(number))
            made.write(90, 740 - 24 * number, text)
    return pdf


def test_line_numbers_in_the_margin_are_cut_off() -> None:
    extract = read(numbered(5).data())
    assert extract.text.splitlines()[:25] == prose(25)
    assert [each.part for each in extract.left] == ["line numbers"]


def test_line_numbers_that_come_before_the_text_are_cut_off() -> None:
    pdf = MadePDF()
    for page in range(5):
        made = pdf.page()
        for number in range(1, 26):
            made.write(60, 740 - 24 * number, str(number))
        for number, text in enumerate(prose(25, start=page * 7), 1):
            made.write(90, 740 - 24 * number, text)
    assert read(pdf.data()).text.splitlines()[:25] == prose(25)


def test_a_numbered_list_of_a_page_is_kept() -> None:
    assert read(numbered(1).data()).text.startswith("1 The tenant")


def columns(left: list[str], right: list[str], *, by_row: bool) -> list[str]:
    pdf = MadePDF()
    page = pdf.page().write(72, 750, "A heading over both of the columns of this page")
    if by_row:
        for number, (a, b) in enumerate(zip(left, right, strict=True)):
            page.write(72, 700 - 12 * number, a).write(320, 700 - 12 * number, b)
    else:
        page.lines(72, 700, left).lines(320, 700, right)
    return read(pdf.data()).text.splitlines()[1:]


def test_columns_drawn_row_by_row_are_read_one_after_the_other() -> None:
    left, right = prose(20, 42), prose(20, 42, start=17)
    assert columns(left, right, by_row=True) == left + right


def test_columns_drawn_one_after_the_other_stay_so() -> None:
    left, right = prose(20, 42), prose(20, 42, start=17)
    assert columns(left, right, by_row=False) == left + right


def test_columns_with_lines_at_different_heights_are_read_one_after_the_other() -> None:
    left, right = prose(20, 42), prose(20, 42, start=17)
    pdf = MadePDF()
    page = pdf.page()
    for number, (a, b) in enumerate(zip(left, right, strict=True)):
        page.write(72, 700 - 12 * number, a).write(320, 697 - 12 * number, b)
    assert read(pdf.data()).text.splitlines() == left + right


def test_three_columns_are_read_one_after_the_other() -> None:
    sides = [prose(20, 28, start=9 * number) for number in range(3)]
    pdf = MadePDF()
    page = pdf.page()
    for number in range(20):
        for side, texts in enumerate(sides):
            page.write(50 + 180 * side, 700 - 12 * number, texts[number])
    assert read(pdf.data()).text.splitlines() == [*sides[0], *sides[1], *sides[2]]


def test_terms_beside_their_meanings_stay_in_rows() -> None:
    terms = [f"Term {number}" for number in range(12)]
    meanings = prose(12, 50)
    made = columns(terms, meanings, by_row=True)
    assert [line.startswith(term) for line, term in zip(made, terms, strict=True)] == [True] * 12


def test_a_plain_table_has_its_cells_marked() -> None:
    pdf = MadePDF()
    rows = [["Item", "Unit", "Price"], ["Desk", "piece", "120.00"], ["Chair", "piece", "45.50"]]
    page = pdf.page().lines(72, 740, prose(3))
    for number, row in enumerate(rows):
        for cell, x in zip(row, (72, 250, 400), strict=True):
            page.write(x, 650 - 14 * number, cell)
    assert read(pdf.data()).text.splitlines()[3:] == [" | ".join(row) for row in rows]


def test_contents_and_lists_are_no_tables() -> None:
    pdf = MadePDF()
    page = pdf.page()
    for number in range(6):
        page.write(72, 700 - 14 * number, f"Chapter of things {number}")
        page.write(500, 700 - 14 * number, str(3 + 9 * number))
    for number in range(6):
        page.write(72, 500 - 14 * number, f"({'abcdef'[number]})")
        page.write(110, 500 - 14 * number, f"something of length {number}")
    for number in range(6):
        page.write(72, 300 - 14 * number, f"Entry {number}")
        page.write(200, 300 - 14 * number, ". . . . . . . . . .")
        page.write(500, 300 - 14 * number, str(number))
    assert "|" not in read(pdf.data()).text


def test_control_characters_do_not_reach_the_text() -> None:
    pdf = MadePDF()
    pdf.page().drawn.append("BT /F1 10 Tf 72 700 Td (a\\033[31mb \\007end) Tj ET")
    assert not set(read(pdf.data()).text) & {"\x1b", "\x07"}
