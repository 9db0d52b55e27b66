"""What the rank is computed from: pure values.

What may live here: facts about one file. What must never be known here: texts, how facts were
found, what the order is used for.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mentions:
    """What one text defines and what it names: depends on its content and its language alone, so it
    can be kept by them."""

    defines: tuple[str, ...] = ()
    """Names that others may use, sorted."""
    names: tuple[str, ...] = ()
    """Identifiers that it uses, those that it defines itself left out, sorted."""
    imports: tuple[str, ...] = ()
    """What it imports, sorted: parts joined by `/`, with `./` or `../` in front where relative to
    its folder."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of a corpus."""

    path: str
    size: int
    """Characters or tokens, the same for all files that are ranked together."""
    mentions: Mentions = Mentions()
    keep: int = 1
    """The rank of its kind to be kept, 0 first: the `keep` of its tier."""
    age: float | None = None
    """How long ago it changed, in any unit; None where history must not count."""
