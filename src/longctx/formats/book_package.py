"""The package of an e-book: what it is called, which files are read in which order, what is locked.

See https://www.w3.org/TR/epub-33/#sec-package-doc for EPUB 3 and OPF 2.0.1 for EPUB 2. What must
never be known here: what chapters say. Real packages break the rules; what can be made out counts.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.charsets import markup_decoded
from longctx.formats.markup import parsed
from longctx.formats.trees import page_of

if TYPE_CHECKING:
    from longctx.formats.packages import Package

MOST = 20_000
"""Files of a book that are read."""
_OBFUSCATED = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""How fonts are scrambled, which locks nothing that is read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the reading order."""

    path: str
    linear: bool
    kind: str
    """Its media type."""


@dataclass(frozen=True, slots=True)
class Book:
    """What the package says of the book."""

    title: str
    """`Title — Creator`; empty where it has neither."""
    parts: tuple[Part, ...]
    nav: str
    """The path of the EPUB 3 contents; empty for none."""
    ncx: str
    """The path of the EPUB 2 contents; empty for none."""
    guide: tuple[tuple[str, str], ...]
    """Paths and titles of what EPUB 2 calls out: copyright page, dedication."""
    missing: tuple[str, ...]
    """Files of the reading order that are not in the package."""


def book_of(package: Package) -> Book:
    """The book in the package. Raises Refused where it is no book, or a locked one."""
    place = _root(package)
    tree, folder = tree_of(package.read(place)), posixpath.dirname(place)
    names = {name.lower(): name for name in package.names()}
    items: dict[str, Any] = {}
    for item in every(tree, "item"):
        if item.get("id") and item.get("href"):
            items.setdefault(item.get("id"), item)

    def path_of(item: Any) -> str:
        return resolved(folder, item.get("href"), names)

    parts: dict[str, Part] = {}
    missing: list[str] = []
    for reference in every(tree, "itemref"):
        item = _readable(items, reference.get("idref"))
        if item is None:
            continue
        path = path_of(item)
        if not package.has(path):
            missing.append(path)
        elif len(parts) < MOST:
            linear = (reference.get("linear") or "").lower() != "no"
            parts.setdefault(path, Part(path, linear, item.get("media-type") or ""))
    if not parts and not missing:
        pages = [item for item in items.values() if "html" in (item.get("media-type") or "")]
        parts = {
            path: Part(path, True, "application/xhtml+xml")
            for item in pages
            if package.has(path := path_of(item))
        }
    if not parts:
        raise Refused(Reason.DAMAGED, "no text of the book is in the package")
    _check_unlocked(package, set(parts))
    navs = [path_of(i) for i in items.values() if "nav" in (i.get("properties") or "").split()]
    ncxs = [path_of(i) for i in items.values() if "ncx" in (i.get("media-type") or "")]
    guide = [
        (resolved(folder, each.get("href"), names), each.get("title") or "")
        for guide in every(tree, "guide")
        for each in every(guide, "reference")
        if each.get("href")
    ]
    return Book(
        _title(tree),
        tuple(parts.values()),
        next(filter(package.has, navs), ""),
        next(filter(package.has, ncxs), ""),
        tuple(guide),
        tuple(dict.fromkeys(missing)),
    )


def tree_of(data: bytes) -> Any:
    """The root of some XML; read as leniently as HTML where it is no sound XML."""
    try:
        return parsed(data)
    except Refused as refused:
        if refused.reason is not Reason.DAMAGED:
            raise
    root = page_of(markup_decoded(data)).root
    if root is None:
        raise Refused(Reason.DAMAGED, "the book's package cannot be read")
    return root


def every(tree: Any, name: str) -> list[Any]:
    """All elements of this name, whatever their namespace and case."""
    return [each for each in tree.iter() if isinstance(each.tag, str) and local(each) == name]


def local(element: Any) -> str:
    tag: str = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def resolved(folder: str, href: str, names: dict[str, str]) -> str:
    """The member that a reference from this folder leads to, without its fragment; `names` maps
    names in lower case to names."""
    for said in (unquote(href.partition("#")[0]), href.partition("#")[0]):
        path = posixpath.normpath(posixpath.join(folder, said.replace("\\", "/")))
        if (found := names.get(path.lower())) is not None:
            return found
    return path


def _root(package: Package) -> str:
    """Where the package document is."""
    if package.has("META-INF/container.xml"):
        for each in every(tree_of(package.read("META-INF/container.xml")), "rootfile"):
            path = unquote(each.get("full-path") or "")
            if package.has(path):
                return path
    for name in package.names():
        if name.lower().endswith(".opf"):
            return name
    raise Refused(Reason.DAMAGED, "it has no package document")


def _readable(items: dict[str, Any], name: str | None) -> Any | None:
    """The item of this id, or what it falls back to where it is no page."""
    for _ in range(5):
        item = items.get(name or "")
        if item is None:
            return None
        kind = item.get("media-type") or ""
        if "html" in kind or "xml" in kind or not item.get("fallback"):
            return item
        name = item.get("fallback")
    return None


def _title(tree: Any) -> str:
    said = {
        name: list(dict.fromkeys(filter(None, map(_line, every(tree, name)))))
        for name in ("title", "creator")
    }
    return " — ".join(filter(None, ("".join(said["title"][:1]), ", ".join(said["creator"][:5]))))


def _line(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _check_unlocked(package: Package, paths: set[str]) -> None:
    if not package.has("META-INF/encryption.xml"):
        return
    names = {name.lower(): name for name in package.names()}
    for data in every(tree_of(package.read("META-INF/encryption.xml")), "encrypteddata"):
        methods = [each for each in data if local(each) == "encryptionmethod"]
        if any((each.get("Algorithm") or each.get("algorithm")) in _OBFUSCATED for each in methods):
            continue
        for each in every(data, "cipherreference"):
            uri = each.get("URI") or each.get("uri") or ""
            if resolved("", uri, names) in paths:
                raise Refused(Reason.LOCKED, "protected against copying (DRM)")
