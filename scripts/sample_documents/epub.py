"""An EPUB 3 edition: a document for each top heading, a navigation document, a spine."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from scripts.sample_documents.blocks import Block, Clause, Heading, Paragraph
from scripts.sample_documents.packages import XML, package

if TYPE_CHECKING:
    from scripts.sample_documents.blocks import Edition

_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def epub(edition: Edition) -> bytes:
    chapters = _chapters(edition)
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": XML
        + '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/content.opf"'
        ' media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/content.opf": _opf(edition, len(chapters)),
        "OEBPS/nav.xhtml": _page(
            "Contents", f'<nav epub:type="toc"><ol>{_links(chapters)}</ol></nav>'
        ),
    }
    for number, (title, blocks) in enumerate(chapters, 1):
        members[f"OEBPS/c{number}.xhtml"] = _page(title, "\n".join(map(_html, blocks)))
    return package(members, stored="mimetype")


def _chapters(edition: Edition) -> list[tuple[str, list[Block]]]:
    """Title and blocks, cut at each heading of level 1 and each clause of level 1."""
    chapters: list[tuple[str, list[Block]]] = [(edition.title, [])]
    for block in edition.blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapters.append((block.text, []))
        elif isinstance(block, Clause) and block.level == 1:
            chapters.append((f"{block.number} {block.text}", []))
        chapters[-1][1].append(block)
    return [chapter for chapter in chapters if chapter[1]]


def _links(chapters: list[tuple[str, list[Block]]]) -> str:
    return "".join(
        f'<li><a href="c{number}.xhtml">{escape(title)}</a></li>'
        for number, (title, _) in enumerate(chapters, 1)
    )


def _opf(edition: Edition, chapters: int) -> str:
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(1, chapters + 1)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(1, chapters + 1))
    return (
        XML + '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">longctx-sample-{edition.name}</dc:identifier>'
        f"<dc:title>{escape(edition.title)}</dc:title><dc:language>en</dc:language></metadata>"
        '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml"'
        f' properties="nav"/>{items}</manifest><spine>{spine}</spine></package>'
    )


def _page(title: str, body: str) -> str:
    head = f"<head><title>{escape(title)}</title></head>"
    return f"{XML}<html {_XHTML}>{head}<body>\n{body}\n</body></html>\n"


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Clause(level=1):
            return f"<h1>{block.number} {escape(block.text)}</h1>"
        case Clause():
            return f"<p>{block.number} {escape(block.text)}</p>"
        case Paragraph():
            return f"<p>{escape(block.text)}</p>"
        case _:
            rows = (
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
                for row in block.rows
            )
            return f"<table>{''.join(rows)}</table>"
