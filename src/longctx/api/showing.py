"""Looking up a place that a person names: a document and lines, a page, a clause, a chapter.

Knows sources' documents and their places. What must never be known here: answers, terminals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from longctx.citation.naming import Names
from longctx.errors import NothingFound
from longctx.structure.definitions import definitions_in
from longctx.structure.places import Places
from longctx.structure.wordings import extent, items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.corpus import Corpus, Document, Span

NAMED = 5
"""Documents or places that a message names."""
COMPARED = 5_000
"""Paths among which near misses are looked for."""
READ = 200
"""Documents in which near misses are looked for."""

_LINES = re.compile(
    r"[:#,]?\s*(?:lines?\s*)?[Ll]?([0-9]{1,9})(?:\s*[-\u2013]\s*[Ll]?([0-9]{1,9}))?"
)
_QUOTES = "\"'“”„«»‘’"
_BORDER = re.compile(r"[:,#]?\s+|[:,#]|(?=§)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document."""

    document: Document
    span: Span
    where: str
    """The place in the document's own terms; empty where only lines can tell."""
    also: tuple[Span, ...] = ()
    """Other places of the document that have the same name."""

    @property
    def text(self) -> str:
        return self.document.slice(self.span)

    @property
    def lines(self) -> tuple[int, int]:
        return self.document.lines_of(self.span)

    def widened(self, lines: int) -> Passage:
        """The same with so many whole lines around it; with none, as it is."""
        if not lines or not self.document.text:
            return self
        first, last = self.lines
        count = self.document.line_count
        span = self.document.span_of(max(1, first - lines), min(count, last + lines))
        return Passage(self.document, span, self.where, self.also)


def looked_up(corpus: Corpus, words: str) -> Passage | Document:
    """The passage that the words name, or the document where they name no place in it.

    `Lease.pdf §12.3(b)`, `src/auth.py:42-57`; the path may be left out where one document alone
    has the place. Raises NothingFound, which says what comes near.
    """
    found = _document(corpus, words)
    if found:
        document, rest = found
        return _passage(document, rest) if rest else document
    if len(corpus) == 1:
        return _passage(corpus.documents[0], words)
    # Words beside the place may be a path that is not here.
    alone = not items(words) or extent(words, 0, len(words)) == len(words.rstrip())
    having = [document for document in corpus if alone and _has(document, words)]
    if len(having) == 1:
        return _passage(having[0], words)
    if having:
        raise NothingFound(f"{len(having):,} documents have {words!r}, so name one: {_few(having)}")
    raise NothingFound(_unknown(corpus, words))


def _document(corpus: Corpus, words: str) -> tuple[Document, str] | None:
    """The document whose path the words begin with, the longest, and the rest of them."""
    names, words = Names(corpus), words.strip()
    for end, begin in _ends(words):
        said = words[:end]
        document = names.exact(said) or names.by_end(said) or _by_stem(corpus, said)
        if document:
            return document, words[begin:].strip()
    return None


def _by_stem(corpus: Corpus, name: str) -> Document | None:
    """The only document whose name without its ending is this: `Lease` for `case/Lease.pdf`."""
    found = [
        document
        for document in corpus
        if document.path.rpartition("/")[2].rpartition(".")[0] == name
    ]
    return found[0] if len(found) == 1 and name else None


def _ends(words: str) -> Iterator[tuple[int, int]]:
    yield len(words), len(words)
    yield from reversed([border.span() for border in _BORDER.finditer(words[:4_096])])


def _passage(document: Document, words: str) -> Passage:
    lines = _LINES.fullmatch(words)
    places = Places(document)
    areas = places.areas(words)
    # A bare number is a line, but for documents that have places and no use for lines.
    if lines and (not areas or not words.strip().isdigit()):
        return _lined(document, places, int(lines[1]), int(lines[2] or lines[1]))
    if not areas:
        if defined := _definition(document, places, words):
            return defined
        raise NothingFound(_missing(document, places, words))
    area = areas[0]
    if area.off:
        raise NothingFound(_missing(document, places, ", ".join(area.off)))
    return Passage(
        document, area.span, places.where(area.span), tuple(each.span for each in areas[1:])
    )


@dataclass(frozen=True, slots=True)
class Term:
    """A defined term and the sentence that defines it."""

    term: str
    definition: Passage


def terms_of(document: Document) -> tuple[Term, ...]:
    """The terms that a contract or a statute defines, in the order of the alphabet."""
    places = Places(document)
    found = [
        Term(each.term, Passage(document, each.span, places.where(each.span)))
        for each in definitions_in(document.text)
    ]
    return tuple(sorted(found, key=lambda each: (each.term.casefold(), each.definition.span)))


def _definition(document: Document, places: Places, words: str) -> Passage | None:
    """The sentence that defines a term, and the others that do."""
    asked = " ".join(words.split()).strip(_QUOTES).casefold()
    spans = [each.span for each in definitions_in(document.text) if each.term.casefold() == asked]
    if not spans:
        return None
    return Passage(document, spans[0], places.where(spans[0]), tuple(spans[1:]))


def _lined(document: Document, places: Places, first: int, last: int) -> Passage:
    first, last, count = min(first, last), max(first, last), document.line_count
    if not 1 <= first <= count:
        lines = f"{count:,} line{'' if count == 1 else 's'}"
        raise NothingFound(f"no line {first:,} in {document.path}, which has {lines}")
    span = document.span_of(first, min(last, count))
    return Passage(document, span, places.where(span))


def _missing(document: Document, places: Places, words: str) -> str:
    near = places.near(words, NAMED)
    if near:
        return f"no {words} in {document.path}: did you mean {_or(near)}?"
    if not places:
        return f"no {words} in {document.path}, which has lines only: {document.path}:1-20"
    return f"no {words} in {document.path}: `longctx show` without it lists what there is"


def _has(document: Document, words: str) -> bool:
    places = Places(document)
    areas = places.areas(words)
    if areas:
        return any(not area.off for area in areas)
    return _definition(document, places, words) is not None


def _unknown(corpus: Corpus, words: str) -> str:
    paths = [document.path for document in corpus.documents[:COMPARED]]
    named = words.partition(" ")[0].partition(":")[0]
    ends = {path.rpartition("/")[2]: path for path in reversed(paths)}
    near = [
        *get_close_matches(named, paths, NAMED, 0.7),
        *(ends[end] for end in get_close_matches(named, ends, NAMED, 0.7)),
    ]
    for document in () if near else corpus.documents[:READ]:
        near += [f"{document.path} {place}" for place in Places(document).near(words, 1)]
    mean = f": did you mean {_or(tuple(dict.fromkeys(near)))}?" if near else ""
    return f"no document here is called so, and none has such a place: {words!r}{mean}"


def _few(documents: list[Document]) -> str:
    named = ", ".join(document.path for document in documents[:NAMED])
    return f"{named} and {len(documents) - NAMED:,} more" if len(documents) > NAMED else named


def _or(names: tuple[str, ...]) -> str:
    *most, last = names[:NAMED]
    return f"{', '.join(most)} or {last}" if most else last
