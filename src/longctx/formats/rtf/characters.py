"""From bytes to characters: fonts and their code pages, and signs that have words.

Follows the specification 1.9.1, `Character Set` and `Font Table`. What must never be known here:
groups and paragraphs.
"""

from __future__ import annotations

import codecs

from longctx.formats import symbols

SIGNS = {
    "tab": "\t", "line": "\n", "~": "\u00a0", "_": "-", "emdash": "—", "endash": "–",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "emspace": " ", "enspace": " ", "qmspace": " ", "zwj": "\u200d", "zwnj": "\u200c",
    "softline": "\n",
}  # fmt: skip

_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""By charset of the font; the document's own page where nothing is said."""
_OTHER_PAGES = {936: "gbk", 10000: "mac_roman", 65001: "utf-8", 1361: "johab"}
SYMBOLS = 2
"""The charset of fonts that hold pictures."""


def page(number: int) -> str | None:
    """The encoding of a code page; None for unknown ones."""
    if number in _OTHER_PAGES:
        return _OTHER_PAGES[number]
    try:
        codecs.lookup(f"cp{number}")
    except LookupError:
        return None
    return f"cp{number}"


class Fonts:
    """What encoding the bytes of each font are in."""

    def __init__(self) -> None:
        self.default = "cp1252"
        self.first = 0
        """The font of what names none."""
        self._pages: dict[int, str] = {}
        self._symbols: dict[int, str] = {}

    def charset(self, font: int, charset: int) -> None:
        if charset == SYMBOLS:
            self._symbols[font] = ""
        elif charset in _PAGES:
            self._pages[font] = _PAGES[charset]

    def named(self, font: int, name: str) -> None:
        if font in self._symbols or name.lower() == "symbol" or "dings" in name.lower():
            self._symbols[font] = name

    def text(self, data: bytes, font: int | None) -> str:
        """The characters of these bytes in a font."""
        font = self.first if font is None else font
        if font in self._symbols and not data.isspace():
            name = self._symbols[font] or "symbol"
            return "".join(symbols.sign(name, f"{byte:x}") for byte in data)
        return data.decode(self._pages.get(font, self.default), "replace")
