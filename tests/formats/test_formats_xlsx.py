"""Workbooks: values as a person writes them, compact rows, limits that are told."""

from __future__ import annotations

import io
from datetime import date, datetime, time

import openpyxl
import pytest
from formats.made_office import OFFICE, extract, labels, relations, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Left, NotThis, Refused
from longctx.formats.xlsx import XLSX
from longctx.formats.xlsx.values import Kind, format_of, written

S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def made(rows: str, strings: str = "", name: str = "Rates", before: str = "") -> bytes:
    """A workbook of one sheet, its rows in XML."""
    return zipped(
        {
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {S} xmlns:r="{OFFICE}"><sheets><sheet name="{name}" '
            'sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "/xl/sharedStrings.xml")
            ),
            "xl/worksheets/sheet1.xml": (
                f"<worksheet {S}>{before}<sheetData>{rows}</sheetData></worksheet>"
            ),
            "xl/sharedStrings.xml": f"<sst {S}>{strings}</sst>",
        }
    )


def test_what_openpyxl_writes() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Rates"
    sheet.append(["Day", "When", "At", "Rate", "Amount", "On", None])
    sheet.append(
        [date(2024, 2, 29), datetime(2024, 3, 1, 13, 45), time(9, 5), 0.0525, 1234.5, True]
    )
    sheet["D2"].number_format = "0.00%"
    sheet["E2"].number_format = '#,##0.00 "EUR"'
    found = extract(XLSX, saved(book))
    assert found.text == (
        "## Sheet Rates (2 x 6)\n"
        "Day | When | At | Rate | Amount | On\n"
        "2024-02-29 | 2024-03-01 13:45 | 09:05 | 5.25% | 1234.50 | TRUE\n"
    )
    assert labels(found, "sheet") == [("Rates", 0)]
    assert labels(found, "row") == [("Rates 1", 0)]


def test_empty_and_hidden_sheets_are_said() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Nothing"
    hidden = book.create_sheet("Secret")
    hidden.sheet_state = "veryHidden"
    hidden["C3"] = "x"
    book.create_chartsheet("Curve")
    assert extract(XLSX, saved(book)).text == (
        "## Sheet Nothing (empty)\n\n## Sheet Secret (hidden, 3 x 3)\nx\n\n"
        "## Sheet Curve (a chart)\n"
    )


def test_rows_are_marked_and_limited() -> None:
    book = openpyxl.Workbook()
    for row in range(1, 81):
        book.active.append([row])
    found = extract(XLSX, saved(book), rows=60)
    assert labels(found, "row") == [("Sheet 1", 0), ("Sheet 26", 0), ("Sheet 51", 0)]
    starts = [each.start for each in found.anchors if each.kind == "row"]
    assert [found.text[start:].split("\n")[0] for start in starts] == ["1", "26", "51"]
    assert found.left == (Left(Reason.LIMIT, "sheet Sheet", "60 of 80 rows are shown"),)
    assert found.text.startswith("## Sheet Sheet (80 x 1)\n")
    assert found.text.endswith("\n60\n")


def test_empty_rows_and_columns_take_no_space() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C3"], sheet["E3"], sheet["D90"], sheet["AZ90"] = "a", "b", "c", "d"
    found = extract(XLSX, saved(book))
    assert found.text == "## Sheet Sheet (90 x 52)\na |  | b\n | c | (47 empty) | d\n"
    assert labels(found, "row") == [("Sheet 3", 0), ("Sheet 90", 0)]


def test_kinds_of_cells() -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>7</v></c>'
        '<c r="C1" t="inlineStr"><is><t>in</t></is></c><c r="D1" t="e"><v>#REF!</v></c>'
        '<c r="E1" t="str"><f>A1</f><v>said</v></c><c r="F1"><f>SUM(A1)</f></c>'
        '<c r="G1"><v>12.000000000000002</v></c>'
        "<c><v>1e300</v></c>"
        '<c r="I1" t="b"><v>0</v></c><c t="d"><v>2024-01-02T00:00:00</v></c><c><v>no</v></c></row>'
    )
    strings = "<si><r><t>on</t></r><r><t>e\nline</t></r><rPh><t>aid</t></rPh></si>"
    assert extract(XLSX, made(rows, strings)).text.splitlines()[1] == (
        "one line |  | in | #REF! | said | =SUM(A1) | 12 | 1e+300 | FALSE | 2024-01-02 | no"
    )


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (45000, "dd/mm/yyyy", "2023-03-15"),
        (45000.5, "dd/mm/yyyy hh:mm", "2023-03-15 12:00"),
        (45000.5, "[$-407]d. mmmm yyyy", "2023-03-15"),
        (1, "yyyy", "1900-01-01"),
        (61, "yyyy", "1900-03-01"),
        (0.75, "h:mm AM/PM", "18:00"),
        (1.5, "[h]:mm", "36:00"),
        (-5, "yyyy", "-5"),
        (1e12, "yyyy", "1000000000000"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567.891, "#,##0.00", "1234567.891"),
        (2.5, "0.00", "2.50"),
        (2, "0.00", "2.00"),
        (0.0525, "0%", "5.25%"),
        (0.123456789, "0.0%", "12.346%"),
        (3, '"Day" 0', "3"),
        (1.5, "[Red]0.0;-0.0", "1.5"),
        (-0.5, "0.00_);(0.00)", "-0.50"),
    ],
)
def test_numbers_in_formats(value: float, code: str, expected: str) -> None:
    assert written(value, format_of(200, {200: code})) == expected


def test_formats_that_are_built_in_and_the_other_calendar() -> None:
    assert format_of(14, {}).kind is Kind.DATE
    assert format_of(22, {}).kind is Kind.MOMENT
    assert format_of(46, {}).kind is Kind.ELAPSED
    assert format_of(57, {}).kind is Kind.DATE
    assert format_of(999, {}).kind is Kind.NUMBER
    assert written(0, format_of(14, {}), from_1904=True) == "1904-01-01"


@given(st.floats(-1e14, 1e14), st.sampled_from(["General", "0", "0.00", "yyyy", "[h]:mm", "0.0%"]))
def test_numbers_are_never_far_from_what_they_were(value: float, code: str) -> None:
    format = format_of(200, {200: code})
    said = written(value, format)
    if format.kind is Kind.NUMBER:
        assert float(said) == pytest.approx(value, rel=1e-8, abs=0.005)


def test_a_sheet_that_claims_to_be_endless() -> None:
    before = '<dimension ref="A1:XFD1048576"/>'
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>'
    rows += '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    found = extract(XLSX, made(rows, before=before))
    assert found.text == ("## Sheet Rates (1,048,576 x 16384)\n1\n(16383 empty) | 2\n")


def test_a_cell_beyond_all_columns_and_rows_without_numbers() -> None:
    rows = '<row><c r="ZZZ1"><v>1</v></c></row><row><c><v>2</v></c></row>'
    rows += '<row r="x"><c><v>3</v></c></row>'
    assert extract(XLSX, made(rows)).text == "## Sheet Rates (3 x 1)\n2\n3\n"


def test_one_long_string_for_many_cells_is_bounded() -> None:
    cells = '<row><c t="s"><v>0</v></c></row>' * 10_000
    with pytest.raises(Refused) as refused:
        extract(XLSX, made(cells, f"<si><t>{'long' * 9000}</t></si>"))
    assert refused.value.reason is Reason.LIMIT


def test_cells_of_a_workbook_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.xlsx.MOST_CELLS", 3)
    found = extract(XLSX, made("<row><c><v>1</v></c><c><v>2</v></c></row>" * 4))
    assert found.left == (Left(Reason.LIMIT, "sheet Rates", "1 of 4 rows are shown"),)


def test_a_damaged_sheet_is_left_out() -> None:
    found = extract(XLSX, made("<row><c></row>"))
    assert [(each.reason, each.part) for each in found.left] == [(Reason.DAMAGED, "sheet Rates")]


def test_what_is_no_workbook() -> None:
    with pytest.raises(NotThis):
        extract(XLSX, b"a,b\n1,2\n")
    with pytest.raises(Refused):
        extract(XLSX, zipped({"a": "b"}))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.integers(0, 400), st.integers(0, 20), st.sampled_from(["", "<c>", 'r="-1"', "&x;", "<row>"])
)
def test_mutated_sheets_are_read_or_refused(place: int, cut: int, piece: str) -> None:
    rows = '<row r="1"><c r="A1" t="s" s="2"><v>0</v></c><c r="B1"><f>A1</f><v>1</v></c></row>' * 4
    mutated = rows[:place] + piece + rows[place + cut :]
    try:
        found = extract(XLSX, made(mutated, "<si><t>x</t></si>"))
    except Refused:
        return
    assert found.text.startswith("## Sheet Rates") or found.left
