"""Reads a file token by token into paragraphs.

Follows the specification 1.9.1. Whatever is not known here is passed over, as it asks of readers.
What must never be known here: how lines and anchors come about.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.flow import Flow, Kind
from longctx.formats.numbers.counting import roman
from longctx.formats.rtf.characters import SIGNS, Fonts, page
from longctx.formats.rtf.groups import DEEPEST, DESTINATIONS, SHOWN, Group, To
from longctx.formats.rtf.paragraphs import Paragraph, Style, Writer
from longctx.formats.rtf.tokens import Brace, Word, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

_STYLES_DEEP = 30
_LONGEST = 60
"""Characters of an author's name."""


class Reader:
    """One pass over one file."""

    def __init__(self, *, revisions: bool) -> None:
        self.out = Flow(wants_title=True)
        self.title = ""
        self.running: list[str] = []
        self._revisions = revisions
        self._fonts = Fonts()
        self._styles: dict[int, Style] = {}
        self._authors: list[str] = []
        self._author = ""
        self._groups = [Group()]
        self._writers = [Writer(self.out)]
        self._captured: list[str] = []
        self._bytes = b""
        self._skip = 0
        self._star = False
        self._notes = {"footnote": 0, "endnote": 0}
        self._style = 0
        """The style, and the font, that is being defined."""
        self._font = 0

    def read(self, data: bytes) -> None:
        """Read the whole file."""
        for token in tokens(data):
            if isinstance(token, bytes):
                self._text(token)
            elif isinstance(token, Brace):
                self._flush()
                self._skip = 0
                self._open() if token is Brace.OPEN else self._close()
            else:
                self._word(token)
        self._flush()
        while len(self._groups) > 1:
            self._close()
        self._writers[0].close(self._kind())

    def _open(self) -> None:
        if len(self._groups) > DEEPEST:
            raise Refused(Reason.LIMIT, "it is nested too deeply")
        group = replace(self._groups[-1], begins=False)
        self._groups.append(group)
        if group.to is To.STYLES:
            self._style = 0  # of the style that names none

    def _close(self) -> None:
        if len(self._groups) == 1:
            return
        group = self._groups.pop()
        self._star = False
        if group.begins:
            self._end(group)
        elif group.to is To.AUTHORS and self._captured:
            self._authors.append(_name("".join(self._captured)))
            self._captured.clear()
        elif group.to in (To.FONTS, To.STYLES):
            self._defined(group.to)

    def _text(self, data: bytes) -> None:
        self._star = False
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if self._groups[-1].to is not To.NOWHERE:
            self._bytes += data

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = self._bytes, b""
            self._say(self._fonts.text(data, self._groups[-1].font))

    def _say(self, text: str) -> None:
        group = self._groups[-1]
        if group.to in (To.NOWHERE, To.EITHER) or group.hidden:
            return
        if group.to is To.NUMBER:
            self._writers[-1].number.append(text)
        elif group.to in (To.TEXT, To.NOTE, To.COMMENT, To.RUNNING):
            self._write(text, group)
        else:
            self._captured.append(text)

    def _write(self, text: str, group: Group) -> None:
        change = ""
        if group.deleted and not self._revisions:
            return
        if self._revisions and (group.deleted or group.inserted):
            number = group.deleted_by if group.deleted else group.inserted_by
            known = 0 <= number < len(self._authors)
            author = self._authors[number] if known else "someone"
            change = f"{'deleted' if group.deleted else 'inserted'} by {author}"
        self._writers[-1].pieces.append((text, change))

    def _word(self, word: Word) -> None:
        name, value = word.name, word.value
        if self._skip and name not in ("u", "uc"):
            self._skip -= 1
            return
        if name == "*":
            self._star = True
            return
        self._flush()
        starred, self._star = self._star, False
        group = self._groups[-1]
        if name in DESTINATIONS or (starred and name not in SHOWN):
            self._begin(DESTINATIONS.get(name, To.NOWHERE), group)
        elif self._is_shown(name, group):
            group.to = To.TEXT
        elif name in SIGNS:
            self._say(SIGNS[name])
        elif name == "u" and value is not None:
            self._say(chr(value & 0xFFFF))
            self._skip = group.skip
        elif name in _ACTIONS:
            _ACTIONS[name](self, 1 if value is None else value)

    def _is_shown(self, name: str, group: Group) -> bool:
        """Whether this is the one group that is shown of one that is not."""
        if name == "ud":
            return group.to is To.EITHER
        outer = self._groups[-3].to if len(self._groups) > 2 else To.NOWHERE
        return name == "result" and group.to is To.NOWHERE and outer is To.TEXT

    def _begin(self, to: To, group: Group) -> None:
        if group.to is To.NOWHERE and to is not To.TITLE:
            return
        group.to, group.begins = to, True
        if to in (To.NOTE, To.COMMENT, To.RUNNING):
            self._writers.append(Writer(Flow(is_inner=True)))
        if to is not To.NOWHERE:
            self._captured.clear()

    def _end(self, group: Group) -> None:
        """Put to use what a destination held."""
        if group.to is To.NOWHERE:
            return
        said = "".join(self._captured).strip()
        match group.to:
            case To.NOTE:
                self._note(self._written(), "endnote" if group.is_endnote else "footnote")
            case To.COMMENT:
                text = " ".join(self._written().lines.text.split())
                if self._revisions and text:
                    said = f"[comment by {self._author or 'someone'}: {text}]"
                    self._writers[-1].pieces.append((said, ""))
                self._author = ""
            case To.RUNNING:
                self.running.append(" ".join(self._written().lines.text.split()))
            case To.AUTHOR:
                self._author = _name(said)
            case To.TITLE:
                self.title = said
        self._captured.clear()

    def _written(self) -> Flow:
        writer = self._writers.pop()
        writer.close(Kind())
        return writer.flow

    def _note(self, note: Flow, kind: str) -> None:
        self._notes[kind] += 1
        count = self._notes[kind]
        mark = f"[^{count if kind == 'footnote' else roman(count)}]"
        group = self._groups[-1]
        if group.to is not To.NOWHERE and not (group.deleted and not self._revisions):
            self._writers[-1].pieces.append((mark, ""))
            self._writers[-1].note(mark, note)

    def _defined(self, to: To) -> None:
        """A font or a style was named."""
        name = "".join(self._captured).strip().rstrip(";").strip()
        self._captured.clear()
        if to is To.FONTS:
            self._fonts.named(self._font, name)
        else:
            self._styles.setdefault(self._style, Style()).name = name

    def _kind(self) -> Kind:
        """What the paragraph at hand is."""
        writer = self._writers[-1]
        here = writer.paragraph
        outline, is_title = here.outline, False
        number = here.style
        for _ in range(_STYLES_DEEP):
            style = self._styles.get(number) if number is not None else None
            if style is None:
                break
            outline = style.outline if outline is None else outline
            is_title = is_title or style.name.lower() == "title"
            number = style.based_on
        if outline is not None and not 0 <= outline < 9:
            outline = None
        return Kind(writer.counted(), outline, is_title)

    def _paragraph(self, value: int) -> None:
        if self._groups[-1].to is To.FONTS:
            return
        if self._groups[-1].to in (To.TEXT, To.NOTE, To.COMMENT, To.RUNNING):
            if self._groups[-1].deleted and not self._revisions:
                return  # an end that is deleted: the next paragraph goes on here
            self._writers[-1].end_paragraph(self._kind())

    def _end_cell(self, value: int) -> None:
        if self._groups[-1].to is To.TEXT:
            self._writers[-1].end_cell(self._kind())

    def _end_row(self, value: int) -> None:
        if self._groups[-1].to is To.TEXT:
            self._writers[-1].end_row()

    def _fresh_paragraph(self, value: int) -> None:
        self._writers[-1].paragraph = Paragraph()

    def _of_style(self, value: int) -> None:
        if self._groups[-1].to is To.STYLES:
            self._style = value
        else:
            self._writers[-1].paragraph.style = value

    def _outline(self, value: int) -> None:
        if self._groups[-1].to is To.STYLES:
            self._styles.setdefault(self._style, Style()).outline = value
        else:
            self._writers[-1].paragraph.outline = value

    def _based_on(self, value: int) -> None:
        if self._groups[-1].to is To.STYLES and value != self._style:
            self._styles.setdefault(self._style, Style()).based_on = value

    def _of_font(self, value: int) -> None:
        if self._groups[-1].to is To.FONTS:
            self._font = value
        else:
            self._groups[-1].font = value

    def _charset(self, value: int) -> None:
        self._fonts.charset(self._font, value)

    def _page(self, value: int) -> None:
        self._fonts.default = page(value) or self._fonts.default

    def _set(self, **properties: int) -> None:
        for name, value in properties.items():
            setattr(self._groups[-1], name, value)

    def _in_table(self, value: int) -> None:
        self._writers[-1].paragraph.in_table = value != 0

    def _of_list(self, value: int) -> None:
        self._writers[-1].paragraph.list = value

    def _of_level(self, value: int) -> None:
        self._writers[-1].paragraph.level = min(max(value, 0), 8)

    def _default_font(self, value: int) -> None:
        self._fonts.first = value


def _name(said: str) -> str:
    return " ".join(said.replace(";", " ").split())[:_LONGEST]


_ACTIONS: dict[str, Callable[[Reader, int], None]] = {
    **dict.fromkeys(["par", "\r", "\n", "sect"], Reader._paragraph),
    "cell": Reader._end_cell,
    "row": Reader._end_row,
    "nestcell": lambda reader, value: reader._say(" | "),
    "nestrow": lambda reader, value: reader._say("\n"),
    "pard": Reader._fresh_paragraph,
    "s": Reader._of_style,
    "outlinelevel": Reader._outline,
    "sbasedon": Reader._based_on,
    "f": Reader._of_font,
    "deff": Reader._default_font,
    "fcharset": Reader._charset,
    "ansicpg": Reader._page,
    "mac": lambda reader, value: reader._page(10000),
    "pc": lambda reader, value: reader._page(437),
    "pca": lambda reader, value: reader._page(850),
    "uc": lambda reader, value: reader._set(skip=min(max(value, 0), 100)),
    "plain": lambda reader, value: reader._groups[-1].plain(),
    "v": lambda reader, value: reader._set(hidden=value != 0),
    "deleted": lambda reader, value: reader._set(deleted=value != 0),
    "revised": lambda reader, value: reader._set(inserted=value != 0),
    "revauth": lambda reader, value: reader._set(inserted_by=value),
    "revauthdel": lambda reader, value: reader._set(deleted_by=value),
    "ftnalt": lambda reader, value: reader._set(is_endnote=True),
    "intbl": Reader._in_table,
    "ls": Reader._of_list,
    "ilvl": Reader._of_level,
}
