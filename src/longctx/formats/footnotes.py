"""Footnotes of one page: which links refer to notes, which elements are these, what is said where.

A note is read right after the paragraph that refers to it, as `[^3] ...`, if it stands on the same
page; notes on pages of their own stay there. What must never be known here: how text flows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 20_000
"""Notes of one page."""
LONGEST = 20_000
"""Characters of a note; what is longer is hardly one."""

_MARK = re.compile(r"[\[({]?\s*(\d{1,4}|[*∗†‡§¶#]{1,4}|[a-zA-Z]|[ivxlc]{1,6})\s*[\])}]?[.:]?")
_REFERS = re.compile(r"\bnoteref\b|\bdoc-noteref\b|\bfootnote-?ref\b|\bfnref\b")
_NOTE = re.compile(r"\b(?:footnote|endnote|rearnote|doc-footnote|doc-endnote|fn)\b")
_CONTAINERS = frozenset(("aside", "li", "p", "div", "dd", "section", "tr", "td", "blockquote"))
_BACK = re.compile(r"\W*|\W*(?:back|return)\b.{0,30}", re.I | re.S)


class Notes:
    """What a `Flow` asks while it writes the page."""

    def __init__(self, root: Any, files: Iterable[str] = ()) -> None:
        """`files`: names under which links may name this very page, besides none at all."""
        self._files = {"", *files}
        self._labels: dict[Any, tuple[str, Any]] = {}
        """By reference: what is printed, and the note, or None where it is on another page."""
        self._back: set[Any] = set()
        self._waiting: list[tuple[str, Any]] = []
        self._said: set[Any] = set()
        self._short: dict[Any, bool] = {}
        # Elements of lxml are equal to themselves only as long as something holds them.
        self._notes: dict[Any, str] = {}
        links = [link for link in root.iter("a") if link.get("href")]
        self._find(root, [link for link in links if "#" in link.get("href")][: 2 * MOST])

    def mark(self, link: Any) -> str | None:
        """What to print for this link: `[^3]`, nothing for the way back; None for its own text."""
        if link in self._back:
            return ""
        found = self._labels.get(link)
        if found is None:
            return None
        label, note = found
        if note is not None and note not in self._said:
            self._said.add(note)
            self._waiting.append((label, note))
        return f"[^{label}]"

    def moved(self, element: Any) -> bool:
        """Whether this is a note that is read elsewhere."""
        return element in self._notes

    def due(self) -> Iterator[tuple[str, Any]]:
        """Notes that were referred to since this was last asked."""
        waiting, self._waiting = self._waiting, []
        return iter(waiting)

    def rest(self) -> list[tuple[str, Any]]:
        """Notes that no text referred to in the end: what did was left out."""
        return [(label, note) for note, label in self._notes.items() if note not in self._said]

    def line(self, label: str, said: str) -> str:
        """A note as a line, its own number not printed twice."""
        own = re.match(rf"[\[(^]*{re.escape(label)}[\])]*[.:]?\s+", said)
        return f"[^{label}] {said[own.end() :] if own else said}"

    def _find(self, root: Any, links: list[Any]) -> None:
        wanted = {self._target(link) for link in links} - {""}
        by_id: dict[str, Any] = {}
        if wanted:
            for element in root.iter():
                for name in (element.get("id"), element.get("name")):
                    if name in wanted:
                        by_id.setdefault(name, element)
        for link in links:
            if link in self._back:
                continue
            said = "".join(link.itertext()).strip()
            printed = _MARK.fullmatch(said)
            refers = bool(_REFERS.search(_said(link)))
            if printed is None and not (refers and 0 < len(said) <= 8):
                continue
            label = printed[1] if printed else re.sub(r"[\s\[\]]", "", said)
            target = by_id.get(self._target(link))
            note = None if target is None else self._note(target, link)
            back = [] if note is None else self._ways_back(note, link)
            if note is not None and (back or refers) and note not in self._notes:
                # A way back that says more than the mark, such as a line's number, is read.
                self._back.update(each for each in back if _same(each, label))
                self._notes[note] = label
                self._labels[link] = (label, note)
            elif refers or (note is not None and note in self._notes):
                self._labels[link] = (label, note if note in self._notes else None)

    def _target(self, link: Any) -> str:
        """The id that a link leads to on this page; empty for other pages."""
        file, _, name = link.get("href").partition("#")
        return name if file.rpartition("/")[2] in self._files else ""

    def _note(self, target: Any, link: Any) -> Any | None:
        """The block that a note with this target is; None where it is no note."""
        block = target
        while block is not None and block.tag not in _CONTAINERS:
            block = block.getparent()
        if block is None or block.tag in ("tr", "td"):
            return None
        above = block.getparent()
        if block.tag in ("p", "div") and above is not None:
            typed = above.tag in ("aside", "li", "dd") or _NOTE.search(_said(above))
            if typed and next(iter(above.iterchildren())) is block:
                block = above
        within = any(each is block for each in link.iterancestors())
        if within or not self._is_short(block):
            return None
        follower = block.getnext()
        if block.tag == "p" and follower is not None and follower.tag == "p":
            # A second paragraph of the note would be left behind alone.
            marked = follower.get("id") or follower.find(".//a") is not None
            if not marked:
                return None
        return block

    def _is_short(self, block: Any) -> bool:
        if block not in self._short:
            size = 0
            for text in block.itertext():
                size += len(text) + 5  # also where there is much markup and no text
                if size > LONGEST:
                    break
            self._short[block] = size <= LONGEST
        return self._short[block]

    def _ways_back(self, note: Any, link: Any) -> list[Any]:
        """The links of a note to where it is referred to."""
        near = [link, *list(link.iterdescendants())[:3], *list(link.iterancestors())[:4]]
        names = {each.get(key) for each in near for key in ("id", "name")} - {None}
        found = []
        for back in note.iter("a"):
            if back.get("href") and self._target(back) in names:
                text = "".join(back.itertext()).strip()
                if _MARK.fullmatch(text) or _BACK.fullmatch(text):
                    found.append(back)
        return found


def _same(back: Any, label: str) -> bool:
    text = "".join(back.itertext()).strip()
    marked = _MARK.fullmatch(text)
    return marked is None or marked[1] == label


def _said(element: Any) -> str:
    said = (element.get("epub:type"), element.get("role"), element.get("class"))
    return " ".join(each.lower() for each in said if each)
