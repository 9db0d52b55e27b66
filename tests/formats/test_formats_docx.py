"""Word documents: what a reader sees in them, as lines."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from formats.made_office import (
    ALL,
    definition,
    docx,
    extract,
    instance,
    labels,
    level,
    paragraph,
    relations,
    run,
    style,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Left, NotThis, Refused
from longctx.formats.docx import DOCX


def text(body: str, **parts: str) -> str:
    return extract(DOCX, docx(body, **parts)).text


def revised(body: str, **parts: str) -> str:
    return extract(DOCX, docx(body, **parts), revisions=True).text


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(said: str) -> str:
    return f"<w:r><w:instrText>{said}</w:instrText></w:r>"


def cell(inside: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def test_paragraphs_are_lines() -> None:
    body = (
        paragraph("One ")
        + paragraph()
        + paragraph(inside=run("T") + run("wo") + "<w:r><w:tab/></w:r>")
    )
    assert text(body) == "One\nTwo\n"


def test_breaks_and_signs_within_a_paragraph() -> None:
    signs = (
        '<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:br w:type="page"/><w:noBreakHyphen/><w:t>c</w:t>'
        '<w:softHyphen/><w:t>d</w:t><w:sym w:font="Wingdings" w:char="F0FE"/>'
        '<w:sym w:font="Symbol" w:char="F061"/><w:sym w:font="Own" w:char="F001"/></w:r>'
    )
    assert text(paragraph(inside=signs)) == "a\nb-cd☑α□\n"


def test_headings_by_level_name_and_inheritance() -> None:
    styles = (
        style("heading 1", '<w:outlineLvl w:val="0"/>', id="berschrift1")
        + style("Klausel", based_on="berschrift1")
        + style("Titre 3")
        + style("Loop", based_on="Loop")
        + style("Body heading", '<w:outlineLvl w:val="9"/>', based_on="berschrift1")
    )
    body = "".join(
        paragraph(each, style=each)
        for each in ("berschrift1", "Klausel", "Titre3", "Heading4", "Loop", "Bodyheading")
    ) + paragraph("direct", properties='<w:outlineLvl w:val="1"/>')
    found = extract(DOCX, docx(body, styles=styles))
    assert labels(found, "heading") == [
        ("berschrift1", 0), ("Klausel", 0), ("Titre3", 2), ("Heading4", 3), ("direct", 1),
    ]  # fmt: skip


def test_the_title_comes_from_the_properties_or_the_text() -> None:
    body = paragraph("Loan Agreement", style="Title") + paragraph("x", style="Title")
    assert labels(extract(DOCX, docx(body, title="Loan")), "title") == [("Loan", 0)]
    assert labels(extract(DOCX, docx(body)), "title") == [("Loan Agreement", 0)]


def test_fields_show_their_results() -> None:
    inner = field("begin") + code("PAGEREF x") + field("separate") + run("7") + field("end")
    outer = field("begin") + code("IF ") + inner + code(" = 7") + run("not shown")
    outer += field("separate") + run("seven") + inner + field("end")
    simple = f'<w:fldSimple w:instr="REF a">{run("12.3")}</w:fldSimple>'
    assert text(paragraph(inside=outer + run(", ") + simple)) == "seven7, 12.3\n"


def test_a_field_over_several_paragraphs() -> None:
    body = (
        paragraph(inside=field("begin") + code("TOC") + field("separate") + run("One 1"))
        + paragraph("Two 2")
        + paragraph(inside=field("end"))
        + paragraph("Text")
    )
    assert text(body) == "One 1\nTwo 2\nText\n"


def test_a_field_that_never_ends_hides_no_more_than_its_paragraph() -> None:
    assert text(paragraph(inside=field("begin") + code("X")) + paragraph("Text")) == "Text\n"


def test_what_is_hidden_is_not_shown() -> None:
    body = paragraph(inside=run("a") + run("b", "<w:vanish/>") + run("c", '<w:vanish w:val="0"/>'))
    assert text(body) == "ac\n"


def test_links_controls_and_smart_tags() -> None:
    inside = (
        f'<w:hyperlink r:id="rId9">{run("link")}</w:hyperlink><w:smartTag>{run(" tag")}'
        f"</w:smartTag><w:sdt><w:sdtPr/><w:sdtContent>{run(' control')}</w:sdtContent></w:sdt>"
    )
    block = f"<w:sdt><w:sdtContent>{paragraph('block')}</w:sdtContent></w:sdt>"
    assert text(paragraph(inside=inside) + block) == "link tag control\nblock\n"


def test_a_text_box_is_shown_once() -> None:
    box = f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent>"
    drawing = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:inline>{box}</wp:inline></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    assert text(paragraph(inside=run("Beside") + drawing)) == "Beside\nIn the box\n"


def test_pictures_are_their_descriptions() -> None:
    picture = '<w:r><w:drawing><wp:inline><wp:docPr descr="{}"/></wp:inline></w:drawing></w:r>'
    assert text(paragraph(inside=picture.format("A map"))) == "[image: A map]\n"
    assert text(paragraph("x", inside=picture.format(""))) == "x\n"


def test_formulas() -> None:
    formula = (
        "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r>"
        "</m:den></m:f><m:r><m:t>=</m:t></m:r><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup>"
        "<m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"
    )
    assert text(paragraph(inside=formula)) == "(a+b)/2=x^2\n"


def test_tables_are_rows() -> None:
    body = table(
        cell(paragraph("Name")) + cell(paragraph("Rate")) + cell(paragraph()),
        cell(paragraph("A") + paragraph("B")) + cell(paragraph("5\u00a0%")),
        cell(paragraph()) + cell(paragraph()),
    )
    assert text(body) == "Name | Rate\nA B | 5\u00a0%\n"


def test_merged_cells_once() -> None:
    body = table(
        cell(paragraph("Both"), '<w:gridSpan w:val="2"/>') + cell(paragraph("c")),
        cell(paragraph("down"), '<w:vMerge w:val="restart"/>') + cell(paragraph("d")),
        cell(paragraph("down"), "<w:vMerge/>") + cell(paragraph("e")),
    )
    assert text(body) == "Both | c\ndown | d\n | e\n"


def test_tables_within_tables() -> None:
    inner = table(cell(paragraph("x")) + cell(paragraph("y")))
    assert text(table(cell(paragraph("a")) + cell(inner + paragraph()))) == "a | x | y\n"


def test_a_frame_and_a_layout_are_paragraphs() -> None:
    assert text(table(cell(paragraph("a") + paragraph("b")))) == "a\nb\n"
    column = paragraph("left " * 200) + paragraph("more")
    found = text(table(cell(column) + cell(paragraph("right " * 200))))
    assert [line[:5] for line in found.splitlines()] == ["left ", "more", "right"]


def test_clauses_in_cells_have_their_places() -> None:
    numbering = definition(1, level(0, "%1."), level(1, "%1.%2")) + instance(1, 1)
    body = table(
        cell(paragraph("x")) + cell(paragraph("a", list=1) + paragraph("b", list=1, level=1))
    )
    found = extract(DOCX, docx(body, numbering=numbering))
    assert found.text == "x | 1. a 1.1 b\n"
    places = [(each.label, found.text[each.start :]) for each in found.anchors]
    assert places == [("1", "1. a 1.1 b\n"), ("1.1", "1.1 b\n")]


def test_notes_follow_their_paragraph_and_are_shown_once() -> None:
    footnotes = (
        f'<w:footnote w:type="separator" w:id="-1">{paragraph("no")}</w:footnote>'
        f'<w:footnote w:id="5">{paragraph("Five.") + paragraph("More.")}</w:footnote>'
    )
    endnotes = f'<w:endnote w:id="2">{paragraph("End.")}</w:endnote>'
    refer = '<w:r><w:footnoteReference w:id="5"/></w:r>'
    body = (
        paragraph(inside=run("a") + refer + run("b") + '<w:r><w:endnoteReference w:id="2"/></w:r>')
        + paragraph(inside=run("c") + refer)
        + table(
            cell(paragraph("d"))
            + cell(paragraph(inside='<w:r><w:footnoteReference w:id="9"/></w:r>'))
        )
    )
    assert text(body, footnotes=footnotes, endnotes=endnotes) == (
        "a[^1]b[^i]\n[^1] Five. More.\n[^i] End.\nc[^1]\nd\n"
    )


JANE = 'w:author="Jane" w:id="1"'


def test_changes_count_as_accepted() -> None:
    inside = (
        run("a ")
        + f"<w:del {JANE}><w:r><w:delText>old</w:delText></w:r></w:del>"
        + f"<w:ins {JANE}>{run('new')}</w:ins><w:moveFrom {JANE}>{run(' gone')}</w:moveFrom>"
        + f"<w:moveTo {JANE}>{run(' come')}</w:moveTo>"
    )
    assert text(paragraph(inside=inside)) == "a new come\n"
    assert revised(paragraph(inside=inside)) == (
        "a [deleted by Jane: old][inserted by Jane: new][deleted by Jane: gone]"
        "[inserted by Jane: come]\n"
    )


def test_a_deleted_end_joins_paragraphs() -> None:
    ended = f"<w:rPr><w:del {JANE}/></w:rPr>"
    body = paragraph("One ", properties=ended) + paragraph("line")
    assert text(body) == "One line\n"
    assert revised(body) == "One\nline\n"
    cells = cell(paragraph("Last ", properties=ended)) + cell(paragraph("next"))
    assert text(table(cells) + paragraph("Very last", properties=ended)) == (
        "Last | next\nVery last\n"
    )


def test_a_deleted_paragraph_takes_no_number() -> None:
    numbering = definition(1, level(0, "%1.")) + instance(1, 1)
    gone = f"<w:del {JANE}><w:r><w:delText>old</w:delText></w:r></w:del>"
    body = (
        paragraph("a", list=1)
        + paragraph(inside=gone, list=1, properties=f"<w:rPr><w:del {JANE}/></w:rPr>")
        + paragraph("b", list=1)
    )
    assert text(body, numbering=numbering) == "1. a\n2. b\n"
    assert revised(body, numbering=numbering) == "1. a\n[deleted by Jane: old]\n2. b\n"


def test_deleted_rows() -> None:
    body = table(cell(paragraph("a")), f"<w:trPr><w:del {JANE}/></w:trPr>" + cell(paragraph("b")))
    assert text(body) == "a\n"


def test_a_style_separator_goes_on_in_the_line() -> None:
    numbering = definition(1, level(0, "%1.%1")) + instance(1, 1)
    hidden = '<w:rPr><w:vanish/><w:specVanish/></w:rPr><w:outlineLvl w:val="0"/>'
    body = paragraph("Notice.", list=1, properties=hidden) + paragraph("It is given.")
    found = extract(DOCX, docx(body, numbering=numbering))
    assert found.text == "1.1 Notice. It is given.\n"
    assert labels(found, "clause") == [("1.1", 0)]
    assert labels(found, "heading") == [("1.1 Notice.", 0)]


def test_comments_on_request() -> None:
    comments = f'<w:comment w:id="3" w:author="Jane">{paragraph("Why?")}</w:comment>'
    body = paragraph(inside=run("a") + '<w:r><w:commentReference w:id="3"/></w:r>')
    assert text(body, comments=comments) == "a\n"
    assert revised(body, comments=comments) == "a[comment by Jane: Why?]\n"


def test_headers_are_told_if_they_say_more_than_the_page() -> None:
    number = field("begin") + code("PAGE") + field("separate") + run("1") + field("end")
    found = extract(
        DOCX,
        docx(
            paragraph("x"),
            header=paragraph("Strictly confidential"),
            footer=paragraph(inside=run("Page ") + number + run(" of 3")),
        ),
    )
    assert found.left == (Left(Reason.RUNNING, "header", "Strictly confidential"),)
    assert found.text == "x\n"


def test_strict_documents() -> None:
    data = docx(paragraph("Strict"))
    with zipfile.ZipFile(BytesIO(data)) as file:
        members: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
    usual = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = members["word/document.xml"]
    assert isinstance(document, bytes)
    members["word/document.xml"] = document.replace(
        usual, b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    )
    assert extract(DOCX, zipped(members)).text == "Strict\n"


def test_what_is_no_document() -> None:
    with pytest.raises(NotThis):
        extract(DOCX, b"Dear Sir or Madam")
    for data in (
        zipped({"a": "b"}),
        docx("")[:-40],
        zipped({"word/document.xml": f"<w:x {ALL}/>"}),
    ):
        with pytest.raises(Refused) as refused:
            extract(DOCX, data)
        assert refused.value.reason is Reason.DAMAGED


def test_parts_that_matter_less_may_be_missing_or_damaged() -> None:
    body = f"<w:body>{paragraph('x', list=1)}</w:body>"
    members: dict[str, str | bytes] = {
        "word/document.xml": f"<w:document {ALL}>{body}</w:document>",
        "word/_rels/document.xml.rels": relations(
            ("styles", "styles.xml"), ("numbering", "no.xml"), ("footnotes", "../../../etc/passwd")
        ),
        "word/styles.xml": "<w:styles",
    }
    assert extract(DOCX, zipped(members)).text == "x\n"


def test_a_bomb_of_elements_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        extract(DOCX, docx("<w:p/>" * 10_000_001))
    assert refused.value.reason is Reason.LIMIT


def test_deep_tables_are_refused() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 100 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 100
    with pytest.raises(Refused) as refused:
        extract(DOCX, docx(deep))
    assert refused.value.reason is Reason.LIMIT


def test_tables_as_deep_as_they_may_be() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 60 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 60
    assert text(deep) == "x\n"


FUZZED = (
    paragraph("Head", style="Heading1")
    + paragraph("x", list=1, level=1, inside=field("begin") + code("A") + field("end"))
    + table(cell(paragraph("a")) + cell(paragraph("b"), "<w:vMerge/>"))
    + f"<w:p><w:del {JANE}><w:r><w:delText>c</w:delText></w:r></w:del></w:p>"
)
NUMBERING = definition(1, level(0, "%1."), level(1, "%1.%2", "upperRoman")) + instance(1, 1)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data())
def test_mutated_members_are_read_or_refused(data: st.DataObject) -> None:
    def mutated(inside: str) -> str:
        if not data.draw(st.booleans()):
            return inside
        place = data.draw(st.integers(0, len(inside)))
        cut = data.draw(st.integers(0, 30))
        pieces = [
            "",
            "<w:p>",
            "</w:p>",
            'w:val="-9"',
            "w:val",
            "%9",
            "<w:sdt/>",
            "&#0;",
            "999999999999",
        ]
        return inside[:place] + data.draw(st.sampled_from(pieces)) + inside[place + cut :]

    made = docx(mutated(FUZZED), numbering=mutated(NUMBERING), styles=mutated(style("heading 1")))
    try:
        found = extract(DOCX, made, revisions=data.draw(st.booleans()))
    except (Refused, NotThis):
        return
    assert all(0 <= each.start <= len(found.text) for each in found.anchors)
