"""Rich Text Format: text, numbers as displayed, and nothing of what is not text."""

from __future__ import annotations

import pytest
from formats.made_office import extract, labels
from hypothesis import example, given, settings
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Left, NotThis, Refused
from longctx.formats.rtf import RTF

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fcharset204 Arial"
    r"{\*\falt Helv};}{\f2\fcharset2 Symbol;}{\f3\fcharset128 Mincho;}}"
    r"{\colortbl;\red0\green0\blue0;}"
    r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 heading 1;}{\s2\sbasedon1 Own;}{\s3 Title;}}"
)


def made(body: str) -> bytes:
    return (HEAD + body + "}").encode("latin-1")


def text(body: str) -> str:
    return extract(RTF, made(body)).text


def test_paragraphs() -> None:
    assert text(r"\pard One\par" "\n" r"Two {\b bold} and\~{\i more}\line again\par\par Three") == (
        "One\nTwo bold and\u00a0more\nagain\nThree\n"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"\'e9t\'e9", "été"),
        (r"\u1041?\u1073 ?x", "Ббx"),
        (r"\uc2\u8364 EUx\uc0\u8364 y", "€x€y"),
        (r"\uc1\u8364\'80z", "€z"),
        (r"\u8364{}x", "€x"),
        (r"\u-10179?\u-8704?!", "😀!"),
        (r"{\f1 \'c4\'e0}\'c4", "ДаÄ"),
        (r"{\f3 \'93\'fa\'96\'7b}", "日本"),
        (r"{\f2 \'61\'b7 1}", "α• 1"),
        (r"{\f77 x}", "x"),
        (r"a\emdash b\rquote s\-x\_y", "a—b’sx-y"),
        (r"\{\}\\", "{}\\"),
        (r"{\upr{old}{\*\ud{new}}}", "new"),
    ],
)
def test_characters(body: str, expected: str) -> None:
    assert text(body) == expected + "\n"


def test_headings_by_style_and_level() -> None:
    found = extract(
        RTF,
        made(
            r"\pard\s3 Name\par\pard\s1 One\par\pard\s2 Two\par\pard\outlinelevel1 Three\par"
            r"\pard text\par"
        ),
    )
    assert labels(found, "heading") == [("One", 0), ("Two", 0), ("Three", 1)]
    assert labels(found, "title") == [("Name", 0)]


def test_the_title_of_the_properties_counts_first() -> None:
    found = extract(RTF, made(r"{\info{\title A \u8211? B}{\author No}}\pard\s3 Name\par"))
    assert labels(found, "title") == [("A – B", 0)]
    assert found.text == "Name\n"


def test_numbers_as_they_were_displayed() -> None:
    body = "".join(
        rf"{{\listtext {number}\tab}}\pard\ls1\ilvl{level} x\par "
        for number, level in [("1.", 0), ("1.1", 1), ("(a)", 2), ("(b)", 2), ("2.", 0), ("2.1", 1)]
    )
    bullet = r"{\listtext\f2 \'b7\tab}\pard\ls2\ilvl1 y\par"
    found = extract(RTF, made(body + bullet))
    assert found.text == "1. x\n1.1 x\n(a) x\n(b) x\n2. x\n2.1 x\n  - y\n"
    assert labels(found, "clause") == [
        ("1", 0), ("1.1", 1), ("1.1(a)", 2), ("1.1(b)", 2), ("2", 0), ("2.1", 1),
    ]  # fmt: skip


def test_plain_lists_and_words() -> None:
    plain = r"{\listtext 1.\tab}\pard\ls1 x\par{\listtext 2.\tab}\pard\ls1 x\par"
    assert labels(extract(RTF, made(plain)), "clause") == []
    article = (
        r"{\listtext Article I\tab}\pard\ls1 x\par{\listtext Section 1.01\tab}\pard\ls1\ilvl1 y\par"
    )
    assert labels(extract(RTF, made(article)), "clause") == [("Article I", 0), ("1.01", 1)]


def test_tables_are_rows() -> None:
    row = r"\trowd\cellx1\cellx2\pard\intbl {}\cell {}\cell\row "
    body = row.format("a", "b") + row.format(r"c\par c2", "") + r"\pard after\par"
    assert text(body) == "a | b\nc c2\nafter\n"


def test_a_row_that_never_ends() -> None:
    assert text(r"\pard\intbl a\cell b\cell\pard after\par") == "a | b\nafter\n"


def test_notes_follow_their_paragraph() -> None:
    note = r"{\super\chftn}{\footnote\pard {\super\chftn} Note.\par Two.}"
    end = r"{\footnote\ftnalt End.}"
    assert text(rf"a{note} b{end}\par c\par") == "a[^1] b[^i]\n[^1] Note. Two.\n[^i] End.\nc\n"


def test_what_is_not_text() -> None:
    assert (
        text(
            r"a{\pict\jpegblip ffd8ffe0}{\*\unknown no}{\object{\*\objdata 0102}{\result shown}}"
            r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}{\v hidden}{\xe entry}\bin4 {{{{b"
            r"{\shp{\*\shpinst{\sp{\sn w}}{\shptxt box}}}"
        )
        == "ashownlinkbbox\n"
    )


def test_headers_are_told() -> None:
    found = extract(RTF, made(r"{\header Strictly private\par}{\footer Page \chpgn}x"))
    assert found.left == (Left(Reason.RUNNING, "header or footer", "Strictly private"),)
    assert found.text == "x\n"


CHANGED = (
    r"{\*\revtbl{Unknown;}{Jane;}}a {\deleted\revauthdel1 old }{\revised\revauth1 new }b"
    r"{\*\atnid J}{\*\atnauthor Joe}\chatn{\*\annotation\pard Why?}\par"
)


def test_changes() -> None:
    assert text(CHANGED) == "a new b\n"
    assert extract(RTF, made(CHANGED), revisions=True).text == (
        "a [deleted by Jane: old][inserted by Jane: new]b[comment by Joe: Why?]\n"
    )


def test_a_deleted_end_joins_paragraphs() -> None:
    assert text(r"One{\deleted\par} two\par") == "One two\n"


def test_what_is_refused() -> None:
    with pytest.raises(NotThis):
        extract(RTF, b"Dear Sir or Madam")
    with pytest.raises(Refused) as refused:
        extract(RTF, b"{\\rtf1" + b"{" * 10_000)
    assert refused.value.reason is Reason.LIMIT
    with pytest.raises(Refused) as refused:
        extract(RTF, HEAD[:-20].encode())
    assert refused.value.reason is Reason.DAMAGED


def test_a_file_that_is_cut_off_keeps_its_text() -> None:
    data = made(r"\pard One\par Two {\b three")
    assert extract(RTF, data[:-1]).text == "One\nTwo three\n"


WHOLE = made(
    CHANGED + r"\trowd\pard\intbl a\cell\row{\listtext 1.\tab}\pard\ls1\u8364?{\footnote n}"
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 20),
    st.sampled_from(
        [b"", b"{", b"}", b"\\", b"\\'", b"\\u-99999999", b"\\bin99", b"\\*", b"\\cell "]
    ),
)
@example(0, 0, b"")
def test_mutated_files_are_read_or_refused(place: int, cut: int, piece: bytes) -> None:
    data = WHOLE[:place] + piece + WHOLE[place + cut :]
    try:
        found = extract(RTF, data, revisions=True)
    except (Refused, NotThis):
        return
    assert all(0 <= each.start <= len(found.text) for each in found.anchors)
