"""E-books (EPUB 2 and 3): their text in reading order, with chapters and printed pages.

What may live here: how the files of a book become one text. What must never be known here: how a
page's elements flow (`flowing`), how packages and contents are written down.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from longctx.corpus import Anchor, Reason
from longctx.formats import Extract, Left, Refused
from longctx.formats.book_contents import contents_of
from longctx.formats.book_package import book_of, resolved
from longctx.formats.charsets import markup_decoded
from longctx.formats.composing import Composition
from longctx.formats.flowing import Flow
from longctx.formats.footnotes import Notes
from longctx.formats.packages import Package
from longctx.formats.trees import page_of

if TYPE_CHECKING:
    from longctx.formats import Material, Options, Report
    from longctx.formats.book_contents import Entry
    from longctx.formats.book_package import Book, Part

_OUTSIDE = "[outside the reading order:]"
_LISTS = re.compile(r"\b(?:toc|landmarks|page-list)\b")
_MATTER = {
    "titlepage": "Title page",
    "halftitlepage": "Half title",
    "copyright-page": "Copyright",
    "dedication": "Dedication",
    "epigraph": "Epigraph",
    "acknowledgments": "Acknowledgments",
    "colophon": "Colophon",
    "index": "Index",
}
"""What parts are called that say what they are (EPUB Structural Semantics) and have no heading."""
_LINKS = 0.85
"""Share of a page's text in links that makes it a list of contents."""


class _Epub:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        package = Package(file.data)
        return _Reading(package, book_of(package)).extract(report)


class _Reading:
    """One book on its way to text."""

    def __init__(self, package: Package, book: Book) -> None:
        self._package, self._book = package, book
        self._out = Composition()
        self._left = [Left(Reason.DAMAGED, path, "it is missing") for path in book.missing]
        self._names = {name.lower(): name for name in package.names()}
        contents = contents_of(package, book)
        self._chapters = _by_path(contents.chapters)
        self._pages = _by_path(contents.pages)
        self._landmarks = _by_path(contents.landmarks)
        self._targets = {each.path for each in contents.chapters}

    def extract(self, report: Report) -> Extract:
        if self._book.title:
            self._out.anchor("title", self._book.title)
        parts = sorted(self._book.parts, key=lambda part: not part.linear)
        inside = sum(part.linear for part in parts)
        for number, part in enumerate(parts):
            if number == inside > 0:
                self._out.preface(_OUTSIDE)
            self._read(part)
            report(number + 1, len(parts))
        return Extract(self._out.text, tuple(self._out.anchors), tuple(self._left))

    def _read(self, part: Part) -> None:
        """One file of the book."""
        if part.kind.startswith(("image/", "audio/", "video/")) and "svg" not in part.kind:
            reason = Reason.SCANNED if part.kind.startswith("image/") else Reason.BINARY
            self._left.append(Left(reason, self._name(part)))
            return
        try:
            page = page_of(markup_decoded(self._package.read(part.path)))
        except Refused as refused:
            self._left.append(Left(refused.reason, part.path, refused.detail))
            return
        if page.root is None:
            return
        body = next(page.root.iter("body"), page.root)
        if not page.whole:
            self._left.append(Left(Reason.LIMIT, part.path, "nested too deeply to its end"))
        if len(self._book.parts) > 1 and self._is_contents(part, body):
            detail = "links to the chapters, which are named where they begin"
            self._left.append(Left(Reason.RUNNING, self._name(part), detail))
            return
        self._write(part, page.root, body)

    def _write(self, part: Part, root: Any, body: Any) -> None:
        out, before = self._out, self._out.length
        ids = {*root.xpath("//@id"), *root.xpath("//@name")}
        places = self._places(part, ids, body)
        heads = _Heads(out, fresh=not self._chapters.get(part.path))
        out.gap()
        notes = Notes(root, (part.path.rpartition("/")[2],))
        flow = Flow(
            out,
            notes=notes,
            places=places,
            heading=heads.anchor,
            skipped=_is_navigation if part.path == self._book.nav else lambda element: False,
        )
        flow.write(body)
        for _, note in notes.rest():
            flow.write(note)
        if out.length == before:
            out.forget("chapter")
            out.forget("heading")
            if flow.pictures:
                self._left.append(Left(Reason.SCANNED, self._name(part)))

    def _places(self, part: Part, ids: set[str], body: Any) -> dict[str, list[Anchor]]:
        """Anchors within a file by the ids they begin at; those of its beginning are set."""
        places: dict[str, list[Anchor]] = {}
        begun = False
        for entry in self._chapters.get(part.path, ()):
            first = not entry.fragment or entry.fragment not in ids
            kind = "chapter" if entry.depth == 0 or first else "heading"
            depth = entry.depth if kind == "chapter" else entry.depth - 1
            if first:
                self._out.anchor(kind, entry.label, depth)
                begun = True
            else:
                places.setdefault(entry.fragment, []).append(Anchor(0, kind, entry.label, depth))
        if not begun and not self._chapters.get(part.path):
            label = next((each.label for each in self._landmarks.get(part.path, ())), "")
            label = label or _matter(body)
            if label and not next(body.iter("h1", "h2"), None) is not None:
                self._out.anchor("chapter", label)
        for entry in self._pages.get(part.path, ()):
            if entry.fragment in ids:
                places.setdefault(entry.fragment, []).append(Anchor(0, "page", entry.label))
            else:
                self._out.anchor("page", entry.label)
        return places

    def _is_contents(self, part: Part, body: Any) -> bool:
        """Whether a page holds nothing but links to chapters."""
        if part.path == self._book.nav:
            rest = _size(body) - sum(_size(nav) for nav in body.iter("nav") if _is_navigation(nav))
            return rest < 200
        if len(self._targets) < 3:
            return False
        here = part.path.rpartition("/")[0]
        links = [link for link in body.iter("a") if (link.get("href") or "#")[0] != "#"]
        known = [
            link
            for link in links
            if resolved(here, link.get("href"), self._names) in self._targets - {part.path}
        ]
        if len(known) < 5 or len(known) < 0.8 * len(links):
            return False
        heads = sum(_size(head) for head in body.iter("h1", "h2", "h3"))
        return sum(map(_size, known)) >= _LINKS * (_size(body) - heads)

    def _name(self, part: Part) -> str:
        """What a person calls a file of the book."""
        for entries in (self._chapters, self._landmarks):
            for entry in entries.get(part.path, ()):
                if entry.label:
                    return entry.label
        return part.path


class _Heads:
    """Which headings of one file are chapters: those that the contents name, or, in a file that
    the contents pass by, its first one and others as high."""

    def __init__(self, out: Composition, *, fresh: bool) -> None:
        self._out = out
        self._fresh = fresh
        self._start = out.length
        self._top = 0

    def anchor(self, level: int, text: str) -> tuple[str, str, int] | None:
        waiting = self._out.pending("chapter")
        if waiting:
            if _begins(text, waiting):
                self._out.rename("chapter", text)
            self._top = 0
            self._fresh = False
            return None
        if self._out.pending("heading"):
            return None
        if self._fresh and not self._top and level <= 2 and self._out.length == self._start:
            self._top = level
        if self._fresh and level <= self._top:
            return "chapter", text, 0
        return "heading", text, level - 1


def _begins(text: str, label: str) -> bool:
    """Whether a heading says what the contents say, and more."""
    plain, wanted = (re.sub(r"\W+", "", each).casefold() for each in (text, label))
    return len(text) <= 150 and plain.startswith(wanted) and len(plain) > len(wanted)


def _by_path(entries: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.path, []).append(entry)
    return found


def _is_navigation(element: Any) -> bool:
    return element.tag == "nav" and bool(
        _LISTS.search((element.get("epub:type") or "") + " " + (element.get("role") or ""))
    )


def _matter(body: Any) -> str:
    for element in [body, *list(body)[:3]]:
        for kind in (
            (element.get("epub:type") or "").split() if isinstance(element.tag, str) else ()
        ):
            if kind in _MATTER:
                return _MATTER[kind]
    return ""


def _size(element: Any) -> int:
    """Characters of text, white space aside."""
    return sum(len(text) for part in element.itertext() for text in part.split())


EPUB = _Epub()
