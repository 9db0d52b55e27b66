"""The words of many documents, turned around: which units hold a word.

What may live here: building that table, and its bytes. What must never be known here: questions and
scores. A segment never changes; an index that changes adds another.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from longctx.recall.tables import (
    Table,
    from_little,
    joined,
    little,
    parted,
    texts_from_bytes,
    texts_to_bytes,
)
from longctx.recall.vocabulary import parts_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longctx.recall.facts import Facts

VERSION = b"longctx recall 2\n"
_TABLES = 5


@dataclass(frozen=True)
class Segment:
    """Units of documents, numbered from 0, and where each word stands."""

    paths: tuple[str, ...]
    digests: tuple[bytes, ...]
    """Of the documents' contents."""
    firsts: array[int]
    """By document: its first unit; one more at the end."""
    starts: array[int]
    ends: array[int]
    """By unit: its characters."""
    words: list[bytes]
    """Every word of texts, names and paths, in no order that means anything."""
    entries: Table
    """By word: 256 times a unit, of at most 2**24, plus how often it stands there, ascending."""
    defined: Table
    """By word: the units in whose name it stands."""
    inside: Table
    """By word: the units in whose surroundings' names it stands."""
    in_paths: Table
    """By word: the documents in whose path it stands."""
    parts: list[str]
    """Every part of a word, sorted."""
    by_part: Table = field(repr=False)
    """By part: the words."""

    @classmethod
    def of(cls, rows: Iterable[tuple[str, bytes, Facts]]) -> Segment:
        """The segment of documents given as path, digest and facts."""
        paths, digests, firsts = [], [], array("I", [0])
        starts, ends = array("I"), array("I")
        names: list[str] = []
        withins: list[str] = []
        found: defaultdict[bytes, array[int]] = defaultdict(partial(array, "I"))
        number = 0
        for path, digest, facts in rows:
            paths.append(path)
            digests.append(digest)
            for unit, counts in zip(facts.units, facts.counts, strict=True):
                starts.append(unit.start)
                ends.append(unit.end)
                names.append(unit.name)
                withins.append(unit.within)
                base = number << 8
                for word, count in counts.items():
                    found[word].append(base + count)
                number += 1
            firsts.append(number)
        words = {word: number for number, word in enumerate(found)}
        entries = Table.of(found.values())
        defined, inside, in_paths = (_by_word(texts, words) for texts in (names, withins, paths))
        parts = _by_part(words)
        ordered = sorted(parts)
        return cls(
            tuple(paths), tuple(digests), firsts, starts, ends, list(words), entries, defined,
            inside, in_paths, ordered, Table.of(parts[part] for part in ordered),
        )  # fmt: skip

    @cached_property
    def numbers(self) -> dict[bytes, int]:
        """By word: its number."""
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def owners(self) -> array[int]:
        """By unit: its document."""
        owners = array("I")
        for document in range(len(self.paths)):
            owners.extend([document] * (self.firsts[document + 1] - self.firsts[document]))
        return owners

    def with_part(self, part: str) -> array[int]:
        """The words that have exactly this part."""
        place = bisect_left(self.parts, part)
        known = place < len(self.parts) and self.parts[place] == part
        return self.by_part[place] if known else array("I")

    def parts_from(self, start: str) -> Iterator[tuple[str, int]]:
        """The parts that begin so, with their numbers in `by_part`."""
        place = bisect_left(self.parts, start)
        while place < len(self.parts) and self.parts[place].startswith(start):
            yield self.parts[place], place
            place += 1

    def to_bytes(self) -> bytes:
        """Equal documents give equal bytes, whenever and wherever they were indexed."""
        tables = (self.entries, self.defined, self.inside, self.in_paths, self.by_part)
        sections = [
            texts_to_bytes([path.encode("utf-8", "surrogatepass") for path in self.paths]),
            texts_to_bytes(self.digests),
            *map(little, (self.firsts, self.starts, self.ends)),
            b"\n".join(self.words),
            "\n".join(self.parts).encode("utf-8", "surrogatepass"),
        ]
        for table in tables:
            sections += [little(table.places), little(table.values)]
        return joined(VERSION, sections)

    @classmethod
    def from_bytes(cls, data: bytes) -> Segment:
        """The segment whose bytes these are; ValueError where they are none."""
        sections = parted(VERSION, 7 + 2 * _TABLES, data)
        paths, digests = map(texts_from_bytes, sections[:2])
        firsts, starts, ends = map(from_little, sections[2:5])
        pairs = zip(sections[7::2], sections[8::2], strict=True)
        tables = [Table(from_little(a), from_little(b)) for a, b in pairs]
        words = sections[5].split(b"\n") if sections[5] else []
        parts = sections[6].decode("utf-8", "surrogatepass")
        entries, defined, inside, in_paths, by_part = tables
        return cls(
            tuple(path.decode("utf-8", "surrogatepass") for path in paths), tuple(digests),
            firsts, starts, ends, words, entries, defined, inside, in_paths,
            parts.split("\n") if parts else [], by_part,
        )  # fmt: skip


def _by_word(texts: Sequence[str], words: dict[bytes, int]) -> Table:
    """By word: where it stands among the texts; new words are added to `words`."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        if text:
            for word in words_of(text):
                found[words.setdefault(word, len(words))].append(number)
    return Table.of(found.get(word, ()) for word in range(len(words)))


def _by_part(words: Iterable[bytes]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        for part in parts_of(word):
            found[part].append(number)
    return found
