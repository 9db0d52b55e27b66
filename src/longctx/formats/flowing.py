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
from longctx.formats.running import BREAK, Run
from longctx.formats.tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from longctx.corpus import Anchor
    from longctx.formats.composing import Composition
    from longctx.formats.footnotes import Notes

Element = Any
"""An element of lxml, which has no types."""

DEEPEST = 150
"""Elements within each other that are told apart: each takes some frames of Python's stack."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_LINE_NUMBER = re.compile(r"\b(?:lnum|linenum(?:ber)?|line-num(?:ber)?)\b", re.I)
_PAGE_WORD = re.compile(r"(?:page|p\.|pg\.|seite|s\.)\s*(?=\S)", re.I)
_FORMAL = re.compile(r"[-−+]?\d{1,4}|n")
_PICTURE_NAME = re.compile(
    r"(?:cover|image|img|picture|photo|logo|icon|figure|illustration|decoration|ornament)?[\s\d_-]*"
    r"|[^\s]*\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?)",
    re.I,
)


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
        self._run = Run(out)
        self._depth = 0
        self._lists: list[Callable[[Element], str]] = []
        self.pictures = 0
        """Pictures met so far, whether or not they say what they show."""

    def write(self, element: Element) -> None:
        """The element and all within it."""
        self._flush()
        self._element(element)
        self._flush()
        self._run.rule = False

    # Text on its way to a line

    def _children(self, element: Element) -> None:
        run = self._run
        if element.text:
            run.add(element.text)
        for child in element:
            self._element(child)
            if child.tail:
                run.add(child.tail)

    def _element(self, element: Element) -> None:
        tag = element.tag
        if not isinstance(tag, str) or hidden(element) or self._skipped(element):
            return
        if self._depth > DEEPEST:
            self._run.add(f" {' '.join(element.itertext())} ")
            return
        self._depth += 1
        self._act(element, tag)
        self._depth -= 1

    def _act(self, element: Element, tag: str) -> None:
        act = _ACTS.get(tag)
        if act is None and ":" in tag:
            act = _ACTS.get(tag.rpartition(":")[2])
        if act is not None:
            act(self, element)
            return
        self._begin(element)
        if _LINE_NUMBER.search(element.get("class") or ""):
            self._run.add(" ")  # it stands in the margin
        style = element.get("style")
        if style and "display:block" in style.replace(" ", ""):
            self._block(element)
        elif not self._is_page(element):
            self._children(element)

    def _flush(self) -> None:
        """End the block, after which come the notes that it refers to."""
        run = self._run
        run.end()
        if self._notes is not None and not run.captures:
            for label, note in self._notes.due():
                said = self._captured(note)
                self._out.line(f"{run.quote}{run.indent}{self._notes.line(label, said)}")

    def _captured(self, element: Element) -> str:
        """All text within an element, as one line."""
        return self._run.captured(lambda: self._children(element))

    def _begin(self, element: Element) -> None:
        """Anchors that begin at this element."""
        if not self._places:
            return
        for name in dict.fromkeys((element.get("id"), element.get("name"))):
            for anchor in self._places.get(name, ()) if name else ():
                if anchor.kind == "page":
                    self._run.page(anchor.label)
                elif not self._run.captures:
                    self._out.anchor(anchor.kind, anchor.label, anchor.depth)

    def _is_page(self, element: Element) -> bool:
        """Whether the element only says that a page begins; its anchor is taken note of."""
        kind = element.get("epub:type") or element.get("role") or ""
        if "pagebreak" not in kind:
            return False
        said = element.get("title") or element.get("aria-label") or "".join(element.itertext())
        if len(said) <= 20:
            self._run.page(_PAGE_WORD.sub("", said.strip().rstrip("."), count=1))
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
        if self._run.captures:
            self._run.add(f" {text} ")
            return
        if text:
            self._out.gap()
            found = self._heading(int(element.tag[-1]), text)
            if found is not None:
                self._out.anchor(*found)
            self._run.line(text)
        self._flush()

    def _break(self, element: Element) -> None:
        self._run.add(BREAK)

    def _ruler(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        if not self._is_page(element):
            self._run.rule = self._out.length > 0

    def _quotation(self, element: Element) -> None:
        self._flush()
        held = self._run.quote
        self._run.quote += self._quoting
        self._block(element)
        self._run.quote = held

    def _list(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        held = self._run.marker
        self._lists.append(marker_of(element))
        self._children(element)
        self._flush()
        self._lists.pop()
        self._run.marker = held

    def _item(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        marker = self._lists[-1](element) if self._lists else "- "
        if self._notes is not None and self._notes.moved(element):
            return
        if self._run.captures:
            self._run.add(f" {marker}")
            self._children(element)
            self._run.add(" ")
            return
        held, self._run.marker = self._run.indent, marker
        self._run.indent += "  " if marker else ""
        self._children(element)
        self._flush()
        self._run.indent, self._run.marker = held, ""

    def _meaning(self, element: Element) -> None:
        held = self._run.indent
        self._flush()
        self._run.indent += "  "
        self._block(element)
        self._run.indent = held

    def _verbatim(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        if self._run.captures:
            self._children(element)
            return
        text = self._run.raw(lambda: self._children(element))
        self._out.gap()
        self._out.lines(text.replace("\xa0", " ").strip("\n"))
        self._out.gap()

    def _table(self, element: Element) -> None:
        self._flush()
        self._begin(element)
        rows = None if self._run.captures else rows_of(element, self._captured)
        if rows is None:
            self._children(element)
            self._flush()
            return
        for row in rows:
            self._run.line(row)
            self._flush()
        self._out.gap()

    def _picture(self, element: Element) -> None:
        self.pictures += 1
        self._begin(element)
        alt = " ".join((element.get("alt") or "").split())
        if len(alt) <= 2:
            self._run.add(alt)
        elif not _PICTURE_NAME.fullmatch(alt):
            self._run.add(f"[image: {alt}]")

    def _drawing(self, element: Element) -> None:
        self.pictures += 1
        for text in element.iter("text", "svg:text"):
            self._run.add(" " + " ".join("".join(text.itertext()).split()) + " ")

    def _link(self, element: Element) -> None:
        self._begin(element)
        if self._is_page(element):
            return
        if self._notes is not None:
            mark = self._notes.mark(element)
            if mark is not None:
                self._run.add(mark)
                return
        self._children(element)

    def _raised(self, element: Element) -> None:
        """`10<sup>6</sup>` must not become 106."""
        if not len(element) and _FORMAL.fullmatch((element.text or "").strip()):
            before = self._run.last()
            if before.isalnum() or before == ")":
                self._run.add("^")
        self._begin(element)
        self._children(element)

    def _quoted(self, element: Element) -> None:
        self._run.add("“")
        self._children(element)
        self._run.add("”")

    def _reading(self, element: Element) -> None:
        self._run.add("(")
        self._children(element)
        self._run.add(")")

    def _formula(self, element: Element) -> None:
        self._run.add(f" {line_of(element)} ")

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
