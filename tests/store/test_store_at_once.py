"""Processes that use one store at once do not lose each other's turns."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from store.keeping_turns import opened

HAMMERING = Path(__file__).with_name("hammering.py")
OPENING = """
import sys
from pathlib import Path
from longctx.store import Store
Store.open(Path(sys.argv[1])).close()
"""
PROCESSES, TURNS = 4, 30


def at_once(*command: str) -> None:
    started = [
        subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    for process in started:
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()


def test_four_processes_append_to_their_own_sessions_and_to_a_shared_one(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        shared = store.create((), "shared", "{}").id
    at_once(str(HAMMERING), str(tmp_path), shared, str(TURNS))
    with opened(tmp_path) as store:
        own = store.sessions("own")
        assert [session.turns for session in own] == [TURNS] * PROCESSES
        head = store.session(shared).head
        assert head is not None
        counted = Counter(kept.question for kept in store.path_to(head))
        assert counted == {session.id: TURNS for session in own}
        assert len(store.bases()) == TURNS
        assert len(store.recorded("server")) == 10


def test_four_processes_may_make_the_store_at_once(tmp_path: Path) -> None:
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        at_once("-c", OPENING, str(folder))
        with opened(folder) as store:
            assert store.sessions() == ()
