"""Chapters of books as plain text: lines such as `CHAPTER I. Loomings` or `BOOK THE FIRST`.

What may live here: how such lines look, and the list of them at a book's beginning. What must never
be known here: paths, clauses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from longctx.corpus import Anchor
from longctx.structure.numerals import SPELT

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPELT = "|".join(sorted(SPELT, key=len, reverse=True))
_NUMBER = rf"(?:\d{{1,3}}|[IVXLC]{{1,8}}|[ivxlc]{{1,8}}|(?i:(?:the[ ])?(?:{_SPELT})))"
_LINE = re.compile(
    r"\n[ \t]{0,40}(?P<whole>(?P<word>(?i:volume|book|part|act|canto|chapter|letter|scene|"
    r"band|buch|teil|kapitel|akt|aufzug|gesang|livre|partie|chapitre))[ \t]"
    rf"(?P<number>{_NUMBER})(?P<title>[.:—–-]?(?:[ \t][^\n]{{0,90}})?|[.:—–-][^\n]{{0,90}}))"
    r"[ \t]*\r?(?=\n|\Z)"
)
_ORDINAL = re.compile(
    r"\n[ \t]{0,40}(?P<whole>(?P<number>(?i:erst|zweit|dritt|viert|fünft|sechst|siebt|siebent|acht|"
    r"neunt|zehnt|elft|zwölft)e[rs])[ \t](?P<word>(?i:band|buch|teil|kapitel|akt|aufzug|gesang))"
    r"(?P<title>[.:]?(?:[ \t][^\n]{0,90})?))[ \t]*\r?(?=\n|\Z)"
)
_LONE = re.compile(
    r"\n(?P<whole>(?:PROLOGUE|EPILOGUE|PREFACE|INTRODUCTION|FOREWORD|AFTERWORD|ETYMOLOGY|APPENDIX|"
    r"CONCLUSION|PROLOG|EPILOG|VORWORT|NACHWORT|EINLEITUNG|Prologue|Epilogue|Preface|Introduction|"
    r"Foreword|Afterword|Epilog|Prolog|Vorwort|Nachwort)\.?)[ \t]*\r?(?=\n)"
)
_PAGE = re.compile(r"(?:\.[ .]{2,}|[ \t]{2,})[\divxlc]{1,6}\Z")
_FEWEST = 2
_LISTED = 3
_NEAR = 400
"""Characters between the entries of a list of contents, at most."""


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    word: str
    label: str
    bare: bool
    """Nothing but word and number is on its line."""


def chapters_in(text: str) -> tuple[Anchor, ...]:
    """The chapters, books and parts as anchors of kind `chapter`; nothing for fewer than two."""
    padded = text if text.startswith("\n") else "\n" + text
    moved = len(padded) - len(text)
    found = [
        _Found(
            match.start("whole") - moved,
            match["word"].lower(),
            " ".join(match["whole"].split()),
            not match["title"].strip(" .:—–-"),
        )
        for pattern in (_LINE, _ORDINAL)
        for match in pattern.finditer(padded)
        if _is_heading(match, padded)
    ]
    found.sort(key=lambda each: each.start)
    kept = _without_contents(found, len(text))
    listed = _lists(found, kept)
    if len(kept) < _FEWEST:
        return ()
    words: list[str] = []
    anchors = []
    for each in kept:
        if each.word in words:
            del words[words.index(each.word) + 1 :]
        else:
            words.append(each.word)
        label = each.label + (_title_below(text, each) if each.bare else "")
        anchors.append(Anchor(each.start, "chapter", label[:300], len(words) - 1))
    anchors += [
        Anchor(match.start("whole") - moved, "chapter", match["whole"].rstrip("."), 0)
        for match in _LONE.finditer(padded)
        if not any(first <= match.start() - moved <= last for first, last in listed)
    ]
    return tuple(sorted(anchors))


def _is_heading(match: re.Match[str], text: str) -> bool:
    """Whether the line is a heading by its letters and by the empty line before it."""
    word, title = match["word"], match["title"].strip()
    if not word[0].isupper() or _PAGE.search(match["whole"]):
        return False
    if title[:1].islower() or title.endswith((",", ";", "-")):
        return False
    if match["number"][0].islower() and match["number"].lower() not in SPELT:
        return "the " in match["number"].lower()
    before = text[max(0, match.start() - 200) : match.start()]
    return (
        not before.strip()
        or before.rstrip(" \t").endswith("\n")
        or before.endswith("\r")
        or word.isupper()
    )


def _without_contents(found: Sequence[_Found], end: int) -> list[_Found]:
    """Without those of a list that come again later, and without running headers."""
    keys = [_key(each) for each in found]
    last = {key: place for place, key in enumerate(keys)}
    listed = _listed(found, end)
    kept: list[_Found] = []
    before = ""
    for place, (each, key) in enumerate(zip(found, keys, strict=True)):
        if key == before or (listed[place] and last[key] > place):
            continue
        before = key
        kept.append(each)
    return kept


def _key(each: _Found) -> str:
    return " ".join(each.label.lower().split()[: 3 if " the " in each.label.lower() else 2]).rstrip(
        ".:"
    )


def _listed(found: Sequence[_Found], end: int) -> list[bool]:
    """Which headings stand in a list: three at least with next to no text between them."""
    starts = [each.start for each in found] + [end]
    near = [after - before < _NEAR for before, after in pairwise(starts)]
    listed, run = [False] * len(found), 0
    for place in range(len(found) + 1):
        if place < len(found) and near[place]:
            run += 1
            continue
        if run >= _LISTED - 1:
            # The last entry of the list has the book's text behind it.
            for number in range(place - run, min(place + 1, len(found))):
                listed[number] = True
        run = 0
    return listed


def _lists(found: Sequence[_Found], kept: Sequence[_Found]) -> list[tuple[int, int]]:
    """Where the list of contents is, if anything was left out."""
    starts = {each.start for each in kept}
    left = [each.start for each in found if each.start not in starts]
    return [(left[0] - _NEAR, left[-1] + _NEAR)] if len(left) >= _LISTED else []


def _title_below(text: str, each: _Found) -> str:
    """The chapter's title, where it is the short line below its number."""
    end = text.find("\n", each.start)
    if end < 0:
        return ""
    rest = text[end : end + 400].splitlines()[1:4]
    for number, line in enumerate(rest):
        title = line.strip()
        if not title:
            continue
        after = rest[number + 1].strip() if number + 1 < len(rest) else ""
        if len(title) <= 70 and not after and not title.endswith((",", ";", ".", "-")):
            return f" {title}"
        return ""
    return ""
