"""What the three formats of Office Open XML share: parts, relationships, core properties.

Follows ECMA-376 part 2 (packages). What must never be known here: what a document, a slide or a
sheet looks like inside.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.markup import parsed
from longctx.formats.packages import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W),
    (b"http://purl.oclc.org/ooxml/drawingml/main", A),
    (b"http://purl.oclc.org/ooxml/presentationml/main", P),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", S),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", M),
)
"""Namespaces of strict documents, and the ones that nearly all documents use for the same."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a part points to; what lies outside of the package has no target."""

    kind: str
    """The last word of its type: `footnotes`, `slide`, `worksheet`."""
    target: str


class Parts:
    """The parts of one package by name, as XML. Raises as Package does."""

    def __init__(self, data: bytes) -> None:
        self.package = Package(data)

    def main(self, *usual: str) -> str:
        """The part that everything hangs on; where nothing says, the first of the usual names."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and self.package.has(relation.target):
                return relation.target
        for name in usual:
            if self.package.has(name):
                return name
        raise Refused(Reason.DAMAGED, "the package holds no document")

    def read(self, name: str) -> bytes:
        """The part as XML, in the namespaces that nearly all documents use."""
        return _usual(self.package.read(name))

    def root(self, name: str) -> _Element:
        return parsed(self.read(name))

    def found(self, name: str | None) -> _Element | None:
        """The part's root; None where it is missing or damaged, for parts that matter less."""
        if name is None or not self.package.has(name):
            return None
        try:
            return self.root(name)
        except Refused as refused:
            if refused.reason is Reason.LIMIT:
                raise
            return None

    def relations(self, part: str) -> dict[str, Relation]:
        """Where the part points to, by id; of the package itself for the empty name."""
        folder, _, name = part.rpartition("/")
        root = self.found(posixpath.join(folder, "_rels", f"{name}.rels"))
        relations: dict[str, Relation] = {}
        for each in () if root is None else root:
            kind = (each.get("Type") or "").rpartition("/")[2]
            outside = each.get("TargetMode") == "External"
            target = "" if outside else _within(folder, each.get("Target") or "")
            relations[each.get("Id") or ""] = Relation(kind, target)
        return relations

    def title(self) -> str:
        """The title in the core properties, if any."""
        for relation in self.relations("").values():
            if relation.kind == "core-properties":
                root = self.found(relation.target)
                return ("" if root is None else root.findtext(_TITLE) or "").strip()
        return ""


def first_of(relations: dict[str, Relation], kind: str) -> str | None:
    """The target of the first relation of a kind."""
    return next((each.target for each in relations.values() if each.kind == kind), None)


def number(value: str | None, otherwise: int = 0) -> int:
    """An attribute as a number; what is none, or absurd, counts as not given."""
    try:
        found = int(value or "")
    except ValueError:
        return otherwise
    return found if abs(found) < 1 << 31 else otherwise


def switched_on(element: _Element | None, value: str) -> bool:
    """Whether a property is set (ECMA-376 part 1, 17.17.4): absent is off, without a value on."""
    return element is not None and element.get(value, "1") not in ("0", "false", "off")


def alternatives(element: _Element) -> list[_Element]:
    """The content of mc:AlternateContent that counts: the first choice, else the fallback."""
    for tag in ("Choice", "Fallback"):
        chosen = element.find(MC + tag)
        if chosen is not None:
            return list(chosen)
    return []


def _within(folder: str, target: str) -> str:
    path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(path)


def _usual(data: bytes) -> bytes:
    if b"http://purl.oclc.org/ooxml/" in data:
        for strict, usual in _STRICT:
            data = data.replace(strict, usual.strip("{}").encode())
    return data
