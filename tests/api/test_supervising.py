"""What is run is watched: said when ready, ended together, errors told apart."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from longctx.api.supervising import supervised
from longctx.errors import EngineError, UsageError
from longctx.serving import Flag, Launch, Process, Var

SERVER = """
import http.server, os, pathlib, sys
pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))
place, handler = ("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler
http.server.HTTPServer(place, handler).serve_forever()
"""


def port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def process(name: str, code: str, at: int, *words: str) -> Process:
    """A double of a server."""
    flags = tuple(Flag(word) for word in words)
    return Process(name, (sys.executable, "-c", code), flags, at, health="/")


def launch(*servers: Process, nodes: int = 1) -> Launch:
    return Launch("longctx-test", "a test", (), "sglang", servers, nodes=nodes)


def alive(file: Path) -> bool:
    try:
        os.kill(int(file.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def interrupted_once(said: list[str], word: str) -> threading.Thread:
    """Ctrl-C once a line with this word was said."""

    def wait() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any(word in line for line in said):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_it_is_said_when_it_answers_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    said: list[str] = []
    at, file = port(), tmp_path / "pid"
    before = signal.getsignal(signal.SIGINT)
    thread = interrupted_once(said, "ready")
    supervised(launch(process("server", SERVER, at, str(at), str(file))), said.append)
    thread.join()
    assert any(f"LONGCTX_BASE_URL=http://127.0.0.1:{at}" in line for line in said)
    assert said[-1] == "ended: server"
    assert not alive(file)
    assert signal.getsignal(signal.SIGINT) is before


def test_where_one_ends_all_end(tmp_path: Path) -> None:
    at, file = port(), tmp_path / "pid"
    good = process("server-0", SERVER, at, str(at), str(file))
    bad = process(
        "server-1",
        "import pathlib, sys, time\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.05)\n"
        "raise SystemExit(3)",
        port(),
        str(file),
    )
    with pytest.raises(EngineError, match="server-1 ended with code 3"):
        supervised(launch(good, bad), lambda line: None)
    assert not alive(file)


def test_what_never_answers_is_ended() -> None:
    sleeping = process("server", "import time; time.sleep(600)", port())
    with pytest.raises(EngineError, match="not ready"):
        supervised(launch(sleeping), lambda line: None, patience=0.1)


def test_what_is_not_installed_or_not_set_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Process("server", ("no-such-program-here",), (), port())
    with pytest.raises(UsageError, match="not installed"):
        supervised(launch(missing), lambda line: None)
    monkeypatch.delenv("SOME_KEY", raising=False)
    keyed = Process("server", (sys.executable,), (Flag("--key", (Var("SOME_KEY"),)),), port())
    with pytest.raises(UsageError, match="SOME_KEY is not set"):
        supervised(launch(keyed), lambda line: None)
    with pytest.raises(UsageError, match="on each machine"):
        supervised(launch(keyed, nodes=2), lambda line: None)


def test_each_replica_sees_its_own_gpus(tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import os, sys, time\n"
        "with open(sys.argv[1], 'a') as file:\n"
        "    file.write(os.environ['CUDA_VISIBLE_DEVICES'] + ';')\n"
        "time.sleep(3)"
    )
    pair = [
        Process(
            f"server-{each}",
            (sys.executable, "-c", code),
            (Flag(str(told)),),
            port(),
            gpus=2,
            first=2 * each,
        )
        for each in range(2)
    ]
    with pytest.raises(EngineError, match="ended with code 0"):
        supervised(launch(*pair), lambda line: None)
    assert sorted(told.read_text().split(";")) == ["", "0,1", "2,3"]
