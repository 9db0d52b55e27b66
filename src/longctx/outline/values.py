"""What an outline is made of: pure values.

What may live here: definitions, their kinds and their order. What must never be known here: how
they were found, files, tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.corpus import Span


class Kind(StrEnum):
    """What a definition defines."""

    BLOCK = "block"
    CLASS = "class"
    CONSTANT = "constant"
    ENUM = "enum"
    FIELD = "field"
    FUNCTION = "function"
    HEADING = "heading"
    IMPLEMENTATION = "impl"
    INDEX = "index"
    INTERFACE = "interface"
    MACRO = "macro"
    METHOD = "method"
    MODULE = "module"
    SERVICE = "service"
    STRUCT = "struct"
    TABLE = "table"
    TRIGGER = "trigger"
    TYPE = "type"
    VIEW = "view"


HOLDERS = frozenset(
    {
        Kind.CLASS,
        Kind.ENUM,
        Kind.IMPLEMENTATION,
        Kind.INTERFACE,
        Kind.SERVICE,
        Kind.STRUCT,
        Kind.TABLE,
    }
)
"""Kinds whose functions are methods and whose constants are fields."""

DETAILS = frozenset({Kind.CONSTANT, Kind.FIELD, Kind.INDEX})
"""Kinds that say least about a file."""


class Source(StrEnum):
    """How an outline was found."""

    TREE = "syntax tree"
    LINES = "lines"
    HEADINGS = "headings"
    NOTHING = "nothing"
    """The file is empty, too large, generated, or in no language that has definitions."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One named part of a file."""

    kind: Kind
    name: str
    """As others call it: `reserve`, never empty."""
    qualified: str
    """With the names around it, joined by dots: `Berth.reserve`."""
    signature: Span
    """Characters of its head: decorators where they are short, up to where its body begins."""
    doc: str
    """First line of its docstring or of the comment above it; empty where there is none."""
    first: int
    """First line from 1: that of its decorators, or of the comment right above them."""
    last: int
    """Last line, inclusive."""
    depth: int
    """How many of the definitions before it hold it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The definitions of one file, in the order of their signatures.

    A definition of depth d > 0 lies within the lines of the last one before it of depth d - 1.
    """

    source: Source
    definitions: tuple[Definition, ...] = ()
    partial: bool = False
    """Whether a limit ended the search; what is left is not known."""

    def __len__(self) -> int:
        return len(self.definitions)
