"""Single e-mails: the message as text, its attachments as files for their own formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.formats import Extract, Material, NotThis
from longctx.formats.composing import Composition
from longctx.formats.letters import letter_of

if TYPE_CHECKING:
    from longctx.formats import Options, Report
    from longctx.formats.letters import Letter

FOLDER = "attachments"
_HEADER = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:From [^\n]*\n)?[!-9;-~]{1,80}:")
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


class _Eml:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        if not _HEADER.match(file.data[:2000]):
            raise NotThis
        letter = letter_of(file.data.removeprefix(b"\xef\xbb\xbf").lstrip())
        if letter is None:
            raise NotThis
        out = Composition()
        write(letter, out)
        inner = tuple(Material(f"{FOLDER}/{each.name}", each.data) for each in letter.inner)
        return Extract(out.text, tuple(out.anchors), letter.left, inner)


def write(letter: Letter, out: Composition, *more: str) -> None:
    """The message from a line of its own on; `more` headers come last."""
    out.gap()
    out.anchor("message", letter.label)
    for line in (*letter.headers, *more):
        out.line(line)
    out.gap()
    out.lines(_BLANKS.sub("\n\n", letter.body))
    out.gap()


EML = _Eml()
