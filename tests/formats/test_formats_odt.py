"""OpenDocument texts: lists as they count, notes, tracked changes."""

from __future__ import annotations

import pytest
from formats.made_office import extract, labels, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Extract, NotThis, Refused
from longctx.formats.odt import ODT

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in "office text table style".split()
) + (
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def made(body: str, styles: str = "", **parts: str) -> bytes:
    """A document; `styles` lie in the same part as its body."""
    content = (
        f"<office:document-content {NAMES}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
    }
    return zipped(
        members | {f"{name}.xml": f"<a {NAMES}>{part}</a>" for name, part in parts.items()}
    )


def read(body: str, styles: str = "", **parts: str) -> Extract:
    return extract(ODT, made(body, styles, **parts))


def text(body: str, styles: str = "") -> str:
    return read(body, styles).text


def p(inside: str) -> str:
    return f"<text:p>{inside}</text:p>"


def items(*inside: str, more: str = "") -> str:
    listed = "".join(f"<text:list-item>{each}</text:list-item>" for each in inside)
    return f"<text:list {more}>{listed}</text:list>"


def level(index: int, format: str, more: str = "") -> str:
    return (
        f'<text:list-level-style-number text:level="{index}" style:num-format="{format}" {more}/>'
    )


LEGAL = (
    '<text:list-style style:name="L">'
    + level(1, "1", 'style:num-suffix="."')
    + level(2, "1", 'text:display-levels="2"')
    + level(3, "a", 'style:num-prefix="(" style:num-suffix=")"')
    + "</text:list-style>"
)
L = 'text:style-name="L"'


def test_paragraphs_and_white_space() -> None:
    body = (
        p("One <text:span>two</text:span>\n   three")
        + p("")
        + p(
            'a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d<text:soft-page-break/>'
            '<text:s text:c="999999999"/>e'
        )
    )
    assert text(body) == "One two three\na   b\tc\nd" + " " * 100 + "e\n"


def test_headings_and_titles() -> None:
    styles = (
        '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>'
    )
    body = (
        '<text:p text:style-name="P1">Loan</text:p><text:h text:outline-level="1">One</text:h>'
        '<text:h text:outline-level="2">Two</text:h>'
    )
    found = read(body, styles)
    assert found.text == "Loan\n\nOne\n\nTwo\n"
    assert labels(found, "heading") == [("One", 0), ("Two", 1)]
    assert labels(found, "title") == [("Loan", 0)]
    assert labels(read(body, styles, meta="<dc:title>Own</dc:title>"), "title") == [("Own", 0)]


def test_headings_that_are_numbered() -> None:
    outline = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        "</text:outline-style>"
    )
    heading = '<text:h text:outline-level="{}" {}>x</text:h>'
    body = (
        heading.format(1, "")
        + heading.format(2, "")
        + heading.format(2, 'text:is-list-header="true"')
        + heading.format(1, 'text:restart-numbering="true" text:start-value="7"')
        + heading.format(2, "")
    )
    found = read(body, outline)
    assert [label for label, _ in labels(found, "heading")] == ["1 x", "1.1 x", "x", "7 x", "7.1 x"]
    assert labels(found, "clause") == [("1", 0), ("1.1", 1), ("7", 0), ("7.1", 1)]


def test_lists_within_lists_are_clauses() -> None:
    body = items(
        p("a") + items(p("b") + items(p("c"), p("d")), p("e")),
        p("f") + p("more") + items(p("g")),
        more=L,
    )
    found = read(body, LEGAL)
    assert found.text == "1. a\n1.1 b\n(a) c\n(b) d\n1.2 e\n2. f\nmore\n2.1 g\n"
    assert labels(found, "clause") == [
        ("1", 0), ("1.1", 1), ("1.1(a)", 2), ("1.1(b)", 2), ("1.2", 1), ("2", 0), ("2.1", 1),
    ]  # fmt: skip


def test_an_item_that_only_holds_a_list_is_not_counted() -> None:
    body = items(p("a"), items(p("b")), more=L)
    assert text(body, LEGAL) == "1. a\n1.1 b\n"


def test_lists_that_go_on_and_that_begin_anew() -> None:
    first = items(p("a"), more=f'{L} xml:id="one"')
    assert text(first + items(p("b"), more=L), LEGAL) == "1. a\n1. b\n"
    assert text(first + items(p("b"), more=f'{L} text:continue-numbering="true"'), LEGAL) == (
        "1. a\n2. b\n"
    )
    between = items(p("x"), more=L)
    assert text(first + between + items(p("b"), more=f'{L} text:continue-list="one"'), LEGAL) == (
        "1. a\n1. x\n2. b\n"
    )
    assert (
        text(
            f'<text:list {L}><text:list-item text:start-value="5">{p("a")}</text:list-item>'
            f"<text:list-header>{p('h')}</text:list-header></text:list>",
            LEGAL,
        )
        == "5. a\nh\n"
    )


def test_the_newer_way_to_say_how_levels_are_numbered() -> None:
    styles = (
        '<text:list-style style:name="L">'
        + level(1, "I", 'loext:num-list-format="Article %1%"')
        + level(2, "1", 'loext:num-list-format="%1%.%2%)"')
        + "</text:list-style>"
    )
    assert text(items(p("a") + items(p("b")), more=L), styles) == "Article I a\nI.1) b\n"


def test_bullets() -> None:
    styles = (
        '<text:list-style style:name="L"><text:list-level-style-bullet text:level="1"/>'
        '<text:list-level-style-bullet text:level="2"/></text:list-style>'
    )
    assert text(items(p("a") + items(p("b")), more=L), styles) == "- a\n  - b\n"


def test_tables() -> None:
    def cell(inside: str, more: str = "") -> str:
        return f"<table:table-cell {more}>{inside}</table:table-cell>"

    row = "<table:table-row>{}</table:table-row>"
    body = (
        "<table:table><table:table-header-rows>"
        + row.format(cell(p("Name")) + cell(p("Rate")))
        + "</table:table-header-rows>"
        + row.format(
            cell(p("a") + p("b"), 'table:number-columns-spanned="2"')
            + "<table:covered-table-cell/>"
            + cell(p("c"))
        )
        + row.format(cell("", 'table:number-columns-repeated="999999999"'))
        + "</table:table>"
    )
    assert text(body) == "Name | Rate\na b |  | c\n"


def test_notes_boxes_pictures_and_sections() -> None:
    note = (
        '<text:note text:note-class="{}"><text:note-citation>7</text:note-citation>'
        "<text:note-body>{}</text:note-body></text:note>"
    )
    frame = "<draw:frame>{}</draw:frame>"
    body = (
        p("a" + note.format("footnote", p("Foot.")) + "b" + note.format("endnote", p("End.")))
        + p("x" + frame.format(f"<draw:text-box>{p('box')}</draw:text-box>"))
        + p(frame.format("<draw:image/><svg:desc>A map</svg:desc>"))
        + f"<text:section>{p('in')}</text:section>"
        + f'<text:section text:display="none">{p("out")}</text:section>'
        + "<text:table-of-content><text:table-of-content-source><text:index-title-template>no"
        + "</text:index-title-template></text:table-of-content-source>"
        + f"<text:index-body>{p('One 1')}</text:index-body></text:table-of-content>"
    )
    assert text(body) == ("a[^1]b[^i]\n[^1] Foot.\n[^i] End.\nx\nbox\n[image: A map]\nin\nOne 1\n")


CHANGED = (
    "<text:tracked-changes>"
    '<text:changed-region text:id="c1"><text:insertion><office:change-info><dc:creator>Jane'
    "</dc:creator></office:change-info></text:insertion></text:changed-region>"
    '<text:changed-region text:id="c2"><text:deletion><office:change-info><dc:creator>Jane'
    f"</dc:creator></office:change-info>{p('old')}</text:deletion></text:changed-region>"
    "</text:tracked-changes>"
    + p(
        'a <text:change text:change-id="c2"/><text:change-start text:change-id="c1"/>new'
        '<text:change-end text:change-id="c1"/> b<office:annotation><dc:creator>Joe</dc:creator>'
        f'{p("Why?")}</office:annotation><text:change text:change-id="c2"/>'
    )
)


def test_changes() -> None:
    assert text(CHANGED) == "a new b\n"
    assert extract(ODT, made(CHANGED), revisions=True).text == (
        "a [deleted by Jane: old][inserted by Jane: new] b[comment by Joe: Why?]\n"
    )


def test_what_is_refused() -> None:
    locked = zipped(
        {
            "content.xml": b"\x01\x02",
            "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:'
            'manifest:1.0"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>',
        }
    )
    for data, reason in [
        (locked, Reason.LOCKED),
        (zipped({"a": "b"}), Reason.DAMAGED),
        (zipped({"content.xml": "<a/>"}), Reason.DAMAGED),
        (made("")[:-30], Reason.DAMAGED),
    ]:
        with pytest.raises(Refused) as refused:
            extract(ODT, data)
        assert refused.value.reason is reason
    with pytest.raises(NotThis):
        extract(ODT, b"Dear Sir or Madam")


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.integers(0, 900),
    st.integers(0, 30),
    st.sampled_from(["", "<text:p>", "</text:p>", 'text:level="-1"', "&#1;", "<text:list>"]),
)
def test_mutated_documents_are_read_or_refused(place: int, cut: int, piece: str) -> None:
    whole = CHANGED + items(p("a") + items(p("b"), p("c")), more=L)
    mutated = whole[:place] + piece + whole[place + cut :]
    try:
        found = extract(ODT, made(mutated, LEGAL), revisions=True)
    except Refused as refused:
        assert refused.reason in (Reason.DAMAGED, Reason.LIMIT)
        return
    assert all(0 <= each.start <= len(found.text) for each in found.anchors)
