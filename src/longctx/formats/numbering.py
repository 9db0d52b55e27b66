"""The markers of HTML's list items as a browser shows them: `3.`, `c.`, `iv.`, `- `.

Pure: an element in, a function of its items out. See
https://html.spec.whatwg.org/multipage/grouping-content.html#the-ol-element
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from longctx.formats.numbers.counting import roman

if TYPE_CHECKING:
    from collections.abc import Callable

_STYLE = re.compile(r"list-style(?:-type)?\s*:[^;]{0,60}?\b(none|[a-z]+-[a-z]+|decimal)\b", re.I)
_TYPES = {
    "a": "a",
    "A": "A",
    "i": "i",
    "I": "I",
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
    "none": "",
}


def marker_of(element: Any) -> Callable[[Any], str]:
    """What the next item of this list begins with; call it for every item in turn."""
    if element.tag != "ol":
        return lambda item: "- "
    style = _STYLE.search(element.get("style") or "")
    kind = _TYPES.get(style[1].lower() if style else element.get("type") or "", "1")
    if not kind:
        return lambda item: ""
    backwards = element.get("reversed") is not None
    first = sum(child.tag == "li" for child in element) if backwards else 1
    step = -1 if backwards else 1
    following = [_number(element.get("start"), first)]

    def marker(item: Any) -> str:
        number = _number(item.get("value"), following[0])
        following[0] = number + step
        return f"{_written(number, kind)}. "

    return marker


def _number(said: str | None, otherwise: int) -> int:
    found = re.match(r"\s*([-+]?\d{1,9})", said or "", re.ASCII)
    return int(found[1]) if found else otherwise


def _written(number: int, kind: str) -> str:
    if kind in "aA" and number > 0:
        letters, rest = "", number
        while rest:
            rest, place = divmod(rest - 1, 26)
            letters = chr(ord(kind) + place) + letters
        return letters
    if kind in "iI":
        return roman(number) if kind == "i" else roman(number).upper()
    return str(number)
