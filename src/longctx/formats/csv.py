"""Tables as text (.csv, .tsv): kept as they are, with a limit on rows and the places of rows.

What must never be known here: which dialect a table is in; only that quotes may hold line ends.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, NotThis
from longctx.formats.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.formats import Material, Options, Report

MARK_EVERY = 25
"""Rows between anchors."""


class _Csv:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """The text, and an anchor every 25 rows. Raises NotThis where it is not in Unicode: only
        who loads a file may guess."""
        text = _decoded(file.data).replace("\r\n", "\n").replace("\r", "\n")
        lines = Lines()
        shown = total = 0
        for row in _rows(text):
            total += 1
            if total > options.rows:
                continue
            if (total - 1) % MARK_EVERY == 0:
                lines.anchor("row", str(total))
            lines.add(row)
            shown = total
        left = []
        if total > shown:
            detail = f"{shown:,} of {total:,} rows are shown"
            left.append(Left(Reason.LIMIT, f"rows after {shown:,}", detail))
        return Extract(lines.text, tuple(lines.anchors), tuple(left))


CSV = _Csv()


def _decoded(data: bytes) -> str:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotThis from error
    if "\0" in text:
        raise NotThis
    return text


def _rows(text: str) -> Iterator[str]:
    """Lines, joined where a quote is open; not at all where quotes never match."""
    quoted = text.count('"') % 2 == 0
    open_: list[str] = []
    is_open = False
    for line in text.removesuffix("\n").split("\n") if text else ():
        open_.append(line)
        if quoted and line.count('"') % 2:
            is_open = not is_open
        if not is_open:
            yield "\n".join(open_)
            open_.clear()
