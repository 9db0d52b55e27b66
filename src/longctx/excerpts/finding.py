"""From a question and an index to what is quoted, in the order in which it is read.

What may live here: which passages are looked at and in which order their excerpts come. What must
never be known here: how a passage is narrowed, how an answer is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from longctx.corpus import Span
from longctx.engines import Excerpt
from longctx.excerpts.certainty import Certainty, Findings, findings_for, told, told_nothing
from longctx.excerpts.code import block, is_meant
from longctx.excerpts.pieces import Quote
from longctx.excerpts.sentences import best_sentences
from longctx.excerpts.uses import says_little, uses_of
from longctx.excerpts.wording import Wording
from longctx.outline import Outline, Source, outlined
from longctx.recall.kinds import is_prose
from longctx.render.marks import place_mark
from longctx.structure.places import Places

if TYPE_CHECKING:
    from longctx.corpus import Document
    from longctx.recall import Index, Passage

LOOKED_AT = 16
"""Passages."""
LINES = 20
"""Lines of a passage of code that are narrowed further."""
EXCERPTS = 6
"""Definitions and passages that are quoted."""
PROSE = 5
"""Of them sentences."""
LEAST = 0.45
"""What a further sentence is worth at the least, beside the best one."""
USES = 4
FOLLOWED = 2
"""Definitions whose uses are looked for."""
NAMED = 0.3
"""What part of a question the name of what it asks for holds."""
OUTLINED = 8
"""Documents whose definitions are read."""
PLACED = 2_000_000
"""Characters of a document up to which clauses and headings are looked for in its text."""

HALF = 0.5
"""What a passage's rank counts beside the name of its definition."""

DEFINED = "Defined here:"
USED = "Used here:"
MORE = "More on it:"


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What is quoted of one passage."""

    rank: int
    quote: Quote
    around: str
    """The passage with the names around it, in which the question's words count."""
    label: str
    """What a person calls the place."""
    name: str = ""
    """Of the definition."""
    defines: bool = False
    """Whether it defines what the question names."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer without a model says."""

    findings: Findings
    told: str
    """The findings as a sentence; as a message with what to do where nothing was found."""
    excerpts: tuple[Excerpt, ...] = ()
    """None where nothing was found."""


def excerpts_for(question: str, index: Index) -> Found:
    """What answers the question: definitions first, then their uses, then what else fits best.

    Equal questions and corpora give equal answers, on any machine.
    """
    wording = Wording.of(question, index)
    passages = list(islice(index.passages(question, LINES), LOOKED_AT))
    return _Finder(index, wording).found(question, passages)


class _Finder:
    """Narrows passages of one question, and keeps what it has read of their documents."""

    def __init__(self, index: Index, wording: Wording) -> None:
        self._index = index
        self._wording = wording
        self._outlines: dict[str, Outline] = {}
        self._places: dict[str, Places] = {}

    def found(self, question: str, passages: list[Passage]) -> Found:
        narrowed = [*self._blocks(passages), *self._sentences(passages)]
        defined = [each for each in narrowed if each.defines][:EXCERPTS]
        others = sorted(
            (each for each in narrowed if each not in defined), key=lambda each: each.rank
        )[: EXCERPTS - len(defined)]
        texts = [each.around for each in (*defined, *others)]
        findings = findings_for(self._wording, texts, self._index)
        if findings.certainty is Certainty.NOTHING:
            return Found(findings, told_nothing(findings, question))
        excerpts = [self._excerpt(each.quote, DEFINED, each.label) for each in defined]
        users: list[_Narrowed] = []
        for use in self._uses(defined):
            user = next((each for each in others if _holds(each.quote, use)), None)
            if user is None:
                excerpts.append(self._excerpt(use, USED))
            elif user not in users:
                users.append(user)
                excerpts.append(self._excerpt(user.quote, USED, user.label))
        more = MORE if defined else ""
        excerpts += [
            self._excerpt(each.quote, more, each.label) for each in others if each not in users
        ]
        return Found(findings, told(findings), tuple(excerpts))

    def _blocks(self, passages: list[Passage]) -> list[_Narrowed]:
        """What is quoted of passages of code: one quote a definition, definitions first."""
        best = passages[0].score if passages else 1.0
        found: list[tuple[float, _Narrowed]] = []
        seen: set[tuple[str, int]] = set()
        for rank, passage in enumerate(passages):
            document = passage.document
            if not _in_lines(document):
                continue
            each = block(passage, self._outline(document), self._wording)
            held = each.definition
            key = (document.path, held.first if held else -each.quote.span.start)
            if key in seen or (held is None and _is_idle(each.quote)):
                continue
            seen.add(key)
            meant = held is not None and is_meant(held, self._wording)
            label, name = (held.qualified, held.name) if held else ("", "")
            around = "\n".join((document.path, label, document.slice(passage.span)))
            defines = meant or each.named >= NAMED
            narrowed = _Narrowed(rank, each.quote, around, label, name, defines)
            found.append((passage.score / best * (HALF + max(meant, each.named)), narrowed))
        return _ranked(found)

    def _sentences(self, passages: list[Passage]) -> list[_Narrowed]:
        """What is quoted of passages of prose, the best few; what meets is one quote."""
        best = passages[0].score if passages else 1.0
        rows: list[tuple[float, int, Passage, Span]] = []
        for rank, passage in enumerate(passages):
            if not _in_lines(passage.document):
                for value, span in best_sentences(passage, self._wording):
                    rows.append((value * passage.score / best, rank, passage, span))
        rows.sort(key=lambda row: (-row[0], row[1], row[3]))
        chosen: list[tuple[int, Passage, Span]] = []
        for value, rank, passage, span in rows:
            if len(chosen) == PROSE or value < LEAST * rows[0][0]:
                break
            if not any(_overlap(passage, span, other, taken) for _, other, taken in chosen):
                chosen.append((rank, passage, span))
        return [self._quoted(*each) for each in _joined(chosen)]

    def _quoted(self, rank: int, passage: Passage, span: Span) -> _Narrowed:
        quote = Quote(passage.document, (span,))
        around = f"{passage.document.path}\n{passage.document.slice(passage.span)}"
        return _Narrowed(rank, quote, around, self._where(quote))

    def _uses(self, defined: list[_Narrowed]) -> list[Quote]:
        """Lines that use what was found, without those that are quoted already."""
        known = [(each.quote.document, each.quote.span) for each in defined]
        found: list[Quote] = []
        names = list(dict.fromkeys(each.name for each in defined))[:FOLLOWED]
        for name in names:
            room = USES - len(found) if len(names) == 1 or found else USES // len(names)
            uses = uses_of(name, self._index, known, self._wording, room)
            found += uses
            known += [(each.document, each.span) for each in uses]
        return found

    def _excerpt(self, quote: Quote, role: str, label: str = "") -> Excerpt:
        document = quote.document
        place = place_mark(document, quote.span)
        first, last = document.lines_of(quote.span)
        if place == f":{first}-{last}" and first == last:
            place = f":{first}"
        return Excerpt(document.path, place, quote.text, role, label)

    def _outline(self, document: Document) -> Outline:
        known = self._outlines.get(document.path)
        if known is None:
            if len(self._outlines) >= OUTLINED:
                return Outline(Source.NOTHING)
            known = outlined(document.path, document.text, document.anchors)
            self._outlines[document.path] = known
        return known

    def _where(self, quote: Quote) -> str:
        """The clause or heading of a quote, where its place tells only lines."""
        document = quote.document
        if document.anchors or len(document.text) > PLACED:
            return ""
        places = self._places.get(document.path)
        if places is None:
            places = self._places[document.path] = Places(document)
        return places.where(quote.span)


def _is_idle(quote: Quote) -> bool:
    """Whether it is nothing but imports and comments."""
    return all(says_little(line) for line in quote.text.splitlines() if line.strip())


def _holds(quote: Quote, other: Quote) -> bool:
    same = quote.document is other.document
    return same and quote.span.start <= other.span.start and other.span.end <= quote.span.end


def _overlap(passage: Passage, span: Span, other: Passage, taken: Span) -> bool:
    same = passage.document is other.document
    return same and span.start < taken.end and taken.start < span.end


def _joined(chosen: list[tuple[int, Passage, Span]]) -> list[tuple[int, Passage, Span]]:
    """The same in the same order, where sentences that follow each other are one span."""
    result: list[tuple[int, Passage, Span]] = []
    for rank, passage, span in chosen:
        for place, (first, other, known) in enumerate(result):
            low, high = sorted((known, span))
            between = passage.document.text[low.end : high.start]
            if other.document is passage.document and not between.strip():
                result[place] = (first, other, Span(low.start, high.end))
                break
        else:
            result.append((rank, passage, span))
    return result


def _ranked(found: list[tuple[float, _Narrowed]]) -> list[_Narrowed]:
    return [each for _, each in sorted(found, key=lambda pair: (-pair[0], pair[1].rank))]


def _in_lines(document: Document) -> bool:
    """Whether its lines, not its sentences, are its parts."""
    return not (is_prose(document.path) or document.anchors)
