"""Formulas in MathML as one line: `(-b ± √(b^2 - 4 a c))/(2 a)`.

A line that only strings the symbols together would make b2 of a square and lose every fraction. See
https://www.w3.org/TR/mathml-core/. What must never be known here: where formulas stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 100
"""Elements within each other; what is deeper is strung together."""
_UNSEEN = {"\u2061": "", "\u2062": "", "\u2063": "", "\u2064": ""}
"""Applying, multiplying, separating and adding, none of which is printed."""


def line_of(formula: Any) -> str:
    """The formula; as TeX where its author gave it so."""
    for said in formula.iter("annotation"):
        if "tex" in (said.get("encoding") or "") and (said.text or "").strip():
            return " ".join(said.text.split())
    written = _row(formula, 0) or formula.get("alttext") or ""
    return " ".join(written.split())


def _written(element: Any, depth: int) -> str:
    if not isinstance(element.tag, str) or element.tag.startswith("annotation"):
        return ""
    if not len(element) or depth > DEEPEST:
        text = "".join(element.itertext()).strip()
        return "".join(_UNSEEN.get(each, each) for each in text)
    act = _ACTS.get(element.tag.rpartition(":")[2])
    parts = [each for each in element if isinstance(each.tag, str)]
    if act is None or len(parts) < 2:
        inner = _row(element, depth)
        return f"√{_held(inner)}" if element.tag.endswith("msqrt") else inner
    return act([_written(each, depth + 1) for each in parts])


def _row(element: Any, depth: int) -> str:
    return " ".join(filter(None, (_written(each, depth + 1) for each in element)))


def _held(said: str) -> str:
    return said if len(said) <= 1 or said.isalnum() else f"({said})"


_ACTS: dict[str, Callable[[list[str]], str]] = {
    "mfrac": lambda parts: f"{_held(parts[0])}/{_held(parts[1])}",
    "msup": lambda parts: f"{_held(parts[0])}^{_held(parts[1])}",
    "mover": lambda parts: f"{_held(parts[0])}^{_held(parts[1])}",
    "msub": lambda parts: f"{_held(parts[0])}_{_held(parts[1])}",
    "munder": lambda parts: f"{_held(parts[0])}_{_held(parts[1])}",
    "msubsup": lambda parts: f"{_held(parts[0])}_{_held(parts[1])}^{_held(parts[-1])}",
    "munderover": lambda parts: f"{_held(parts[0])}_{_held(parts[1])}^{_held(parts[-1])}",
    "mroot": lambda parts: f"root({parts[0]}, {parts[1]})",
    "msqrt": lambda parts: f"√({' '.join(filter(None, parts))})",
    "mtable": lambda parts: "; ".join(parts),
    "mtr": lambda parts: ", ".join(parts),
}
