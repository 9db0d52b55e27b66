"""Headings of reStructuredText: titles with a line of punctuation below, or above and below.

What may live here: adornments and their order. What must never be known here: paths, directives.
See the docutils specification of sections.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.structure.markup import anchored, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.corpus import Anchor

_ADORNMENT = re.compile(r"([!-/:-@[-`{-~])\1{2,}[ \t]*\Z")
_USUAL = frozenset("=-~^\"'`*+#.:_<>")
_ROLE = re.compile(r":[\w:+.-]{1,40}:`([^`\n]{1,200})`|`{1,2}([^`\n]{1,200})`{1,2}_{0,2}")
_TARGET = re.compile(r"\s<[^<>\n]{1,200}>\Z")
_SURE = 3
"""Headings by which a plain text counts as reST."""


def rest_headings(text: str, *, sure: bool = True) -> tuple[Anchor, ...]:
    """The section titles, deeper in the order in which their adornments first occur.

    Without `sure`, the text's format is in doubt: only several titles whose adornments are as
    long as they are, and of more than one use, count.
    """
    found = list(_titles(text, strict=not sure))
    if not sure and (len(found) < _SURE or len({style for _, style, _ in found}) > len(found) / 2):
        return ()
    order: dict[str, int] = {}
    return anchored(
        (place, order.setdefault(style, len(order)), title) for place, style, title in found
    )


def _titles(text: str, strict: bool) -> Iterator[tuple[int, str, str]]:
    """Place, adornment (one character; two for over- and underlined), title."""
    older, old = (0, ""), (0, "")
    taken = -1
    for start, line in lines_of(text):
        mark = line[:1]
        if mark in _USUAL and mark and old[1].strip() and old[0] > taken and _ADORNMENT.match(line):
            title, width = old[1].rstrip(), len(line.rstrip())
            over = older[1].rstrip()
            framed = over == line.rstrip() and over[:1] == mark
            enough = width >= len(title) if framed or not strict else width >= len(title) - 1
            exact = not strict or abs(width - len(title)) <= 3 or framed
            alone = framed or not older[1].strip() or older[0] <= taken
            indented = title[:1].isspace() and not framed
            if enough and exact and alone and not indented and not _ADORNMENT.match(title):
                place = older[0] if framed else old[0]
                indent = len(title) - len(title.lstrip())
                yield (
                    (old[0] + indent if framed else place),
                    mark * (2 if framed else 1),
                    _bare(title),
                )
                taken = start
        older, old = old, (start, line)


def _bare(title: str) -> str:
    """A title without roles and quotes around code."""
    return _ROLE.sub(lambda found: _TARGET.sub("", found[1] or found[2]), title.strip())
