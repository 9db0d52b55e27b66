"""The process in which hostile files are read: one request after the other on standard input.

What may live here: the child's side of the pipe and its limits. What must never be known here: who
asks, caches, where files lie. Run as `python -m longctx.formats.worker`; its standard output is the
pipe, so whatever a library prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import IO, TYPE_CHECKING, cast

from longctx.corpus import Reason
from longctx.formats import Divisible, Format, Material, NotThis, Refused
from longctx.formats.packing import fitting, options_of, packed
from longctx.structure.clauses import clauses_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.formats import Extract, Options

MEMORY = 1_500 << 20
"""Bytes of address space."""
FRAME = struct.Struct("<IQ")
"""Length of the JSON head and of the bytes that follow it."""


def send(pipe: IO[bytes], head: dict[str, object], body: bytes = b"") -> None:
    data = json.dumps(head).encode()
    pipe.write(FRAME.pack(len(data), len(body)) + data)
    pipe.write(body)
    pipe.flush()


def receive_from(read: Callable[[int], bytes]) -> tuple[dict[str, object], bytes]:
    """The next frame; `read` gives so many bytes, or raises at the end."""
    head, body = FRAME.unpack(read(FRAME.size))
    return json.loads(read(head)), read(body)


def main() -> None:
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # some systems know no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # Ctrl-C is the parent's to handle: it ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = Material("", b"")
    while True:
        try:
            head, body = receive_from(requests.read)
        except struct.error:  # the parent is gone
            return
        if "material" in head:
            file = Material(str(head["material"]), body)
            continue
        _limit_time(float(str(head["seconds"])))
        try:
            send(answers, {"kind": "done"}, _answer(head, body, file, _reporter(answers)))
        except Refused as refused:
            send(
                answers,
                {"kind": "refused", "reason": str(refused.reason), "detail": refused.detail},
            )
        except NotThis:
            send(answers, {"kind": "not this"})
        except MemoryError:
            detail = f"it takes over {MEMORY >> 20:,} MiB of memory to read"
            send(answers, {"kind": "refused", "reason": str(Reason.LIMIT), "detail": detail})
        except RecursionError:
            detail = "it is nested too deeply"
            send(answers, {"kind": "refused", "reason": str(Reason.LIMIT), "detail": detail})
        except Exception as error:  # a reader's bug on a hostile file must not look like a crash
            detail = f"{type(error).__name__}: {error}"[:300]
            send(answers, {"kind": "refused", "reason": str(Reason.DAMAGED), "detail": detail})


def _answer(
    head: dict[str, object], body: bytes, file: Material, report: Callable[[int, int], None]
) -> bytes:
    reader, options = (
        load(str(head["format"])),
        options_of(cast("dict[str, object]", head["options"])),
    )
    match head["do"]:
        case "load":
            return b""
        case "units":
            units = reader.units(file, options) if isinstance(reader, Divisible) else 0
            return str(units).encode()
        case "piece" if isinstance(reader, Divisible):
            first, last = int(str(head["first"])), int(str(head["last"]))
            return reader.piece(file, options, first, last, report)
        case "join" if isinstance(reader, Divisible):
            return _finished(reader, file, options, head, body)
        case _:
            return packed(_with_clauses(fitting(reader.read(file, options, report))))


def _finished(
    reader: Divisible, file: Material, options: Options, head: dict[str, object], body: bytes
) -> bytes:
    sizes, pieces, place = cast("list[int]", head["sizes"]), [], 0
    for size in sizes:
        pieces.append(body[place : place + size])
        place += size
    return packed(_with_clauses(fitting(reader.join(file, options, pieces))))


def _with_clauses(extract: Extract) -> Extract:
    """With an anchor for each clause, unless the format knew them."""
    if any(anchor.kind in ("clause", "sheet", "cell") for anchor in extract.anchors):
        return extract
    found = clauses_in(extract.text)
    anchors = sorted((*extract.anchors, *found), key=lambda anchor: anchor.start)
    return replace(extract, anchors=tuple(anchors))


def load(name: str) -> Format:
    """The format that is registered as `module:NAME`."""
    module, _, attribute = name.partition(":")
    return cast("Format", getattr(import_module(module), attribute))


def _reporter(answers: IO[bytes]) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        send(answers, {"kind": "progress", "done": done, "total": total})

    return report


def _limit_time(seconds: float) -> None:
    """End this process when it has worked that long from here on; a hung library cannot refuse."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
