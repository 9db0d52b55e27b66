"""What a model asked to see, looked up in the corpus and cut to the room that there is.

Pure but for the index it is handed. Here may live: what each look finds, and how much of it is
shown. What must never be known here: how a look was written, engines, files on disk. Only documents
of the corpus can be found, by the names that citations may use.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from longctx.citation.naming import Names
from longctx.outline import outline_text, outlined
from longctx.pack.tiers import tier_of
from longctx.render import found as shown
from longctx.render.parts import parts
from longctx.session.asking import Seen
from longctx.session.grepping import pattern_of
from longctx.session.looks import MOST, Verb
from longctx.session.tails import HEAD, MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.corpus import Corpus, Document
    from longctx.recall import Index
    from longctx.session.grepping import Pattern
    from longctx.session.looks import Look
    from longctx.tokens import Tokenizer

AT_ONCE = 8_192
"""Tokens that one look may show, at the most."""

FRAME = 120
"""Tokens of what stands around the things that one look found, at the most that is usual."""

DENSE = 16
"""Characters of a token beyond which no more are looked at."""

FILES = 8
"""Lines of one document that a grep shows, where others have some too."""

LINES = 200
"""Lines that a grep shows."""

WIDE = 240
"""Characters of a line that a grep shows."""

PASSAGES = 12
"""Passages that a search shows."""

COMPARED = 5_000
"""Paths among which near misses are looked for."""

FULL = "no room left for it"
BEYOND = f"not read: no more than {MOST} at once"

SHARES = (1.0, 0.7, 0.4, 0.0)
"""Of the room, tried one after another until all that was found fits."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one look found before it is put into its tag."""

    says: str
    body: str = ""
    paths: tuple[str, ...] = ()


class Reader:
    """Looks things up for one question."""

    def __init__(self, corpus: Corpus, index: Callable[[], Index], tokenizer: Tokenizer) -> None:
        """`index` is asked for when something is searched for."""
        self._corpus = corpus
        self._index = index
        self._tokenizer = tokenizer
        self._names = Names(corpus)
        self._given: set[Look] = set()

    def read(self, looks: Sequence[Look], room: int) -> tuple[list[Seen], list[str]]:
        """What the looks find, and the blocks that show it, in their order.

        Together those of the first `MOST` take at most `room` tokens, as long as that is enough to
        say that there is no room; what is beyond them is not looked up.
        """
        looks, beyond = looks[:MOST], looks[MOST:]
        seen: list[Seen] = []
        blocks: list[str] = []
        for share in SHARES:
            seen, blocks = self._read(looks, int(room * share))
            if len(self._tokenizer.encode("".join(blocks))) <= room:
                break
        self._given |= {*looks}
        for look in beyond:
            seen.append(Seen(str(look), BEYOND))
            blocks.append(f"{BEYOND}\n")
        return seen, blocks

    def none(self, looks: Sequence[Look]) -> list[Seen]:
        """What the looks find where nothing can be shown any more."""
        return [Seen(str(look), FULL) for look in looks]

    def _read(self, looks: Sequence[Look], room: int) -> tuple[list[Seen], list[str]]:
        seen: list[Seen] = []
        blocks: list[str] = []
        for number, look in enumerate(looks):
            left = (room - sum(each.tokens or 0 for each in seen)) // (len(looks) - number)
            found = self._found(look, min(left, AT_ONCE) - FRAME)
            note = found.says if found.says else ""
            block = shown.found(str(look), found.body, note)
            tokens = len(self._tokenizer.encode(block))
            seen.append(Seen(str(look), found.says, found.paths, tokens))
            blocks.append(block)
        return seen, blocks

    def _found(self, look: Look, room: int) -> _Found:
        if look in self._given:
            return _Found("shown above already")
        if look.verb is Verb.UNCLEAR:
            return _Found(
                "not understood: write open PATH:FIRST-LAST, grep TEXT, outline PATH or search"
                " WORDS"
            )
        if room <= 0:
            return _Found(FULL)
        if look.verb is Verb.GREP:
            return self._grepped(look.what, room)
        if look.verb is Verb.SEARCH:
            return self._searched(look.what, room)
        document = self._names.exact(look.what) or self._names.by_end(look.what)
        if document is None:
            return self._folder(look.what, room)
        if look.verb is Verb.OUTLINE:
            return self._outlined(document, room)
        return self._opened(document, look.lines, room)

    def _opened(self, document: Document, lines: tuple[int, int] | None, room: int) -> _Found:
        count = document.line_count
        first, last = lines or (1, count)
        if not count or first > count:
            return _Found(f"{document.path} has {count:,} lines")
        last = min(last, count)
        # No line takes less than a token, but for runs of empty ones.
        wanted = [
            document.slice(document.span_of(line, line))
            for line in range(first, min(last, first + room) + 1)
        ]
        fits = self._fitting(wanted, room - HEAD - MARK - len(document.path) // 3)
        if not fits:
            return _Found(f"line {first:,} of {document.path} alone is longer than the room")
        until = first + fits - 1
        shows = f"line {first:,}" if until == first else f"lines {first:,}-{until:,}"
        says = f"{shows} of {count:,}"
        if until < last:
            says += f", cut before line {until + 1:,}: open {document.path}:{until + 1}-{last}"
        return _Found(says, parts(document, [(first, until)]), (document.path,))

    def _outlined(self, document: Document, room: int) -> _Found:
        text = outline_text(
            outlined(document.path, document.text, document.anchors), document
        ).splitlines(keepends=True)
        if not text:
            return _Found(
                f"no definitions or headings in its {document.line_count:,} lines: open it"
            )
        fits = self._fitting(text, room)
        says = f"{fits:,} of {len(text):,} definitions" if fits < len(text) else ""
        return _Found(
            says or f"{len(text):,} definitions",
            shown.outlined(document, "".join(text[:fits])),
            (document.path,),
        )

    def _grepped(self, words: str, room: int) -> _Found:
        documents, scope = self._scope(words)
        pattern = pattern_of(words if scope is None else words.rpartition(" in ")[0])
        if not pattern:
            return _Found("nothing to look for: write some letters of it")
        hits: list[tuple[Document, list[int]]] = []
        for document in documents:
            if lines := pattern.lines_of(document.text):
                hits.append((document, lines))
        total = sum(len(lines) for _, lines in hits)
        if not total:
            plain = ", taken as plain text" if any(sign in words for sign in "()[]{}?+*") else ""
            return _Found(f"no line holds it{plain}{'' if scope is None else f' in {scope}'}")
        most = FILES if len(hits) > 1 else LINES
        picked = [(document, line) for document, lines in hits for line in lines[:most]][:LINES]
        texts = [_line(document, line, pattern) for document, line in picked]
        fits = self._fitting(texts, room)
        says = f"{_counted(total, 'line')} in {_counted(len(hits), 'document')}"
        if fits < total:
            says += f", {fits:,} shown"
        paths = dict.fromkeys(document.path for document, _ in picked[:fits])
        return _Found(says, "".join(texts[:fits]), tuple(paths))

    def _searched(self, words: str, room: int) -> _Found:
        found = self._index().search(words, PASSAGES)
        texts = [parts(each.document, [each.document.lines_of(each.span)]) for each in found]
        fits = self._fitting(texts, room)
        if not fits:
            return _Found("no passage fits these words" if not found else FULL)
        paths = dict.fromkeys(each.document.path for each in found[:fits])
        says = f"the best {_counted(fits, 'passage')}"
        return _Found(says, "".join(texts[:fits]), tuple(paths))

    def _folder(self, name: str, room: int) -> _Found:
        """What a folder holds; without such a folder, what comes near."""
        folder = name.strip().removeprefix("./").strip("/")
        start = "" if folder in ("", ".") else f"{folder}/"
        below = [document for document in self._corpus if document.path.startswith(start)]
        if not below:
            return _Found(self._unknown(name))
        folders: Counter[str] = Counter()
        texts: list[str] = []
        for document in below:
            head, inside, _ = document.path[len(start) :].partition("/")
            if inside:
                folders[head] += 1
            else:
                texts.append(shown.listed(document.path, document.line_count))
        texts[:0] = [
            shown.held(f"{start}{head}/", count) for head, count in sorted(folders.items())
        ]
        fits = self._fitting(texts, room)
        says = f"{_counted(len(below), 'document')} in this folder"
        if fits < len(texts):
            says += f", {fits:,} of {len(texts):,} entries shown"
        return _Found(says, "".join(texts[:fits]))

    def _unknown(self, name: str) -> str:
        for omission in self._corpus.omissions:
            if omission.path == name:
                return f"not in the corpus: {omission.reason}"
        paths = self._paths[:COMPARED]
        ends = {path.rpartition("/")[2]: path for path in reversed(paths)}
        short = name.rpartition("/")[2]
        near = [
            *get_close_matches(name, paths, 3),
            *map(ends.get, get_close_matches(short, ends, 3)),
        ]
        mean = dict.fromkeys(path for path in near if path)
        return "no such document" + (f"; near it: {', '.join(mean)}" if mean else "")

    def _scope(self, words: str) -> tuple[Sequence[Document], str | None]:
        """The documents to look in, sources first, and the place that the words name, if any."""
        head, _, name = words.rpartition(" in ")
        if head.strip() and name.strip():
            document = self._names.exact(name) or self._names.by_end(name)
            if document is not None:
                return [document], document.path
            start = name.strip().removeprefix("./").rstrip("/") + "/"
            below = [each for each in self._ordered if each.path.startswith(start)]
            if below:
                return below, start
        return self._ordered, None

    @cached_property
    def _ordered(self) -> list[Document]:
        return sorted(self._corpus, key=lambda each: (tier_of(each.path).keep, each.path))

    @cached_property
    def _paths(self) -> list[str]:
        return [document.path for document in self._corpus]

    def _fitting(self, texts: Sequence[str], room: int) -> int:
        """How many of the texts, from the first on, fit."""
        sizes = accumulate(len(text) for text in texts)
        low, high = 0, sum(1 for _ in takewhile(lambda size: size <= DENSE * room, sizes))
        middle = high
        while low < high:  # few requests, where a server counts
            if len(self._tokenizer.encode("".join(texts[:middle]))) <= room:
                low = middle
            else:
                high = middle - 1
            middle = (low + high + 1) // 2
        return low


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _line(document: Document, line: int, pattern: Pattern) -> str:
    """A line that was found, shortened to what is around the words."""
    span = document.span_of(line, line)
    text = document.slice(span).rstrip("\n\r")
    if len(text) > WIDE:
        start = max(0, min(pattern.place_in(text) - WIDE // 3, len(text) - WIDE))
        end = start + WIDE
        text = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return shown.hit(document, span, " ".join(text.splitlines()))
