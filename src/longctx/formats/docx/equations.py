"""Formulas in a line of text: `(a+b)/(2c)`, `x^2`, `a_i`.

Follows ECMA-376 part 1, 22.1. What must never be known here: the paragraphs they stand in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.formats.ooxml import M

if TYPE_CHECKING:
    from lxml.etree import _Element

_JOINTS = {"f": ("num", "/", "den"), "sSup": ("e", "^", "sup"), "sSub": ("e", "_", "sub")}


def equation(element: _Element) -> str:
    """The formula's text."""
    name = element.tag.removeprefix(M) if isinstance(element.tag, str) else ""
    if name == "t":
        return element.text or ""
    if name in _JOINTS:
        first, joint, second = _JOINTS[name]
        return _grouped(element.find(M + first)) + joint + _grouped(element.find(M + second))
    text = "".join(equation(child) for child in element)
    if name == "rad":
        return f"√({text})"
    return f"({text})" if name == "d" else text


def _grouped(element: _Element | None) -> str:
    text = "" if element is None else equation(element)
    return f"({text})" if len(text) > 1 and not text.isalnum() else text
