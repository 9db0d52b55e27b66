"""XML from untrusted bytes, parsed within bounds: nothing is expanded, nothing is fetched.

What may live here: bytes to elements. What must never be known here: any vocabulary of elements.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from lxml import etree

from longctx.corpus import Reason
from longctx.formats import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

MOST_NODES = 10_000_000
"""Tags and attributes: some 100 bytes of memory each."""
DEEPEST = 200
"""Elements within each other; Word's own limit for tables within tables is far lower."""

_TOO_DEEP = f"boolean({'/*' * (DEEPEST + 1)})"
_ENTITY = tuple("<!ENTITY".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


_SAFELY = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parsed(data: bytes) -> _Element:
    """The root element, without comments and processing instructions.

    Raises Refused where the XML is damaged, declares entities, or is over a limit. A document type
    is let through (XHTML has one) as long as it declares no entity; nothing it names is loaded.
    """
    _check_entities(data)
    if data.count(b"<") + data.count(b"=") > MOST_NODES:
        raise Refused(Reason.LIMIT, f"a part of it has over {MOST_NODES:,} elements")
    try:
        root = etree.fromstring(data, etree.XMLParser(**_SAFELY))
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _refusal(error) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise Refused(Reason.DAMAGED, "it declares entities of its own")
    if root.getroottree().xpath(_TOO_DEEP):
        raise Refused(Reason.LIMIT, "it is nested too deeply")
    return root


def streamed(data: bytes, tag: str) -> Iterator[_Element]:
    """The elements of a name, one after the other, each gone when the next is asked for: for parts
    too long to be held as a tree. They must lie side by side. Raises Refused as `parsed` does."""
    _check_entities(data)
    try:
        for _, element in etree.iterparse(io.BytesIO(data), tag=tag, **_SAFELY):
            yield element
            element.clear()
            above = element.getparent()
            while above is not None and (before := element.getprevious()) is not None:
                above.remove(before)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _refusal(error) from None


def _check_entities(data: bytes) -> None:
    if any(mark in data for mark in _ENTITY):
        raise Refused(Reason.DAMAGED, "it declares entities of its own")


def _refusal(error: Exception) -> Refused:
    if "depth" in str(error).lower():
        return Refused(Reason.LIMIT, "it is nested too deeply")
    return Refused(Reason.DAMAGED, f"a part of it is no sound XML: {str(error)[:120]}")
