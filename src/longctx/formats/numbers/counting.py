"""Numbers as word processors print them: roman, letters, words.

Follows ST_NumberFormat (ECMA-376 part 1, 17.18.59). What must never be known here: lists, levels
and documents.
"""

from __future__ import annotations

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_CJK = "〇一二三四五六七八九"
_MOST_LETTERS = 780
"""Thirty letters of a kind; nobody counts on so."""


def printed(count: int, format: str) -> str:
    """The count in a format of that name; plain digits in formats that are not known here."""
    match format:
        case "none":
            return ""
        case "lowerRoman" | "upperRoman":
            text = roman(count)
        case "lowerLetter" | "upperLetter":
            text = letters(count)
        case "decimalZero":
            text = f"{count:02}"
        case "ordinal":
            text = f"{count}{_ordinal_ending(count)}"
        case "cardinalText":
            text = _words(count).capitalize()
        case "ordinalText":
            text = _ordinal_words(count).capitalize()
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese":
            text = chr(0x245F + count) if 1 <= count <= 20 else str(count)
        case _ if "ounting" in format or format == "japaneseDigitalTenThousand":
            text = _cjk(count)
        case _:
            text = str(count)
    return text.upper() if format.startswith("upper") else text


def letters(count: int) -> str:
    """a to z, then aa, bb, ...: the letter is repeated, unlike in sheets."""
    if not 1 <= count <= _MOST_LETTERS:
        return str(count)
    return chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)


def roman(count: int) -> str:
    if not 1 <= count < 4000:
        return str(count)
    text = ""
    for value, sign in _ROMAN:
        text += sign * (count // value)
        count %= value
    return text


def _ordinal_ending(count: int) -> str:
    if count % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")


def _words(count: int) -> str:
    if 0 <= count < 20:
        return _SMALL[count]
    if 0 <= count < 100:
        tens, ones = divmod(count, 10)
        return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    return str(count)


def _ordinal_words(count: int) -> str:
    if not 0 <= count < 100:
        return f"{count}{_ordinal_ending(count)}"
    head, joint, last = _words(count).rpartition("-")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    else:
        last = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return head + joint + last


def _cjk(count: int) -> str:
    if not 0 <= count < 100:
        return str(count)
    tens, ones = divmod(count, 10)
    if not tens:
        return _CJK[ones]
    return ("" if tens == 1 else _CJK[tens]) + "十" + (_CJK[ones] if ones else "")
