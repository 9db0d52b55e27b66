"""What a watch sees, when it warms, and what questions find afterwards."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loaders.repositories import Repo

from longctx import api
from longctx.api import Places, Session, watching
from longctx.api.watching import Sight, Warming, Watch
from longctx.engines import Request, Usage
from longctx.engines.scripted import Scripted
from longctx.errors import EngineError, EngineUnavailable

TEXT = "def one():\n    return 1\n" * 1_200
LARGE = "".join(f"edited = {number}\n" for number in range(300))
"""An edit that is worth a request of its own."""


class Server(Scripted):
    """Outlives the sessions that are opened over it; may forget, and may be down."""

    def __init__(self) -> None:
        super().__init__(["yes"])
        self.primes = 0
        self.forgets = False
        self.down = 0

    def prime(self, request: Request) -> Usage:
        self.primes += 1
        if self.down:
            self.down -= 1
            raise EngineUnavailable("it is down")
        usage = super().prime(request)
        return replace(usage, cached_tokens=0) if self.forgets else usage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.py", "b.py", "deep/c.py"):
        (folder / name).write_text(TEXT + f"# {name}\n")
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """What every session of this test is opened over, and short pauses."""
    server = Server()
    monkeypatch.setattr("longctx.engines.scripted.connect", lambda connection: server)
    monkeypatch.setattr(watching, "SETTLED", 0.02)
    monkeypatch.setattr(watching, "PATIENCE", 0.02)
    return server


Begin = Callable[[], Session]


@pytest.fixture
def begin(folder: Path, server: Server, tmp_path: Path) -> Begin:
    places = Places(tmp_path / "cache", tmp_path / "data")
    return lambda: api.open(str(folder), engine="scripted", places=places)


def watch(
    begin: Begin, keep_alive: float = 600, said: list[str] | None = None
) -> Iterator[Warming]:
    return iter(Watch(begin, 0.02, keep_alive, ([] if said is None else said).append))


def soon(events: Iterator[Warming], seconds: float = 10) -> Warming:
    """The next event; fails where none comes in time."""
    found: list[Warming] = []
    thread = threading.Thread(target=lambda: found.append(next(events)), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "nothing happened"
    return found[0]


def test_an_edit_is_seen_and_only_the_edit_is_prefilled(
    begin: Begin, folder: Path, server: Server
) -> None:
    events = watch(begin)
    start = soon(events)
    assert start.warmth is not None
    assert start.warmth.prefilled == start.tokens
    (folder / "b.py").write_text(TEXT + LARGE)
    edit = soon(events)
    assert (edit.reason, edit.changed) == ("edit", ("b.py",))
    assert edit.warmth is not None
    assert 0 < edit.warmth.prefilled < start.tokens / 2
    with begin() as session:
        assert session.lacking(session.shown().prefix) == 0, "a question finds it warm"


def test_new_and_deleted_files_are_seen(begin: Begin, folder: Path) -> None:
    events = watch(begin)
    soon(events)
    (folder / "deep" / "new.py").write_text("x = 1\n")
    assert soon(events).changed == ("deep/new.py",)
    (folder / "a.py").unlink()
    assert soon(events).changed == ("a.py",)


def test_saving_often_does_not_make_the_prompt_long(begin: Begin, folder: Path) -> None:
    events = watch(begin)
    first = soon(events).tokens
    sizes = []
    for number in range(4):
        (folder / "b.py").write_text(TEXT + f"# edited {number}\n")
        sizes.append(soon(events).tokens)
    assert max(sizes) - first < 150, "an edit replaces the update before it"


def test_edits_that_matter_become_a_step_of_their_own(
    begin: Begin, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "WORTH_KEEPING", 1)
    events = watch(begin)
    soon(events)
    for number in range(2):
        (folder / "b.py").write_text(TEXT + f"# edited {number}\n")
        soon(events)
    with begin() as session:
        assert len(session.shown().lineage.steps) == 2


def test_a_prefix_that_nobody_uses_is_touched(begin: Begin, server: Server) -> None:
    events = watch(begin, keep_alive=0.05)
    soon(events)
    assert soon(events).reason == "touch"
    server.forgets = True
    assert soon(events).reason == "going"


def test_a_server_that_is_down_for_a_while_is_tried_again(
    begin: Begin, folder: Path, server: Server
) -> None:
    said: list[str] = []
    events = watch(begin, said=said)
    soon(events)
    server.down = 2
    (folder / "b.py").write_text(TEXT + LARGE)
    event = soon(events)
    assert event.changed == ("b.py",)
    assert said[0].startswith("it is down; trying again")


def test_the_first_error_is_raised(begin: Begin, server: Server) -> None:
    server.down = 1
    with pytest.raises(EngineError):
        next(watch(begin))


def test_a_commit_that_changes_no_file_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    repo = Repo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "--quiet")
    repo.commit(**{"a.py": "one\n"})
    repo.write("a.py", "two\n")
    loaded = api.load([str(repo.path)], Places(tmp_path / "cache", tmp_path / "data"))
    sight = Sight.of((str(repo.path),), loaded)
    before = sight.signature()
    assert sight.signature() == before
    time.sleep(0.01)
    repo.git("commit", "--quiet", "--all", "--message", "two")
    assert sight.signature() != before


def test_a_file_edited_while_it_was_read_is_read_again(begin: Begin, folder: Path) -> None:
    """As it may be by whoever saves during the first look."""
    late = threading.Event()

    def begin_late() -> Session:
        session = begin()
        read = session.surface.read

        def slow() -> api.Loaded:
            loaded = read()
            if not late.is_set():
                late.set()
                (folder / "b.py").write_text(TEXT + "# meanwhile\n")
            return loaded

        session.surface = replace(session.surface, read=slow)
        return session

    events = watch(begin_late)
    soon(events)
    assert soon(events).changed == ("b.py",)


def test_files_from_the_future_do_not_keep_it_busy(begin: Begin, folder: Path) -> None:
    ahead = time.time() + 10_000
    os.utime(folder / "a.py", (ahead, ahead))
    with begin() as session:
        looking = Watch(begin, 0.01, 600, print)
        looking._shown(session)
    assert looking._sight.signature()[0] == looking._signature
