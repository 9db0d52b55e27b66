"""Which format a file is in, by its name and first bytes.

What may live here: the table of formats. What must never be known here: how any of them is read.
Strangers' formats come by entry point, named after the ending they read.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import cache

GROUP = "longctx.formats"


class Shelf(Enum):
    """What kind of source a file lies in, which decides what its markup is for."""

    CODE = auto()
    """A repository: markup that people edit there is the text; only documents that no editor shows
    are extracted."""
    FILES = auto()
    """Folders of documents: pages, letters, tables and archives are opened as well."""


PACKED = {
    "pdf": "longctx.formats.pdf:PDF",
    "docx": "longctx.formats.docx:DOCX",
    "docm": "longctx.formats.docx:DOCX",
    "odt": "longctx.formats.odt:ODT",
    "rtf": "longctx.formats.rtf:RTF",
    "pptx": "longctx.formats.pptx:PPTX",
    "xlsx": "longctx.formats.xlsx:XLSX",
    "xlsm": "longctx.formats.xlsx:XLSX",
    "epub": "longctx.formats.epub:EPUB",
    "ipynb": "longctx.formats.ipynb:IPYNB",
}
"""Read wherever they lie."""

PLAIN = {
    "html": "longctx.formats.html:HTML",
    "htm": "longctx.formats.html:HTML",
    "xhtml": "longctx.formats.html:HTML",
    "csv": "longctx.formats.csv:CSV",
    "tsv": "longctx.formats.csv:CSV",
    "eml": "longctx.formats.eml:EML",
    "mbox": "longctx.formats.mbox:MBOX",
    "srt": "longctx.formats.subtitles:SUBTITLES",
    "vtt": "longctx.formats.subtitles:SUBTITLES",
    "zip": "longctx.formats.archives:ZIP",
    "tar": "longctx.formats.archives:TAR",
    "tgz": "longctx.formats.archives:TAR",
    "tar.gz": "longctx.formats.archives:TAR",
    "tar.bz2": "longctx.formats.archives:TAR",
    "tar.xz": "longctx.formats.archives:TAR",
}
"""Read as formats on a shelf of documents only."""

LEGACY = {
    "doc": "save it as .docx",
    "xls": "save it as .xlsx",
    "ppt": "save it as .pptx",
    "pages": "export it as .docx",
    "numbers": "export it as .xlsx",
    "key": "export it as .pptx",
    "msg": "save it as .eml",
    "pst": "export its messages as .mbox",
    "mobi": "convert it to .epub",
    "azw3": "convert it to .epub",
    "djvu": "convert it to .pdf",
    "ps": "convert it to .pdf",
    "7z": "extract it, or make a .zip of it",
    "rar": "extract it, or make a .zip of it",
}
"""What to do with formats that are not read."""

_MAGIC = ((b"%PDF-", "longctx.formats.pdf:PDF"), (b"{\\rtf", "longctx.formats.rtf:RTF"))


def format_of(name: str, shelf: Shelf, head: bytes = b"") -> str | None:
    """The reader of this file, as `module:NAME`; None for plain text and everything unknown.

    `head`: the file's first bytes, where they are at hand.
    """
    ending = ending_of(name)
    found = PACKED.get(ending) or (PLAIN.get(ending) if shelf is Shelf.FILES else None)
    if found is not None:
        return found
    for magic, reader in _MAGIC:
        if head.startswith(magic):
            return reader
    return None


def strangers_format(name: str) -> str | None:
    """The reader that another package registered for files that end so."""
    found = _strangers().get(ending_of(name))
    return None if found is None else found[0]


def release_of(format: str) -> str:
    """The release of the package that registered this reader; empty for ours."""
    if format.startswith("longctx."):
        return ""
    return next((release for value, release in _strangers().values() if value == format), "")


def advice_for(name: str) -> str | None:
    """What to do with a file that is not text and that nothing here reads; None if nothing can."""
    ending = ending_of(name)
    if ending in PLAIN:
        return "not opened in a repository: name it by itself"
    return LEGACY.get(ending)


def ending_of(name: str) -> str:
    """The ending in lower case without its dot; `tar.gz` counts as one."""
    lower = name.rpartition("/")[2].lower()
    ending = lower.rpartition(".")[2] if "." in lower[1:] else ""
    if ending in ("gz", "bz2", "xz") and lower.endswith(f".tar.{ending}"):
        return f"tar.{ending}"
    return ending


@cache
def _strangers() -> dict[str, tuple[str, str]]:
    """By ending: `module:NAME`, and the release of the package it is from."""
    from importlib import metadata

    return {
        point.name: (point.value, point.dist.version if point.dist else "")
        for point in metadata.entry_points(group=GROUP)
        if not point.value.startswith("longctx.")
    }
