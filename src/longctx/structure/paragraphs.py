"""Numbered paragraphs of judgments: [12], ¶ 12, Rn. 12, or a bare number.

What may live here: when such numbers are paragraphs'. What must never be known here: clauses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.corpus import Anchor
from longctx.structure.chaining import Link, decimal_chain
from longctx.structure.marks import LINE
from longctx.structure.weighing import links_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.marks import Mark

_FEWEST = 4
"""Paragraphs by which a text is surely numbered so."""
_FEWEST_BARE = 8
_MARGIN = re.compile(
    r"\n[ \t]{0,20}(?P<number>\d{1,4})(?:[ \t]{1,20}|[ \t]*+\r?\n)(?=[A-ZÄÖÜ\"“„])"
)
_STOPS = frozenset('.:;?!"”“)\n\r ')
"""What may stand before a paragraph: the end of a sentence, or of an empty line."""


def paragraphs_among(marks: Sequence[Mark], text: str, judgment: bool) -> tuple[Anchor, ...]:
    """The paragraphs, or nothing. A bracketed number alone could be one of a list of sources, so
    it counts in judgments only."""
    for style in ("Rn.", "[1]") if judgment else ("Rn.",):
        own = [mark for mark in marks if mark.style == style and mark.where == LINE]
        chain = decimal_chain(links_of(own, len(text)))
        if len(chain.places) >= _FEWEST and chain.weight >= 0.75 * len(chain.places):
            chosen = [own[place] for place in chain.places]
            return tuple(Anchor(mark.start, "paragraph", mark.text, 0) for mark in chosen)
    return _bare(text) if judgment else ()


def _bare(text: str) -> tuple[Anchor, ...]:
    """Paragraphs numbered in the margin, without any brackets: nearly all numbers from 1 on."""
    found = list(_MARGIN.finditer(text))
    links = [
        Link((int(match["number"]),), 1.0 if text[match.start() - 1] in _STOPS else 0.2)
        for match in found
    ]
    chain = decimal_chain(links)
    numbers = [links[place].number[0] for place in chain.places]
    if len(numbers) < _FEWEST_BARE or numbers[0] != 1 or len(numbers) < 0.9 * numbers[-1]:
        return ()
    if chain.weight < 0.75 * len(numbers):
        return ()
    return tuple(
        Anchor(found[place].start("number"), "paragraph", found[place]["number"], 0)
        for place in chain.places
    )
