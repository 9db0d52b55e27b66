"""The sample texts as blocks: headings, clauses, paragraphs, tables.

What may live here: reading the handbook's Markdown and the contract's plain text, both of which are
ours and well-behaved. What must never be known here: how an edition is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

CORPORA = Path(__file__).parents[2] / "sample_corpora"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered paragraph."""

    number: str
    text: str
    level: int
    """1 for `1.`, 2 for `1.1`, 3 for `(a)`, 4 for `(i)`."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Clause | Paragraph | Table

_CLAUSES = (
    (1, re.compile(r"([0-9]+\.) +(?=[A-Z]{2})")),
    (2, re.compile(r"([0-9]+\.[0-9]+) +")),
    (3, re.compile(r"(\([a-z]\)) +")),
)
_COLUMNS = re.compile(r"\S {3,}\S")


@dataclass(frozen=True, slots=True)
class Edition:
    """One text to be published."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def editions() -> tuple[Edition, ...]:
    """Everything that is published."""
    return (
        Edition("handbook", "The Withy Lane Handbook", handbook()),
        Edition("agreement", "Supply and Services Agreement", contract("agreement.txt")),
        Edition("amendment-1", "First Amendment Agreement", contract("amendment-1.txt")),
    )


def handbook() -> tuple[Block, ...]:
    text = (CORPORA / "handbook" / "handbook.md").read_text()
    return tuple(_markdown(part.splitlines()) for part in re.split(r"\n{2,}", text.strip()))


def contract(name: str) -> tuple[Block, ...]:
    text = (CORPORA / "contract" / name).read_text()
    return tuple(_legal(part.splitlines()) for part in re.split(r"\n{2,}", text.strip("\n")))


def _markdown(lines: list[str]) -> Block:
    marks = len(list(takewhile("#".__eq__, lines[0])))
    if marks:
        return Heading(lines[0].lstrip("# "), marks)
    if lines[0].startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return Table((rows[0], *rows[2:]))
    return Paragraph(" ".join(lines).replace("*", ""))


def _legal(lines: list[str]) -> Block:
    first = lines[0].strip()
    joined = " ".join(line.strip() for line in lines)
    for level, pattern in _CLAUSES:
        if match := pattern.match(first):
            return Clause(match[1], joined[match.end() :], level)
    if sum(bool(_COLUMNS.search(line.strip())) for line in lines) > 1:
        told = [line.strip() for line in lines if line.strip("-. ")]
        return Table(tuple(tuple(re.split(" {3,}", line)) for line in told))
    if len(lines) == 1 and first.isupper():
        return Heading(first, 1)
    return Paragraph(joined)
