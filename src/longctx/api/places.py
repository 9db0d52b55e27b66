"""Where longctx keeps things on this machine: what can be made again, and the rest.

Everything below the cache folder may be deleted at any time; sessions and their bases are data.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.tokens.memo import DiskMemo, NoMemo, open_memo

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folders of this user."""

    cache: Path
    data: Path

    @classmethod
    def default(cls, cache: Path | None = None, data: Path | None = None) -> Places:
        """The platform's folders for longctx, but for those that are named."""
        from platformdirs import user_cache_path, user_data_path

        return cls(
            cache or user_cache_path("longctx", appauthor=False),
            data or user_data_path("longctx", appauthor=False),
        )

    @property
    def tokens(self) -> Path:
        return self.cache / "tokens"

    @property
    def clones(self) -> Path:
        return self.cache / "clones"

    @property
    def flights(self) -> Path:
        """Locks that hold only while a process runs."""
        return self.cache / "flights"

    @property
    def texts(self) -> Path:
        """Texts of files that are more than text, by content."""
        return self.cache / "texts"

    @cached_property
    def extracts(self) -> DiskMemo | NoMemo:
        """What was read before."""
        return open_memo(self.texts)

    @cached_property
    def memo(self) -> DiskMemo | NoMemo:
        """What was counted before."""
        return open_memo(self.tokens)


def size_of(folder: Path) -> int:
    """Bytes below a folder, 0 where there is none."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # another process may be clearing
            size += path.lstat().st_size if path.is_file() else 0
    return size
