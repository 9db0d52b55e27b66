"""From the tree of an HTML or XHTML page to lines: one block a line, with headings and places.

Pages, chapters of e-books and HTML letters all come through here. What may live here: what each
element does to the flow of text. What must never be known here: which part of a page matters
(`html`), packages (`epub`), files. Pictures, scripts and links are never followed; a link is its
text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from longctx.formats.formulas import line_of
from longctx.formats.numbering import marker_of
from longctx.formats.tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from longctx.corpus import Anchor
    from longctx.formats.composing import Composition
    from longctx.formats.footnotes import Notes

Element = Any
"""An element of lxml, which has no types."""

BREAK = "\0"
_PAGE = "\x02"
"""Stand for a forced line end and a page's beginning; `trees` leaves no such character in."""
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_LINE_NUMBER = re.compile(r"\b(?:lnum|linenum(?:ber)?|line-num(?:ber)?)\b", re.I)
_PAGE_WORD = re.compile(r"(?:page|p\.|pg\.|seite|s\.)\s*(?=\S)", re.I)
_FORMAL = re.compile(r"[-−+]?\d{1,4}|n")
_PICTURE_NAME = re.compile(
    r"(?:cover|image|img|picture|photo|logo|icon|figure|illustration|decoration|ornament)?[\s\d_-]*"
    r"|[^\s]*\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?)",
    re.I,
)


def typed(element: Element) -> str:
    """What an element says it is for: its EPUB types, ARIA role and classes, in lower case."""
    said = (element.get("epub:type"), element.get("role"), element.get("class"))
    return " ".join(each.lower() for each in said if each)


def hidden(element: Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return bool(style and _HIDDEN.search(style))


class Flow:
    """Writes one page after the other into a composition."""

    def __init__(
        self,
        out: Composition,
        *,
        notes: Notes | None = None,
        places: Mapping[str, Iterable[Anchor]] | None = None,
        heading: Callable[[int, str], tuple[str, str, int] | None] | None = None,
        skipped: Callable[[Element], bool] = lambda element: False,
        quote: str = "",
    ) -> None:
        """`places`: anchors by the ids they begin at; only their kinds, labels and depths count.
        `heading`: the kind, label and depth of the anchor for a heading of level 1 to 6 and its
        text. `skipped`: elements to leave out. `quote`: put before each line of a quotation."""
        self._out = out
        self._notes = notes
        self._places = places or {}
        self._heading = heading or (lambda level, text: ("heading", text, level - 1))
        self._skipped = skipped
        self._quoting = quote
        self._quote = self._indent = self._marker = ""
        self._run: list[str] = []
        self._pages: list[str] = []
        self._captures = 0
        self._rule = False
        self._lists: list[Callable[[Element], str]] = []
        self.pictures = 0
        """Pictures met so far, whether or not they say what they show."""

    def write(self, element: Element) -> None:
        """The element and all within it."""
        self._flush()
        self._element(element)
        self._flush()
        self._rule = False

    # Text on its way to a line

    def _children(self, element: Element) -> None:
        run = self._run
        if element.text:
            run.append(element.text)
        for child in element:
            self._element(child)
            if child.tail:
                self._run.append(child.tail)

    def _element(self, element: Element) -> None:
        tag = element.tag
        if not isinstance(tag, str) or hidden(element) or self._skipped(element):
            return
        act = _ACTS.get(tag)
        if act is None and ":" in tag:
            act = _ACTS.get(tag.rpartition(":")[2])
        if act is not None:
            act(self, element)
            return
        self._begin(element)
        if _LINE_NUMBER.search(element.get("class") or ""):
            self._run.append(" ")  # it stands in the margin
        style = element.get("style")
        if style and "display:block" in style.replace(" ", ""):
            self._block(element)
        elif not self._is_page(element):
            self._children(element)

    def _flush(self) -> None:
        """End the block: what has run up becomes lines, then come the notes it refers to."""
        if self._captures:
            self._run.append(" ")
            return
        if self._run:
            text = _UNSEEN.sub("", "".join(self._run))
            self._run = []
            if BREAK in text or _PAGE in text:
                self._broken(text)
            else:
                self._line(" ".join(text.split()))
        if self._notes is not None:
            for label, note in self._notes.due():
                said = self._captured(note)
                self._out.line(f"{self._quote}{self._indent}{self._notes.line(label, said)}")

    def _broken(self, text: str) -> None:
        parts = text.split(_PAGE)
        for number, part in enumerate(parts):
            if number:
                self._out.anchor("page", self._pages.pop(0))
            if number + 1 < len(parts) and part[-1:].isalnum() and parts[number + 1][:1].isalnum():
                # A word over two pages stays whole, on the page where it began.
                word = parts[number + 1].split(maxsplit=1)[0].partition(BREAK)[0]
                part, parts[number + 1] = part + word, parts[number + 1][len(word) :]
            for line in part.split(BREAK):
                self._line(" ".join(line.split()))

    def _line(self, text: str) -> None:
        if not text:
            return
        if self._rule:
            self._rule = False
            self._out.line(f"{self._quote}---")
        indent, marker = self._indent, self._marker
        if marker:
            self._marker = ""
            indent = indent[: -len("  ")]
            doubled = text.startswith(marker.strip()) or (marker == "- " and text[0] in "•–*·‣▪◦")
            indent += "" if doubled else marker
        self._out.line(self._quote + indent + text)

    def _captured(self, element: Element) -> str:
        """All text within an element, as one line."""
        held, self._run = self._run, []
        self._captures += 1
        try:
            self._children(element)
            text = "".join(self._run)
        finally:
            self._captures -= 1
            self._run = held
        if count := text.count(_PAGE):
            for label in self._pages[-count:]:
                self._out.anchor("page", label)
            del self._pages[-count:]
        return " ".join(_UNSEEN.sub("", text).replace(BREAK, " ").replace(_PAGE, "").split())

    def _begin(self, element: Element) -> None:
        """Anchors that begin at this element."""
        if not self._places:
            return
        for name in {element.get("id"), element.get("name")}:
            for anchor in self._places.get(name, ()) if name else ():
                if anchor.kind == "page":
                    self._page(anchor.label)
                elif not self._captures:
                    self._out.anchor(anchor.kind, anchor.label, anchor.depth)

    def _page(self, label: str) -> None:
        if label in self._pages[-3:] or not label.strip():
            return
        if not self._captures and all(not part or part.isspace() for part in self._run):
            self._out.anchor("page", label)
        else:
            self._pages.append(label)
            self._run.append(_PAGE)

    def _is_page(self, element: Element) -> bool:
        """Whether the element only says that a page begins; its anchor is taken note of."""
        kind = element.get("epub:type") or element.get("role") or ""
        if "pagebreak" not in kind:
            return False
        said = element.get("title") or element.get("aria-label") or "".join(element.itertext())
        if len(said) <= 20:
            self._page(_PAGE_WORD.sub("", said.strip().rstrip("."), count=1))
            return True
        return False

    # What elements do

    def _block(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        if self._notes is not None and self._notes.moved(element):
            return
        if not self._is_page(element):
            self._children(element)
        self._flush()

    def _title(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        text = self._captured(element)
        if self._captures:
            self._run.append(f" {text} ")
            return
        if text:
            self._out.gap()
            found = self._heading(int(element.tag[-1]), text)
            if found is not None:
                self._out.anchor(*found)
            self._line(text)
        self._flush()

    def _break(self, element: Element) -> None:
        self._run.append(BREAK)

    def _ruler(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        if not self._is_page(element):
            self._rule = self._out.length > 0

    def _quotation(self, element: Element) -> None:
        self._flush()
        held = self._quote
        self._quote += self._quoting
        self._block(element)
        self._quote = held

    def _list(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        held = self._marker
        self._lists.append(marker_of(element))
        self._children(element)
        self._flush()
        self._lists.pop()
        self._marker = held

    def _item(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        marker = self._lists[-1](element) if self._lists else "- "
        if self._notes is not None and self._notes.moved(element):
            return
        if self._captures:
            self._run.append(f" {marker}")
            self._children(element)
            self._run.append(" ")
            return
        held, self._marker = self._indent, marker
        self._indent += "  " if marker else ""
        self._children(element)
        self._flush()
        self._indent, self._marker = held, ""

    def _meaning(self, element: Element) -> None:
        held = self._indent
        self._flush()
        self._indent += "  "
        self._block(element)
        self._indent = held

    def _verbatim(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        if self._captures:
            self._children(element)
            return
        held, self._run = self._run, []
        self._captures += 1
        self._children(element)
        self._captures -= 1
        text = "".join(self._run).replace(BREAK, "\n").replace(_PAGE, "")
        self._run = held
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
        self._out.gap()
        self._out.lines(text.strip("\n"))
        self._out.gap()

    def _table(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        rows = None if self._captures else rows_of(element, self._captured)
        if rows is None:
            self._children(element)
            self._flush()
            return
        for row in rows:
            self._line(row)
            self._flush()
        self._out.gap()

    def _picture(self, element: Element) -> None:
        self.pictures += 1
        self._begin(element)
        alt = " ".join((element.get("alt") or "").split())
        if len(alt) <= 2:
            self._run.append(alt)
        elif not _PICTURE_NAME.fullmatch(alt):
            self._run.append(f"[image: {alt}]")

    def _drawing(self, element: Element) -> None:
        self.pictures += 1
        for text in element.iter("text", "svg:text"):
            self._run.append(" " + " ".join("".join(text.itertext()).split()) + " ")

    def _link(self, element: Element) -> None:
        self._begin(element)
        if self._is_page(element):
            return
        if self._notes is not None:
            mark = self._notes.mark(element)
            if mark is not None:
                self._run.append(mark)
                return
        self._children(element)

    def _raised(self, element: Element) -> None:
        """`10<sup>6</sup>` must not become 106."""
        if not len(element) and _FORMAL.fullmatch((element.text or "").strip()):
            before = self._run[-1] if self._run else ""
            if before[-1:].isalnum() or before[-1:] == ")":
                self._run.append("^")
        self._begin(element)
        self._children(element)

    def _quoted(self, element: Element) -> None:
        self._run.append("“")
        self._children(element)
        self._run.append("”")

    def _reading(self, element: Element) -> None:
        self._run.append("(")
        self._children(element)
        self._run.append(")")

    def _formula(self, element: Element) -> None:
        self._run.append(f" {line_of(element)} ")

    def _nothing(self, element: Element) -> None:
        self._begin(element)

    def _dialog(self, element: Element) -> None:
        if element.get("open") is not None:
            self._block(element)


_BLOCKS = """address article aside body caption center details dir div dl dt fieldset figcaption
    figure footer form frameset header hgroup html legend main nav noframes p search section summary
    tbody td tfoot th thead tr option optgroup""".split()
_NOTHING = """script style template noscript button select textarea input datalist iframe audio
    video canvas case head title rp area embed link meta base param source track progress
    meter""".split()
_ACTS: dict[str, Callable[[Flow, Element], None]] = {
    **dict.fromkeys(_BLOCKS, Flow._block),
    **dict.fromkeys(_NOTHING, Flow._nothing),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Flow._title),
    **dict.fromkeys(("ul", "ol", "menu"), Flow._list),
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext"), Flow._verbatim),
    "br": Flow._break,
    "hr": Flow._ruler,
    "blockquote": Flow._quotation,
    "li": Flow._item,
    "dd": Flow._meaning,
    "table": Flow._table,
    "img": Flow._picture,
    "svg": Flow._drawing,
    "a": Flow._link,
    "sup": Flow._raised,
    "q": Flow._quoted,
    "rt": Flow._reading,
    "math": Flow._formula,
    "dialog": Flow._dialog,
}
