"""Whether this machine is in order: folders, disk, store, vocabulary, programs.

What may live here: checks of what is kept here. Nothing is made, changed or mended.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.api.places import size_of
from longctx.engines.findings import Finding, advice, ok, trouble
from longctx.store.health import looked_at
from longctx.tokens.deepseek import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from longctx.api.places import Places

SCARCE = 2_000_000_000
"""Free bytes below which caches and bases may soon not fit."""
OUT = 50_000_000
"""Free bytes below which an answer may not be kept."""

PROGRAMS = {
    "git": ("repositories cannot be read as such", "install git"),
    "tesseract": (
        "pages that are pictures cannot be read (--ocr)",
        "install tesseract if you have scanned documents",
    ),
}
"""Programs that are used where they are installed: what is missing without, and what to do."""


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of ours, and its size."""

    name: str
    folder: Path
    size: int


def caches(places: Places) -> tuple[Cache, ...]:
    """Our folders and their sizes."""
    folders = {
        "tokens": places.tokens,
        "texts": places.texts,
        "clones": places.clones,
        "sessions": places.data,
    }
    return tuple(Cache(name, folder, size_of(folder)) for name, folder in folders.items())


def local(places: Places) -> tuple[Finding, ...]:
    """What is to be said of this machine."""
    return (
        *_folder("data folder", places.data, "answers cannot be kept", private=True),
        *_folder("cache folder", places.cache, "everything is counted and read anew each time"),
        *_disk(places),
        *_store(places.data),
        *_vocabulary(),
        *_programs(),
    )


def _folder(about: str, folder: Path, loss: str, *, private: bool = False) -> Iterator[Finding]:
    there = _nearest(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        make = trouble if private else advice
        yield make(
            about,
            f"{there} cannot be written",
            loss,
            f"chown or chmod it, or name another folder with --{about.replace(' folder', '-dir')}",
        )
        return
    mode = stat.S_IMODE(there.stat().st_mode)
    if private and there == folder and mode & 0o077:
        yield advice(
            about,
            f"others on this machine may read {folder} (mode {mode:o})",
            "it holds questions, answers and the texts that were asked",
            f"chmod 700 {folder}",
        )
    else:
        yield ok(about, f"{folder} can be written")


def _nearest(folder: Path) -> Path:
    """The folder, or the one in which it would be made."""
    return next((each for each in (folder, *folder.parents) if each.exists()), folder)


def _disk(places: Places) -> Iterator[Finding]:
    free = min(
        (shutil.disk_usage(_nearest(folder)).free, str(folder))
        for folder in (places.data, places.cache)
    )
    room = f"{free[0] / 1e9:,.1f} GB free for {free[1]}"
    if free[0] < OUT:
        yield trouble("disk", room, "answers cannot be kept", "free some space")
    elif free[0] < SCARCE:
        yield advice(
            "disk", room, "caches may soon not fit", "free some space; see `longctx cache`"
        )
    else:
        yield ok("disk", room)


def _store(folder: Path) -> Iterator[Finding]:
    seen = looked_at(folder)
    if seen is None:
        yield ok("store", "nothing is kept yet")
    elif seen.trouble:
        yield trouble("store", seen.trouble, "sessions cannot be read or kept", "")
    elif seen.format > seen.known:
        yield trouble(
            "store",
            f"{seen.path} has format {seen.format}, this longctx knows {seen.known}",
            "a newer longctx wrote it",
            "update longctx, or name another folder with --data-dir",
        )
    elif seen.format < seen.known:
        yield ok("store", f"format {seen.format} will become {seen.known} when it is opened next")
    else:
        yield ok("store", f"format {seen.format}, undamaged")


def _vocabulary() -> Iterator[Finding]:
    names = damaged()
    if names:
        yield trouble(
            "vocabulary",
            f"not as shipped: {', '.join(names)}",
            "prompts are encoded and counted wrongly",
            "install longctx anew",
        )
    else:
        yield ok("vocabulary", "DeepSeek V4's vocabulary is as shipped")


def _programs() -> Iterator[Finding]:
    for program, (loss, fix) in PROGRAMS.items():
        path = shutil.which(program)
        yield (
            advice(program, f"{program} is not installed", loss, fix)
            if path is None
            else ok(program, f"{program} is {path}")
        )
