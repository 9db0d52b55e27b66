"""A file on its way: found by a loader, not yet read by a format. A value, and light to import."""

from __future__ import annotations

from dataclasses import dataclass, field

from longctx.corpus import Document, Omission


@dataclass(frozen=True, slots=True)
class Unread:
    """A file whose format is known and whose text is not."""

    path: str
    """The document's path."""
    format: str
    """As `module:NAME`."""
    data: bytes = field(repr=False)


Item = Document | Omission | Unread
