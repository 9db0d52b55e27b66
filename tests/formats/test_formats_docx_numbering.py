"""Numbers as Word displays them, and the clauses they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from formats.made_office import (
    definition,
    docx,
    extract,
    instance,
    labels,
    level,
    paragraph,
    starting,
    style,
)
from hypothesis import given
from hypothesis import strategies as st

from longctx.formats.docx import DOCX
from longctx.formats.numbers.counting import letters, printed, roman

if TYPE_CHECKING:
    from longctx.formats import Extract

LEGAL = definition(
    1,
    level(0, "%1."),
    level(1, "%1.%2"),
    level(2, "(%3)", "lowerLetter"),
    level(3, "(%4)", "lowerRoman"),
)


def read(body: str, numbering: str, styles: str = "") -> Extract:
    return extract(DOCX, docx(body, numbering=numbering, styles=styles))


def items(*levels: int, list: int = 1) -> str:
    return "".join(paragraph("x", list=list, level=each) for each in levels)


def numbers(found: Extract) -> list[str]:
    return [line.removesuffix("x").strip() for line in found.text.splitlines() if line]


def test_a_contract() -> None:
    found = read(items(0, 1, 1, 2, 2, 3, 3, 2, 1, 0, 1, 2), LEGAL + instance(1, 1))
    assert numbers(found) == ("1. 1.1 1.2 (a) (b) (i) (ii) (c) 1.3 2. 2.1 (a)".split())
    assert labels(found, "clause") == [
        ("1", 0), ("1.1", 1), ("1.2", 1), ("1.2(a)", 2), ("1.2(b)", 2), ("1.2(b)(i)", 3),
        ("1.2(b)(ii)", 3), ("1.2(c)", 2), ("1.3", 1), ("2", 0), ("2.1", 1), ("2.1(a)", 2),
    ]  # fmt: skip


def test_anchors_stand_where_their_lines_begin() -> None:
    found = read(paragraph("Preamble") + items(0, 1, 2), LEGAL + instance(1, 1))
    lines = [found.text[each.start :].split("\n")[0] for each in found.anchors]
    assert lines == ["1. x", "1.1 x", "(a) x"]


def test_instances_of_one_definition_count_on_together() -> None:
    numbering = LEGAL + instance(1, 1) + instance(2, 1)
    assert numbers(read(items(0, 0) + items(0, list=2), numbering)) == ["1.", "2.", "3."]


def test_an_instance_with_its_own_start_begins_anew_once() -> None:
    numbering = LEGAL + instance(1, 1) + instance(2, 1, starting(0, 7))
    body = items(0, 0) + items(0, 0, list=2) + items(0)
    assert numbers(read(body, numbering)) == ["1.", "2.", "7.", "8.", "9."]


def test_a_start_of_a_deeper_level() -> None:
    numbering = LEGAL + instance(1, 1) + instance(2, 1, starting(1, 5))
    assert numbers(read(items(0) + items(1, 1, list=2), numbering)) == ["1.", "1.5", "1.6"]


def test_a_level_of_its_own_in_an_instance() -> None:
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "Schedule %1", "upperLetter")}</w:lvlOverride>'
    found = read(items(0, 0, list=2), LEGAL + instance(2, 1, own))
    assert numbers(found) == ["Schedule A", "Schedule B"]
    assert labels(found, "clause") == [("Schedule A", 0), ("Schedule B", 0)]


def test_levels_that_no_paragraph_has_used_show_their_start() -> None:
    assert numbers(read(items(1, 1, 0, 1), LEGAL + instance(1, 1))) == (["1.1", "1.2", "1.", "1.1"])


@pytest.mark.parametrize(
    ("restart", "expected"),
    [
        ("", "1 1.1 a b 1.2 a 2 2.1 a"),
        ('<w:lvlRestart w:val="0"/>', "1 1.1 a b 1.2 c 2 2.1 d"),
        ('<w:lvlRestart w:val="1"/>', "1 1.1 a b 1.2 c 2 2.1 a"),
    ],
)
def test_when_a_level_starts_again(restart: str, expected: str) -> None:
    numbering = definition(
        1, level(0, "%1"), level(1, "%1.%2"), level(2, "%3", "lowerLetter", more=restart)
    )
    order = (0, 1, 2, 2, 1, 2, 0, 1, 2)
    assert numbers(read(items(*order), numbering + instance(1, 1))) == expected.split()


def test_legal_numbers_are_plain_digits() -> None:
    numbering = definition(
        1, level(0, "Article %1", "upperRoman"), level(1, "Section %1.%2", more="<w:isLgl/>")
    )
    found = read(items(0, 0, 0, 0, 1, 1), numbering + instance(1, 1))
    assert numbers(found)[3:] == ["Article IV", "Section 4.1", "Section 4.2"]
    assert labels(found, "clause")[3:] == [("Article IV", 0), ("4.1", 1), ("4.2", 1)]


def test_several_levels_in_one_number() -> None:
    numbering = definition(
        1, level(0, "%1."), level(1, "%1.%2"), level(2, "%1.%2(%3)", "lowerLetter")
    )
    found = read(items(0, 1, 2, 2), numbering + instance(1, 1))
    assert numbers(found) == ["1.", "1.1", "1.1(a)", "1.1(b)"]
    assert labels(found, "clause")[2:] == [("1.1(a)", 2), ("1.1(b)", 2)]


def test_german_numbers() -> None:
    numbering = definition(1, level(0, "§ %1"), level(1, "(%2)"), level(2, "%3)", "lowerLetter"))
    found = read(items(0, 1, 1, 2, 0, 1), numbering + instance(1, 1))
    assert labels(found, "clause") == [
        ("1", 0), ("1(1)", 1), ("1(2)", 1), ("1(2)(a)", 2), ("2", 0), ("2(1)", 1),
    ]  # fmt: skip


def test_letters_in_a_list_of_their_own_belong_to_the_clause_above() -> None:
    numbering = LEGAL + definition(2, level(0, "(%1)", "lowerLetter"))
    numbering += instance(1, 1) + instance(2, 2) + instance(3, 2, starting(0, 1))
    found = read(items(0, 1) + items(0, 0, list=2) + items(1) + items(0, list=3), numbering)
    assert labels(found, "clause") == [
        ("1", 0), ("1.1", 1), ("1.1(a)", 2), ("1.1(b)", 2), ("1.2", 1), ("1.2(a)", 2),
    ]  # fmt: skip


def test_plain_lists_are_no_clauses() -> None:
    numbering = definition(1, level(0, "%1."), level(1, "%2.", "lowerLetter"))
    found = read(items(0, 0, 1, 1, 0), numbering + instance(1, 1))
    assert numbers(found) == ["1.", "2.", "a.", "b.", "3."]
    assert labels(found, "clause") == []


def test_a_plain_list_within_a_clause_is_none_either() -> None:
    numbering = LEGAL + definition(2, level(0, "%1.")) + instance(1, 1) + instance(2, 2)
    found = read(items(0, 1) + items(0, 0, list=2) + items(2), numbering)
    assert labels(found, "clause") == [("1", 0), ("1.1", 1), ("1.1(a)", 2)]


def test_headings_without_a_number_end_the_clause() -> None:
    numbering = LEGAL + definition(2, level(0, "(%1)", "lowerLetter"))
    numbering += instance(1, 1) + instance(2, 2)
    annex = paragraph("Annex", properties='<w:outlineLvl w:val="0"/>')
    found = read(items(0, 1) + annex + items(0, list=2), numbering)
    assert labels(found, "clause") == [("1", 0), ("1.1", 1)]


def test_numbers_that_come_with_the_style() -> None:
    numbering = definition(
        1,
        level(0, "%1", more='<w:pStyle w:val="Heading1"/>'),
        level(1, "%1.%2", more='<w:pStyle w:val="Heading2"/>'),
    ) + instance(1, 1)
    number = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    styles = (
        (
            style("heading 1", f'{number}<w:outlineLvl w:val="0"/>')
            + style("heading 2", f'{number}<w:outlineLvl w:val="1"/>')
            + style("My heading", based_on="Heading2")
        )
        .replace('styleId="heading1"', 'styleId="Heading1"')
        .replace('"heading2"', '"Heading2"')
    )
    body = (
        paragraph("Term", style="Heading1")
        + paragraph("Start", style="Heading2")
        + paragraph("End", style="Myheading")
        + paragraph("Aside", style="Heading2", list=0)
    )
    found = read(body, numbering, styles)
    assert labels(found, "heading") == [
        ("1 Term", 0),
        ("1.1 Start", 1),
        ("1.2 End", 1),
        ("Aside", 1),
    ]
    assert labels(found, "clause") == [("1", 0), ("1.1", 1), ("1.2", 1)]
    assert found.text == "1 Term\n\n1.1 Start\n\n1.2 End\n\nAside\n"


def test_a_list_style_stands_for_its_list() -> None:
    numbering = (
        definition(1, more='<w:numStyleLink w:val="Clauses"/>')
        + definition(2, level(0, "%1.%1"), more='<w:styleLink w:val="Clauses"/>')
        + instance(1, 1)
        + instance(2, 2)
    )
    styles = style("Clauses", '<w:numPr><w:numId w:val="2"/></w:numPr>')
    assert numbers(read(items(0, 0), numbering, styles)) == ["1.1", "2.2"]


def test_bullets_joints_and_hidden_numbers() -> None:
    numbering = definition(
        1,
        level(0, "\uf0b7", "bullet"),
        level(1, "o", "bullet"),
        level(2, "%3:", more='<w:suff w:val="nothing"/>'),
        level(3, "", "none"),
    ) + instance(1, 1)
    assert read(items(0, 1, 2, 3), numbering).text == "- x\n  - x\n1:x\nx\n"


def test_lists_that_are_not_there_and_absurd_levels() -> None:
    body = items(0, list=9) + paragraph("x", list=1, level=77) + paragraph("x", list=1, level=-3)
    assert numbers(read(body, LEGAL + instance(1, 1) + instance(4, 8))) == ["", "", ""]


def test_formats() -> None:
    said = [
        (4, "lowerRoman", "iv"), (1994, "upperRoman", "MCMXCIV"), (3, "upperLetter", "C"),
        (28, "lowerLetter", "bb"), (2, "ordinal", "2nd"), (11, "ordinal", "11th"),
        (7, "decimalZero", "07"), (21, "cardinalText", "Twenty-one"), (3, "ordinalText", "Third"),
        (20, "ordinalText", "Twentieth"), (5, "none", ""), (23, "chineseCounting", "二十三"),
        (3, "decimalEnclosedCircle", "③"), (6, "hebrew1", "6"), (0, "lowerRoman", "0"),
        (10**9, "upperLetter", str(10**9)),
    ]  # fmt: skip
    assert [printed(count, format) for count, format, _ in said] == [text for _, _, text in said]


@given(st.integers(1, 3999))
def test_roman_numbers_read_back(count: int) -> None:
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
    signs = [values[sign] for sign in roman(count)]
    pairs = zip(signs, [*signs[1:], 0], strict=True)
    assert sum(-a if a < b else a for a, b in pairs) == count


@given(st.integers(1, 780))
def test_letters_read_back(count: int) -> None:
    text = letters(count)
    assert len(set(text)) == 1
    assert (len(text) - 1) * 26 + ord(text[0]) - ord("a") + 1 == count
