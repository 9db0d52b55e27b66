"""Bates numbers: the stamps that litigants put on each page they produce.

What may live here: which lines are such stamps. What must never be known here: pages, files.
"""

from __future__ import annotations

import re
from itertools import pairwise

from longctx.corpus import Anchor

_STAMP = re.compile(
    r"^[ \t]{0,120}(?P<prefix>[A-Z][A-Z0-9&]{0,15}(?:[-_ .][A-Z][A-Z0-9]{0,15}){0,3})"
    r"(?P<join>[-_ .]{0,2})(?P<number>\d{4,10})[ \t]{0,120}\r?$",
    re.M,
)
_FEWEST = 3
_WIDEST = 50
"""Pages that may be missing between two stamps."""


def bates_in(text: str) -> tuple[Anchor, ...]:
    """An anchor for each stamp that stands alone on its line, where the numbers increase.

    A page is stamped once, so a prefix whose numbers jump about or come back is no stamp.
    """
    by_prefix: dict[tuple[str, str, int], list[re.Match[str]]] = {}
    for match in _STAMP.finditer(text):
        key = (match["prefix"], match["join"], len(match["number"]))
        by_prefix.setdefault(key, []).append(match)
    found = []
    for stamps in by_prefix.values():
        numbers = [int(stamp["number"]) for stamp in stamps]
        steps = [after - before for before, after in pairwise(numbers)]
        if len(stamps) >= _FEWEST and all(0 < step <= _WIDEST for step in steps):
            found += [
                Anchor(
                    stamp.start("prefix"),
                    "bates",
                    text[stamp.start("prefix") : stamp.end("number")],
                )
                for stamp in stamps
            ]
    return tuple(sorted(found))
