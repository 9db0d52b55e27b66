"""What is in force at a place of a file: groups within groups, each with its properties.

Follows the specification 1.9.1, `Groups` and `Destinations`. What must never be known here: what
becomes of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

DEEPEST = 400
"""Groups within each other; Word writes some twenty."""


class To(Enum):
    """Where the text of a group goes."""

    TEXT = auto()
    NOWHERE = auto()
    FONTS = auto()
    STYLES = auto()
    TITLE = auto()
    NUMBER = auto()
    """The number of a paragraph, as displayed."""
    NOTE = auto()
    COMMENT = auto()
    AUTHOR = auto()
    """Of the comment that follows."""
    AUTHORS = auto()
    """Of changes, by number."""
    RUNNING = auto()
    """Headers and footers."""
    EITHER = auto()
    """The same text twice; the second time, in Unicode, counts."""


_NOWHERE = (
    "colortbl pict object fldinst nonshppict listtable listoverridetable info xe tc tcn rxe txe"
    " sp private comment filetbl revtim buptim creatim printim"
).split()
DESTINATIONS = {
    **dict.fromkeys(_NOWHERE, To.NOWHERE),
    "fonttbl": To.FONTS,
    "stylesheet": To.STYLES,
    "title": To.TITLE,
    "listtext": To.NUMBER,
    "pntext": To.NUMBER,
    "footnote": To.NOTE,
    "annotation": To.COMMENT,
    "atnauthor": To.AUTHOR,
    "revtbl": To.AUTHORS,
    "upr": To.EITHER,
    **dict.fromkeys(
        "header headerl headerr headerf footer footerl footerr footerf".split(), To.RUNNING
    ),
}
"""Groups whose text is not simply that of the document."""
SHOWN = frozenset("shptxt shpinst shprslt result fldrslt moMath moMathPara ud".split())
"""Destinations whose text is the document's, though old readers are told to pass them over."""


@dataclass(slots=True)
class Group:
    """The properties in force within one group; each begins with those of the one around it."""

    to: To = To.TEXT
    skip: int = 1
    """Characters after one in Unicode that say the same for old readers."""
    font: int | None = None
    hidden: bool = False
    deleted: bool = False
    inserted: bool = False
    deleted_by: int = 0
    inserted_by: int = 0
    begins: bool = False
    """Whether this group is where `to` begins."""
    is_endnote: bool = False

    def plain(self) -> None:
        """Character properties as if nothing had been said."""
        self.font = None
        self.hidden = self.deleted = self.inserted = False
