"""One at a time holds a flight, and it is given up with the process that held it."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from longctx.session.flights import Flights

HOLDER = """
import sys, time
from pathlib import Path
from longctx.session.flights import Flights

with Flights(Path(sys.argv[1])).alone("prefix"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_threads_hold_it_one_after_the_other(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work(number: int) -> bool:
        nonlocal inside, most
        with Flights(tmp_path).alone("prefix") as waited:
            inside += 1
            most = max(most, inside)
            time.sleep(0.02)
            inside -= 1
        return waited

    with ThreadPoolExecutor(6) as pool:
        waited = list(pool.map(work, range(6)))
    assert most == 1
    assert sorted(waited) == [False, *[True] * 5]


def test_flights_of_other_prefixes_do_not_wait(tmp_path: Path) -> None:
    flights = Flights(tmp_path)
    with flights.alone("one"), flights.alone("other") as waited:
        assert not waited


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_dies_gives_it_up(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        waits: list[float] = []
        killer = threading.Timer(0.3, holder.send_signal, (how,))
        killer.start()
        with Flights(tmp_path).alone("prefix", waits.append) as waited:
            assert waited
        killer.join()
    assert waits == sorted(waits)
    assert len(waits) > 1, "who waits is told so again and again"
    assert 0.1 < waits[-1] < 10


def test_a_wait_can_be_interrupted(tmp_path: Path) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    flights = Flights(tmp_path)
    with (
        flights.alone("prefix"),
        pytest.raises(KeyboardInterrupt),
        flights.alone("prefix", interrupted),
    ):
        raise AssertionError("held twice")
    with flights.alone("prefix") as waited:
        assert not waited


def test_an_error_while_it_is_held_gives_it_up(tmp_path: Path) -> None:
    flights = Flights(tmp_path)
    with pytest.raises(ValueError, match="gone"), flights.alone("prefix"):
        raise ValueError("gone")
    with flights.alone("prefix") as waited:
        assert not waited


def test_locks_are_the_users_own(tmp_path: Path) -> None:
    folder = tmp_path / "flights"
    with Flights(folder).alone("prefix"):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / "prefix.lock").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"), Flights(tmp_path).alone("prefix"):
        pass
    assert target.read_text() == "mine"
