"""Worker processes from the outside: started, asked, and killed when they take too long.

What may live here: processes, pipes, deadlines. What must never be known here: caches, sources,
what a file says, how long files are divided (`dividing`). A thread owns one process.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Self, cast

from longctx.corpus import Reason
from longctx.formats import Material, NotThis, Refused
from longctx.formats.packing import options_as_json
from longctx.formats.worker import MEMORY, receive_from, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType
    from typing import TypeVar

    from longctx.formats import Options, Report

    Answer = TypeVar("Answer")

SECONDS = 20.0
"""Processor time for one request: a file, or a piece of a long one."""
SLOW = 600.0
"""The same where pictures of pages are recognised."""
WALL = 3
"""So many times as long may a request take by the clock, on a machine that is busy."""
MOST = 3
"""Workers at once: together with this process they stay below 300 MB on a 1,000-page PDF."""
LONGEST_ANSWER = 1 << 30
"""Bytes."""


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Gone(Exception):
    """The worker died while it was asked."""


class Worker:
    """One process; not for two threads at once."""

    def __init__(self) -> None:
        # -P: never import from the current folder, which may be the very source that is read.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "longctx.formats.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours; what the worker runs dies with its group
        )
        self._has: Material | None = None

    def ask(
        self,
        do: str,
        format: str,
        file: Material,
        options: Options,
        report: Report,
        body: bytes = b"",
        **more: object,
    ) -> bytes:
        """What the format answers. Raises Refused and NotThis as it does, and Refused where the
        process had to be ended."""
        seconds = SLOW if options.ocr else SECONDS
        said = {"do": do, "format": format, "seconds": seconds, **more}
        try:
            self._give(file)
            self._send(said | {"options": options_as_json(options)}, body)
            return self._answer(time.monotonic() + WALL * seconds, report)
        except Gone:
            raise Refused(*self._death(seconds)) from None

    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Make the process and all that it started end, from any thread; who asks it hears so."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the process and let go of its pipes; for the thread that owns it."""
        self.end()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                cast("int", pipe and pipe.close())

    def _give(self, file: Material) -> None:
        if self._has is not file:
            self._send({"material": file.name}, file.data)
            self._has = file

    def _send(self, head: dict[str, object], body: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101  # it was opened as a pipe
        try:
            send(self._process.stdin, head, body)
        except OSError as error:
            raise Gone from error

    def _answer(self, deadline: float, report: Report) -> bytes:
        while True:
            head, body = receive_from(lambda size: self._read(size, deadline))
            match head.get("kind"):
                case "progress":
                    report(int(str(head["done"])), int(str(head["total"])))
                case "refused":
                    raise Refused(Reason(str(head["reason"])), str(head["detail"]))
                case "not this":
                    raise NotThis
                case _:
                    return body

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # it was opened as a pipe
        if size > LONGEST_ANSWER:
            raise Gone
        descriptor, parts, missing = self._process.stdout.fileno(), [], size
        while missing:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(descriptor, min(missing, 1 << 20)) if ready else b""
            if not part:
                raise Gone
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _death(self, seconds: float) -> tuple[Reason, str]:
        """Why the process is gone; it is so for sure after this."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        ended = self._process.returncode
        self.kill()
        if ended == -signal.SIGXCPU:
            return Reason.LIMIT, f"reading it takes over {seconds:.0f} s"
        if ended is None:
            return Reason.LIMIT, f"reading it takes over {WALL * seconds:.0f} s"
        if ended in (-signal.SIGABRT, -signal.SIGKILL):
            return Reason.LIMIT, f"it takes over {MEMORY >> 20:,} MiB of memory to read"
        return Reason.DAMAGED, "reading it crashes the reader"


class Workers:
    """As many processes as there are processors, none before there is work. A context manager."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or min(MOST, _processors())
        self._threads = ThreadPoolExecutor(self.count, thread_name_prefix="reading")
        self._mine = threading.local()
        self._all: list[Worker] = []
        self._ended = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End all processes; what is still asked is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._ended = True
        for worker in self._all:
            worker.end()
        self._threads.shutdown(wait=True)
        for worker in self._all:
            worker.kill()

    def prepare(self, format: str, options: Options) -> None:
        """Start all processes, and have each load the format, before there is work for all."""

        def load(worker: Worker) -> None:
            worker.ask("load", format, Material("", b""), options, lambda done, total: None)

        for _ in range(self.count - len(self._all)):
            self.run(load)

    def run(self, work: Callable[[Worker], Answer]) -> Future[Answer]:
        """Have this done with one of the processes."""
        return self._threads.submit(lambda: work(self._worker()))

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._mine, "worker", None)
        if worker is None or not worker.alive():
            # None may be started once all were told to end.
            with self._lock:
                if self._ended:
                    raise Refused(Reason.UNREADABLE, "interrupted")
                worker = self._mine.worker = Worker()
                self._all.append(worker)
        return worker
