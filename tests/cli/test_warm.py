"""`longctx warm` and `longctx repack` as processes."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cli.process import SAMPLES, Words, run

from longctx import api
from longctx.api import Places
from longctx.cli.narration import Progress
from longctx.cli.repack import repack
from longctx.engines import Request, Usage
from longctx.engines.scripted import Scripted

CONTRACT = SAMPLES / "contract"


@pytest.fixture
def engine(tmp_path: Path) -> list[str]:
    script = tmp_path / "answer.txt"
    script.write_text("yes", "utf-8")
    return ["--engine", "scripted", "--base-url", str(script)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.md").write_text(f"# {number}\n" + "Some words on it.\n" * 200)
    return folder


def test_it_says_what_it_will_take_and_what_it_took(tmp_path: Path, engine: list[str]) -> None:
    words: Words = ["warm", CONTRACT, *engine]
    first, second = run(*words, home=tmp_path), run(*words, home=tmp_path)
    assert (first.code, first.out) == (0, "")
    assert "0 should be cached, " in first.err
    assert "warm: prefilled " in first.err
    assert "tokens/s" not in first.err
    assert "tokens/s" in second.err, "the second time the rate of the first is known"


def test_warm_tells_json(tmp_path: Path, engine: list[str]) -> None:
    told = json.loads(run("warm", CONTRACT, *engine, "--json", home=tmp_path).out)
    assert told["tokens"] == told["prefilled_tokens"] > 1_000
    assert told["predicted_cached_tokens"] == told["cached_tokens"] == 0
    assert told["estimated_seconds"] is None


@pytest.mark.parametrize("command", ["warm", "repack"])
def test_without_a_model_there_is_nothing_to_warm(tmp_path: Path, command: str) -> None:
    done = run(command, CONTRACT, "--engine", "extractive", home=tmp_path)
    assert done.code == 2
    assert "there is nothing to warm" in done.err
    assert "LONGCTX_BASE_URL" in done.err


def test_repacking_is_weighed_done_and_then_not_needed(
    tmp_path: Path, folder: Path, engine: list[str]
) -> None:
    words: Words = ["repack", folder, *engine, "--json"]
    run("warm", folder, *engine, home=tmp_path)
    (folder / "1.md").write_text("# edited\n")
    weighed = run(*words, "--dry-run", home=tmp_path)
    assert json.loads(weighed.out)["repacked"] is False
    assert "spares each question" in weighed.err
    done = json.loads(run(*words, home=tmp_path).out)
    assert done == json.loads(weighed.out) | {"repacked": True}
    assert done["carried_tokens"] > 0
    again = run(*words, home=tmp_path)
    assert json.loads(again.out)["repacked"] is False
    assert "nothing to repack" in again.err


class Interrupted(Scripted):
    """Somebody presses Ctrl-C while it prefills."""

    now = False

    def prime(self, request: Request) -> Usage:
        if self.now:
            raise KeyboardInterrupt
        return super().prime(request)


def test_a_repack_that_is_interrupted_leaves_the_old_base_in_use(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Interrupted(["yes"])
    monkeypatch.setattr("longctx.engines.scripted.connect", lambda connection: server)
    places = Places(tmp_path / "cache", tmp_path / "data")
    with api.open(str(folder), engine="scripted", places=places) as session:
        session.keep(session.shown().continued)
        (folder / "1.md").write_text("# edited\n")
        before = session.shown()
        session.keep(before.continued)
        server.now = True
        with pytest.raises(KeyboardInterrupt):
            repack(session, Progress(""))
        assert session.shown().lineage.digest == before.lineage.digest
        server.now = False
        repack(session, Progress(""))
        assert not session.shown().lineage.steps


def test_a_watch_notices_an_edit_and_ends_on_ctrl_c(
    tmp_path: Path, folder: Path, engine: list[str]
) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LONGCTX_", "XDG_"))}
    words = ["warm", str(folder), *engine, "--watch", "--interval", "0.1", "--json"]
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "longctx", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**clean, "HOME": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        guard = threading.Timer(60, process.kill)
        guard.start()
        start = json.loads(process.stdout.readline())
        (folder / "1.md").write_text("# edited\n")
        edit = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        told = process.stderr.read().decode()
        code = process.wait()
        guard.cancel()
    assert (start["reason"], start["changed"]) == ("start", [])
    assert (edit["reason"], edit["changed"]) == ("edit", ["1.md"])
    assert code == 0
    assert "watched for 0 min: prefilled" in told
