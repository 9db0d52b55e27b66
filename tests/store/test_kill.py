"""Whatever moment a writer is killed at, all that it was promised is there and nothing is half.

Run as a script it takes the number of kills: `python tests/store/test_kill.py 300`.
"""

import hashlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from longctx.store import Store

WRITER = Path(__file__).with_name("endless_writer.py")
KILLS = 60
KILLS_A_FOLDER = 12
LONGEST = 0.5
"""Seconds before the kill: some hit the start, where the database is made or opened."""


def killed(folder: Path, seed: int, seconds: float) -> list[list[str]]:
    """What a writer said before it was killed, a list of words a line."""
    writer = subprocess.Popen(
        [sys.executable, str(WRITER), str(folder), str(seed)], stdout=subprocess.PIPE
    )
    time.sleep(seconds)
    assert writer.poll() is None, "it stopped by itself"
    writer.kill()
    output, _ = writer.communicate()
    return [line.decode().split() for line in output.splitlines()]


def check(folder: Path, lines: list[list[str]]) -> None:
    """Everything said so far is there and whole, and so is everything else."""
    promised: dict[str, dict[str, list[str]]] = {
        kind: {} for kind in ("turn", "base", "going", "value")
    }
    for kind, key, *rest in lines:
        promised[kind][key] = rest
    with closing(Store.open(folder)) as store:
        for id, question in promised["turn"].items():
            turn = store.turn(int(id))
            assert turn.question == " ".join(question)
            assert turn.answer == hashlib.sha256(turn.question.encode()).hexdigest() * 200
        for key in promised["value"]:
            value = store.kept("value", bytes.fromhex(key))
            assert value is not None
            assert hashlib.sha256(value).hexdigest() == key
        there = {base.digest.hex() for base in store.bases()}
        assert there >= promised["base"].keys() - promised["going"].keys()
        for digest in there:
            parts = [store.frozen(bytes.fromhex(digest), f"part{n}") for n in range(3)]
            assert None not in parts
            digests = b"".join(hashlib.sha256(part or b"").digest() for part in parts)
            assert hashlib.sha256(digests).hexdigest() == digest
        for session in store.sessions():
            if session.head is not None:
                assert len(store.path_to(session.head)) == session.turns
    with closing(sqlite3.connect(folder / "longctx.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.execute("INSERT INTO said (said) VALUES ('integrity-check')")
        turns = database.execute("SELECT count(*) FROM turn").fetchone()
        assert database.execute("SELECT count(*) FROM said").fetchone() == turns


def kill_often(folder: Path, kills: int, seed: int) -> int:
    """Kill so many writers; how many promises they had got."""
    rng = random.Random(seed)
    lines: list[list[str]] = []
    promises = 0
    for kill in range(kills):
        if kill % KILLS_A_FOLDER == 0:
            lines = []
        place = folder / str(kill // KILLS_A_FOLDER)
        new = killed(place, seed * 1000 + kill, rng.uniform(0.02, LONGEST))
        lines += new
        promises += len(new)
        check(place, lines)
    return promises


def test_a_killed_writer_leaves_everything_promised_and_nothing_half(tmp_path: Path) -> None:
    assert kill_often(tmp_path, KILLS, seed=1) > KILLS


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        kills, seed = int(sys.argv[1]), random.randrange(10**6)
        sys.stdout.write(f"{kills} kills, seed {seed}\n")
        sys.stdout.write(f"{kill_often(Path(scratch), kills, seed)} promises kept\n")
