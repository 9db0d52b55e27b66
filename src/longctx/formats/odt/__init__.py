"""OpenDocument texts (.odt).

What may live here: which parts a document has. What must never be known here: where the file came
from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Refused
from longctx.formats.flow import Flow
from longctx.formats.markup import parsed
from longctx.formats.odt.inline import Inline
from longctx.formats.odt.story import Story
from longctx.formats.odt.styles import OFFICE, Styles
from longctx.formats.packages import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

    from longctx.formats import Material, Options, Report

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"


class _Odt:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """Paragraphs, lists, tables and notes in reading order; headings, clauses and the title as
        anchors."""
        package = Package(file.data)
        _check_unlocked(package)
        root = parsed(package.read("content.xml"))
        body = root.find(f"{OFFICE}body/{OFFICE}text")
        if body is None:
            raise Refused(Reason.DAMAGED, "the package holds no text document")
        styles = _found(package, "styles.xml")
        meta = _found(package, "meta.xml")
        title = "" if meta is None else (meta.findtext(f".//{_TITLE}") or "").strip()
        out = Flow(wants_title=not title)
        if title:
            out.lines.anchor("title", title)
        story = Story(
            Inline(body, revisions=options.revisions),
            Styles([root] if styles is None else [styles, root]),
        )
        story.write(body, out)
        report(1, 1)
        return Extract(out.lines.text, out.anchors)


ODT = _Odt()


def _check_unlocked(package: Package) -> None:
    manifest = _found(package, "META-INF/manifest.xml")
    locked = manifest is not None and (manifest.find(f".//{_MANIFEST}encryption-data") is not None)
    if locked or package.has("encrypted-package"):
        raise Refused(Reason.LOCKED, "remove the password, or save a copy without")


def _found(package: Package, name: str) -> _Element | None:
    """A part that matters less; None where it is missing or damaged."""
    if not package.has(name):
        return None
    try:
        return parsed(package.read(name))
    except Refused as refused:
        if refused.reason is Reason.LIMIT:
            raise
        return None
