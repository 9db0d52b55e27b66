"""What goes wrong on disk is said in words that help, and never costs what was kept before."""

import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from store.keeping_turns import asked, opened, turn

from longctx.errors import LongctxError
from longctx.store import Store, StoreError


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB, where this user may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_costs_only_what_did_not_fit(small_disk: Path) -> None:
    with opened(small_disk / "store") as store:
        session = store.create((), "", "{}")
        (first,) = asked(store, session.id, "one")
        with pytest.raises(StoreError, match=r"disk .* is full.*free some space"):
            store.keep("ids", {b"a": b"small", b"b": b"x" * 3_000_000})
        with pytest.raises(StoreError, match=r"disk .* is full"):
            store.append(session.id, turn(parent=first, answer="x" * 3_000_000))
        with pytest.raises(StoreError, match=r"disk .* is full"):
            store.freeze(b"base", {"ids": [b"1"], "texts": [b"x" * 3_000_000]})
        assert store.bases() == ()
        assert store.kept("ids", b"a") is None
        assert [kept.question for kept in store.path_to(first)] == ["one"]
        assert asked(store, session.id, "two") == [first + 1]


def test_a_disk_that_is_full_from_the_start_is_named(small_disk: Path) -> None:
    with (
        (small_disk / "filler").open("wb", buffering=0) as file,
        pytest.raises(OSError, match="28"),
    ):
        while True:
            file.write(bytes(4096))
    with pytest.raises(StoreError, match=r"disk .* is full"):
        Store.open(small_disk)


def test_a_file_that_may_not_grow_loses_nothing(store: Store) -> None:
    session = store.create((), "", "{}")
    (first,) = asked(store, session.id, "one")
    with files_up_to(400_000):
        with pytest.raises(StoreError, match="disk refused"):
            store.append(session.id, turn(parent=first, answer="x" * 3_000_000))
        with pytest.raises(StoreError, match=r"disk .* is full"):
            store.freeze(b"base", {"ids": [b"1"], "texts": [b"x" * 3_000_000]})
    assert asked(store, session.id, "two") == [first + 1]
    assert store.bases() == ()


def test_a_read_only_folder_is_named(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if os.geteuid():
        with opened(tmp_path / "store"):
            pass
        (tmp_path / "store").chmod(0o500)
        folder = tmp_path / "store"
    else:
        folder = request.getfixturevalue("small_disk")
        with opened(folder):
            pass
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    with pytest.raises(StoreError, match=f"{folder}.*cannot be written"):
        Store.open(folder)
    with pytest.raises(StoreError, match=f"{folder}.*cannot be written"):
        Store.open(folder / "below")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file"):
        Store.open(tmp_path / "file" / "store")
    with pytest.raises(StoreError, match="file"):
        Store.open(tmp_path / "file")


@pytest.mark.parametrize(
    "content", [b"not a database" * 1000, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "longctx.db"
    path.write_bytes(content)
    with pytest.raises(
        StoreError, match=r"longctx\.db: it is damaged.*left as it is.*move it away"
    ):
        Store.open(tmp_path)
    assert path.read_bytes() == content


def test_a_damaged_page_is_named_when_it_is_read(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        session = store.create((), "", "{}")
        ids = asked(store, session.id, *(f"question {n}" for n in range(200)))
    path = tmp_path / "longctx.db"
    content = bytearray(path.read_bytes())
    for page in range(4096 * 3, len(content), 4096):
        content[page : page + 64] = b"\xff" * 64
    path.write_bytes(content)
    with opened(tmp_path) as store, pytest.raises(StoreError, match="damaged"):
        store.path_to(ids[-1])


def test_a_lock_held_for_too_long_is_named_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("longctx.store.database.LOCK_SECONDS", 0.2)
    with opened(tmp_path) as store:
        session = store.create((), "", "{}")
        (first,) = asked(store, session.id, "one")
    with closing(sqlite3.connect(tmp_path / "longctx.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with opened(tmp_path) as store:
            assert store.turn(first).question == "one"
            with pytest.raises(StoreError, match=r"locked for 10 s.*backup.*try again"):
                store.append(session.id, turn(parent=first))
            holder.execute("ROLLBACK")
            store.append(session.id, turn(parent=first))


def test_a_lock_that_is_let_go_in_time_is_waited_for(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        session = store.create((), "", "{}")
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDING, str(tmp_path / "longctx.db")], stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        started = time.monotonic()
        store.append(session.id, turn())
        assert time.monotonic() - started > 0.2
        holder.communicate()


HOLDING = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(0.5)
"""


def test_the_store_s_error_is_one_of_ours() -> None:
    assert issubclass(StoreError, LongctxError)
    assert StoreError.exit_code == 1
