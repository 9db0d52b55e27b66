"""Where a repository is, and whether its parts belong to each other.

What may live here: finding a work tree's git directory without running git, and refusing one that
borrows from elsewhere. What must never be known here: how git is run, or what is loaded.

A repository may have been made by anyone, unpacked from an archive. Its `.git` may be a file or a
link that names another repository on this machine, and so may `commondir`, `alternates` and links
inside it; following those would put a stranger's choice of our private files into the prompt. The
rule: what is named from inside must lie inside, or point back, as git's own worktrees and
submodules do.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from longctx.errors import LoadError

_WORK_TREE = re.compile(r"^\s*worktree\s*=\s*\"?(.*?)\"?\s*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A repository on this machine; all paths are real paths."""

    git_dir: Path
    common_dir: Path
    """Where objects and branches are: `git_dir`, but for a linked worktree."""
    top: Path | None
    """The top of the work tree; None for a bare repository."""


def find_top(source: str) -> Path | None:
    """The work tree or the bare repository that `source`, a folder, is in; None if in none."""
    folder = Path(os.path.realpath(source))
    if not folder.is_dir():
        return None
    if not os.path.lexists(folder / ".git") and _is_git_dir(folder):
        return folder
    return next((top for top in (folder, *folder.parents) if _git_dir_of(top)), None)


def place_at(top: Path, within: Path | None = None) -> Place:
    """The repository at `top`, as `find_top` gave it; raises LoadError for one that is not whole.

    `within`: the folder that the source controls anyway, if that is more than `top`.
    """
    git_dir = _git_dir_of(top)
    if git_dir is None and _is_git_dir(top):
        return Place(top, _common_dir(top), None)
    if git_dir is None:
        raise LoadError(f"{top}: no git repository any more: name a folder that is there")
    if not git_dir.is_relative_to(within or top) and not _points_back(git_dir, top):
        raise LoadError(
            f"{top}: its .git names {git_dir}, which does not name it in turn: if both are yours,"
            f" run `git worktree repair` there, or `git config core.worktree {top}`"
        )
    return Place(git_dir, _common_dir(git_dir), top)


def submodule_at(top: Path, path: bytes) -> Place | None:
    """The checked-out submodule at `path` of the work tree at `top`; None if there is none.

    A link on the way does not count as checked out.
    """
    folder = top / os.fsdecode(path)
    if os.path.realpath(folder) != str(folder) or _git_dir_of(folder) is None:
        return None
    try:
        return place_at(folder, within=top)
    except LoadError:
        return None


def borrowed(place: Place) -> Path | None:
    """What the repository's objects or branches take from elsewhere; None if it stands alone."""
    common = place.common_dir
    for name in ("objects", "objects/pack", "objects/info", "refs", "packed-refs", "reftable"):
        if (common / name).is_symlink():
            return common / name
    for folder in (common / "objects", common / "objects/pack"):
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        return folder / entry.name
        except OSError:
            continue
    alternates = common / "objects/info/alternates"
    for line in small_text(alternates).splitlines():
        lender = Path(os.path.realpath(common / "objects" / line))
        if line and not line.startswith("#") and not lender.is_relative_to(common):
            return alternates
    return None


def small_text(path: Path, limit: int = 1_000_000) -> str:
    """The text of one of git's small files; empty where there is no such regular file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return ""
        return os.fsdecode(os.read(fd, limit))
    except OSError:
        return ""
    finally:
        os.close(fd)


def _git_dir_of(top: Path) -> Path | None:
    dot_git = top / ".git"
    try:
        is_file = stat.S_ISREG(dot_git.stat().st_mode)
    except (OSError, ValueError):
        return None
    if is_file:
        head, _, target = small_text(dot_git).rstrip("\r\n").partition(": ")
        if head != "gitdir" or not target or "\0" in target:
            return None
        dot_git = top / target
    git_dir = Path(os.path.realpath(dot_git))
    return git_dir if _is_git_dir(git_dir) else None


def _is_git_dir(path: Path) -> bool:
    try:
        common = path / _named(path / "commondir")
        parts = (common / "objects").is_dir() and (common / "refs").is_dir()
    except OSError:
        return False
    return parts and os.path.lexists(path / "HEAD")


def _common_dir(git_dir: Path) -> Path:
    common = Path(os.path.realpath(git_dir / _named(git_dir / "commondir")))
    if common not in (git_dir, git_dir.parent.parent) or (
        common != git_dir and git_dir.parent.name != "worktrees"
    ):
        raise LoadError(
            f"{git_dir}: its commondir names {common}, which has no such worktree:"
            " remove that file if you trust the repository"
        )
    return common


def _points_back(git_dir: Path, top: Path) -> bool:
    back = git_dir / _named(git_dir / "gitdir")
    # A link would borrow the pointing back of the worktree that it leads to.
    if back.name == ".git" and _same(back.parent, top) and not (top / ".git").is_symlink():
        return True
    named = _WORK_TREE.findall(small_text(git_dir / "config"))
    return any(_same(git_dir / work_tree, top) for work_tree in named)


def _named(path: Path) -> str:
    """What a file that holds one path names; the folder itself where there is none."""
    name = small_text(path).strip()
    return name if name and "\0" not in name else "."


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False
