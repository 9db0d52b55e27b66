"""Numbers and dates of sheets as a person writes them.

Follows ECMA-376 part 1, 18.8.30 (number formats) and 18.17.4 (dates). What must never be known
here: cells, rows and files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

_BUILT_IN = {
    2: "0.00", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    39: "#,##0.00", 40: "#,##0.00", 44: "0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
}  # fmt: skip
_BUILT_IN_DATES = frozenset([*range(27, 37), *range(50, 59)])
"""Dates in East Asian formats."""
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.I)
_BRACKET = re.compile(r"\[[^\]]*\]")
_DECIMALS = re.compile(r"[0#?]\.([0#?]+)")
_ZERO = datetime(1899, 12, 30)
_ZERO_1904 = datetime(1904, 1, 1)
_LEAP = 60
"""The day that 1900 never had: before it, days count from one earlier."""


_DIGITS = 10
"""What sheets show of a number without a format."""
_MORE = 2


class Kind(Enum):
    """What a format makes of a number."""

    NUMBER = auto()
    PERCENT = auto()
    DATE = auto()
    TIME = auto()
    """Of a day."""
    MOMENT = auto()
    """Date and time."""
    ELAPSED = auto()


@dataclass(frozen=True, slots=True)
class Format:
    """A number format."""

    kind: Kind = Kind.NUMBER
    decimals: int | None = None
    """At least so many are written, and at most two more; None where the format does not say."""


GENERAL = Format()


def format_of(index: int, codes: dict[int, str]) -> Format:
    """The format of this number; `codes` are those that the workbook defines."""
    if index in _BUILT_IN_DATES and index not in codes:
        return Format(Kind.DATE)
    code = codes.get(index) or _BUILT_IN.get(index, "")
    code = _LITERAL.sub("", code.split(";")[0]).lower()
    if _ELAPSED.search(code):
        return Format(Kind.ELAPSED)
    code = _BRACKET.sub("", code)
    if "general" in code:
        return GENERAL
    decimals = _DECIMALS.search(code)
    count = min(decimals[1].count("0"), 9) if decimals else 0 if "0" in code else None
    if "%" in code:
        return Format(Kind.PERCENT, count)
    clock, day = bool(set("hs") & set(code)), bool(set("yd") & set(code))
    if day or ("m" in code and not clock):
        return Format(Kind.MOMENT if clock else Kind.DATE)
    return Format(Kind.TIME) if clock else Format(Kind.NUMBER, count)


def written(value: float, format: Format, *, from_1904: bool = False) -> str:
    """The number in its format, with two decimals more than it shows where there are any."""
    if format.kind is Kind.NUMBER:
        return _number(value, format.decimals)
    if format.kind is Kind.PERCENT:
        return _number(value * 100, format.decimals) + "%"
    try:
        return _time(value, format.kind, from_1904=from_1904)
    except (OverflowError, ValueError):
        return _number(value, None)


def _number(value: float, decimals: int | None) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{value:.{decimals or 0}f}"
    if decimals is not None and abs(value) < 1e15:
        value = round(value, decimals + _MORE)
    text = f"{value:.{_DIGITS}g}" if abs(value) < 1e9 else f"{value:.15g}"
    if "e" in text:
        return text
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(decimals or 0, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _time(value: float, kind: Kind, *, from_1904: bool) -> str:
    seconds = round(value * 86_400)
    if kind is Kind.ELAPSED:
        sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}{_seconds(seconds % 60)}"
    if value < 0:
        raise ValueError("no date")
    clock = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}{_seconds(seconds % 60)}"
    if kind is Kind.TIME or (kind is Kind.MOMENT and value < 1):
        return clock
    zero = _ZERO_1904 if from_1904 else _ZERO
    if not from_1904 and value < _LEAP:
        zero += timedelta(days=1)
    day = (zero + timedelta(seconds=seconds)).date().isoformat()
    return f"{day} {clock}" if kind is Kind.MOMENT and seconds % 86_400 else day


def _seconds(seconds: int) -> str:
    return f":{seconds:02}" if seconds else ""
