"""Where numbers stand that could begin a clause: at a line's beginning, or after a gap in it.

What may live here: how such marks are written, and how sure each is by the text next to it. What
must never be known here: which of them belong together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.structure.numerals import SPELT, letter, roman

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {
    "article": "Article", "articles": "", "artikel": "Artikel", "art.": "Art.",
    "section": "Section", "sec.": "Section", "clause": "Clause", "ziffer": "Ziffer",
    "ziff.": "Ziffer", "absatz": "Absatz", "abs.": "Absatz", "§": "§", "recital": "Recital",
    "schedule": "Schedule", "exhibit": "Exhibit", "annex": "Annex", "appendix": "Appendix",
    "attachment": "Attachment", "addendum": "Addendum", "anlage": "Anlage", "anhang": "Anhang",
    "part": "Part", "chapter": "Chapter", "title": "Title", "division": "Division",
    "teil": "Teil", "kapitel": "Kapitel", "abschnitt": "Abschnitt", "titel": "Titel",
    "unterabschnitt": "Unterabschnitt", "buch": "Buch",
}  # fmt: skip
"""How a word before a number is written in labels."""

CONTAINERS = frozenset(
    ("Schedule", "Exhibit", "Annex", "Appendix", "Attachment", "Addendum", "Anlage", "Anhang")
)
GROUPS = frozenset(
    ("Part", "Chapter", "Title", "Division", "Teil", "Kapitel", "Abschnitt", "Titel", "Buch")
) | {"Unterabschnitt"}

_NAMES = "|".join(
    re.escape(word) for word in sorted(WORDS, key=len, reverse=True) if word not in ("§", "")
)
_SPELT = "|".join(sorted(SPELT, key=len, reverse=True))
# Possessive throughout: a run of blanks, digits or dots is read once. Each scan begins with one
# class of characters, which the engine finds quickly.
_OPENS = (
    r"(?:\#{1,6}[^\S\n]++)?(?:\*\*|__)?+"
    r"(?=[(\[§¶\d]|[A-Za-z]{1,5}[.)]|(?i:" + _NAMES + r")[^\S\n]|Rn\.|Rz\.)"
)
_LINE = re.compile(r"\n[^\S\n]*+(?:[>*-][^\S\n]++)?" + _OPENS)
_GAP = re.compile(
    r"[ \t\xa0](?<![\s].)(?:(?<=\t)|[ \t\xa0]++(?<=[ \t\xa0]{2}))[ \t\xa0]*+" + _OPENS
)
_RUN_ON = re.compile(
    r"\d(?<=[.;:)\]\"”’] \d)\d?\.(?:\d{1,2}\.?(?!\d))?+(?:\d{1,2}\.?(?!\d))?+ (?=[A-Z\"“(\[])"
    r"|[AS](?<=[.;:)\]\"”’] .)(?:RTICLE|ECTION|rticle|ection) [\dIVX]"
)
_INLINE = re.compile(
    r"\((?<=[:;,.] \()|\((?<=[:;,.] and \()|\((?<=[:;,.] or \()|\((?<=[:;,] und \()"
    r"|\((?<=[:;,] oder \()"
)
_MARK = re.compile(
    r"(?P<word>§|(?i:" + _NAMES + r"))[^\S\n]{0,4}"
    r"(?:(?P<decimal>\d{1,4}(?:\.\d{1,3}){0,5})(?P<suffix>[a-z](?![a-z]))?"
    r"|(?P<sign>[A-Z](?:-?\d{1,3})?|[IVXLC]{1,8}|(?i:" + _SPELT + r"))(?![\w]))"
    r"(?P<wdot>\.(?!\d))?"
    r"|(?P<number>\d{1,3}(?:\.\d{1,3}){0,5})(?P<dot>\.(?!\d))?(?![\w%])(?!\.\d|[,:/]\d|-\d)"
    r"|\((?P<paren>[a-z]{1,5}|[A-Z]{1,5}|\d{1,3})\)"
    r"|(?P<half>[a-z]{1,4}|[A-Z]|\d{1,2})\)"
    r"|(?P<point>[ivx]{1,5}|[IVX]{1,5}|[A-Za-z])\.(?![\w.])"
    r"|\[(?P<square>\d{1,4})\]"
    r"|(?:¶|Rn\.|Rz\.)[^\S\n]{0,3}(?P<margin>\d{1,4})(?!\d)"
)
_SPACE = re.compile(r"[^\S\n]*+")
_REFERS = re.compile(
    r"(?:\b(?i:sections?|clauses?|articles?|paragraphs?|paras?\.?|subsections?|schedules?|"
    r"exhibits?|annex|appendix|part|ziffern?|ziff\.|absatz|abs\.|nr\.|nummer|artikel|art\.|"
    r"satz|buchstabe|lit\.|of|in|under|by|with|see|the|least|than|page|no\.)|§§?"
    r"|\d[\d.]*(?:\([a-zA-Z0-9]{1,4}\))*\s*(?:,|and|or|to|through|und|oder|bis|&))\s*\Z"
)
_MONTH = re.compile(
    r"(?i:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"januar|februar|märz|mai|juni|juli|oktober|dezember|jan|feb|mar|apr|jun|jul|aug|sept?|oct|"
    r"nov|dec|dez)\b"
)
_GOES_ON = re.compile(
    r"(?:of|above|below|and|or|to|hereof|shall|is|are|in|und|oder|bis|des|der|dieses|gilt|"
    r"attached|hereto|sets?|Abs|Satz|Nr|has|have|will|may|must|which|that|as|by|for)\b|[,;)]"
)
_HEADS = re.compile(r"(?i:exhibit|schedule|annex|appendix|article|section|source:|page)\b")
"""What stands behind the number of a page rather than that of a clause."""
_LEADERS = re.compile(r"\.(?: ?\.){3}|…{2}|(?:\s\.){3}|_{4}")
_PAGE = re.compile(r"[\s.](?:\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})\s*\Z")

LINE, GAP, WITHIN = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A number that may begin a clause."""

    start: int
    """Its first character."""
    end: int
    style: str
    """`Article` and the other words, `1` for decimal numbers, `(a)`, `(A)`, `(1)`, `a)`, `1)`,
    `a.`, `A.`, `[1]`, `Rn.`."""
    text: str
    """The number alone, as printed: `IV`, `12.3`, `b`."""
    where: int
    """`LINE`, `GAP` or `WITHIN` a sentence."""
    dotted: bool = False
    """A full stop follows the number."""
    follows: str = ""
    """The text after it, up to the line's end, at most 160 characters."""
    contents: bool = False
    """It looks like an entry of a table of contents."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """`(12, 3)` of `12.3`; `(4,)` of `IV` or `D`; empty for what is no number."""
        first = self.text.partition(" ")[0]
        if first[:1].isdigit():
            return tuple(
                int(part) for part in first.rstrip("abcdefghijklmnopqrstuvwxyz").split(".")
            )
        value = SPELT.get(first.lower())
        if value is None and (len(first) > 1 or first in "IVXivx"):
            value = roman(first)
        value = value or letter(first)
        return (value,) if value else ()


def marks_in(text: str) -> list[Mark]:
    """Every mark, in the order of their places."""
    opened = _LINE.match("\n" + text[:500])
    places = [] if opened is None else [(opened.end() - 1, LINE, 0)]
    places += [(place.end(), LINE, place.start()) for place in _LINE.finditer(text)]
    places += [(place.end(), GAP, place.start()) for place in _GAP.finditer(text)]
    places += [(place.start(), WITHIN, place.start() - 1) for place in _RUN_ON.finditer(text)]
    places.sort()
    found: list[Mark] = []
    for at, where, before in places:
        if not found or at >= found[-1].end:
            found.extend(_marks_at(text, at, where, before))
    return found


def marks_within(text: str, start: int, end: int) -> Iterator[Mark]:
    """Marks such as `(a)` in the middle of a sentence, after a stop of some kind."""
    for place in _INLINE.finditer(text, start, end):
        yield from _marks_at(text, place.start(), WITHIN, place.start() - 1)


def _marks_at(text: str, at: int, where: int, before: int) -> Iterator[Mark]:
    """The mark here, and those right behind it: `1.1 (a) (i)`."""
    if _REFERS.search(text, max(0, before - 40), before):
        return
    for _ in range(4):
        match = _MARK.match(text, at)
        if match is None:
            return
        end = match.end()
        after = _SPACE.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too
        line = text.find("\n", after, after + 400)
        tail = text[after : line if line >= 0 else after + 400]
        mark = _mark(match, where, after - end, tail)
        if mark is not None:
            yield mark
            # `4. Fees 4.1 The Customer shall`: a heading that ends without a stop.
            if mark.style == "1" and mark.dotted and "." not in mark.text:
                inner = tail[:160].find(f" {mark.text}.1")
                if inner > 0:
                    yield from _marks_at(text, after + inner + 1, WITHIN, after + inner)
                    return
        following = text[after : after + 1]
        if not (following == "(" or (following.isdigit() and match["number"])):
            return
        at = after


def _mark(match: re.Match[str], where: int, gap: int, tail: str) -> Mark | None:
    start, end, text, dotted = match.start(), match.end(), match[match.lastgroup or 0], False
    if match["word"]:
        style = WORDS[match["word"].lower()]
        text = (match["decimal"] or match["sign"]) + (match["suffix"] or "")
        if not style or match["word"][0].islower() or _GOES_ON.match(tail):
            return None
        dotted = match["wdot"] is not None
    elif match["number"]:
        style, text, dotted = "1", match["number"], match["dot"] is not None
        single = "." not in text
        if single and not dotted and gap < 2 and tail.strip():
            return None
        if text[0] == "0" or ".0" in text:
            return None
        if single and not dotted and _HEADS.match(tail):
            return None
        if _MONTH.match(tail) or (tail[:1] in ",;)%" and tail):
            return None
        if tail[:1].isdigit() and gap < 2:
            return None
    elif match["paren"] or match["half"]:
        kind = "1" if text.isdigit() else "A" if text.isupper() else "a"
        style = f"({kind})" if match["paren"] else f"{kind})"
        text = match["paren"] or match["half"]
        if tail[:1] in (",", ".", ";", ")") and tail:
            return None
    elif match["point"]:
        text = match["point"]
        style = "A." if text.isupper() else "a."
        if not tail.strip() and where == GAP:
            return None
    else:
        style = "[1]" if match["square"] else "Rn."
        text = match["square"] or match["margin"]
    short = len(tail) < 160
    contents = bool(_LEADERS.search(tail[:200])) or (short and bool(_PAGE.search(tail)))
    return Mark(start, end, style, text, where, dotted, tail[:160], contents)
