"""E-books made in tests."""

from __future__ import annotations

import io
import zipfile

XHTML = "application/xhtml+xml"
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)


def packed(members: dict[str, str | bytes]) -> bytes:
    """A package with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in {"mimetype": "application/epub+zip", **members}.items():
            package.writestr(name, data)
    return buffer.getvalue()


def page(body: str, title: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>{title}</title></head><body>{body}</body></html>"
    )


def nav(toc: str, more: str = "") -> str:
    return page(f'<nav epub:type="toc"><h1>Contents</h1><ol>{toc}</ol></nav>{more}')


def ncx(points: str, pages: str = "") -> str:
    return (
        '<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">'
        f"<navMap>{points}</navMap><pageList>{pages}</pageList></ncx>"
    )


def book(
    pages: dict[str, str],
    *,
    spine: str | None = None,
    contents: str | None = None,
    old_contents: str | None = None,
    metadata: str = "<dc:title>The Whale</dc:title><dc:creator>H. M.</dc:creator>",
    guide: str = "",
    more: dict[str, str | bytes] | None = None,
) -> bytes:
    """A book of these pages, by file name. `spine`: names, `-` before those that are not linear."""
    items = "".join(f'<item id="{n}" href="{n}" media-type="{XHTML}"/>' for n in pages)
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        **{f"OEBPS/{name}": text for name, text in pages.items()},
        **(more or {}),
    }
    if contents is not None:
        items += f'<item id="nav" href="nav.xhtml" properties="nav" media-type="{XHTML}"/>'
        members["OEBPS/nav.xhtml"] = contents
    if old_contents is not None:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        members["OEBPS/toc.ncx"] = old_contents
    order = "".join(_reference(n) for n in (spine.split() if spine is not None else pages))
    members["OEBPS/book.opf"] = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
        f"<manifest>{items}</manifest><spine>{order}</spine><guide>{guide}</guide></package>"
    )
    return packed(members)


def _reference(name: str) -> str:
    linear = ' linear="no"' if name.startswith("-") else ""
    return f'<itemref idref="{name.lstrip("-")}"{linear}/>'
