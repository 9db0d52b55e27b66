"""A database is brought up to date step by step, each step whole or not at all."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store.keeping_turns import asked, opened

from longctx.store import Store, StoreError
from longctx.store.database import Database
from longctx.store.schema import MIGRATIONS, statements

VERSION_2 = """
ALTER TABLE session ADD COLUMN colour TEXT NOT NULL DEFAULT 'red; not; blue';
CREATE TABLE shelf (id INTEGER PRIMARY KEY); -- a comment; with a semicolon
CREATE TRIGGER shelved AFTER INSERT ON shelf BEGIN
    UPDATE session SET colour = 'green; or so';
    DELETE FROM shelf WHERE id < 0;
END;
"""
BROKEN = VERSION_2 + "INSERT INTO nowhere VALUES (1);"
CRASHING = VERSION_2 + "SELECT crash();"
CRASH = """
import os, signal, sqlite3, sys
from pathlib import Path
from longctx.store import database
from longctx.store.schema import MIGRATIONS

class Crashing(sqlite3.Connection):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.create_function("crash", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))

connect = sqlite3.connect
sqlite3.connect = lambda *args, **kwargs: connect(*args, **kwargs, factory=Crashing)
database.Database.open(Path(sys.argv[1]), (*MIGRATIONS, sys.argv[2]))
"""


def version(folder: Path) -> tuple[int, bool]:
    """The database's version, and whether version 2's column is there."""
    with closing(sqlite3.connect(folder / "longctx.db")) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(session)")]
        return database.execute("PRAGMA user_version").fetchone()[0], "colour" in columns


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A store of version 1 with a turn in it."""
    with opened(tmp_path) as store:
        asked(store, store.create((), "", "{}", name="mine").id, "one")
    return tmp_path


def test_a_script_is_cut_into_its_statements() -> None:
    assert len([*statements(VERSION_2)]) == 3
    assert "".join(statements(VERSION_2)).split() == VERSION_2.split()
    assert [*statements("SELECT 'open")] == ["SELECT 'open;"]


def test_an_older_database_is_brought_up_to_date_once(used: Path) -> None:
    for _ in range(2):
        Database.open(used, (*MIGRATIONS, VERSION_2)).close()
        assert version(used) == (len(MIGRATIONS) + 1, True)


def test_a_step_that_fails_leaves_the_version_before_and_the_data(used: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        Database.open(used, (*MIGRATIONS, BROKEN))
    assert version(used) == (len(MIGRATIONS), False)
    with opened(used) as store:
        assert store.session("mine").turns == 1


def test_a_crash_in_the_middle_of_a_step_leaves_the_version_before_and_the_data(
    used: Path,
) -> None:
    crashed = subprocess.run([sys.executable, "-c", CRASH, str(used), CRASHING])
    assert crashed.returncode == -signal.SIGKILL
    assert version(used) == (len(MIGRATIONS), False)
    with opened(used) as store:
        assert store.session("mine").turns == 1
    Database.open(used, (*MIGRATIONS, VERSION_2)).close()
    assert version(used) == (len(MIGRATIONS) + 1, True)


def test_a_database_of_a_newer_longctx_is_left_alone(used: Path) -> None:
    Database.open(used, (*MIGRATIONS, VERSION_2)).close()
    with pytest.raises(StoreError, match=r"newer longctx.*update longctx"):
        Store.open(used)
    assert version(used) == (len(MIGRATIONS) + 1, True)
