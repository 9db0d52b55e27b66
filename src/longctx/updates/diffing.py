"""Unified diffs of two texts, by lines: what changed, with a line of context.

Pure. The shortest edit script comes from rapidfuzz (bit-parallel LCS, pinned below 4 in
pyproject.toml: another script would be another prefix). Lines end after each `\\n` and nowhere
else, as everywhere in the program.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import LCSseq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = 1
"""Unchanged lines shown around a change: three would add a tenth to what updates carry."""

CELLS = 400_000_000
"""Changed lines before x after, beyond which a diff is not looked for (50 MB)."""

NO_END = "\\ No newline at end of file"


class Edit(NamedTuple):
    """Lines `before[a:b]` became `after[c:d]`; counted from 0."""

    a: int
    b: int
    c: int
    d: int


def hunks(before: str, after: str, context: int = CONTEXT) -> tuple[str, ...] | None:
    """The lines of the hunks, without line ends and file names; None where a diff costs too much.

    A last line without a line end is followed by the usual remark.
    """
    old, new = _lines(before), _lines(after)
    edits = _edits(old, new)
    if edits is None:
        return None
    groups = _grouped(edits, context)
    return tuple(line for group in groups for line in _hunk(group, old, new, context))


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1]:
        lines[-1] += f"\n{NO_END}"
        return lines
    return lines[:-1]


def _edits(old: Sequence[str], new: Sequence[str]) -> list[Edit] | None:
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle_old) * len(middle_new) > CELLS:
        return None
    # Equal lines get equal numbers: comparing numbers is what the LCS is fast at.
    numbers: dict[str, int] = {}
    old_numbers, new_numbers = (
        [numbers.setdefault(line, len(numbers)) for line in lines]
        for lines in (middle_old, middle_new)
    )
    edits: list[Edit] = []
    for op in LCSseq.opcodes(old_numbers, new_numbers):
        if op.tag == "equal":
            continue
        a, c = op.src_start + head, op.dest_start + head
        if edits and (edits[-1].b, edits[-1].d) == (a, c):  # lines gone where others came
            a, c = edits.pop()[::2]
        edits.append(Edit(a, op.src_end + head, c, op.dest_end + head))
    return edits


def _grouped(edits: list[Edit], context: int) -> Iterator[list[Edit]]:
    if not edits:
        return
    group = [edits[0]]
    for before, edit in pairwise(edits):
        if edit.a - before.b > 2 * context:
            yield group
            group = []
        group.append(edit)
    yield group


def _hunk(group: list[Edit], old: Sequence[str], new: Sequence[str], context: int) -> Iterator[str]:
    first, last = group[0], group[-1]
    before = min(context, first.a)
    after = min(context, len(old) - last.b)
    a, c = first.a - before, first.c - before
    yield f"@@ -{_range(a, last.b + after)} +{_range(c, last.d + after)} @@"
    place = a
    for edit in group:
        yield from _marked(" ", old[place : edit.a])
        yield from _marked("-", old[edit.a : edit.b])
        yield from _marked("+", new[edit.c : edit.d])
        place = edit.b
    yield from _marked(" ", old[place : place + after])


def _range(start: int, end: int) -> str:
    """First line and count, as diff writes them: an empty range names the line before it."""
    count = end - start
    return f"{start + 1 if count else start},{count}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from (mark + line).split("\n")
