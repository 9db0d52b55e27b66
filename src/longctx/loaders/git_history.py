"""The history of a git repository, seen through a source: which commits, and what they changed.

What may live here: going from differences of trees to changes of documents. What must never be
known here: the work tree's files, the network (`obtain` may fetch contents that a partial clone
lacks), or what a history is used for.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from longctx.corpus import Document
from longctx.errors import LoadError
from longctx.formats.recognising import Shelf, ending_of
from longctx.formats.unread import Unread
from longctx.loaders import unextracted
from longctx.loaders.git_commit import Commits, loaded, weights
from longctx.loaders.git_objects import (
    ancestors,
    commit_of,
    contents,
    differences,
    has_parent,
    has_submodules,
    tree,
)
from longctx.loaders.git_process import Git, GitFailed
from longctx.loaders.history import Chain, Change
from longctx.loaders.naming import Names
from longctx.loaders.reading import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from longctx.corpus import Omission
    from longctx.loaders import Selection
    from longctx.loaders.git_objects import Entry, Sides
    from longctx.loaders.git_place import Place
    from longctx.loaders.history import History

_BATCH_BYTES = 1 << 23  # of contents in memory at a time; those of one commit are never parted


@dataclass(frozen=True, slots=True)
class View:
    """What a source takes of its repository, at every commit alike."""

    source: str
    """As messages name it."""
    selection: Selection
    inside: bytes = b""
    """The only folder to load; paths are relative to it."""
    top: Path | None = None
    """The work tree whose checked-out submodules count."""
    obtain: Callable[[list[bytes]], None] | None = None
    """Fetches contents that are not here; raises GitFailed. None for the user's own repository."""
    extract: Callable[[Unread], Document | Omission] = unextracted
    """Reads what is more than text."""

    def document(self, path: str, data: bytes | None) -> Document | None:
        """The document that these bytes are under this path; None where they are none."""
        if data is None or len(data) > self.selection.limit(path, Shelf.CODE):
            return None
        found = document(path, data)
        found = self.extract(found) if isinstance(found, Unread) else found
        return found if isinstance(found, Document) else None


def history_of(place: Place, rev: str, view: View) -> AbstractContextManager[History] | None:
    """The history behind `rev`; None if that is no commit. Raises GitFailed."""
    with Git(place, objects=True) as git:
        head = commit_of(git, rev)
    return None if head is None else _opened(place, view, head)


@contextmanager
def _opened(place: Place, view: View, head: str) -> Iterator[History]:
    with Git(place, objects=True) as git:
        yield _GitHistory(git, view, head)


@dataclass(frozen=True)
class _GitHistory:
    _git: Git
    _view: View
    head: str

    @cached_property
    def submodules(self) -> bool:
        view = self._view
        with self._explained():
            if not has_submodules(self._git, self.head, view.inside):
                return False
            commits = Commits(view.selection, view.inside)
            return bool(commits.plan(self._git, self.head, view.obtain).submodules)

    def chain(self, limit: int) -> Chain:
        with self._explained():
            commits = ancestors(self._git, self.head, limit)
            cut = len(commits) < limit and has_parent(self._git, commits[-1])
        return Chain(commits, cut)

    def documents(
        self, commit: str, have: Callable[[str], Document | None] = lambda path: None
    ) -> Iterator[Document | Omission]:
        view = self._view
        with self._explained():
            commits = Commits(view.selection, view.inside)
            plan = commits.plan(self._git, commit, view.obtain, have=have)
            for item in loaded(self._git, commits, plan, view.top):
                yield view.extract(item) if isinstance(item, Unread) else item

    def changes(self, commits: Sequence[str]) -> Iterator[tuple[Change, ...]]:
        with self._explained():
            steps = list(self._steps(commits))
            asked = {blob for edits in steps for edit in edits for blob in edit.blobs}
            known = weights(self._git, asked, self._view.obtain)
            selection = self._view.selection
            limit = max(selection.max_bytes, selection.max_document_bytes)
            known = {blob: size for blob, size in known.items() if size <= limit}
            batches = list(_batches(steps, known))
            read = contents(self._git, [blob for _, blobs in batches for blob in blobs])
            for batch, blobs in batches:
                made = _Made(self._view, dict(zip(blobs, read, strict=False)))
                for edits in batch:
                    yield tuple(_changes(edits, made))

    def _steps(self, commits: Sequence[str]) -> Iterator[list[_Edit]]:
        """What changed in the files that are wanted, before any content is read."""
        if len(commits) < 2:
            return
        view = self._view
        rules = Commits(view.selection, view.inside)
        entries = tree(self._git, commits[0])
        rules.learn(self._git, entries, view.obtain)
        names = _Naming(entries, view.inside)
        for rows in differences(self._git, commits, view.inside):
            edits = []
            for path, sides in names.advance(rows):
                before, after = (side.id if side and rules.wants(side) else None for side in sides)
                if before != after:
                    edits.append(_Edit(path, before, after))
            yield sorted(edits, key=lambda edit: edit.path)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (GitFailed, OSError) as error:
            local = self._view.obtain is None
            advice = "see what `git fsck` says there" if local else "check the connection"
            raise LoadError(
                f"{self._view.source}: its history cannot be read ({error}): {advice}"
            ) from error


class _Edit(NamedTuple):
    """One path between two commits; its blobs, where they may be documents."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def blobs(self) -> Iterator[bytes]:
        return (blob for blob in (self.before, self.after) if blob is not None)


class _Naming:
    """The paths of files while commits come and go.

    A path follows from its raw name alone, unless a name that is not UTF-8 comes out like another
    (see `naming`): then all names count, and a file that did not change may be named anew.
    """

    def __init__(self, entries: Iterable[Entry], inside: bytes) -> None:
        self._start = len(inside) + 1 if inside else 0
        above = inside + b"/" if inside else b""
        self._files = {entry.path: entry for entry in entries if entry.path.startswith(above)}
        self._odd = set(filter(_is_odd, self._files))
        self._paths = self._named()

    def advance(self, rows: dict[bytes, Sides]) -> Iterator[tuple[str, Sides]]:
        """Every path whose file is another after these changes, and perhaps some others.

        `rows` are the differences by raw name.
        """
        before = self._paths
        for raw, (_, new) in rows.items():
            if new is None:
                self._files.pop(raw, None)
                self._odd.discard(raw)
            else:
                self._files[raw] = new
                if _is_odd(raw):
                    self._odd.add(raw)
        after = self._paths = self._named()
        renamed = {raw for raw, _ in before.items() ^ after.items()}
        old_at: dict[str, Entry] = {}
        new_at: dict[str, Entry] = {}
        for raw in rows.keys() | renamed:
            old, new = rows[raw] if raw in rows else (self._files[raw], self._files[raw])
            if old is not None:
                old_at[before.get(raw) or self._plain(raw)] = old
            if new is not None:
                new_at[after.get(raw) or self._plain(raw)] = new
        for path in old_at.keys() | new_at.keys():
            yield path, (old_at.get(path), new_at.get(path))

    def _named(self) -> dict[bytes, str]:
        """The path of each file; empty where each follows from its own name."""
        names = Names()
        files = sorted(self._files) if self._odd else ()
        return {raw: names.path(raw[self._start :]) for raw in files}

    def _plain(self, raw: bytes) -> str:
        return Names().path(raw[self._start :])


def _is_odd(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


def _batches(
    steps: Iterable[list[_Edit]], known: dict[bytes, int]
) -> Iterator[tuple[list[list[_Edit]], list[bytes]]]:
    """Steps in a row with the blobs to read for them, each once: about `_BATCH_BYTES` at a time."""
    batch: list[list[_Edit]] = []
    blobs: dict[bytes, None] = {}
    size = 0
    for edits in steps:
        batch.append(edits)
        for blob in (blob for edit in edits for blob in edit.blobs):
            if blob in known and blob not in blobs:
                blobs[blob] = None
                size += known[blob]
        if size > _BATCH_BYTES:
            yield batch, list(blobs)
            batch, blobs, size = [], {}, 0
    if batch:
        yield batch, list(blobs)


class _Made:
    """The documents of a batch of blobs, each made once for each kind of file."""

    def __init__(self, view: View, contents: dict[bytes, bytes | None]) -> None:
        self._view = view
        self._contents = contents
        self._made: dict[tuple[bytes, str], Document | None] = {}

    def document(self, path: str, blob: bytes | None) -> Document | None:
        if blob is None:
            return None
        key = blob, ending_of(path)
        if key not in self._made:
            self._made[key] = self._view.document(path, self._contents.get(blob))
        found = self._made[key]
        return None if found is None else replace(found, path=path)


def _changes(edits: list[_Edit], made: _Made) -> Iterator[Change]:
    for path, *blobs in edits:
        before, after = (made.document(path, blob) for blob in blobs)
        if before != after:
            yield Change(path, before, after)
