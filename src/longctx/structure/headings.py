"""Headings by the format that a path's ending tells: which reader finds them.

What may live here: endings. What must never be known here: how a heading is written, which is
`markup`'s, `restructured`'s and `chapters`' to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.structure.chapters import chapters_in
from longctx.structure.markup import (
    asciidoc_headings,
    latex_headings,
    markdown_headings,
    org_headings,
)
from longctx.structure.restructured import rest_headings

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.corpus import Anchor

_READERS: dict[str, Callable[[str], tuple[Anchor, ...]]] = {
    "md": markdown_headings,
    "markdown": markdown_headings,
    "mdown": markdown_headings,
    "mkd": markdown_headings,
    "mdx": markdown_headings,
    "rmd": markdown_headings,
    "qmd": markdown_headings,
    "rst": rest_headings,
    "rest": rest_headings,
    "adoc": asciidoc_headings,
    "asciidoc": asciidoc_headings,
    "tex": latex_headings,
    "ltx": latex_headings,
    "org": org_headings,
}
PLAIN = frozenset(("txt", "text", ""))
"""Endings of prose in no format: reST by its adornments, or a book by its chapters."""


def ending_of(path: str) -> str:
    """What follows the last full stop of the name, in lower case; empty without one."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name[1:] else ""


def headings_in(path: str, text: str) -> tuple[Anchor, ...]:
    """The headings of a text (kind `heading`) and the chapters of a plain book (`chapter`).

    Depths begin at 0 for the outermost level that occurs.
    """
    ending = ending_of(path)
    if ending in PLAIN:
        return rest_headings(text, sure=False) or chapters_in(text)
    reader = _READERS.get(ending)
    return reader(text) if reader is not None else ()


def is_prose(path: str) -> bool:
    """Whether a text of this name may hold clauses: no source code does."""
    ending = ending_of(path)
    return ending in PLAIN or ending in _READERS
