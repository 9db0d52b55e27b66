"""Where longctx keeps things on this machine: one folder for what can be made again.

Everything below the cache folder may be deleted at any time.
"""

from __future__ import annotations

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

    @classmethod
    def default(cls) -> Places:
        """The platform's cache folder for longctx."""
        from platformdirs import user_cache_path

        return cls(user_cache_path("longctx", appauthor=False))

    @property
    def tokens(self) -> Path:
        return self.cache / "tokens"

    @property
    def clones(self) -> Path:
        return self.cache / "clones"

    @cached_property
    def memo(self) -> DiskMemo | NoMemo:
        """What was counted before."""
        return open_memo(self.tokens)


def size_of(folder: Path) -> int:
    """Bytes below a folder, 0 where there is none."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
