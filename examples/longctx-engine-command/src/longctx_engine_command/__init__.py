"""An engine for longctx: asks a program that reads a prompt and writes an answer.

Written from `docs/engines.md` alone. `connect` is what the entry point names; longctx calls it with
a `Connection`, whose base URL holds the command line here.
"""

from __future__ import annotations

import codecs
import os
import shlex
import subprocess
import tempfile
import threading
from typing import IO, TYPE_CHECKING

from longctx.engines import Connection, Delta, Engine, Event, Request, Served, Takes, Usage
from longctx.errors import EngineError, EngineUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 65_536
"""Bytes of an answer that are read at once, at the most."""


def connect(connection: Connection) -> Engine:
    """An engine for the command that the base URL holds; nothing is run yet."""
    words = shlex.split(connection.base_url or "")
    if not words:
        raise UsageError('the command engine needs its command: --base-url "PROGRAM ARGUMENTS"')
    return Command(words, connection.model)


class Command(Engine):
    """Answers with what a program writes."""

    name = "command"

    def __init__(self, words: list[str], model: str | None) -> None:
        self._words = words
        self._model = model

    def served(self) -> Served:
        return Served(self.name, model=self._model or self._words[0])

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.MESSAGES,)

    def stream(self, request: Request) -> Iterator[Event]:
        prompt = "\n\n".join(message.content for message in request.messages)
        with tempfile.TemporaryFile() as errors:
            process = self._started(errors)
            # Sent from a thread of its own: a program may answer before it has read everything.
            sender = threading.Thread(
                target=_send, args=(process, prompt.encode("utf-8", "replace"))
            )
            sender.start()
            try:
                yield from _pieces(process)
                if process.wait() != 0:
                    errors.seek(0)
                    said = errors.read()[-1_000:].decode("utf-8", "replace").strip()
                    raise EngineError(
                        f"{self._words[0]} failed with status {process.returncode}:"
                        f" {said or 'it did not say why'}"
                    )
            finally:  # also when longctx closes the iterator: then nobody waits for the answer
                process.kill()
                process.wait()
                sender.join()
                if process.stdout is not None:
                    process.stdout.close()
        yield Usage(finish_reason="stop")

    def prime(self, request: Request) -> Usage:
        return Usage(completion_tokens=0)  # a program keeps nothing between two runs

    def _started(self, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        except OSError as error:
            raise EngineUnavailable(f"{self._words[0]}: {error.strerror}") from error


def _send(process: subprocess.Popen[bytes], prompt: bytes) -> None:
    if process.stdin is None:
        return
    try:
        with process.stdin as pipe:
            pipe.write(prompt)
    except BrokenPipeError:
        return  # it has read what it wanted, or ended; its status says which


def _pieces(process: subprocess.Popen[bytes]) -> Iterator[Delta]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    if process.stdout is None:
        return
    while piece := os.read(process.stdout.fileno(), PIECE):
        if text := decoder.decode(piece):
            yield Delta(text)
    if text := decoder.decode(b"", final=True):
        yield Delta(text)
