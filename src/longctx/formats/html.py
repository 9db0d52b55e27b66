"""Web pages: their main text, without what stands around it on every page of a site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, NotThis, Refused
from longctx.formats.charsets import markup_decoded
from longctx.formats.chrome import Content, content_of
from longctx.formats.composing import Composition
from longctx.formats.flowing import Flow
from longctx.formats.footnotes import Notes
from longctx.formats.trees import page_of

if TYPE_CHECKING:
    from longctx.formats import Material, Options, Report

_PAGE = re.compile(r"<(?:!doctype\s+html|html|body)\b", re.I)
_CODE = re.compile(r"<(/?)(?:script|style|pre|code|textarea)\b", re.I)
# Not the double braces of formulas: \frac{{a}}{{b}}, x^{{2}}.
_TEMPLATE = re.compile(
    r"<\?(?:php|=)|<%[=@!\s-]|\{%-?\s*\w|(?<![\\\w^_{}])\{\{[{\s-]*[#/>!&.$]?\s*[A-Za-z_][^{}]{0,200}\}\}"
)


class _Html:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        source = markup_decoded(file.data)
        if not _PAGE.search(source[:20_000]) or _is_template(source):
            raise NotThis
        page = page_of(source)
        if page.root is None:
            raise NotThis
        out = Composition()
        content = content_of(page.root)
        if content.title:
            out.anchor("title", content.title)
        _write(content, out)
        left = []
        if content.dropped:
            detail = f"navigation and the like around the main text: {content.dropped:,} characters"
            left.append(Left(Reason.RUNNING, "around", detail))
        if not page.whole:
            detail = "it is nested too deeply; what comes after is not shown"
            if not out.length:
                raise Refused(Reason.LIMIT, "it is nested too deeply")
            left.append(Left(Reason.LIMIT, "end", detail))
        return Extract(out.text, tuple(out.anchors), tuple(left))


def _is_template(source: str) -> bool:
    """Whether the page still has to be filled in, code that it shows or runs aside."""
    start = 0
    for tag in _CODE.finditer(source):
        if tag[1]:
            start = tag.end()
        elif start >= 0:
            if _TEMPLATE.search(source, start, tag.start()):
                return True
            start = -1
    return start >= 0 and _TEMPLATE.search(source, start) is not None


def _write(content: Content, out: Composition) -> None:
    notes = Notes(content.page)
    flow = Flow(out, notes=notes, skipped=content.drops)
    for root in content.roots:
        flow.write(root)
    for _, note in notes.rest():
        flow.write(note)


def fragment_lines(source: str) -> str:
    """The text of a piece of HTML, such as a letter: all of it, quotations marked with `> `."""
    page = page_of(source)
    if page.root is None:
        return ""
    out = Composition()
    Flow(out, quote="> ").write(page.root)
    return out.text


HTML = _Html()
