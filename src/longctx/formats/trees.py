"""From the source of an HTML or XHTML page to its tree, within bounds and without anything from
outside.

One lenient parser reads all of them: real e-books are rarely the XML they claim to be. It knows no
entities beyond those of HTML, loads nothing and stops at a depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from lxml import etree

LONGEST = 100_000_000
"""Bytes of a page's source."""

_CONTROLS = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f]")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.S)
_DROPPED = ("script", "style", "template", "noscript")


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    root: Any
    """The `html` element; None for a page without any."""
    whole: bool
    """False where the parser met a bound: what comes after is not in the tree."""


def page_of(source: str) -> Page:
    """The tree of a page, without scripts and styles."""
    source = _CONTROLS.sub("", source[:LONGEST])
    if "<![CDATA[" in source:
        source = _CDATA.sub(lambda match: escape(match[1], quote=False), source)
    parser = etree.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        no_network=True,
        huge_tree=False,
        recover=True,
    )
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    whole = not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    if root is not None:
        etree.strip_elements(root, *_DROPPED, with_tail=False)
    return Page(root, whole and len(source) < LONGEST)
