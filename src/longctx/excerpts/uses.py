"""Who uses a name: the lines that hold it, outside of where it is defined.

What may live here: finding such lines. What must never be known here: why the name matters.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from longctx.excerpts.pieces import Quote, quote
from longctx.recall.kinds import is_prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longctx.corpus import Document, Span
    from longctx.excerpts.wording import Wording
    from longctx.recall import Index

COMMON = 300
"""Passages that hold a name, above which it is too common to be followed."""
LOOKED_AT = 40
"""Passages."""
A_PASSAGE = 1
"""Lines that are taken of one passage."""
_WEAK = re.compile(
    r"\s*(?:from\s+\S+\s+import\b|import\b|use\s|#include\b|require\b|export\s*\{"
    r"|#|//|/\*|\*|--|\"\"\"|<!--|\.\.)"
)


def uses_of(
    name: str, index: Index, within: Iterable[tuple[Document, Span]], wording: Wording, most: int
) -> tuple[Quote, ...]:
    """Lines that use the name, best passages first; none within the places given.

    Imports, comments and documentation are taken where there are no other lines.
    """
    asked = f"`{name}`"
    held = index.occurrences(asked)
    if not name.replace("_", "").isalnum() or not held or not 0 < held[0].units <= COMMON:
        return ()
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    known = tuple(within)
    uses: list[Quote] = []
    weak: list[Quote] = []
    for passage in islice(index.passages(asked), LOOKED_AT):
        if len(uses) >= most:
            break
        taken, prose = 0, is_prose(passage.document.path)
        for line, text in _lines(passage.document, passage.span):
            if taken == A_PASSAGE or len(uses) >= most:
                break
            if word.search(text) and not _known(passage.document, line, known):
                found = quote(passage.document, [(line, line)], wording)
                if prose or says_little(text):
                    weak.append(found)
                else:
                    uses.append(found)
                    taken += 1
    return tuple((uses or weak)[:most])


def says_little(line: str) -> bool:
    """Whether it is an import or a comment."""
    return bool(_WEAK.match(line))


def _lines(document: Document, span: Span) -> Iterator[tuple[int, str]]:
    first, last = document.lines_of(span)
    for line in range(first, last + 1):
        yield line, document.slice(document.span_of(line, line))


def _known(document: Document, line: int, known: Iterable[tuple[Document, Span]]) -> bool:
    place = document.span_of(line, line)
    return any(
        document.path == other.path and place.start < span.end and span.start < place.end
        for other, span in known
    )
