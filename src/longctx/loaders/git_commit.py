"""The files of one commit: which are wanted, and what each holds.

What may live here: going from a commit to documents and omissions. What must never be known here:
where the objects came from; `obtain` may fetch those that a partial clone lacks.
"""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.corpus import Omission, Reason
from longctx.formats.recognising import Shelf
from longctx.loaders.choosing import IGNORE_FILE, Choice
from longctx.loaders.git_objects import LINK, SUBMODULE, Entry, contents, sizes, tree
from longctx.loaders.git_place import borrowed, submodule_at
from longctx.loaders.git_process import Git, GitFailed
from longctx.loaders.git_work_tree import DEEPEST
from longctx.loaders.naming import Names, unsafe
from longctx.loaders.reading import document, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from longctx.corpus import Document
    from longctx.formats.unread import Item
    from longctx.loaders import Selection


@dataclass
class Plan:
    """What a commit holds, before any content is read."""

    wanted: list[tuple[str, Entry]] = field(default_factory=list)
    submodules: list[tuple[str, Entry]] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    same: dict[str, Document] = field(default_factory=dict)
    """Of the wanted, those that were at hand already."""
    missing: int = 0
    """Blobs that are wanted but not here."""

    @property
    def empty(self) -> bool:
        return not (self.wanted or self.submodules or self.omissions)


class Commits:
    """The way from commits to documents: of one repository, and of submodules in it."""

    def __init__(self, selection: Selection, inside: bytes = b"") -> None:
        """`inside`: the only folder to load; paths are relative to it."""
        self._selection = selection
        self._above = inside + b"/" if inside else b""
        self._names = Names()
        self._rules: dict[bytes, bytes | None] = {}
        self._choice = Choice(selection, self._rules.get, inside)

    def plan(
        self,
        git: Git,
        commit: str,
        obtain: Callable[[list[bytes]], None] | None = None,
        at: bytes = b"",
        have: Callable[[str], Document | None] = lambda path: None,
    ) -> Plan:
        """Everything about a commit (of the submodule `at`) short of its contents.

        `have` gives documents that may be the same and then need no reading.
        """
        plan = Plan()
        prefix = at + b"/" if at else b""
        entries = [Entry(prefix + file.path, file.mode, file.id) for file in tree(git, commit)]
        self.learn(git, entries, obtain)
        for entry in sorted(entries, key=lambda entry: entry.path):
            if entry.path.startswith(self._above):
                self._place(entry, plan)
        found = ((path, _same(entry, have(path))) for path, entry in plan.wanted)
        plan.same = {path: document for path, document in found if document is not None}
        unread = {entry.id for path, entry in plan.wanted if path not in plan.same}
        self._weigh(plan, weights(git, unread, obtain))
        return plan

    def read(self, git: Git, plan: Plan) -> Iterator[Item]:
        yield from plan.omissions
        blobs = contents(git, [entry.id for path, entry in plan.wanted if path not in plan.same])
        for path, entry in plan.wanted:
            if path in plan.same:
                yield plan.same[path]
                continue
            data = next(blobs)
            if data is None:
                yield Omission(path, Reason.UNREADABLE, detail="a damaged git object")
            elif entry.mode == LINK:
                yield self._link(path, entry, data)
            else:
                yield document(path, data)

    def wants(self, entry: Entry) -> bool:
        """Whether `entry`, of the folder to load, is a file to be read if it is not too large."""
        relative = entry.path[len(self._above) :]
        return not (
            entry.mode in (LINK, SUBMODULE) or unsafe(entry.path) or self._choice.reason(relative)
        )

    def learn(
        self, git: Git, entries: list[Entry], obtain: Callable[[list[bytes]], None] | None
    ) -> None:
        """Takes the rules from the `.longctxignore` files among all files of a commit."""
        files = [
            (folder, entry.id)
            for entry in entries
            for folder, _, name in [entry.path.rpartition(b"/")]
            if name == IGNORE_FILE and entry.mode not in (LINK, SUBMODULE)
        ]
        if files and obtain is not None:
            weights(git, {blob for _, blob in files}, obtain)
        for (folder, _), text in zip(files, contents(git, [b for _, b in files]), strict=True):
            self._rules[folder] = text

    def _place(self, entry: Entry, plan: Plan) -> None:
        relative = entry.path[len(self._above) :]
        path = self._names.path(relative)
        if unsafe(entry.path):
            detail = "a path that no repository should hold"
            plan.omissions.append(Omission(path, Reason.OUTSIDE, detail=detail))
            return
        reason = self._choice.reason(relative, folder=entry.mode == SUBMODULE)
        if reason is not None:
            plan.omissions.append(Omission(path, reason))
        elif entry.mode == SUBMODULE:
            plan.submodules.append((path, entry))
        else:
            plan.wanted.append((path, entry))

    def _weigh(self, plan: Plan, known: dict[bytes, int]) -> None:
        kept = []
        for path, entry in plan.wanted:
            size = 0 if path in plan.same else known.get(entry.id)
            if size is None:
                plan.missing += 1
                plan.omissions.append(
                    Omission(path, Reason.MISSING, detail="its content is not in this repository")
                )
            elif size > (limit := self._selection.limit(path, Shelf.CODE)):
                plan.omissions.append(too_large(path, size, limit))
            else:
                kept.append((path, entry))
        plan.wanted = kept

    def _link(self, path: str, entry: Entry, target: bytes) -> Omission:
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), target)) + b"/"
        inside = (
            goal.startswith(self._above) if self._above else not goal.startswith((b"/", b"../"))
        )
        reason = Reason.LINK if inside else Reason.OUTSIDE
        return Omission(path, reason, detail=f"to {target.decode('utf-8', 'backslashreplace')}")


def weights(
    git: Git, blobs: set[bytes], obtain: Callable[[list[bytes]], None] | None
) -> dict[bytes, int]:
    """Bytes of each of these blobs that is here, or could be obtained."""
    known = sizes(git, blobs)
    lacking = sorted(blobs - known.keys())
    if lacking and obtain is not None:
        obtain(lacking)
        known |= sizes(git, lacking)
    return known


def _same(entry: Entry, known: Document | None) -> Document | None:
    """The document, if the blob holds just its text in UTF-8."""
    if known is None or entry.mode == LINK:
        return None
    data = known.text.encode("utf-8", "surrogatepass")
    hashed = hashlib.sha1 if len(entry.id) == 40 else hashlib.sha256
    head = b"blob %d\0" % len(data)
    found = hashed(head, usedforsecurity=False)
    found.update(data)
    return known if found.hexdigest().encode() == entry.id else None


def loaded(
    git: Git,
    commits: Commits,
    plan: Plan,
    top: Path | None,
    depth: int = 1,
) -> Iterator[Item]:
    """The files of a planned commit and of its submodules, where the work tree `top` has those."""
    yield from commits.read(git, plan)
    for path, entry in plan.submodules:
        place = None
        if top is not None and depth < DEEPEST:
            place = submodule_at(top, entry.path)
        if place is None or borrowed(place) is not None:
            yield Omission(path, Reason.SUBMODULE)
            continue
        with Git(place, objects=True) as inner:
            try:
                within = commits.plan(inner, entry.id.decode(), at=entry.path)
            except GitFailed:
                yield Omission(path, Reason.SUBMODULE, detail="its commit is not here")
                continue
            yield from loaded(inner, commits, within, top, depth + 1)
