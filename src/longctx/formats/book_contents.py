"""The contents of an e-book as it gives them itself: chapters and printed pages, and where they
begin.

EPUB 3 has a navigation document, EPUB 2 an NCX (https://daisy.org/activities/standards/daisy/).
What must never be known here: what chapters say.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from longctx.formats import Refused
from longctx.formats.book_package import every, local, resolved, tree_of
from longctx.formats.charsets import markup_decoded
from longctx.formats.trees import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.formats.book_package import Book
    from longctx.formats.packages import Package

MOST = 50_000
"""Entries."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    label: str
    path: str
    fragment: str
    """Empty for the beginning of the file."""
    depth: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What leads to where."""

    chapters: tuple[Entry, ...]
    pages: tuple[Entry, ...]
    landmarks: tuple[Entry, ...]


def contents_of(package: Package, book: Book) -> Contents:
    """The book's contents; empty where it has none, or none that can be read."""
    names = {name.lower(): name for name in package.names()}
    found: dict[str, list[Entry]] = {"toc": [], "page-list": [], "landmarks": []}
    if book.nav:
        _read_nav(package, book.nav, names, found)
    if book.ncx and not (found["toc"] and found["page-list"]):
        _read_ncx(package, book.ncx, names, found)
    landmarks = found["landmarks"] or [Entry(title, path, "", 0) for path, title in book.guide]
    return Contents(
        tuple(found["toc"][:MOST]), tuple(found["page-list"][:MOST]), tuple(landmarks[:MOST])
    )


def _read_nav(
    package: Package, path: str, names: dict[str, str], found: dict[str, list[Entry]]
) -> None:
    try:
        root = page_of(markup_decoded(package.read(path))).root
    except Refused:
        return
    for nav in root.iter("nav") if root is not None else ():
        kinds = (nav.get("epub:type") or nav.get("role") or "").replace("doc-", "").split()
        kind = next((each for each in kinds if each in found), "")
        outline = next(nav.iter("ol", "ul"), None)
        if kind and not found[kind] and outline is not None:
            found[kind] = list(_listed(outline, posixpath.dirname(path), path, names, 0))


def _listed(
    outline: Any, folder: str, here: str, names: dict[str, str], depth: int
) -> Iterator[Entry]:
    for item in outline.iterchildren("li"):
        below = [
            entry
            for inner in item.iterchildren("ol", "ul")
            for entry in _listed(inner, folder, here, names, depth + 1)
        ]
        head = next(item.iterdescendants("a", "span"), None)
        label = _line(head) if head is not None else ""
        href = head.get("href") if head is not None else None
        if label and href:
            path = resolved(folder, href, names) if href.partition("#")[0] else here
            yield Entry(label, path, href.partition("#")[2], depth)
        elif label and below:
            yield Entry(label, below[0].path, below[0].fragment, depth)
        yield from below


def _read_ncx(
    package: Package, path: str, names: dict[str, str], found: dict[str, list[Entry]]
) -> None:
    try:
        tree = tree_of(package.read(path))
    except Refused:
        return
    folder = posixpath.dirname(path)
    if not found["toc"]:
        for top in every(tree, "navmap"):
            found["toc"] += _points(top, folder, names, 0)
    if not found["page-list"]:
        for target in every(tree, "pagetarget"):
            entry = _point(target, folder, names, 0)
            if entry is not None:
                found["page-list"].append(entry)


def _points(above: Any, folder: str, names: dict[str, str], depth: int) -> Iterator[Entry]:
    for point in above:
        if isinstance(point.tag, str) and local(point) == "navpoint":
            entry = _point(point, folder, names, depth)
            if entry is not None:
                yield entry
            yield from _points(point, folder, names, depth + 1)


def _point(point: Any, folder: str, names: dict[str, str], depth: int) -> Entry | None:
    label, source = "", ""
    for child in point:
        if isinstance(child.tag, str):
            if local(child) == "navlabel":
                label = label or _line(child)
            elif local(child) == "content":
                source = child.get("src") or ""
    if not label or not source:
        return None
    return Entry(label, resolved(folder, source, names), source.partition("#")[2], depth)


def _line(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
