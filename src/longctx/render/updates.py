"""How a change of a document looks to the model: a block after the corpus that overrides it.

Blocks carry no commit, time or count, so that a change reads the same whether it is committed or
not, and whoever sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.render.documents import body
from longctx.render.escaping import attribute, defused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Document


def diff_update(number: int, path: str, hunks: Sequence[str], was: str | None = None) -> str:
    """Hunks of a unified diff; `was` is the path it had before a rename."""
    text = defused("\n".join(hunks))
    return f"<update {_names(number, path, was)}>\n{text}\n{_end(number)}"


def whole_update(number: int, document: Document, *, new: bool) -> str:
    """A document's whole text, in place of all that was said of it before."""
    kind = "new" if new else "whole"
    names = _names(number, document.path, None)
    return f'<update {names} is="{kind}">\n{body(document)}{_end(number)}'


def unseen_update(number: int, path: str, *, new: bool) -> str:
    """A document whose text is not shown as it is now."""
    kind = "unseen" if new else "changed"
    return f'<update {_names(number, path, None)} is="{kind}"/>\n'


def deletion(number: int, path: str) -> str:
    return f'<update {_names(number, path, None)} is="deleted"/>\n'


def renaming(number: int, path: str, was: str) -> str:
    return f"<update {_names(number, path, was)}/>\n"


def _names(number: int, path: str, was: str | None) -> str:
    before = "" if was is None else f' was="{attribute(was)}"'
    return f'id="d{number}" path="{attribute(path)}"{before}'


def _end(number: int) -> str:
    return f'</update id="d{number}">\n'
