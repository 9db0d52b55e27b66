"""What longctx itself costs between a prompt and the bytes on the wire.

    python -m benchmarks.wire
    python -m benchmarks.wire --tools ids,messages --repeat 30

From a prompt whose parts are counted to the last byte sent and the first byte of the answer: CPU
time of this process, without the server's, which is a double in a process of its own that reads a
request and answers with a word. `ids` goes to SGLang as token ids, `messages` to an
OpenAI-compatible API and to Ollama as text.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, get_context
from typing import TYPE_CHECKING

from benchmarks.measuring import MEGABYTE, arguments, middle_and_best, setting, show
from longctx.engines import Connection, engine_for
from longctx.prompt import Effort, Ids, Prompt, Role, Segment
from longctx.session import Generation, request_for
from longctx.template import template_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection as Pipeline

    from longctx.engines import Engine

TOOLS = ("ids", "messages")
SIZES = (262_144, 1_048_576)
TARGET = 0.060
"""CPU seconds at the smaller size."""

BYTES_A_TOKEN = 4
TIMES = 15
HEADER = ("what", "tokens", "MB sent", "CPU ms, median (best)", "of target", "target met?")

MODEL = "deepseek-v4-flash-double"
PAGES = {
    "/server_info": {"version": "0.5.23", "context_length": 2_000_000},
    "/v1/models": {"data": [{"id": MODEL, "max_model_len": 2_000_000}]},
    "/api/tags": {"models": [{"name": MODEL}]},
    "/api/ps": {"models": [{"name": MODEL, "context_length": 2_000_000}]},
    "/api/show": {"model_info": {"general.architecture": "x", "x.context_length": 2_000_000}},
    "/api/version": {"version": "0"},
}
SAID = {
    "/v1/chat/completions": b'data: {"choices": [{"delta": {"content": "x"}}]}\n\ndata: [DONE]\n\n',
    "/api/chat": b'{"message": {"content": "x"}, "done": true}\n',
}


class Sink(BaseHTTPRequestHandler):
    """A test double of every server: it reads a request and says a word."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        said = SAID.get(self.path) or json.dumps(PAGES.get(self.path, {})).encode()
        self.send_response(200 if self.path in SAID or self.path in PAGES else 404)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve(told: Pipeline) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        told.send(server.server_port)
        server.serve_forever()


@contextmanager
def sink() -> Iterator[str]:
    """The URL of the double, until the block ends."""
    here, there = Pipe()
    process = get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


def prompt_of(tokens: int) -> Prompt:
    """A prompt of about so many tokens, with as much text as source code has: one sign in fifty is
    not ASCII, and lines, quotes and backslashes must be escaped."""
    chance = random.Random(7)
    signs = 'abcdefghij      (){}_.,=:"\\\n\té東'
    block = "".join(chance.choices(signs, weights=[30] * (len(signs) - 2) + [6, 6], k=65_536))
    text = (block * (tokens * BYTES_A_TOKEN // len(block) + 1))[: tokens * BYTES_A_TOKEN]
    ids = Ids.of(chance.choices(range(128_000), k=tokens))
    question = Segment(Role.USER, "question", "where is auth?", Ids.of([1, 2, 3]))
    return Prompt((Segment(Role.SYSTEM, "corpus", text, ids), question))


def measured(engine: Engine, prompt: Prompt, times: int) -> list[float]:
    """CPU seconds of each request; the first, which loads what is loaded once, is left out."""
    template, generation = template_for("deepseek-v4"), Generation(100, Effort.OFF, 0.0)
    spent = []
    for _ in range(times + 1):
        started = time.process_time()
        request = request_for("where?", prompt, engine.takes()[0], template, generation)
        request = replace(request, tokens=prompt.segments[0].tokens)
        next(iter(engine.stream(request)))
        spent.append(time.process_time() - started)
    return spent[1:]


def main() -> None:
    options = arguments(__doc__, TOOLS, TIMES, "requests a row").parse_args()
    names = {"ids": ("sglang",), "messages": ("openai", "ollama")}
    rows = []
    print(f"{setting()}\n")
    with sink() as url:
        for tokens in SIZES:
            prompt = prompt_of(tokens)
            for kind in options.tools:
                for name in names[kind]:
                    engine = engine_for(name, Connection(url))
                    engine.served()
                    spent = measured(engine, prompt, options.repeat)
                    engine.close()
                    rows.append(row(f"{name}, {kind}", tokens, prompt, spent))
    show(HEADER, rows)


def row(what: str, tokens: int, prompt: Prompt, spent: list[float]) -> tuple[object, ...]:
    text, ids = prompt.segments[0].text, prompt.segments[0].ids
    sent = text.encode() if "messages" in what else str(ids.tolist() if ids else ()).encode()
    middle = statistics.median(spent)
    judged = tokens == SIZES[0]
    return (
        what,
        f"{tokens:,}",
        f"{len(sent) / MEGABYTE:.1f}",
        middle_and_best([1e3 * each for each in spent], "{:.0f}"),
        f"{1e3 * middle:.0f} ms of {1e3 * TARGET:.0f}" if judged else "",
        ("yes" if middle <= TARGET else "no") if judged else "",
    )


if __name__ == "__main__":
    main()
