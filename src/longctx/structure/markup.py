"""Headings in Markdown, AsciiDoc, LaTeX and org-mode.

What may live here: how these formats write headings and what hides one (fences, comments, front
matter). What must never be known here: paths, clauses. Facts from the CommonMark 0.31 and AsciiDoc
specifications and the Org manual.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.corpus import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 300
"""Characters of a label."""

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)\Z")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_BLOCK = re.compile(r" {0,3}(?:[-+*][ \t]|\d{1,9}[.)][ \t]|>|\|)|    |\t")
_MARKS = re.compile(r"(\*\*|__|\*|_|`)(\S(?:[^*_`\n]{0,200}\S)?)\1")
_LINK = re.compile(r"!?\[([^\]\[\n]{0,300})\](?:\([^()\n]{0,500}\)|\[[^\]\n]{0,200}\])")
_ID = re.compile(r"[ \t]*\{#?[^{}\n]{0,200}\}[ \t]*\Z")
_ADOC = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*)\Z")
_ADOC_BLOCK = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|={4,}|\*{4,}|_{4,}|`{3,}|--)[ \t]*\Z")
_LATEX = re.compile(
    r"\\(part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\b\*?[ \t]*"
)
_LATEX_HIDDEN = re.compile(
    r"\\(begin|end)\{(verbatim\*?|lstlisting|comment|minted|filecontents\*?)\}"
)
_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
_ORG = re.compile(r"(\*{1,12})[ \t]+(\S.*)\Z")
_ORG_TAGS = re.compile(r"[ \t]+:[\w@#%:]+:\Z")
_ORG_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_(\w+)", re.I)
_ORG_TODO = re.compile(r"(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED)[ \t]+)?(?:\[#[A-Z]\][ \t]+)?")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Each line without its end, and where it begins."""
    start = 0
    for line in text.splitlines(keepends=True) if "\n" not in text else text.split("\n"):
        yield start, line.rstrip("\r\n")
        start += len(line) + 1


def anchored(found: Iterable[tuple[int, int, str]]) -> tuple[Anchor, ...]:
    """Anchors of place, level and title, with the outermost level at depth 0."""
    rows = [(place, level, " ".join(title.split())) for place, level, title in found]
    rows = [row for row in rows if row[2]]
    outermost = min((level for _, level, _ in rows), default=0)
    return tuple(
        Anchor(place, "heading", title[:LONGEST], level - outermost) for place, level, title in rows
    )


def markdown_headings(text: str) -> tuple[Anchor, ...]:
    """ATX and setext headings, not in fences, indented code or front matter."""
    return anchored(_markdown(text))


def _markdown(text: str) -> Iterator[tuple[int, int, str]]:
    fence, before = "", (0, "")
    skip_until = _front_matter(text)
    for start, line in lines_of(text):
        if start < skip_until:
            continue
        head = line.lstrip(" ")[:1]
        if head in ("`", "~") and (found := _FENCE.match(line)):
            mark, info = found[1], found[2]
            if not fence and not (mark[0] == "`" and "`" in info):
                fence = mark
            elif fence and mark.startswith(fence) and not info.strip():
                fence = ""
            before = (start, "")
            continue
        if fence:
            continue
        if head == "#" and (found := _ATX.match(line)):
            yield start + found.start(1), len(found[1]), _bare(found[2] or "")
            before = (start, "")
        elif head in ("=", "-") and before[1] and _SETEXT.match(line):
            place, title = before
            indent = len(title) - len(title.lstrip())
            yield place + indent, 1 if head == "=" else 2, _bare(title)
            before = (start, "")
        else:
            # A setext heading is one line here; a paragraph above an underline is none.
            lone = line.strip() and not before[1] and not _BLOCK.match(line)
            before = (start, line if lone else "") if line.strip() else (start, "")
            if line.strip() and not lone:
                before = (start, "")
    return


def _front_matter(text: str) -> int:
    """Where the text begins behind a YAML or TOML head."""
    for mark in ("---", "+++"):
        if text.startswith((f"{mark}\n", f"{mark}\r\n")):
            end = text.find(f"\n{mark}", 3)
            return text.find("\n", end + 1) + 1 or len(text) if 0 < end < 20_000 else 0
    return 0


def _bare(title: str) -> str:
    """A title without emphasis, links and ids."""
    title = _LINK.sub(r"\1", _ID.sub("", title[:1000]))
    return _MARKS.sub(r"\2", title)


def asciidoc_headings(text: str) -> tuple[Anchor, ...]:
    """`=` to `======` before a title; not in delimited blocks."""
    return anchored(_asciidoc(text))


def _asciidoc(text: str) -> Iterator[tuple[int, int, str]]:
    block = ""
    for start, line in lines_of(text):
        if not line or line[0] not in "=#-.+/*_`":
            continue
        found = _ADOC_BLOCK.match(line)
        if found:
            if not block:
                block = found[1]
            elif block == found[1]:
                block = ""
        elif not block and (found := _ADOC.match(line)):
            yield start, len(found[1]), _bare(found[2].rstrip("= \t") or found[2])


def latex_headings(text: str) -> tuple[Anchor, ...]:
    r"""`\part` to `\subparagraph`, starred or not; not in comments or verbatim text."""
    return anchored(_latex(text))


def _latex(text: str) -> Iterator[tuple[int, int, str]]:
    hidden = _hidden_in_latex(text)
    number = 0
    for found in _LATEX.finditer(text):
        while number < len(hidden) and hidden[number][1] <= found.start():
            number += 1
        if number < len(hidden) and hidden[number][0] <= found.start():
            continue
        line = text.rfind("\n", max(0, found.start() - 2000), found.start()) + 1
        if _commented(text[line : found.start()]):
            continue
        place = found.end()
        if text.startswith("[", place):
            place = _closing(text, place, "[]")
        title = (
            text[place + 1 : _closing(text, place, "{}") - 1]
            if text[place : place + 1] == "{"
            else ""
        )
        yield found.start(), _LEVELS.index(found[1]), _plain_latex(title)


def _hidden_in_latex(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for found in _LATEX_HIDDEN.finditer(text):
        if opened is None and found[1] == "begin":
            opened = (found.start(), found[2])
        elif opened is not None and found[1] == "end" and found[2] == opened[1]:
            spans.append((opened[0], found.end()))
            opened = None
    return spans


def _commented(before: str) -> bool:
    """Whether a line's beginning holds a per cent sign that is not escaped."""
    return re.search(r"(?<!\\)(?:\\\\)*%", before) is not None


def _closing(text: str, place: int, pair: str) -> int:
    """The place behind the bracket that closes the one here, within 1,000 characters."""
    depth = 0
    for at in range(place, min(len(text), place + 1000)):
        if text[at] == "\\":
            continue
        if text[at] == pair[0] and text[at - 1 : at] != "\\":
            depth += 1
        elif text[at] == pair[1] and text[at - 1 : at] != "\\":
            depth -= 1
            if depth == 0:
                return at + 1
    return place + 1


def _plain_latex(title: str) -> str:
    """A title without commands, keeping what they are about."""
    title = re.sub(r"\\(?:label|index|footnote|thanks)\{[^{}]{0,300}\}", "", title)
    title = re.sub(r"(?<!\\)%[^\n]*\n", "", title)
    title = re.sub(r"\\([&%$#_{}])", r"\1", title)
    title = re.sub(r"\\[a-zA-Z]{1,30}\*?[ \t]*", "", title)
    return re.sub(r"\\\\|[{}]|~", " ", title)


def org_headings(text: str) -> tuple[Anchor, ...]:
    """Stars before a title; not in blocks."""
    return anchored(_org(text))


def _org(text: str) -> Iterator[tuple[int, int, str]]:
    block = ""
    for start, line in lines_of(text):
        if "#+" in line[:40] and (found := _ORG_BLOCK.match(line)):
            if found[1].lower() == "begin":
                block = block or found[2].lower()
            elif found[2].lower() == block:
                block = ""
        elif not block and line.startswith("*") and (found := _ORG.match(line)):
            title = _ORG_TODO.sub("", _ORG_TAGS.sub("", found[2]), count=1)
            yield start, len(found[1]), title
