"""How likely a mark begins a clause, by itself; and what language and kind of text it stands in.

What may live here: judgements on characters nearby. What must never be known here: other marks'
numbers, labels.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.structure.chaining import Link
from longctx.structure.marks import GAP, LINE, WITHIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.marks import Mark

_SAMPLE = 60_000
"""Characters by which a text's language and kind are told."""

_LEGAL = re.compile(
    r"(?i:\b(shall|hereby|hereof|hereunder|herein|agreement|contract|party|parties|pursuant|"
    r"whereas|clause|licen[sc]e[er]?|lessee|lessor|tenant|landlord|warrant(?:y|s|ies)|indemnif\w+|"
    r"liab(?:le|ility)|terminat(?:e|ion)|confidential|statute|regulation|offence|penalty|"
    r"vertrag(?:s|es)?|vertragspartei(?:en)?|partei(?:en)?|gemäß|haftung|kündigung|vergütung|"
    r"verordnung|gesetz|satzung|ordnung|auftragnehmer|auftraggeber|käufer|verkäufer|mieter|"
    r"vermieter|unverzüglich|schriftlich|anspruch|frist)\b)"
)
_COURT = re.compile(
    r"(?:\b(?i:(judgment|claimant|defendant|plaintiff|appellant|respondent|appeal|court|tribunal|"
    r"lordship|honou?r|opinion|urteil|beschluss|kläger(?:in)?|beklagte[nr]?|revision|berufung|"
    r"tatbestand|entscheidungsgründe|senat|landgericht|oberlandesgericht|bundesgerichtshof|"
    r"amtsgericht|rechtsstreit)\b))"
)
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|nicht|von|mit)\b")
_ENGLISH = re.compile(r"\b(?:the|and|of|to|is|not|with)\b")


def is_legal(text: str) -> bool:
    """Whether the words are those of contracts and statutes."""
    words = [match[1].lower() for match in _LEGAL.finditer(text, 0, _SAMPLE)]
    return len(set(words)) >= 3 and len(words) * 1200 >= min(len(text), _SAMPLE)


def is_judgment(text: str) -> bool:
    """Whether the words are those of courts."""
    words = [match[1].lower() for match in _COURT.finditer(text, 0, _SAMPLE)]
    return len(set(words)) >= 3 and len(words) * 800 >= min(len(text), _SAMPLE)


def is_german(text: str) -> bool:
    german = sum(1 for _ in _GERMAN.finditer(text, 0, _SAMPLE))
    return german > sum(1 for _ in _ENGLISH.finditer(text, 0, _SAMPLE))


def links_of(marks: Sequence[Mark], end: int) -> list[Link]:
    """The marks as links of a chain; the text of the last one reaches to `end`."""
    links = []
    for place, mark in enumerate(marks):
        after = marks[place + 1].start if place + 1 < len(marks) else end
        links.append(Link(_number(mark), _weight(mark, after - mark.end)))
    return links


def _number(mark: Mark) -> tuple[int, ...]:
    """With the letter of `12a` as one more number in between."""
    suffix = mark.text[-1:]
    if mark.text[:1].isdigit() and suffix.islower():
        return (*mark.numbers, ord(suffix) - ord("a") + 1)
    return mark.numbers


def _weight(mark: Mark, room: int) -> float:
    if mark.contents:
        return 0.05
    weight = {LINE: 1.0, GAP: 0.8, WITHIN: 0.6}[mark.where]
    first = mark.follows[:1]
    single = "." not in mark.text
    if not first and mark.style == "1" and single and not mark.dotted:
        return -0.1  # most often a page's number
    if not first:
        weight *= 0.8
    elif first.islower():
        weight *= 0.3 if single else 0.7
    elif not (first.isupper() or first in "\"“„'‘«([*_–—-"):
        weight *= 0.2
    return weight + 0.6 * min(1.0, room / 300)
