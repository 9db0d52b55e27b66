"""From what a file imports to the files that it means.

What may live here: how paths match. What must never be known here: languages, texts.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DEEPEST = 5
"""Last parts of a path that are compared."""
MOST = 4
"""Files that one import may mean, such as those of a Go package, before it says nothing."""
PACKAGE = 30
"""Files of a folder that is imported as one package."""

_INDEXES = frozenset({"__init__", "index", "mod", "lib", "main", "package"})
_ROOTS = ("", "src", "lib", "include", "app")


class Imports:
    """The files of one corpus by the ends of their paths."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._folders = [path.rpartition("/")[0] for path in paths]
        self._ends: dict[str, list[int]] = {}
        self._packages: dict[str, list[int]] = {}
        self._whole: dict[str, int] = {}
        self._known: dict[tuple[str, str], tuple[int, ...]] = {}
        for number, path in enumerate(paths):
            folder = self._folders[number]
            name = path[len(folder) + 1 if folder else 0 :]
            stem = name.rsplit(".", 1)[0] if "." in name.lstrip(".") else name
            whole = folder if stem in _INDEXES and folder else f"{folder}/{stem}".lstrip("/")
            parts = whole.split("/")
            for start in range(max(0, len(parts) - DEEPEST), len(parts)):
                self._ends.setdefault("/".join(parts[start:]), []).append(number)
            if name.endswith(".go"):
                parts = folder.split("/")
                for start in range(max(0, len(parts) - DEEPEST), len(parts)):
                    self._packages.setdefault("/".join(parts[start:]), []).append(number)
            self._whole.setdefault(whole, number)
            self._whole.setdefault(path.rsplit(".", 1)[0], number)

    def meant(self, number: int, spec: str) -> tuple[int, ...]:
        """The files that file `number` means by `spec`."""
        folder = self._folders[number]
        key = (folder, spec)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._found(folder, spec)
        return known

    def _found(self, folder: str, spec: str) -> tuple[int, ...]:
        if spec.startswith("."):
            place = posixpath.normpath(posixpath.join(folder, spec))
            return self._exact(place) or self._exact(posixpath.dirname(place))
        parts = spec.split("/")
        for end in (len(parts), len(parts) - 1):
            if end == 1:
                return self._single(folder, parts[0])
            if end > 1:
                found = self._ends.get("/".join(parts[max(0, end - DEEPEST) : end]))
                if found and len(found) <= MOST:
                    return self._nearest(folder, found)
                package = self._packages.get("/".join(parts[max(0, end - DEEPEST) : end][-3:]))
                if package and len(package) <= PACKAGE:
                    return tuple(package)
        return ()

    def _exact(self, place: str) -> tuple[int, ...]:
        """The file there, or the one that stands for the folder."""
        found = self._whole.get(place)
        return () if found is None else (found,)

    def _single(self, folder: str, part: str) -> tuple[int, ...]:
        """One word may be anything; only a neighbour or what stands at a root is surely meant."""
        for root in (folder, *_ROOTS):
            found = self._exact(f"{root}/{part}".lstrip("/"))
            if found:
                return found
        return ()

    def _nearest(self, folder: str, found: list[int]) -> tuple[int, ...]:
        """Those that share most of their folder with the file that imports."""
        if len(found) == 1:
            return (found[0],)
        shared = [len(posixpath.commonprefix([folder, self._folders[each]])) for each in found]
        best = max(shared)
        return tuple(each for each, common in zip(found, shared, strict=True) if common == best)
