"""Frozen bases: folders of files that are written once, mapped into memory, and removed.

What may live here: files below `bases/`. What must never be known here: what the parts hold.

A base appears under its digest by one rename of a finished, synced folder, and goes by one rename
too, so nobody ever sees half of one. Everything is reached from an open folder by one name with
O_NOFOLLOW: a link planted among the bases leads nowhere.
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from longctx.store.failing import reported
from longctx.store.text import moment
from longctx.store.values import FrozenBase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DIGEST = re.compile(r"([0-9a-f]{2}){1,64}")
_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_HOUR = 3600


class Bases:
    """The bases below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def freeze(self, digest: bytes, parts: Mapping[str, Iterable[bytes]]) -> None:
        """Write all parts or none; nothing to do where they stand already."""
        name = _name(digest)
        for part in parts:
            _refuse_part(part)
        with self._opened() as bases:
            if _complete(bases, name, parts):
                return
            _sweep(bases)
            unfinished = f".{name}.{os.urandom(8).hex()}"
            try:
                _write(bases, unfinished, parts)
                _publish(bases, unfinished, name, parts)
            except BaseException:
                with suppress(OSError):
                    _discard(bases, unfinished)
                raise

    def frozen(self, digest: bytes, part: str, *, noted: bool = True) -> memoryview | None:
        """The part, read-only and mapped for as long as the view lives; None where not kept.

        `noted` counts it as a use of the base.
        """
        name = _name(digest)
        _refuse_part(part)
        with self._opened() as bases:
            try:
                with _open(name, _FOLDER, bases) as base, _open(part, _FILE, base) as file:
                    if noted:
                        _mark_used(base)
                    return _mapped(file)
            except FileNotFoundError:
                return None

    def thaw(self, digest: bytes) -> None:
        """Remove the base; who has it mapped keeps what is mapped."""
        with self._opened() as bases:
            _discard(bases, _name(digest))

    def all(self) -> tuple[FrozenBase, ...]:
        """Every base, last used first."""
        found: list[FrozenBase] = []
        with self._opened() as bases:
            for name in filter(_DIGEST.fullmatch, _names(bases)):
                # Thawed meanwhile, or no base of ours.
                with suppress(OSError), _open(name, _FOLDER, bases) as base:
                    size = sum(_stat(part, base).st_size for part in _names(base))
                    used = moment(os.fstat(base).st_mtime)
                    found.append(FrozenBase(bytes.fromhex(name), size, used))
        return tuple(sorted(found, key=lambda base: (base.used, base.digest), reverse=True))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """A descriptor of the folder, which is made where there is none."""
        with reported(self._folder):
            with suppress(FileExistsError):
                self._folder.mkdir(mode=0o700)
            with _open(self._folder, _FOLDER) as bases:
                yield bases


def _name(digest: bytes) -> str:
    name = digest.hex()
    if not _DIGEST.fullmatch(name):
        raise ValueError("a digest has 1 to 64 bytes")
    return name


def _refuse_part(part: str) -> None:
    if not _PART.fullmatch(part):
        raise ValueError(f"no name for a part of a base: {part!r}")


@contextmanager
def _open(name: str | Path, flags: int, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, flags, 0o600, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _stat(name: str, folder: int) -> os.stat_result:
    return os.stat(name, dir_fd=folder, follow_symlinks=False)


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _complete(bases: int, name: str, parts: Iterable[str]) -> bool:
    try:
        with _open(name, _FOLDER, bases) as base:
            return all(stat.S_ISREG(_stat(part, base).st_mode) for part in parts)
    except FileNotFoundError:
        return False


def _write(bases: int, name: str, parts: Mapping[str, Iterable[bytes]]) -> None:
    os.mkdir(name, 0o700, dir_fd=bases)
    with _open(name, _FOLDER, bases) as base:
        for part, chunks in parts.items():
            with _open(part, _NEW, base) as descriptor, open(descriptor, "wb", closefd=False) as f:
                f.writelines(chunks)
                f.flush()
                os.fsync(descriptor)
        os.fsync(base)


def _publish(bases: int, unfinished: str, name: str, parts: Iterable[str]) -> None:
    """Give the finished folder its name, unless another process was faster."""
    try:
        os.rename(unfinished, name, src_dir_fd=bases, dst_dir_fd=bases)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        if _complete(bases, name, parts):
            _discard(bases, unfinished)
            return
        _discard(bases, name)  # frozen with other parts, or damaged
        os.rename(unfinished, name, src_dir_fd=bases, dst_dir_fd=bases)
    os.fsync(bases)


def _discard(bases: int, name: str) -> None:
    """Take the folder out of sight, then away; what stays by accident is swept later."""
    gone = f".gone.{os.urandom(8).hex()}"
    try:
        os.rename(name, gone, src_dir_fd=bases, dst_dir_fd=bases)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(_stat(gone, bases).st_mode):
        import shutil  # slow to load, and a question hardly ever removes a base

        shutil.rmtree(gone, ignore_errors=True, dir_fd=bases)
    else:
        os.unlink(gone, dir_fd=bases)


def _sweep(bases: int) -> None:
    """Remove what killed processes left; an hour is more than any base takes to write."""
    for name in _names(bases):
        if name.startswith("."):
            with suppress(FileNotFoundError):
                if _stat(name, bases).st_mtime < time.time() - _HOUR:
                    _discard(bases, name)


def _mark_used(base: int) -> None:
    if os.fstat(base).st_mtime < time.time() - _HOUR:
        with suppress(OSError):  # a read-only disk
            os.utime(base)


def _mapped(file: int) -> memoryview:
    size = os.fstat(file).st_size
    if not size:
        return memoryview(b"")  # nothing to map
    return memoryview(mmap.mmap(file, size, access=mmap.ACCESS_READ))
