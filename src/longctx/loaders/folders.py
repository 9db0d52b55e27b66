"""Opening what lies below one folder without ever following a link out of it.

What may live here: file descriptors and the flags that make opening safe. What must never be known
here: what the files hold or why they are wanted. Every step down is taken from an open folder, by
one name, with O_NOFOLLOW: no link on the way, and none swapped in later, can lead elsewhere, and
neither depth nor the length of a path is limited.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a FIFO swapped in between the look and the open must not hang us.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_HELD = 48
_CLOSED = -1


class Folders:
    """A place below `root`, and descriptors of the way to it; use it as a context manager.

    Moving along sorted paths opens each folder once. Only the last few folders of the way are held
    open, so that a deep tree cannot use up the process's descriptors.
    """

    def __init__(self, root: bytes, source: bytes | None = None) -> None:
        """`source`: the folder below the root that a link may point into; the root by default."""
        self._root = root
        self._source = source or root
        self._path = b""
        self._parts: list[bytes] = []
        self._fds = [os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]

    def __enter__(self) -> Folders:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._leave(0)
        os.close(self._fds.pop())

    def enter(self, path: bytes) -> int:
        """A descriptor of folder `path` (b"" is the root), valid until the next call.

        Raises OSError, also where a part of the path is a link.
        """
        if path == self._path and self._fds[-1] != _CLOSED:
            return self._fds[-1]
        parts = path.split(b"/") if path else []
        shared = 0
        for ours, theirs in zip(self._parts, parts, strict=False):
            if ours != theirs:
                break
            shared += 1
        self._leave(shared)
        while self._fds[-1] == _CLOSED:
            self._leave(len(self._parts) - 1)
        for part in parts[len(self._parts) :]:
            self._step(part)
        self._path = path
        return self._fds[-1]

    def text_at(self, folder: bytes, name: bytes, limit: int = 1_000_000) -> bytes | None:
        """The first bytes of a regular file such as `.gitignore`; None where there is none."""
        try:
            fd = os.open(name, FILE, dir_fd=self.enter(folder))
        except OSError:
            return None
        try:
            return os.read(fd, limit)
        except OSError:
            return None
        finally:
            os.close(fd)

    def link_at(self, path: bytes) -> tuple[str, bool] | None:
        """The target of the first link on the way to `path`, and whether it stays in the source.

        None where no part of the path is a link (any more).
        """
        parts = path.split(b"/")
        for count in range(len(parts)):
            folder = b"/".join(parts[:count])
            try:
                target = os.readlink(parts[count], dir_fd=self.enter(folder))
            except OSError:
                continue
            source = os.path.realpath(self._source)
            absolute = target.startswith(b"/")
            goal = os.path.realpath(target if absolute else b"/".join((self._root, folder, target)))
            return os.fsdecode(target), goal == source or goal.startswith(
                source.rstrip(b"/") + b"/"
            )
        return None

    def _leave(self, depth: int) -> None:
        while len(self._parts) > depth:
            self._parts.pop()
            fd = self._fds.pop()
            if fd != _CLOSED:
                os.close(fd)
        self._path = b"/".join(self._parts)

    def _step(self, part: bytes) -> None:
        self._fds.append(os.open(part, _FOLDER, dir_fd=self._fds[-1]))
        self._parts.append(part)
        distant = len(self._fds) - _HELD
        if distant > 0 and self._fds[distant] != _CLOSED:
            os.close(self._fds[distant])
            self._fds[distant] = _CLOSED
