"""When two labels mean one place: `12.3.b` is `12.3(b)`, `Article V` is article 5.

What may live here: how labels compare. What must never be known here: documents and their places.
Labels may come from damaged or hostile files: any text has keys, and only its beginning counts.
"""

from __future__ import annotations

import re

LONGEST = 400
"""Characters of a label that are looked at."""

Key = tuple[str, ...]
"""A number's parts: `12.3(b)` is `("12", "3", "b")`."""

_PARTS = re.compile(r"[0-9]+|[^\W\d_]+")
_ARTICLE = re.compile(r"\s*(?:art|article|artikel)s?\b\.?\s*", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\s*(?:§+|(?:clauses?|cl|sections?|sec|s|articles?|artikel|art|paragra(?:ph|f)s?|para|ziffer|"
    r"ziff|absatz|abs|item|no|nr)\b\.?)\s*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"\b(?:S|Satz)\b\.?\s*[0-9]{1,2}\b")
"""No text has anchors for its sentences."""
_FILLER = frozenset(
    "abs absatz nr lit buchst ziff ziffer no para paragraph section sec clause".split()
)
"""Words between the parts of a number."""
CHAPTERS = r"(?:chapters?|chap|ch|kapitel|kap|book|buch|part|teil)\b\.?"
_CHAPTER = re.compile(rf"\s*{CHAPTERS}\s*", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\s*(?:{CHAPTERS}\s*)?(?P<number>[0-9]{{1,6}}(?:\.[0-9]{{1,4}}){{0,6}}|[IVXLCDM]{{1,12}})"
    r"(?:[.:)–—-]+|(?=\s)|\Z)\s*(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", re.IGNORECASE)
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_TIME = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{2})(?:[.,][0-9]{1,6})?")


def arabic(numeral: str) -> str | None:
    """A Roman numeral in digits; None for anything else."""
    if not numeral or not _ROMAN.fullmatch(numeral):
        return None
    total = highest = 0
    for letter in reversed(numeral.upper()):
        value = _VALUES[letter]
        total += value if value >= highest else -value
        highest = max(highest, value)
    return str(total)


def clause_keys(label: str) -> list[Key]:
    """The keys of a clause's label, the literal one first; a Roman numeral also counts as digits,
    if it is written large or belongs to an article."""
    label = label[:LONGEST]
    rest = _SENTENCE.sub(" ", label[_end(_CLAUSE, label) :])
    parts = [
        part.casefold().lstrip("0") or "0"
        for part in _PARTS.findall(rest)
        if part.casefold() not in _FILLER
    ]
    if not parts:
        return []
    keys = [tuple(parts)]
    numeral = _PARTS.search(rest)
    if numeral and (numeral[0].isupper() or _ARTICLE.match(label)):
        number = arabic(numeral[0])
        if number:
            keys.append((number, *parts[1:]))
    return keys


def is_article(label: str) -> bool:
    return _ARTICLE.match(label) is not None


def page_key(label: str) -> str:
    """Pages compare without case and white space; 014 is 14."""
    key = "".join(label[:LONGEST].split()).casefold()
    return key.lstrip("0") or key[:1]


def title_key(label: str) -> str:
    """The words of a title, without case, marks and spaces."""
    return " ".join(re.findall(r"\w+", label[:LONGEST].casefold()))


def chapter_keys(label: str) -> list[str]:
    """How a chapter or heading may be named: in full, by its title, by its number.

    Numbers begin with `#`, which no title does.
    """
    label = label[:LONGEST]
    keys = [title_key(label)]
    keys.append(title_key(label[_end(_CHAPTER, label) :]))
    numbered = _NUMBERED.match(label)
    if numbered:
        number = numbered["number"]
        if number[0].isdigit():
            keys.append(f"#{number}")
        elif (digits := arabic(number)) and (number.isupper() or _CHAPTER.match(label)):
            keys.append(f"#{digits}")
        keys.append(title_key(numbered["title"]))
    return [key for key in dict.fromkeys(keys) if key]


def seconds(label: str) -> int | None:
    """The second that `00:12:31.5` or `12:31` lies in."""
    time = _TIME.fullmatch(label.strip())
    if not time:
        return None
    return int(time[1] or 0) * 3600 + int(time[2]) * 60 + int(time[3])


def _end(pattern: re.Pattern[str], label: str) -> int:
    found = pattern.match(label)
    return found.end() if found else 0
