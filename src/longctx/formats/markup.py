"""XML from untrusted bytes, parsed within bounds: nothing is expanded, nothing is fetched.

What may live here: bytes to elements. What must never be known here: any vocabulary of elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from longctx.corpus import Reason
from longctx.formats import Refused

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_NODES = 10_000_000
"""Tags and attributes: some 100 bytes of memory each."""
DEEPEST = 200
"""Elements within each other; Word's own limit for tables within tables is far lower."""

_TOO_DEEP = f"boolean({'/*' * (DEEPEST + 1)})"
_ENTITY = tuple("<!ENTITY".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def parsed(data: bytes) -> _Element:
    """The root element, without comments and processing instructions.

    Raises Refused where the XML is damaged, declares entities, or is over a limit. A document type
    is let through (XHTML has one) as long as it declares no entity; nothing it names is loaded.
    """
    if any(mark in data for mark in _ENTITY):
        raise Refused(Reason.DAMAGED, "it declares entities of its own")
    if data.count(b"<") + data.count(b"=") > MOST_NODES:
        raise Refused(Reason.LIMIT, f"a part of it has over {MOST_NODES:,} elements")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if "depth" in str(error).lower():
            raise Refused(Reason.LIMIT, "it is nested too deeply") from error
        raise Refused(Reason.DAMAGED, f"a part of it is no sound XML: {str(error)[:120]}") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise Refused(Reason.DAMAGED, "it declares entities of its own")
    if root.getroottree().xpath(_TOO_DEEP):
        raise Refused(Reason.LIMIT, "it is nested too deeply")
    return root
