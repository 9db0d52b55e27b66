"""What a file says about itself: its title, page labels, outline, and the files in it.

What may live here: pdfium's calls for these. What must never be known here: the text of pages.
Everything is bounded: an outline may lead in circles, a label tree may never end.
"""

from __future__ import annotations

import ctypes
import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

from longctx.corpus import Reason
from longctx.formats import Left, Material

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.formats.pdf.pdfium import Opened

MOST_ENTRIES = 20_000
"""Entries of an outline."""
DEEPEST = 12
MOST_FILES = 50
LARGEST = 100_000_000
"""Bytes of all files within the file."""
LONGEST = 2_000
"""Bytes of a label, a title or a name."""

_FILE_NAME = re.compile(
    r"\.(?:docx?|rtf|odt|pptx?|xlsx?|tex|dvi|ps|eps|pdf|indd|qxd|wpd|html?|txt)$"
)
_NO_TITLE = re.compile(
    r"(?:untitled|unknown|title|microsoft word|document|slide)\b.*", re.IGNORECASE
)


class Entry(NamedTuple):
    """One entry of the outline."""

    title: str
    depth: int
    page: int
    """From 0."""


def title_of(opened: Opened) -> str:
    """The title in the metadata; empty if that is no more than a file name."""
    title = _wide(partial(pdfium.FPDF_GetMetaText, opened.handle, b"Title"))
    if _FILE_NAME.search(title.lower()) or _NO_TITLE.fullmatch(title) or "\ufffd" in title:
        return ""
    return title if sum(map(str.isalpha, title)) >= 3 else ""


def labels_of(opened: Opened, count: int) -> list[str]:
    """A label for each of the first pages: its number from 1 where the file names none."""
    labels = []
    named = 0
    for page in range(count):
        label = _wide(partial(pdfium.FPDF_GetPageLabel, opened.handle, page))
        named += bool(label)
        labels.append(label or str(page + 1))
        if page == 63 and not named:
            return labels + [str(number + 1) for number in range(64, count)]
    return labels


def outline_of(opened: Opened) -> list[Entry]:
    """The entries that lead to a page of the file, in the outline's order."""
    entries: list[Entry] = []
    seen: set[int] = set()
    waiting = [(pdfium.FPDFBookmark_GetFirstChild(opened.handle, None), 0)]
    while waiting and len(entries) < MOST_ENTRIES:
        mark, depth = waiting.pop()
        address = ctypes.cast(mark, ctypes.c_void_p).value
        if not address or address in seen:
            continue
        seen.add(address)
        title = _wide(partial(pdfium.FPDFBookmark_GetTitle, mark))
        page = _page(opened, mark)
        if title and 0 <= page < opened.count:
            entries.append(Entry(title, depth, page))
        waiting.append((pdfium.FPDFBookmark_GetNextSibling(opened.handle, mark), depth))
        if depth < DEEPEST:
            waiting.append((pdfium.FPDFBookmark_GetFirstChild(opened.handle, mark), depth + 1))
    return entries


def _page(opened: Opened, mark: object) -> int:
    place = pdfium.FPDFBookmark_GetDest(opened.handle, mark)
    if not place and (action := pdfium.FPDFBookmark_GetAction(mark)):
        place = pdfium.FPDFAction_GetDest(opened.handle, action)
    return int(pdfium.FPDFDest_GetDestPageIndex(opened.handle, place)) if place else -1


def files_of(opened: Opened) -> tuple[list[Material], list[Left]]:
    """The files within the file, and those that are too many or too large."""
    files: list[Material] = []
    left: list[Left] = []
    names: set[str] = set()
    count = pdfium.FPDFDoc_GetAttachmentCount(opened.handle)
    room = LARGEST
    for number in range(min(count, MOST_FILES)):
        attachment = pdfium.FPDFDoc_GetAttachment(opened.handle, number)
        name = _wide(partial(_name_of, attachment))
        name = _fit(name, number, names)
        size = ctypes.c_ulong(0)
        found = attachment and pdfium.FPDFAttachment_GetFile(attachment, None, 0, size)
        if not found or not size.value:
            left.append(Left(Reason.DAMAGED, f"attachment {name}"))
        elif size.value > room:
            detail = f"over {LARGEST:,} bytes of attachments"
            left.append(Left(Reason.LIMIT, f"attachment {name}", detail, size.value))
        else:
            room -= size.value
            buffer = ctypes.create_string_buffer(size.value)
            pdfium.FPDFAttachment_GetFile(attachment, buffer, size.value, size)
            files.append(Material(name, buffer.raw))
    if count > MOST_FILES:
        detail = f"{count - MOST_FILES:,} attachments after the first {MOST_FILES}"
        left.append(Left(Reason.LIMIT, "attachments", detail))
    return files, left


def _name_of(attachment: object, at: object, size: int) -> int:
    wide = ctypes.cast(at, ctypes.POINTER(pdfium.FPDF_WCHAR)) if size else None  # type: ignore[arg-type]  # it is a buffer
    return int(pdfium.FPDFAttachment_GetName(attachment, wide, size))


def _fit(name: str, number: int, names: set[str]) -> str:
    """A name without folders, unlike those before it."""
    plain = re.split(r"[/\\]", name)[-1].strip(". ") or f"file {number + 1}"
    fit, again = plain, 2
    while fit in names:
        fit = f"{plain}~{again}"
        again += 1
    names.add(fit)
    return fit


def _wide(call: Callable[[object, int], int]) -> str:
    """What a call writes into a buffer in UTF-16, on one line."""
    size = call(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(buffer, size)
    text = buffer.raw[: min(size - 2, LONGEST)].decode("utf-16-le", "replace")
    return " ".join(text.replace("\0", " ").split())
