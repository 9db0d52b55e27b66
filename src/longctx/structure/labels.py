"""What clauses are called: the full path, as lawyers cite it in English and German.

What may live here: how numbers are joined. What must never be known here: how they were found.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from longctx.corpus import Anchor

if TYPE_CHECKING:
    from longctx.structure.containers import Part
    from longctx.structure.outlining import Node, Outline

_PARAS = {
    "Schedule": "para ", "Annex": "para ", "Appendix": "para ", "Anlage": "Nr. ", "Anhang": "Nr. ",
}  # fmt: skip
"""What stands before a plain number in such a part."""
_GERMAN_TOPS = ("§", "Art.", "Artikel")


def labels_of(outline: Outline, part: Part, german: bool) -> list[Anchor]:
    """The clauses of one part as anchors."""
    below = 1 if part.label else 0
    twice = Counter(_own(node) for node in outline.nodes if node.role != "item")
    path: list[tuple[int, str, Node]] = []
    """The clauses that are open: depth, label, node."""
    found = []
    for node in outline.nodes:
        while path and path[-1][0] >= node.depth:
            path.pop()
        label = _label(node, path, part, german, twice[_own(node)] > 1)
        path.append((node.depth, label, node))
        found.append(Anchor(node.mark.start, "clause", label, node.depth + below))
    return found


def _own(node: Node) -> str:
    return (
        node.mark.text if node.mark.style in ("1", "A.") else f"{node.mark.style} {node.mark.text}"
    )


def _label(
    node: Node, path: list[tuple[int, str, Node]], part: Part, german: bool, repeated: bool
) -> str:
    if node.role == "item":
        return _item(node, path, german)
    own = _own(node)
    above = path[-1] if path else None
    # A number that says where it is needs no path, unless another of the same stands elsewhere.
    outer = part.label
    if above is not None and (repeated or outer):
        for _, label, opened in reversed(path):
            nested = opened.role == "group" or len(opened.mark.numbers) >= len(node.mark.numbers)
            if repeated and nested:
                outer = label
                break
    if not outer:
        return own
    if node.mark.style in ("1", "A."):
        return f"{outer} {_PARAS.get(part.word, '')}{own}"
    return f"{outer} {own}"


def _item(node: Node, path: list[tuple[int, str, Node]], german: bool) -> str:
    _, label, above = path[-1]
    style, text = node.mark.style, node.mark.text
    if style == "Absatz":
        return f"{label} Abs. {text}"
    formal = german and any(each.mark.style in _GERMAN_TOPS for _, _, each in path)
    if formal and style == "(1)":
        return f"{label} Abs. {text}"
    if formal and style in ("1", "1)"):
        return f"{label} Nr. {text}"
    if german and style == "a)":
        return f"{label} {text}" if above.mark.style == "a)" else f"{label} lit. {text}"
    if style in ("a.", "A."):
        return f"{label}.{text}"
    return f"{label}({text})"
