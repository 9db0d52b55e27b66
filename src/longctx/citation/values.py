"""What a citation is. No rule lives here: verdicts are reached in `judging` and `merging`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.corpus import Span

Lines = tuple[int, int]
"""First and last line, from 1, inclusive."""


class Verdict(StrEnum):
    """What looking a citation up in its source has shown."""

    VERIFIED = "verified"
    REPAIRED = "repaired"
    NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim about a place of a document, looked up in that document."""

    path: str
    """The document's path; as the model named it where there is no such document."""
    quote: str
    """As the model wrote it; empty where it gave none."""
    said: str
    """The place as the model wrote it: `42-57`, `p. 14 §12.3(b)`; empty where it gave none."""
    claimed: Lines | None
    """The lines as the model gave them; None where it gave none, or a place of another kind."""
    verdict: Verdict
    span: Span | None
    """Where the quote stands in the document; None where it was not found."""
    lines: Lines | None
    """The lines of `span`."""
    where: str
    """The place of `span` in the document's own terms: `p. 14, § 12.3(b)`; empty where it has
    none."""
    reason: str
    """For a person; empty where the quote stands just where the model said."""
    place: Span
    """The path and place in the answer's text, without the brackets around them."""
    again: tuple[Span, ...] = ()
    """Further places of the answer that make the same claim."""

    @property
    def places(self) -> tuple[Span, ...]:
        return (self.place, *self.again)

    @property
    def by_lines(self) -> bool:
        """Whether lines say best where it stands: they were given, or there is nothing else."""
        return self.claimed is not None or not (self.where or self.said)
