"""What a question brings along of a corpus that does not fit: parts of what the base leaves out.

Pure. Here may live: which of the passages that were found are new and fit, what stands around them,
and in which order. What must never be known here: how passages and outlines are found, prompts,
engines.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from longctx.outline import outline_text
from longctx.outline.enclosing import enclosing
from longctx.pack.tiers import tier_of
from longctx.prompt import Role, Segment
from longctx.render.parts import NAMED, Seen, key_of, parts, shown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from longctx.corpus import Document
    from longctx.outline import Outline
    from longctx.pack.copies import Copies
    from longctx.recall import Passage
    from longctx.render.parts import Lines
    from longctx.tokens import Tokenizer
    from longctx.updates import Known

    Outlining = Callable[[Sequence[Document]], Sequence[Outline]]
    """The outlines of these documents, in their order."""

NAME = "tail"
"""Of the segments that hold parts."""

HOLDING = frozenset({NAME, "found"})
"""The names of all segments that show parts of documents."""

HEAD = 24
"""Tokens of a block's tags without its paths: an estimate, as the next."""

MARK = 8
"""Tokens of a part's mark."""

NEAR = 3
"""Lines between two parts up to which they are shown as one,"""

NARROW = 80
"""where they have no more characters."""

SIGNATURE = 3
"""Lines of the head of what encloses a part."""

OUTLINES = 16
"""Up to 1/16 of the room is for the rest of files most of which is shown, then for outlines."""

WHOLE = 0.6
"""The share of a file's lines from which the rest is shown too."""

ROUNDS = 2
"""What was taken is counted exactly after each, so that the next fills what is left."""

BATCH = 128
"""Passages that are counted at a time."""

SMALLEST = 25
"""Tokens: with less left nothing more is looked for."""


def told(segments: Iterable[Segment]) -> dict[str, Seen]:
    """What is shown by those of these segments that hold parts, by key of the text."""
    return shown_in(segment.text for segment in segments if segment.name in HOLDING)


def tail(
    found: Iterable[Passage],
    before: Mapping[str, Seen],
    base: Mapping[str, Known],
    room: int,
    tokenizer: Tokenizer,
    outlining: Outlining,
    copies: Copies,
) -> Segment | None:
    """The best first of `found` that fit `room` tokens, in canonical order; None where none is new.

    Left out are passages of texts that are in the `base`, and those that were shown `before`. Parts
    come with the heads of what encloses them; files most of which is shown come whole; the room
    that is kept for it goes to outlines of the other files.
    """
    growing = _Growing(before, tokenizer, outlining, copies)
    fresh = _fresh(found, base)
    for _ in range(ROUNDS):
        growing.fill(fresh, room - room // OUTLINES)
        growing.recount()
    growing.complete(room)
    growing.outline(room)
    while (text := growing.text()) and len(ids := tokenizer.encode(text)) > room:
        growing.shrink()
    return Segment(Role.USER, NAME, text, ids) if text else None


def unshown(
    found: Iterable[Passage], base: Mapping[str, Known], *shown: Mapping[str, Seen]
) -> tuple[str, ...]:
    """The documents of these passages of which the model sees nothing: neither the base holds
    their text, nor was a part of it `shown`."""
    keys = {key for seen in shown for key, each in seen.items() if each.lines}
    return tuple(
        dict.fromkeys(
            each.document.path for each in _fresh(found, base) if key_of(each.document) not in keys
        )
    )


def _fresh(found: Iterable[Passage], base: Mapping[str, Known]) -> Iterator[Passage]:
    """The passages of documents that the base shows neither under their path nor another."""
    texts = {known.digest for known in base.values() if not known.unseen}
    return (
        each
        for each in found
        if each.document.path not in base and each.document.digest not in texts
    )


class _Growing:
    """The parts chosen so far, and what they are known to take."""

    def __init__(
        self,
        before: Mapping[str, Seen],
        tokenizer: Tokenizer,
        outlining: Outlining,
        copies: Copies,
    ) -> None:
        self._before = defaultdict(Seen, before)
        self._tokenizer = tokenizer
        self._outlining = outlining
        self._copies = copies
        self._outlines: dict[str, Outline] = {}
        self._documents: dict[str, Document] = {}
        """By key, in the order of their best passages."""
        self._lines: dict[str, list[Lines]] = {}
        self._shown_outlines: dict[str, str] = {}
        self._taken = 0

    def fill(self, passages: Iterator[Passage], room: int) -> None:
        """Take passages with what encloses them, while any fits."""
        while room - self._taken >= SMALLEST and (some := list(islice(passages, BATCH))):
            self._read({key_of(each.document): each.document for each in some})
            wanted = [self._wanted(each) for each in some]
            texts = {
                (key_of(each.document), lines): each.document.slice(each.document.span_of(*lines))
                for each, ranges in zip(some, wanted, strict=True)
                for lines in ranges
            }
            counts = self._tokenizer.count_batch(list(texts.values()))
            sizes = dict(zip(texts, counts, strict=True))
            for each, ranges in zip(some, wanted, strict=True):
                key = key_of(each.document)
                self._take(each.document, {lines: sizes[key, lines] for lines in ranges}, room)

    def recount(self) -> None:
        """Know exactly what is taken, where it was estimated."""
        self._taken = len(self._tokenizer.encode(self.text()))

    def complete(self, room: int) -> None:
        """Show the rest of files most of which is shown."""
        for key, lines in list(self._lines.items()):
            document = self._documents[key]
            chosen = merged(lines, document)
            count = sum(last - first + 1 for first, last in chosen)
            if self._before[key].lines or not WHOLE <= count / document.line_count < 1:
                continue
            texts = [document.slice(document.span_of(*each)) for each in chosen]
            whole, *sizes = self._tokenizer.count_batch([document.text, *texts])
            more = whole - sum(sizes)
            if self._taken + more <= room:
                self._lines[key] = [(1, document.line_count)]
                self._taken += more

    def outline(self, room: int) -> None:
        """Say what the files define of which only parts are shown."""
        for key, document in self._documents.items():
            if self._before[key].outlined or self._lines[key] == [(1, document.line_count)]:
                continue
            text = outline_text(self._outlines[key], document)
            size = self._tokenizer.count_batch([text])[0] + MARK if text else 0
            if text and self._taken + size <= room:
                self._shown_outlines[key] = text
                self._taken += size

    def shrink(self) -> None:
        """Give up what matters least: what was estimated was too little."""
        if self._shown_outlines:
            self._shown_outlines.popitem()
            return
        key = next(reversed(self._lines))
        self._lines[key].pop()
        if not self._lines[key]:
            del self._lines[key], self._documents[key]

    def text(self) -> str:
        """All of it, in canonical order."""
        order = sorted(self._documents, key=lambda key: canonical(self._documents[key].path))
        return "".join(
            parts(
                self._documents[key],
                merged(self._lines[key], self._documents[key]),
                self._shown_outlines.get(key, ""),
                self._copies.others(self._documents[key]),
            )
            for key in order
        )

    def _read(self, documents: Mapping[str, Document]) -> None:
        new = {key: each for key, each in documents.items() if key not in self._outlines}
        self._outlines.update(zip(new, self._outlining(list(new.values())), strict=True))

    def _wanted(self, passage: Passage) -> list[Lines]:
        """The passage's lines, and those of the heads of what encloses it."""
        document = passage.document
        lines = document.lines_of(passage.span)
        heads = []
        for each in enclosing(self._outlines[key_of(document)], lines[0]):
            first, last = document.lines_of(each.signature)
            heads.append((first, min(last, first + SIGNATURE - 1)))
        return [lines, *(head for head in heads if not _within(head, [lines]))]

    def _take(self, document: Document, sizes: Mapping[Lines, int], room: int) -> None:
        key = key_of(document)
        known = [*self._before[key].lines, *self._lines.get(key, ())]
        wanted, *heads = sizes
        if _within(wanted, known):
            return
        new = [wanted, *(head for head in heads if not _within(head, known))]
        cost = sum(sizes[lines] + MARK for lines in new)
        document = self._copies.original(document)
        if key not in self._documents:
            paths = (document.path, *self._copies.others(document)[:NAMED])
            cost += HEAD + sum(len(path) // 2 for path in paths)
        if self._taken + cost <= room:
            self._taken += cost
            self._documents.setdefault(key, document)
            self._lines.setdefault(key, []).extend(new)


def canonical(path: str) -> tuple[int, str]:
    """As in a base."""
    return tier_of(path).place, path


def _within(lines: Lines, others: Iterable[Lines]) -> bool:
    return any(first <= lines[0] and lines[1] <= last for first, last in others)


def merged(lines: Iterable[Lines], document: Document) -> list[Lines]:
    """The same lines in order, those that touch or nearly do as one."""
    found: list[Lines] = []
    for first, last in sorted(lines):
        if found and first <= found[-1][1] + 1 + NEAR:
            before, end = found[-1]
            between = first - end - 1
            if between <= 0 or len(document.span_of(end + 1, first - 1)) <= NARROW:
                found[-1] = (before, max(last, end))
                continue
        found.append((first, last))
    return found
