"""The loader of git repositories: work trees, revisions, bare repositories and URLs.

What may live here: deciding which of these a source is. What must never be known here: how git is
run (`git_process`), how copies are fetched (`git_clone`), how files are read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from longctx.errors import LoadError
from longctx.loaders.files import FilesLoader
from longctx.loaders.git_clone import Clone
from longctx.loaders.git_commit import Commits, Plan, loaded
from longctx.loaders.git_history import View, history_of
from longctx.loaders.git_objects import commit_of
from longctx.loaders.git_place import Place, borrowed, find_top, place_at
from longctx.loaders.git_process import Git, GitFailed, executable
from longctx.loaders.git_url import is_url, redacted, split_url
from longctx.loaders.git_work_tree import load_work_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from longctx.formats.unread import Item
    from longctx.loaders import Selection, Surroundings
    from longctx.loaders.history import History


class GitLoader:
    """Reads what git tracks, and what it would: untracked files that are not ignored."""

    name = "git"

    def claims(self, source: str) -> bool:
        """Any URL that git could fetch; a folder in a repository, where git is installed."""
        if os.path.lexists(source):
            return executable() is not None and find_top(source) is not None
        return is_url(source)

    def root(self, source: str) -> Path | None:
        """The top of the work tree, also for a folder in it: its `.git` governs that folder."""
        return find_top(source) if os.path.lexists(source) else None

    def load(self, source: str, selection: Selection, around: Surroundings) -> Iterator[Item]:
        if executable() is None:
            raise LoadError(
                f"{redacted(source)}: git is not installed, and only git can read this:"
                " install it (https://git-scm.com/downloads)"
            )
        try:
            yield from _load(source, selection, around)
        except OSError as error:
            raise LoadError(
                f"{redacted(source)}: {error}: check permissions and the space on the disk"
            ) from error

    def history(
        self, source: str, selection: Selection, around: Surroundings
    ) -> AbstractContextManager[History] | None:
        """The commits behind a source, as `loaders.history.HasHistory` has it.

        None also where the repository cannot be read, with a word about it: a work tree may load
        all the same.
        """
        if executable() is None:
            return None
        try:
            if os.path.lexists(source):
                return _local_history(source, selection, around)
            return _remote_history(source, selection, around) if is_url(source) else None
        except (GitFailed, OSError) as error:
            around.say(f"{redacted(source)}: going on without its history ({error})")
            return None


def _load(source: str, selection: Selection, around: Surroundings) -> Iterator[Item]:
    if not os.path.lexists(source) and is_url(source):
        yield from _remote(source, selection, around)
        return
    top = find_top(source)
    if top is None:
        raise LoadError(f"{source}: not in a git repository: name another folder")
    place = place_at(top)
    inside = _inside(source, top)
    if place.top is None or selection.rev is not None:
        yield from _local(source, place, inside, selection)
        return
    empty = True
    for found in load_work_tree(place, source, inside, selection):
        empty = False
        yield found
    if empty and inside:
        around.say(f"{source}: git ignores all of it; reading it as plain files")
        yield from FilesLoader().load(source, selection, around)
    elif empty:
        raise LoadError(f"{source}: this repository holds no files yet: add some")


def _inside(source: str, top: Path) -> bytes:
    """The folder of the repository at `top` that the source is; empty for all of it."""
    inside = os.fsencode(os.path.relpath(os.path.realpath(source), top))
    return b"" if inside == b"." else inside


def _local_history(
    source: str, selection: Selection, around: Surroundings
) -> AbstractContextManager[History] | None:
    top = find_top(source)
    place = None if top is None else place_at(top)
    if top is None or place is None or borrowed(place) is not None:
        return None
    inside = _inside(source, top)
    view = View(source, selection, inside, place.top, extract=around.extract)
    return history_of(place, "HEAD" if selection.rev is None else selection.rev, view)


def _remote_history(
    source: str, selection: Selection, around: Surroundings
) -> AbstractContextManager[History] | None:
    url, rev = split_url(source, selection.rev)
    clone = Clone(url, around)
    commit = clone.commit(rev)
    clone.deepen()
    view = View(redacted(source), selection, obtain=clone.obtain, extract=around.extract)
    return history_of(clone.place, commit, view)


def _local(source: str, place: Place, inside: bytes, selection: Selection) -> Iterator[Item]:
    """A commit of a repository on this machine."""
    lender = borrowed(place)
    if lender is not None:
        raise LoadError(
            f"{source}: {lender} leads out of the repository, so no revision is read from it:"
            " clone it without --shared or --reference, or load the work tree"
        )
    rev = "HEAD" if selection.rev is None else selection.rev
    try:
        with Git(place, objects=True) as git:
            commit = commit_of(git, rev)
            if commit is None and selection.rev is None:
                raise LoadError(f"{source}: this repository is empty: name a revision that it has")
            if commit is None:
                raise LoadError(
                    f"{source}: no revision {rev!r}: `git log --all --oneline` there lists commits"
                )
            commits = Commits(selection, inside)
            plan = commits.plan(git, commit)
            _refuse_empty(plan, source, rev)
            yield from loaded(git, commits, plan, place.top)
    except GitFailed as error:
        raise LoadError(
            f"{source}: git cannot read {rev!r} ({error}): see what `git fsck` says there"
        ) from error


def _remote(source: str, selection: Selection, around: Surroundings) -> Iterator[Item]:
    """A commit of a repository elsewhere, through the copy in the cache."""
    url, rev = split_url(source, selection.rev)
    clone = Clone(url, around)
    try:
        try:
            commits, plan = _planned(clone, rev, selection)
            whole = not plan.missing
        except GitFailed:
            whole = False
        if not whole:
            clone.discard()
            commits, plan = _planned(clone, rev, selection)
        _refuse_empty(plan, redacted(source), rev or "HEAD")
        with Git(clone.place, objects=True) as git:
            yield from loaded(git, commits, plan, None)
    except GitFailed as error:
        raise LoadError(
            f"{redacted(source)}: its copy cannot be read ({error}): remove {clone.place.git_dir}"
        ) from error


def _planned(clone: Clone, rev: str | None, selection: Selection) -> tuple[Commits, Plan]:
    commit = clone.commit(rev)
    commits = Commits(selection)
    with Git(clone.place, objects=True) as git:
        return commits, commits.plan(git, commit, clone.obtain)


def _refuse_empty(plan: Plan, source: str, rev: str) -> None:
    if plan.empty:
        raise LoadError(f"{source}: holds no files at {rev!r}: name another revision or folder")
