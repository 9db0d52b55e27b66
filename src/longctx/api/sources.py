"""From what the user names to one corpus."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.api.reading import Reading, Watch
from longctx.corpus import Corpus, Document, Omission
from longctx.errors import LoadError
from longctx.loaders import Selection, Surroundings, loader_for
from longctx.loaders.history import HasHistory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from longctx.api.places import Places
    from longctx.loaders.history import History


@dataclass(frozen=True, slots=True)
class Loaded:
    """The corpus of all sources, and the folders on this machine that they control."""

    corpus: Corpus
    folders: tuple[tuple[str, Path], ...]
    """(prefix of document paths, folder or file on this machine) for every local source."""
    history: Callable[[], AbstractContextManager[History] | None] = lambda: None
    """The history of the only source, where it has one."""

    def file_of(self, path: str) -> Path | None:
        """The file that a document was read from; None if it is not a file here."""
        for prefix, place in self.folders:
            if path.startswith(prefix):
                file = place if place.is_file() else place / path.removeprefix(prefix)
                if file.is_file():
                    return file
        return None


def roots_of(sources: Sequence[str]) -> tuple[Path, ...]:
    """The folders on this machine that the sources control, resolved."""
    roots = (loader_for(source).root(source) for source in sources)
    return tuple(root.resolve() for root in roots if root is not None)


def load(
    sources: Sequence[str],
    places: Places,
    selection: Selection | None = None,
    say: Callable[[str], None] = lambda line: None,
    progress: Callable[[str], None] = lambda line: None,
) -> Loaded:
    """Read every source; with more than one, each source's documents stand below its name.

    `progress` gets what is being read, each line in place of the last, and an empty one at the end.
    Raises LoadError for a source that cannot be read, and where nothing at all is left to ask.
    """
    selection = selection or Selection()
    prefixes = _prefixes(sources)
    documents: list[Document] = []
    omissions: list[Omission] = []
    folders: list[tuple[str, Path]] = []
    watch = Watch(progress)
    with watch, Reading(places, selection.options, watch.reads) as reading:
        around = Surroundings(places.clones, say, reading.document)
        for source, prefix in zip(sources, prefixes, strict=True):
            loader = loader_for(source)
            if Path(source).exists() and selection.rev is None:
                folders.append((prefix, Path(source)))
            for item in reading.documents(loader.load(source, selection, around)):
                item = replace(item, path=prefix + item.path) if prefix else item
                if isinstance(item, Document):
                    documents.append(item)
                    watch.saw(len(documents))
                else:
                    omissions.append(item)
    if not documents:
        raise LoadError(_nothing(sources, omissions))
    corpus = Corpus.of(documents, omissions)
    if len(sources) > 1:
        return Loaded(corpus, tuple(folders))
    return Loaded(corpus, tuple(folders), _history(sources[0], selection, around))


def _history(
    source: str, selection: Selection, around: Surroundings
) -> Callable[[], AbstractContextManager[History] | None]:
    loader = loader_for(source)
    if not isinstance(loader, HasHistory):
        return lambda: None
    history = loader.history
    return lambda: history(source, selection, around)


def _prefixes(sources: Sequence[str]) -> list[str]:
    """Nothing for a single source; else `name/`, numbered where two have one name."""
    if len(sources) == 1:
        return [""]
    taken: set[str] = set()
    prefixes = []
    for source in sources:
        name = _name(source)
        number, candidate = 1, name
        while candidate in taken:
            number += 1
            candidate = f"{name}-{number}"
        taken.add(candidate)
        prefixes.append(f"{candidate}/")
    return prefixes


def _name(source: str) -> str:
    """The last part of a path or URL, without `.git` and a revision."""
    if "://" in source or re.match(r"[\w.-]+@[\w.-]+:", source):
        last = re.split(r"[/:]", source.rstrip("/"))[-1].partition("@")[0]
    else:
        last = Path(source).resolve().name
    return last.removesuffix(".git") or "source"


def _nothing(sources: Sequence[str], omissions: Sequence[Omission]) -> str:
    named = ", ".join(sources)
    if not omissions:
        return f"{named}: nothing to read (the folder is empty, or everything in it is ignored)"
    reasons: dict[str, int] = {}
    for omission in omissions:
        reasons[omission.reason] = reasons.get(omission.reason, 0) + 1
    told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    if len(omissions) == 1 and omissions[0].detail:
        told += f" ({omissions[0].detail})"
    return f"{named}: no readable text among {len(omissions):,} files: {told}"
