"""Packages made in tests: word processors, slides and sheets, as bytes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from longctx.formats import Extract, Material, Options

if TYPE_CHECKING:
    from longctx.formats import Format

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ALL = (
    f"{W} "
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def relations(*pairs: tuple[str, str], outside: bool = False) -> str:
    """Relations rId1, rId2, ...: kinds and targets."""
    mode = ' TargetMode="External"' if outside else ""
    rows = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'
        for i, (kind, target) in enumerate(pairs, 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'


def docx(body: str, title: str = "", **parts: str) -> bytes:
    """A document with this body; `parts`: the insides of styles, numbering, footnotes, ..."""
    core = (
        '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/'
        f'core-properties" xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>{title}</d:title>'
        "</c:coreProperties>"
    )
    members: dict[str, str | bytes] = {
        "_rels/.rels": relations(
            ("officeDocument", "word/document.xml"), ("core-properties", "docProps/core.xml")
        ),
        "docProps/core.xml": core,
        "word/document.xml": f"<w:document {ALL}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(*((name, f"{name}.xml") for name in parts)),
    }
    roots = {"header": "hdr", "footer": "ftr"}
    for name, inside in parts.items():
        root = roots.get(name, name)
        members[f"word/{name}.xml"] = f"<w:{root} {ALL}>{inside}</w:{root}>"
    return zipped(members)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(
    text: str = "",
    *,
    style: str = "",
    list: int | None = None,
    level: int = 0,
    inside: str = "",
    properties: str = "",
) -> str:
    """A paragraph with a text, or with anything `inside`."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    number = ""
    if list is not None:
        number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr>'
    return (
        f"<w:p><w:pPr>{named}{number}{properties}</w:pPr>{run(text) if text else ''}{inside}</w:p>"
    )


def level(index: int, text: str, format: str = "decimal", *, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(index: int, *levels: str, more: str = "") -> str:
    inside = "".join(levels)
    return f'<w:abstractNum w:abstractNumId="{index}">{more}{inside}</w:abstractNum>'


def instance(index: int, of: int, overrides: str = "") -> str:
    return f'<w:num w:numId="{index}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


def starting(index: int, at: int) -> str:
    return f'<w:lvlOverride w:ilvl="{index}"><w:startOverride w:val="{at}"/></w:lvlOverride>'


def style(name: str, inside: str = "", *, id: str = "", based_on: str = "") -> str:
    based = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{id or name.replace(" ", "")}">'
        f'<w:name w:val="{name}"/>{based}<w:pPr>{inside}</w:pPr></w:style>'
    )


def extract(format: Format, data: bytes, name: str = "a", **options: int) -> Extract:
    """What a format reads; options as in `Options`."""
    chosen = Options(
        revisions=bool(options.get("revisions")), rows=options.get("rows", Options().rows)
    )
    return format.read(Material(name, data), chosen, lambda done, total: None)


def labels(extract: Extract, kind: str) -> list[tuple[str, int]]:
    """Labels and depths of the anchors of a kind."""
    return [(each.label, each.depth) for each in extract.anchors if each.kind == kind]
