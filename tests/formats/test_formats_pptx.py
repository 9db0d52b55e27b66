"""Slides: their order, the order of shapes on them, notes."""

from __future__ import annotations

import pytest
from formats.made_office import ALL, extract, labels, relations, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Left, NotThis, Refused
from longctx.formats.pptx import PPTX


def words(*lines: str, more: str = "") -> str:
    inside = "".join(f"<a:p>{more}<a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return f"<p:txBody>{inside}</p:txBody>"


def shape(body: str, at: tuple[int, int] | None = None, kind: str = "", index: str = "") -> str:
    """A shape; `at`: down and right, in inches; `kind`: of a placeholder."""
    held = f'<p:ph type="{kind}" idx="{index}"/>' if kind else ""
    place = ""
    if at is not None:
        place = f'<a:xfrm><a:off x="{at[1] * 914400}" y="{at[0] * 914400}"/></a:xfrm>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr>{held}</p:nvPr></p:nvSpPr>'
        f"<p:spPr>{place}</p:spPr>{body}</p:sp>"
    )


def part(root: str, tree: str, more: str = "") -> str:
    return f"<p:{root} {ALL} {more}><p:cSld><p:spTree>{tree}</p:spTree></p:cSld></p:{root}>"


def deck(*slides: str, order: list[int] | None = None, **parts: str) -> bytes:
    """Slides by their shapes; `parts` hang on each: notes, a layout."""
    targets = [f"slides/slide{i}.xml" for i in range(len(slides))]
    ids = "".join(
        f'<p:sldId id="{256 + i}" r:id="rId{i + 1}"/>' for i in order or range(len(slides))
    )
    members: dict[str, str | bytes] = {
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": (
            f"<p:presentation {ALL}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
        ),
        "ppt/_rels/presentation.xml.rels": relations(*(("slide", each) for each in targets)),
    }
    for target, slide in zip(targets, slides, strict=True):
        members[f"ppt/{target}"] = slide if slide.startswith("<p:sld") else part("sld", slide)
        name = target.removeprefix("slides/")
        members[f"ppt/slides/_rels/{name}.rels"] = relations(
            *((kind, f"../{kind}/a.xml") for kind in parts)
        )
    for kind, inside in parts.items():
        members[f"ppt/{kind}/a.xml"] = inside
    return zipped(members)


def test_slides_stand_in_the_order_of_the_show() -> None:
    found = extract(PPTX, deck(shape(words("b")), shape(words("a")), order=[1, 0]))
    assert found.text == "a\n\nb\n"
    assert [(each.label, each.start) for each in found.anchors] == [("1", 0), ("2", 3)]


def test_titles_come_first_and_are_headings() -> None:
    slide = shape(words("Text"), (1, 1)) + shape(words("The", "title"), (5, 1), "ctrTitle")
    found = extract(PPTX, deck(slide))
    assert found.text == "The title\nText\n"
    assert labels(found, "heading") == [("The title", 0)]


def test_shapes_are_read_from_top_to_bottom_and_left_to_right() -> None:
    group = "<p:grpSp><p:grpSpPr><a:xfrm><a:off x='0' y='1828800'/></a:xfrm></p:grpSpPr>"
    group += shape(words("g2"), (9, 9)) + shape(words("g1"), (9, 1)) + "</p:grpSp>"
    slide = (
        group + shape(words("d"), (4, 1)) + shape(words("b"), (1, 5)) + shape(words("a"), (1, 1))
    )
    assert extract(PPTX, deck(slide)).text == "a\nb\ng1\ng2\nd\n"


def test_placeholders_stand_where_the_layout_puts_them() -> None:
    layout = part("sldLayout", shape("", (2, 6), "body", "2") + shape("", (2, 1), "body", "1"))
    slide = shape(words("right"), None, "body", "2") + shape(words("left"), None, "body", "1")
    assert extract(PPTX, deck(slide, slideLayout=layout)).text == "- left\n- right\n"


def test_bullets_numbers_and_levels() -> None:
    lines = "".join(
        f"<a:p><a:pPr {level}>{sign}</a:pPr><a:r><a:t>x</a:t></a:r></a:p>"
        for level, sign in [
            ("", '<a:buAutoNum type="arabicPeriod" startAt="3"/>'),
            ("", '<a:buAutoNum type="arabicPeriod" startAt="3"/>'),
            ('lvl="1"', '<a:buAutoNum type="alphaLcParenBoth"/>'),
            ("", "<a:buNone/>"),
            ("", '<a:buChar char="*"/>'),
            ('lvl="1"', ""),
        ]
    )
    found = extract(PPTX, deck(shape(f"<p:txBody>{lines}</p:txBody>")))
    assert found.text == "3. x\n4. x\n  (a) x\nx\n- x\n  - x\n"


def test_tables() -> None:
    cells = [
        ["a", "b", 'c" hMerge="1'],
        ["d", 'e" vMerge="1', "f"],
    ]
    rows = ""
    for row in cells:
        rows += "<a:tr>"
        for cell in row:
            text, _, merged = cell.partition('" ')
            body = words(text).replace("p:txBody", "a:txBody")
            rows += f"<a:tc {merged}{chr(34) if merged else ''}>{body}</a:tc>"
        rows += "</a:tr>"
    frame = (
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='1' name='t'/></p:nvGraphicFramePr>"
        f"<a:graphic><a:graphicData><a:tbl>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    assert extract(PPTX, deck(frame)).text == "a | b\nd |  | f\n"


def test_notes_pictures_hidden_slides_and_footers() -> None:
    notes = part(
        "notes", shape(words("Say this"), None, "body", "1") + shape(words("9"), None, "sldNum")
    )
    picture = (
        '<p:pic><p:nvPicPr><p:cNvPr id="1" name="x" descr="A map"/><p:nvPr/></p:nvPicPr></p:pic>'
    )
    slide = picture + shape(words("7"), None, "sldNum") + shape(words("ACME"), None, "ftr")
    found = extract(PPTX, deck(part("sld", slide, 'show="0"'), notesSlide=notes))
    assert found.text == "(hidden slide)\n[image: A map]\nNotes: Say this\n"
    assert found.left == (Left(Reason.RUNNING, "footer", "ACME"),)


def test_a_damaged_slide_does_not_stop_the_others() -> None:
    found = extract(PPTX, deck("<p:sld", shape(words("b"))))
    assert found.text == "b\n"
    assert [(each.reason, each.part) for each in found.left] == [(Reason.DAMAGED, "slide 1")]


def test_what_are_no_slides() -> None:
    with pytest.raises(NotThis):
        extract(PPTX, b"Dear Sir or Madam")
    with pytest.raises(Refused):
        extract(PPTX, deck(shape(words("a")))[:-30])


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.integers(0, 600), st.integers(0, 20), st.sampled_from(["", "<p:sp>", 'lvl="-4"', "<a:p/>"])
)
def test_mutated_slides_are_read_or_refused(place: int, cut: int, piece: str) -> None:
    slide = shape(words("a", more='<a:pPr lvl="2"/>'), (1, 1), "body", "1") + shape(
        words("b"), (2, 1)
    )
    whole = part("sld", slide)
    found = extract(PPTX, deck(whole[:place] + piece + whole[place + cut :] or "<p:sld"))
    assert found.anchors[0].label == "1"
