"""PDF: text, places, and what is not in the text."""

from __future__ import annotations

import pytest
from formats.made_pdf import MadePDF, locked, prose

from longctx.corpus import Reason
from longctx.formats import Extract, Left, Material, Options, Refused
from longctx.formats.packing import fitting
from longctx.formats.pdf import PDF


def read(data: bytes, **options: object) -> Extract:
    made = Options(**options)  # type: ignore[arg-type]  # each test names fields of it
    return fitting(PDF.read(Material("made.pdf", data), made, lambda done, total: None))


def refused(data: bytes, **options: object) -> Refused:
    with pytest.raises(Refused) as raised:
        read(data, **options)
    return raised.value


def anchors(extract: Extract, kind: str) -> list[tuple[str, str, int]]:
    """Label, the line that the anchor stands at, depth."""
    return [
        (each.label, extract.text[each.start :].partition("\n")[0], each.depth)
        for each in extract.anchors
        if each.kind == kind
    ]


def test_every_page_has_an_anchor_at_the_beginning_of_its_first_line() -> None:
    pdf = MadePDF(title="The Lease")
    pdf.page().lines(72, 700, ["First page.", "More of it."])
    pdf.page().lines(72, 700, ["Second page."])
    extract = read(pdf.data())
    assert extract.text == "First page.\nMore of it.\nSecond page.\n"
    assert anchors(extract, "page") == [("1", "First page.", 0), ("2", "Second page.", 0)]
    assert anchors(extract, "title") == [("The Lease", "First page.", 0)]
    assert extract.left == ()


def test_pages_are_called_what_the_file_calls_them() -> None:
    pdf = MadePDF(labels="0 << /S /r >> 2 << /S /D /P (A-) /St 5 >>")
    for number in range(4):
        pdf.page().write(72, 700, f"Page {number}.")
    labels = [label for label, _, _ in anchors(read(pdf.data()), "page")]
    assert labels == ["i", "ii", "A-5", "A-6"]


def test_an_empty_page_has_its_anchor_where_it_would_be() -> None:
    pdf = MadePDF()
    pdf.page().write(72, 700, "Before.")
    pdf.page()
    pdf.page().write(72, 700, "After.")
    extract = read(pdf.data())
    assert anchors(extract, "page") == [
        ("1", "Before.", 0),
        ("2", "After.", 0),
        ("3", "After.", 0),
    ]
    assert extract.left == ()


@pytest.mark.parametrize(
    "title", ["", "lease-final2.docx", "Microsoft Word - lease", "untitled", "7"]
)
def test_a_title_that_is_none_is_no_anchor(title: str) -> None:
    pdf = MadePDF(title=title)
    pdf.page().write(72, 700, "Text.")
    assert anchors(read(pdf.data()), "title") == []


def test_entries_of_the_outline_are_found_where_their_titles_stand() -> None:
    pdf = MadePDF(
        outline=[("Chapter 1", 0, 0), ("Scope", 0, 1), ("Rent", 1, 1), ("Nowhere to see", 1, 1)]
    )
    pdf.page().lines(72, 700, ["CHAPTER 1", *prose(3), "1.1 Scope", *prose(3)])
    pdf.page().lines(72, 700, [*prose(3), "1.2 Rent", "Rent is paid monthly, and scope is not."])
    extract = read(pdf.data())
    assert anchors(extract, "chapter") == [("Chapter 1", "CHAPTER 1", 0)]
    assert anchors(extract, "heading") == [
        ("Scope", "1.1 Scope", 1),
        ("Nowhere to see", prose(1)[0], 1),
        ("Rent", "1.2 Rent", 1),
    ]


def test_without_an_outline_clearly_larger_type_is_a_heading() -> None:
    pdf = MadePDF()
    page = pdf.page().write(72, 740, "General Terms", 18)
    page.write(72, 715, "Rent and Charges", 14).lines(72, 690, prose(12))
    page.write(72, 520, "Repairs", 14).lines(72, 500, prose(12))
    page.write(72, 330, "Insurance", 10, bold=True).lines(72, 310, prose(12))
    extract = read(pdf.data())
    assert anchors(extract, "heading") == [
        ("General Terms", "General Terms", 0),
        ("Rent and Charges", "Rent and Charges", 1),
        ("Repairs", "Repairs", 1),
        ("Insurance", "Insurance", 2),
    ]


def test_text_of_one_size_has_no_headings() -> None:
    pdf = MadePDF()
    pdf.page().lines(72, 700, ["A SHORT LINE", *prose(20)])
    assert anchors(read(pdf.data()), "heading") == []


def test_a_page_that_is_a_picture_is_left_out_by_name() -> None:
    pdf = MadePDF(labels="0 << /S /D /St 7 >>")
    pdf.page().picture()
    pdf.page().picture()
    pdf.page().write(72, 700, "Text.")
    pdf.page().picture()
    assert read(pdf.data()).left == (
        Left(Reason.SCANNED, "p. 7-8", "use --ocr to read it"),
        Left(Reason.SCANNED, "p. 10", "use --ocr to read it"),
    )


def test_a_file_of_pictures_is_refused_with_what_to_do() -> None:
    pdf = MadePDF()
    pdf.page().picture()
    error = refused(pdf.data())
    assert (error.reason, error.detail) == (Reason.SCANNED, "use --ocr to read it")


def test_an_empty_file_is_refused() -> None:
    pdf = MadePDF()
    pdf.page()
    assert refused(pdf.data()).reason is Reason.SCANNED


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128"])
def test_a_password_opens_what_it_locks(algorithm: str) -> None:
    pdf = MadePDF(title="Secret Lease")
    pdf.page().write(72, 700, "Locked text.")
    data = locked(pdf.data(), "pässword", algorithm)
    error = refused(data)
    assert (error.reason, error.detail) == (
        Reason.LOCKED,
        "give its password with --password",
    )
    assert refused(data, passwords=("wrong",)).detail == "no password given fits"
    assert read(data, passwords=("wrong", "pässword")).text == "Locked text.\n"


def test_a_file_that_any_reader_opens_needs_no_password() -> None:
    pdf = MadePDF()
    pdf.page().write(72, 700, "Open text.")
    assert read(locked(pdf.data(), "")).text == "Open text.\n"


def test_files_in_the_file_are_handed_on_without_folders() -> None:
    pdf = MadePDF(files={"a.csv": b"1,2\n", "../b/notes.txt": b"hello", "empty.bin": b""})
    pdf.page().write(72, 700, "Text.")
    extract = read(pdf.data())
    assert extract.inner == (Material("notes.txt", b"hello"), Material("a.csv", b"1,2\n")) or (
        extract.inner == (Material("a.csv", b"1,2\n"), Material("notes.txt", b"hello"))
    )
    assert [each.part for each in extract.left] == ["attachment empty.bin"]


def test_too_many_files_in_the_file_are_said() -> None:
    pdf = MadePDF(files={f"{number:03}.txt": b"x" for number in range(60)})
    pdf.page().write(72, 700, "Text.")
    extract = read(pdf.data())
    assert len(extract.inner) == 50
    assert [str(each.detail) for each in extract.left] == ["10 attachments after the first 50"]


def test_values_of_form_fields_and_boxes_are_text() -> None:
    pdf = MadePDF()
    page = pdf.page().write(72, 700, "Name of the tenant:")
    page.annotations = [
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (tenant) /V (Ada Lovelace)"
        " /Rect [200 695 300 710] >>",
        "<< /Type /Annot /Subtype /FreeText /Contents (Sent by fax.) /Rect [0 0 90 20] >>",
        "<< /Type /Annot /Subtype /Text /T (Bob) /Contents (Check this.) /Rect [0 0 9 9] >>",
    ]
    assert read(pdf.data()).text == "Name of the tenant:\ntenant: Ada Lovelace\nSent by fax.\n"
    assert read(pdf.data(), revisions=True).text.endswith("[comment by Bob: Check this.]\n")


def test_bates_numbers_name_their_pages_and_stay_in_the_text() -> None:
    pdf = MadePDF()
    for number in range(6):
        page = pdf.page().lines(
            72, 700, [f"Text of page {number} is here.", *prose(3, start=number)]
        )
        page.write(450, 40, f"ACME{number + 98:06}")
    extract = read(pdf.data())
    assert [label for label, _, _ in anchors(extract, "bates")] == [
        f"ACME{number + 98:06}" for number in range(6)
    ]
    assert anchors(extract, "bates")[2][1] == "Text of page 2 is here."
    assert "ACME000100\n" in extract.text


def test_a_turned_page_is_read_as_it_is_shown() -> None:
    pdf = MadePDF()
    pdf.page().lines(72, 700, ["Upright."])
    page = pdf.page()
    page.turned = 90
    page.drawn.append("BT /F1 10 Tf 0 1 -1 0 100 100 Tm (Turned.) Tj ET")
    assert read(pdf.data()).text == "Upright.\nTurned.\n"


def long_file(pages: int) -> bytes:
    pdf = MadePDF(title="Long", outline=[("Chapter 1", 0, 0), ("Chapter 2", pages // 2, 0)])
    for number in range(pages):
        page = pdf.page().write(72, 770, "ACME Lease").write(300, 30, str(number + 1))
        texts = prose(20, start=number)
        if number in (0, pages // 2):
            texts[0] = f"Chapter {1 if number == 0 else 2}"
        page.lines(72, 700, [*texts, "some infor-", "mation at the end"])
    return pdf.data()


def test_pieces_joined_are_what_is_read_in_one_go() -> None:
    file, options = Material("long.pdf", long_file(25)), Options()
    assert PDF.units(file, options) == 25
    pieces = [
        PDF.piece(file, options, first, min(first + 7, 25), lambda done, total: None)
        for first in range(0, 25, 7)
    ]
    whole = PDF.read(file, options, lambda done, total: None)
    assert PDF.join(file, options, pieces) == whole
    assert [each.label for each in whole.anchors if each.kind == "chapter"] == [
        "Chapter 1",
        "Chapter 2",
    ]


def test_progress_is_told_in_pages() -> None:
    told: list[tuple[int, int]] = []
    file = Material("long.pdf", long_file(30))
    PDF.read(file, Options(), lambda done, total: told.append((done, total)))
    assert told == [(8, 30), (16, 30), (24, 30)]
