"""Whether a number at a line's beginning belongs to the sentence before it: `under Clause / 2.1`.

What may live here: the words before a number. What must never be known here: marks, clauses.
"""

from __future__ import annotations

import re

_NAMES = frozenset(
    "section sections sec. clause clauses article articles paragraph paragraphs para paras para. "
    "paras. subsection subsections subclause sub-clause schedule schedules exhibit exhibits annex "
    "appendix part chapter item items ziffer ziffern ziff. absatz absätze absatzes absätzen abs. "
    "nr. nrn. nummer nummern artikel artikels art. satz satzes sätze buchstabe buchstaben lit. "
    "paragraf paragrafen rn. rz. § §§ anlage anhang".split()
)
_COUNTERS = frozenset(
    "of in under by with see the than least page no. version von mit auf zu seite about over "
    "between within".split()
)
_JOINS = frozenset("and or to through und oder bis sowie &".split())
_LISTED = re.compile(
    r"\d[\d.]{0,20}(?:\([a-zA-Z0-9]{1,4}\)){0,4}\s*(?:,|and|or|to|through|und|oder|bis|sowie|&)\Z"
)
_BACK = 40
"""Characters before the number that are read."""


def refers(text: str, end: int) -> bool:
    """Whether the words up to `end` announce a number: `Section`, `Abs.`, `2.1 and`."""
    tail = text[max(0, end - _BACK) : end].rstrip()
    word = _last_word(tail)
    if word in _NAMES:
        return True
    return (word in _JOINS or word.endswith(",")) and _LISTED.search(tail) is not None


def counts(text: str, end: int) -> bool:
    """Whether the words up to `end` want a quantity rather than a clause."""
    return _last_word(text[max(0, end - _BACK) : end].rstrip()) in _COUNTERS


def _last_word(tail: str) -> str:
    words = tail[-16:].split()
    return words[-1].lower().lstrip('("“„[') if words else ""
