"""Word documents (.docx, .docm), with the numbers that Word displays.

What may live here: which parts a document has, and what is left out of it. Macros are never looked
at. What must never be known here: where the file came from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, Refused
from longctx.formats.docx.notes import Notes
from longctx.formats.docx.numbering import Numbering
from longctx.formats.docx.runs import Runs
from longctx.formats.docx.story import Story
from longctx.formats.docx.styles import Styles
from longctx.formats.flow import Flow
from longctx.formats.ooxml import Parts, W, first_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from longctx.formats import Material, Options, Report
    from longctx.formats.ooxml import Relation

_PAGING = re.compile(r"\b(?:page|seite|pagina|página|p|s|of|von|de|di|sur)\b|[\W\d_]+", re.I)
_LONGEST = 200
"""Characters of a header in what is told about it."""
_MOST_RUNNING = 20


class _Docx:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """Paragraphs, tables and notes in reading order; headings, clauses and the title as
        anchors."""
        parts = Parts(file.data)
        main = parts.main("word/document.xml")
        relations = parts.relations(main)
        root = parts.root(main)
        body = root.find(W + "body")
        if body is None:
            raise Refused(Reason.DAMAGED, "the package holds no document")
        title = parts.title()
        out = Flow(wants_title=not title)
        if title:
            out.lines.anchor("title", title)
        _story(parts, relations, root, revisions=options.revisions).write(body, out)
        report(1, 1)
        left = [*_running(parts, relations, root), *_chunks(root)]
        return Extract(out.lines.text, out.anchors, tuple(left))


DOCX = _Docx()


def _story(
    parts: Parts,
    relations: dict[str, Relation],
    root: _Element,
    *,
    revisions: bool = False,
) -> Story:
    styles = Styles(parts.found(first_of(relations, "styles")))
    numbering = Numbering(parts.found(first_of(relations, "numbering")), styles.list_of)
    runs = Runs(root, Notes(parts, relations), revisions=revisions)
    return Story(runs, styles, numbering, revisions=revisions)


def _running(parts: Parts, relations: dict[str, Relation], root: _Element) -> list[Left]:
    """What repeats above and below the pages, where it says more than their numbers."""
    found: dict[tuple[str, str], None] = {}
    used = [relation for relation in relations.values() if relation.kind in ("header", "footer")]
    for relation in used[:_MOST_RUNNING]:
        inner = parts.found(relation.target)
        if inner is None:
            continue
        out = Flow()
        _story(parts, parts.relations(relation.target), inner).write(inner, out)
        text = " ".join(out.lines.text.split())
        if _PAGING.sub("", text):
            found[relation.kind, text[:_LONGEST]] = None
    return [Left(Reason.RUNNING, kind, text) for kind, text in found]


def _chunks(root: _Element) -> list[Left]:
    """Documents of other formats within this one, which Word merges when it opens it."""
    count = sum(1 for _ in root.iter(W + "altChunk"))
    detail = "an embedded document is not read"
    return [Left(Reason.UNSUPPORTED, "embedded", detail)] * min(count, 1)
