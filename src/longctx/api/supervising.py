"""Runs what serves: starts every process, says when it is ready, and ends all when one ends.

Owns child processes only. What must never be known here: flags, files.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from longctx.errors import EngineError, UsageError
from longctx.serving import shell
from longctx.serving.launches import Var

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longctx.serving import Launch, Process, Text

EVERY = 1.0
"""Seconds between looks."""

GRACE = 60.0
"""Seconds that a process may take to end by itself."""


def supervised(launch: Launch, say: Callable[[str], None], patience: float = 3600.0) -> None:
    """Run it until a process ends or we are told to end (SIGINT, SIGTERM); never returns otherwise.

    The processes write to our own streams. Raises UsageError for what cannot be started at all, and
    EngineError where a process ends by itself.
    """
    if launch.nodes > 1:
        missing = [name for name in launch.servers[0].variables if not os.environ.get(name)]
        if missing:
            raise UsageError(f"set {', '.join(missing)} on each machine; --help says to what")
    with _ending() as ended:
        children: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for process in launch.processes:
                children[process.name] = _started(launch, process)
                say(f"{process.name}: started, process {children[process.name].pid}")
            _watch(launch, children, ended, say, patience)
        finally:
            _end(children, say)


def _started(launch: Launch, process: Process) -> subprocess.Popen[bytes]:
    words = [_word(word) for word in process.words]
    program = shutil.which(words[0])
    if program is None:
        raise UsageError(
            f"{words[0]} is not installed here: install it, or name the Python that has it with"
            " --python"
        )
    environment = os.environ | dict(process.env)
    if process.gpus and len(launch.servers) > 1:
        environment["CUDA_VISIBLE_DEVICES"] = shell.visible(process)
    # A group of its own, so that Ctrl-C reaches us alone and workers end with their server.
    return subprocess.Popen(
        [program, *words[1:]],
        env=environment,
        stdin=subprocess.DEVNULL,
        process_group=0,
    )


def _word(text: Text) -> str:
    said = ""
    for piece in text:
        if not isinstance(piece, Var):
            said += piece
        elif not os.environ.get(piece.name):
            raise UsageError(f"{piece.name} is not set in the environment")
        else:
            said += os.environ[piece.name]
    return said


def _watch(
    launch: Launch,
    children: dict[str, subprocess.Popen[bytes]],
    ended: threading.Event,
    say: Callable[[str], None],
    patience: float,
) -> None:
    last = launch.processes[-1]
    begun, ready = time.monotonic(), False
    while not ended.wait(EVERY):
        for name, child in children.items():
            code = child.poll()
            if code is not None:
                how = f"signal {-code}" if code < 0 else f"code {code}"
                raise EngineError(
                    f"{name} ended with {how}: what it said last stands above; where memory ran"
                    " out, a smaller --window helps"
                )
        waited = time.monotonic() - begun
        if not ready and _healthy(last):
            ready = True
            say(
                f"ready after {waited:,.0f} s: export LONGCTX_BASE_URL=http://127.0.0.1:{last.port}"
            )
        if not ready and waited > patience:
            raise EngineError(f"not ready after {waited:,.0f} s at port {last.port}: ended")


def _healthy(process: Process) -> bool:
    url = f"http://127.0.0.1:{process.port}{process.health}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


@contextmanager
def _ending() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, instead of what they did before."""
    ended = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: ended.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(children: dict[str, subprocess.Popen[bytes]], say: Callable[[str], None]) -> None:
    for child in children.values():
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for name, child in children.items():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{name} does not end by itself: killed")
        # What a server leaves behind of its workers ends here.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if children:
        say(f"ended: {', '.join(children)}")
