"""Signs from fonts that hold pictures in place of letters, as characters anyone can read.

After the code charts of the fonts Symbol and Wingdings. What must never be known here: documents.
"""

from __future__ import annotations

_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "❑", 0x78: "☒", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_SYMBOL = {
    0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥",
    0xB4: "×", 0xB7: "•", 0xB9: "≠", 0xBB: "≈", 0xBC: "…", 0xC5: "⊕", 0xC6: "∅", 0xCE: "∈",
    0xD2: "®", 0xD3: "©", 0xD4: "™", 0xD6: "√", 0xDE: "⇒", 0xE5: "∑",
    **{0x41 + i: sign for i, sign in enumerate(_GREEK)},
    **{0x61 + i: sign.lower() for i, sign in enumerate(_GREEK)},
}  # fmt: skip


def sign(font: str, code: str) -> str:
    """The character for a code (hexadecimal, in the private use area or not) of a font; a box where
    nobody knows it."""
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    value = value - 0xF000 if 0xF000 <= value <= 0xF0FF else value
    table = _SYMBOL if font.lower() == "symbol" else _WINGDINGS if "dings" in font.lower() else {}
    if value in table:
        return table[value]
    if table and value < 0x100:
        return "□"
    return chr(value) if 0x20 <= value < 0xD800 or 0xF900 <= value < 0x110000 else "□"
