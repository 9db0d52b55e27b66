"""From pages to one text with its anchors, and what is not in it.

What may live here: what can only be told from all pages together. What must never be known here:
pdfium's calls, geometry.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from longctx.corpus import Anchor, Reason
from longctx.formats import Extract, Left, Refused
from longctx.formats.pdf.facts import files_of, labels_of, outline_of, title_of
from longctx.formats.pdf.gathering import MOST_PAGES
from longctx.formats.pdf.headings import Shown, outlined, printed
from longctx.formats.pdf.pdfium import Opened, Unopenable
from longctx.formats.pdf.running import counted_lines, running, without_number
from longctx.formats.pdf.words import cleaned, divided, mended

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.formats import Material, Options
    from longctx.formats.pdf.facts import Entry
    from longctx.formats.pdf.pages import Line, Page
    from longctx.formats.pdf.running import Running

RECOGNISED = "[text recognised on a picture of this page]"


def joined(data: bytes, options: Options, pages: Sequence[Page]) -> Extract:
    """The extract of all pages. Raises Refused if none has text."""
    title, count = "", len(pages)
    labels = [str(number + 1) for number in range(count)]
    entries: list[Entry] = []
    files: list[Material] = []
    left: list[Left] = []
    try:
        with Opened(data, options.passwords) as opened:
            title = title_of(opened)
            labels = labels_of(opened, count)
            entries = outline_of(opened)
            files, left = files_of(opened)
            count = opened.count
    except Unopenable:
        pass  # pypdf read it
    if count > MOST_PAGES:
        detail = f"{count:,} pages, of which the first {MOST_PAGES:,} are read"
        left.append(Left(Reason.LIMIT, "pages after that", detail))
    found = running(pages)
    text, starts, shown = _composed(pages, found)
    left = [*_missing(pages, labels), *found.left, *left]
    if not text.strip() and not files:
        raise _refusal(pages, left)
    return Extract(
        text,
        tuple(_anchors(title, labels, starts, shown, entries, found)),
        tuple(left),
        tuple(files),
    )


def _composed(pages: Sequence[Page], found: Running) -> tuple[str, list[int], list[list[Shown]]]:
    """The text, where each page begins in it, and the lines of each page."""
    kept = [list(_kept(number, page, found)) for number, page in enumerate(pages)]
    words: frozenset[str] = frozenset()
    if any(divided(text for _, text in page) for page in kept):
        words = frozenset(word for page in kept for _, text in page for word in text.split())
    parts: list[str] = []
    starts: list[int] = []
    shown: list[list[Shown]] = []
    place = 0
    for page, lines in zip(pages, kept, strict=True):
        starts.append(place)
        shown.append([])
        if page.recognised and lines:
            parts.append(RECOGNISED + "\n")
            place += len(parts[-1])
        texts = mended([text for _, text in lines], words)
        for (line, _), text in zip(lines, texts, strict=True):
            if text:
                shown[-1].append(Shown(place, text, line))
                parts.append(text + "\n")
                place += len(text) + 1
    return "".join(parts), starts, shown


def _kept(number: int, page: Page, found: Running) -> Iterator[tuple[Line, str]]:
    left_out = found.lines[number]
    counted = set(counted_lines(page)) if number in found.numbered else set()
    for index, line in enumerate(page.lines):
        if index in left_out:
            continue
        text = without_number(line.text) if index in counted else line.text
        text = cleaned(text).strip()
        if text:
            yield line, text


def _anchors(
    title: str,
    labels: Sequence[str],
    starts: Sequence[int],
    shown: Sequence[Sequence[Shown]],
    entries: Sequence[Entry],
    found: Running,
) -> list[Anchor]:
    anchors = [Anchor(0, "title", title)] if title else []
    anchors += [Anchor(start, "page", label) for start, label in zip(starts, labels, strict=True)]
    anchors += [Anchor(starts[page], "bates", text) for page, text in sorted(found.bates.items())]
    anchors += outlined(entries, shown, starts) if entries else printed(shown)
    anchors.sort(key=lambda anchor: anchor.start)
    return anchors


def _missing(pages: Sequence[Page], labels: Sequence[str]) -> Iterator[Left]:
    """What is not in the text of which pages, those with one reason together."""
    number = 0
    for why, several in groupby(pages, key=lambda page: page.left):
        first, number = number, number + len(list(several))
        if why is not None:
            last = f"-{labels[number - 1]}" if number - first > 1 else ""
            yield Left(why[0], f"p. {labels[first]}{last}", why[1])


def _refusal(pages: Sequence[Page], left: Sequence[Left]) -> Refused:
    whys = [page.left for page in pages if page.left]
    if not whys:
        return Refused(Reason.SCANNED, "no text in it")
    if len(set(whys)) == 1 or not left:
        return Refused(*whys[0])
    reason, detail = max(whys, key=whys.count)
    return Refused(reason, f"{detail}; other pages: {min(whys, key=whys.count)[1]}")
