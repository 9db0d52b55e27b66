"""Which part of a web page is its main text, and which is navigation and the like around it.

Only what a page says of itself counts: `main`, `article`, roles, ids and classes, and how much text
stands where. When that leaves a doubt the whole page is the main text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from longctx.formats.flowing import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable

_AROUND = ("nav", "header", "footer", "aside")
_ROLES = frozenset(("navigation", "banner", "contentinfo", "complementary", "search"))
_CONTENT = re.compile(
    r"(?:main|article|page|post|entry|body|mw)?[-_ ]?(?:content|text|body)|main|article", re.I
)
_LINKED = 0.6
"""Share of a block's text in links that makes it a list of links."""


@dataclass(frozen=True)
class Content:
    """The main text of a page."""

    page: Any
    roots: tuple[Any, ...]
    """Elements that hold it, in their order."""
    title: str
    dropped: int
    """Characters that are not in it."""
    _chrome: frozenset[Any] = field(repr=False)

    def drops(self, element: Any) -> bool:
        """Whether this element within a root is no part of the main text."""
        return element in self._chrome


def content_of(page: Any) -> Content:
    """The main text of a whole page."""
    body = next(page.iter("body"), page)
    title = _title(page)
    around = _outermost(each for each in body.iter() if _is_around(each))
    total, beside = _size(body), sum(map(_size, around))
    for found, share in (
        ([each for each in body.iter() if _is_main(each)], 0.4),
        (list(body.iter("article")), 0.6),
        (_by_name(body), 0.7),
    ):
        roots = tuple(_outermost(each for each in found if not hidden(each)))
        held = sum(map(_size, roots))
        if held and held >= share * (total - beside):
            chrome = frozenset(
                each for root in roots for each in root.iterdescendants() if _is_links(each)
            )
            if held - sum(map(_size, chrome)) < held / 2:
                chrome = frozenset()
            roots = (*_headline(body, roots), *roots)
            dropped = total - sum(map(_size, roots)) + sum(map(_size, _outermost(chrome)))
            return Content(page, roots, title, dropped, chrome)
    menus = frozenset(each for each in around if each.tag == "nav" and _is_links(each))
    menu = sum(map(_size, menus))
    if 3 * menu > total - menu:
        menus, menu = frozenset(), 0
    return Content(page, (body,), title, menu, menus)


def _title(page: Any) -> str:
    for name in ("title", "h1"):
        for element in page.iter(name):
            if text := " ".join("".join(element.itertext()).split()):
                return text
    return ""


def _headline(body: Any, roots: tuple[Any, ...]) -> tuple[Any, ...]:
    """A page's only first heading, if it stands before the main text and not in it."""
    titles = list(body.iter("h1"))
    if len(titles) != 1 or hidden(titles[0]):
        return ()
    above = set(titles[0].iterancestors())
    return () if any(root in above for root in roots) else (titles[0],)


def _is_around(element: Any) -> bool:
    if element.get("role") in _ROLES:
        return True
    if element.tag not in _AROUND:
        return False
    return not any(each.tag in ("main", "article") for each in element.iterancestors())


def _is_main(element: Any) -> bool:
    return bool(element.tag == "main" or element.get("role") == "main")


def _by_name(body: Any) -> list[Any]:
    return [
        each
        for each in body.iter("div", "section", "td")
        if _CONTENT.fullmatch(each.get("id") or "")
        or any(_CONTENT.fullmatch(name) for name in (each.get("class") or "").split())
    ]


def _is_links(element: Any) -> bool:
    if element.tag not in ("nav", "aside") and element.get("role") not in _ROLES:
        return False
    size = _size(element)
    linked = sum(_size(link) for link in element.iter("a") if link.get("href"))
    return bool(linked >= _LINKED * size)


def _outermost(elements: Iterable[Any]) -> list[Any]:
    """Those that are not within another of them, in the order they came in."""
    kept: list[Any] = []
    seen: set[Any] = set()
    for element in elements:
        if not any(above in seen for above in element.iterancestors()):
            kept.append(element)
            seen.add(element)
    return kept


def _size(element: Any) -> int:
    """Characters of text, white space aside."""
    return sum(len(text) for part in element.itertext() for text in part.split())
