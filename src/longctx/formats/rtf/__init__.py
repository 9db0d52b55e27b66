"""Rich Text Format (.rtf): the text, with the numbers that were displayed when it was saved.

What may live here: what is left out of a document. Pictures, objects and binary data are passed
over unread. What must never be known here: where the file came from.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.corpus import Anchor, Reason
from longctx.formats import Extract, Left, NotThis, Refused
from longctx.formats.rtf.reader import Reader

if TYPE_CHECKING:
    from longctx.formats import Material, Options, Report

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_PAGING = re.compile(r"\b(?:page|seite|p|s|of|von)\b|[\W\d_]+", re.I)
_LONGEST = 200
_MOST_RUNNING = 20


class _Rtf:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """Paragraphs, rows and notes; headings, clauses and the title as anchors."""
        if not file.data.lstrip()[:5] == b"{\\rtf":
            raise NotThis
        reader = Reader(revisions=options.revisions)
        reader.read(file.data)
        report(1, 1)
        text = reader.out.lines.text
        anchors = [each for each in reader.out.anchors if each.kind != "title" or not reader.title]
        if reader.title:
            anchors.insert(0, Anchor(0, "title", _whole(reader.title)))
        if not text.strip() and file.data.rstrip()[-1:] != b"}":
            raise Refused(Reason.DAMAGED, "it is cut off before any text")
        found = dict.fromkeys(each for each in reader.running if _PAGING.sub("", each))
        left = [Left(Reason.RUNNING, "header or footer", each[:_LONGEST]) for each in found]
        return _joined(Extract(text, tuple(anchors), tuple(left[:_MOST_RUNNING])))


RTF = _Rtf()


def _joined(extract: Extract) -> Extract:
    """With characters beyond the first 65,536 whole: the file has them in two halves."""
    if not _SURROGATES.search(extract.text):
        return extract
    pairs = [match.start() for match in _SURROGATES.finditer(extract.text)]
    anchors = tuple(
        replace(
            each,
            start=each.start - bisect_left(pairs, each.start),
            label=_whole(each.label),
        )
        for each in extract.anchors
    )
    return replace(extract, text=_whole(extract.text), anchors=anchors)


def _whole(text: str) -> str:
    return _SURROGATES.sub(
        lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text
    )
