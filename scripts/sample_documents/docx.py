"""A WordprocessingML edition: headings by style, clauses numbered by Word's own numbering, so that
no number stands in the text of the file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from scripts.sample_documents.blocks import Clause, Heading, Paragraph
from scripts.sample_documents.packages import XML, package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.sample_documents.blocks import Block, Edition

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_LEVELS = (("%1.", "decimal"), ("%1.%2", "decimal"), ("(%3)", "lowerLetter"))


def docx(edition: Edition) -> bytes:
    counter = Counter()
    body = "".join(_paragraph(block, counter) for block in edition.blocks)
    return package(
        {
            "[Content_Types].xml": _types(),
            "_rels/.rels": _relations(
                ("officeDocument", f"{_OFFICE}/officeDocument", "word/document.xml"),
                ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ),
            "docProps/core.xml": XML
            + f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(edition.title)}'
            "</dc:title></cp:coreProperties>",
            "word/document.xml": (
                f"{XML}<w:document {_W}><w:body>{body}<w:sectPr/></w:body></w:document>"
            ),
            "word/_rels/document.xml.rels": _relations(
                ("styles", f"{_OFFICE}/styles", "styles.xml"),
                ("numbering", f"{_OFFICE}/numbering", "numbering.xml"),
            ),
            "word/styles.xml": f"{XML}<w:styles {_W}>{''.join(_styles())}</w:styles>",
            "word/numbering.xml": _numbering(),
        }
    )


class Counter:
    """Word's counting of the clauses: what number the next one of a level would show."""

    def __init__(self) -> None:
        self._counts = [0, 0, 0]

    def numbers(self, clause: Clause) -> bool:
        """Whether Word would show this very number; if so, it counts."""
        counts = list(self._counts)
        counts[clause.level - 1] += 1
        counts[clause.level :] = [0] * (3 - clause.level)
        shown = (f"{counts[0]}.", f"{counts[0]}.{counts[1]}", f"({chr(96 + max(1, counts[2]))})")
        if shown[clause.level - 1] != clause.number:
            return False
        self._counts = counts
        return True


def _paragraph(block: Block, counter: Counter) -> str:
    match block:
        case Heading():
            return _set(block.text, f'<w:pStyle w:val="Heading{block.level}"/>')
        case Clause() if counter.numbers(block):
            style = '<w:pStyle w:val="Heading1"/>' if block.level == 1 else ""
            place = f'<w:ilvl w:val="{block.level - 1}"/><w:numId w:val="1"/>'
            return _set(block.text, f"{style}<w:numPr>{place}</w:numPr>")
        case Clause():
            return _set(f"{block.number} {block.text}")
        case Paragraph():
            return _set(block.text)
        case _:
            rows = (
                "<w:tr>" + "".join(f"<w:tc>{_set(cell)}</w:tc>" for cell in row) + "</w:tr>"
                for row in block.rows
            )
            return f"<w:tbl>{''.join(rows)}</w:tbl>"


def _set(text: str, properties: str = "") -> str:
    head = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{head}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _styles() -> Iterator[str]:
    kind = '<w:style w:type="paragraph"'
    yield f'{kind} w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    for level in (1, 2, 3):
        yield (
            f'{kind} w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
            '<w:basedOn w:val="Normal"/>'
            f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
        )


def _numbering() -> str:
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for level, (text, form) in enumerate(_LEVELS)
    )
    return (
        f'{XML}<w:numbering {_W}><w:abstractNum w:abstractNumId="0">'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )


def _types() -> str:
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_DOCUMENT}.{kind}+xml"/>'
        for name, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("numbering", "numbering"),
        )
    )
    return (
        f'{XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f"{parts}</Types>"
    )


def _relations(*relations: tuple[str, str, str]) -> str:
    told = "".join(
        f'<Relationship Id="{id}" Type="{kind}" Target="{target}"/>'
        for id, kind, target in relations
    )
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'
