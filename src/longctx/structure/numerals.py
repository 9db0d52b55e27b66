"""Numbers as lawyers print them: roman, letters, words. Pure arithmetic, no text around them."""

from __future__ import annotations

import re

_ROMAN = re.compile(r"M{0,3}(?:C[MD]|D?C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})")
_WORTH = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
SPELT = {word: number for row in (_WORDS, _ORDINALS) for number, word in enumerate(row, 1)}
"""Numbers from 1 to 20 as words, in lower case."""


def roman(numeral: str) -> int | None:
    """The number that a roman numeral of either case stands for; None if it is not one."""
    upper = numeral.upper()
    if not upper or not _ROMAN.fullmatch(upper):
        return None
    total = 0
    for here, after in zip(upper, upper[1:] + " ", strict=True):
        worth = _WORTH[here]
        total += -worth if worth < _WORTH.get(after, 0) else worth
    return total


def letter(text: str) -> int | None:
    """1 for `a`, 27 for `aa`, 28 for `bb`: how enumerations go on after `z`; None otherwise."""
    lower = text.lower()
    if not lower or lower[0] * len(lower) != lower or not "a" <= lower[0] <= "z":
        return None
    return ord(lower[0]) - ord("a") + 1 + 26 * (len(lower) - 1)
