"""Single flight: of all threads and processes of this user, one prefills a cold prefix.

The lock is the kernel's (flock): it goes with the process that held it, however that ended.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 0.05
"""Seconds between two tries; a wait can be interrupted meanwhile."""


class Flights:
    """Locks by name, as files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alone(
        self, name: str, waiting: Callable[[float], None] = lambda seconds: None
    ) -> Iterator[bool]:
        """Hold the lock `name`; yields whether others were waited for.

        `waiting` is called with the seconds waited, while another holds it.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(
            self._folder / f"{name}.lock",
            os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
            0o600,
        )
        try:
            started, waited = time.monotonic(), False
            while not _taken(fd):
                waited = True
                waiting(time.monotonic() - started)
                time.sleep(PATIENCE)
            yield waited
        finally:
            os.close(fd)


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
