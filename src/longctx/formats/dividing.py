"""Reading one file with several workers, where its format can be divided.

What may live here: who reads which pages, and what follows on what. What must never be known here:
processes and pipes, caches, what a file says.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from longctx.formats.packing import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.formats import Extract, Material, Options, Report
    from longctx.formats.workers import Worker, Workers

PIECE = 64
"""Pages that a worker takes at a time, at the least."""
TURNS = 4
"""How often each worker takes some: opening a file in its middle is not free."""
LARGE = 200_000
"""Bytes of a file that may well have more pages than a piece."""
DIVISIBLE = frozenset({"longctx.formats.pdf:PDF"})
"""Formats of ours that can be divided, known without loading them."""


def read(
    workers: Workers, format: str, file: Material, options: Options, report: Report
) -> Future[Extract]:
    """The extract, once it is there; the future raises what `Format.read` raises."""
    reading = _Reading(workers, format, file, options, report)
    return reading.begun(divided=format in DIVISIBLE and workers.count > 1)


class _Reading:
    """One file on its way: in one go, or counted, read in pieces, joined."""

    def __init__(
        self, workers: Workers, format: str, file: Material, options: Options, report: Report
    ) -> None:
        self._workers = workers
        self._format, self._file, self._options = format, file, options
        self._report = report
        self._result: Future[Extract] = Future()
        self._pieces: list[bytes | None] = []
        self._pages = 0
        self._lock = threading.RLock()
        """Pieces arrive in several threads."""

    def begun(self, *, divided: bool) -> Future[Extract]:
        if divided:
            if len(self._file.data) >= LARGE:
                self._workers.prepare(self._format, self._options)
            self._then(self._ask("units"), self._counted)
        else:
            self._then(self._ask("read", report=self._report), self._read)
        return self._result

    def _ask(
        self, do: str, report: Report = lambda done, total: None, body: bytes = b"", **more: object
    ) -> Future[bytes]:
        def work(worker: Worker) -> bytes:
            return worker.ask(do, self._format, self._file, self._options, report, body, **more)

        return self._workers.run(work)

    def _then(self, future: Future[bytes], go_on: Callable[[bytes], None]) -> None:
        def done(future: Future[bytes]) -> None:
            with self._lock:
                if self._result.done():
                    return
                try:
                    go_on(future.result())
                except BaseException as error:  # whatever it is, whoever waits must hear of it
                    self._result.set_exception(error)

        future.add_done_callback(done)

    def _read(self, answer: bytes) -> None:
        self._result.set_result(unpacked(answer))

    def _counted(self, answer: bytes) -> None:
        self._pages = int(answer)
        if self._pages <= PIECE:
            self._then(self._ask("read", report=self._report), self._read)
            return
        size = max(PIECE, -(-self._pages // (TURNS * self._workers.count)))
        starts = range(0, self._pages, size)
        self._pieces = [None] * len(starts)
        for number, first in enumerate(starts):
            last = min(first + size, self._pages)
            self._then(
                self._ask("piece", first=first, last=last),
                partial(self._have, number, last - first),
            )

    def _have(self, number: int, pages: int, answer: bytes) -> None:
        self._pieces[number] = answer
        done = sum(piece is not None for piece in self._pieces)
        self._report(self._pages * done // len(self._pieces), self._pages)
        if done == len(self._pieces):
            pieces = [piece or b"" for piece in self._pieces]
            joined = self._ask(
                "join", body=b"".join(pieces), sizes=[len(piece) for piece in pieces]
            )
            self._then(joined, self._read)
