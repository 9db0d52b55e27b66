"""Defined terms of contracts and statutes, and the sentences that define them.

What may live here: how definitions are worded in English and German. What must never be known
here: clauses, where a term is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from longctx.corpus import Span

_TERM = r"[\"“„«'‘‚](?P<{0}>[^\s\"“”„«»\n][^\"“”„«»\n]{{0,90}}?)[\"”“»'’‘]"
_MEANS = re.compile(
    _TERM.format("term") + r"(?:[ \t]*\([^()\n]{0,80}\))?,?\s{1,3}"
    r"(?:(?:or|and|oder|und|bzw\.)\s[\"“„«'‘‚](?P<other>[^\"“”„«»\n]{1,90})[\"”“»'’‘]\s{1,3})?"
    r"(?:(?:in\s(?:relation|respect)\sto|with\srespect\sto|as\sused)[^.;\n]{0,120},?\s)?"
    r"(?:shall\s(?:have\sthe\smeaning|mean)|means?\b|has\sthe\smeaning|have\sthe\smeaning|"
    r"is\sdefined|refers?\sto|includes?\b|"
    r"bezeichnet|bedeutet|meint|umfasst|ist\s(?:jede[rsn]?|der|die|das|ein|eine)\b|"
    r"sind\s(?:alle|die|sämtliche)\b|im\sSinne\s)"
)
_NAMED = re.compile(
    r"\((?P<lead>[^()\"“„«\n]{0,60}?)[\"“„«](?P<term>[^\s\"“”„«»\n][^\"“”„«»\n]{0,90}?)[\"”“»],?"
    r"(?:\s(?:or|and|oder|und|bzw\.)\s(?:the\s)?[\"“„«](?P<other>[^\"“”„«»\n]{1,90})[\"”“»])?"
    r"[^()\n]{0,60}\)"
)
_CALLED = re.compile(
    r"\b(?:hereinafter|hereafter|nachfolgend|nachstehend|im\sFolgenden|im\sfolgenden)\b"
    r"[^\"“„«\n.;]{0,60}[\"“„«](?P<term>[^\s\"“”„«»\n][^\"“”„«»\n]{0,90}?)[\"”“»]"
)
_PLAIN = re.compile(
    r"^[ \t]*(?:[-*•–]\s|\(?[a-z\d]{1,3}[.)]\s|[\d.]+\s)?\**(?P<term>[A-ZÄÖÜ][\w'’ /&-]{1,60}?)\**"
    r"(?::|\s[-–—])?\s(?:means|shall mean|bezeichnet)\s",
    re.M,
)
_ENDS = re.compile(r"[.;!?][\"”“’')]*(?=\s|\Z)|\n[ \t]*\n")
_SHORT = re.compile(r"(?:\b(?:[A-Z]|No|Nos|Inc|Ltd|Co|Corp|Mr|Mrs|Dr|St|Art|Abs|Nr|Ziff|bzw|vgl|"
                    r"i\.e|e\.g|z\.B|u\.a|d\.h|cf|vs|Sec)|\.[A-Za-z])\Z")  # fmt: skip
_FARTHEST = 1_500
"""Characters of a sentence on either side of the term."""


@dataclass(frozen=True, slots=True, order=True)
class Definition:
    """A term, and the sentence that defines it."""

    span: Span
    """The defining sentence."""
    term: str
    """Without its quotation marks, white space folded."""


def definitions_in(text: str) -> tuple[Definition, ...]:
    """The terms a text defines, in the order of their places; a term may be defined twice."""
    found: dict[tuple[int, str], Definition] = {}
    for pattern in (_MEANS, _NAMED, _CALLED, _PLAIN):
        for match in pattern.finditer(text):
            span = None
            for name in ("term", "other"):
                term = match.groupdict().get(name)
                if term is None or not _is_term(term, pattern is _NAMED):
                    continue
                span = span or _sentence(text, match.start(), match.end())
                folded = " ".join(term.split()).rstrip(",.;")
                found.setdefault((match.start(name), folded), Definition(span, folded))
    return tuple(sorted(found.values()))


def _is_term(term: str, in_brackets: bool) -> bool:
    """Names, not words quoted for their own sake: some word of it begins with a capital."""
    words = term.split()
    capital = any(word[:1].isupper() for word in words)
    return capital and len(words) <= 10 and (not in_brackets or words[0][:1].isupper() or capital)


def _sentence(text: str, start: int, end: int) -> Span:
    """From the last end of a sentence or paragraph before, to the next after."""
    begin = max(0, start - _FARTHEST)
    first = begin
    for stop in _ENDS.finditer(text, begin, start):
        if not _is_short(text, stop):
            first = stop.end()
    while first < start and text[first].isspace():
        first += 1
    last = min(len(text), end + _FARTHEST)
    for stop in _ENDS.finditer(text, end, last):
        if not _is_short(text, stop):
            last = stop.start() if stop[0][0] == "\n" else stop.end()
            break
    return Span(first, last)


def _is_short(text: str, stop: re.Match[str]) -> bool:
    """Whether the full stop belongs to an abbreviation or a number."""
    return (
        stop[0][0] == "."
        and _SHORT.search(text, max(0, stop.start() - 6), stop.start()) is not None
    )
