"""How long longctx takes before anything useful happens.

    python -m benchmarks.startup                     # every row
    python -m benchmarks.startup --tools ask --repeat 15

`version`: `longctx --version` beside `python -c pass`, with the same interpreter. `ask`: a warm
question over about a million tokens of Django that did not change, from the start of a fresh
process to the last byte of its request reaching the server; `openai`: an import of the usual
client library, in an environment of its own, for comparison.

The server is a test double in this process (`Double`): it says what an SGLang server for DeepSeek
V4 Pro says, renders chats with longctx's own template, and has one sentence for every question.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from benchmarks.measuring import (
    DJANGO,
    Run,
    arguments,
    installed,
    longctx,
    measured,
    middle_and_best,
    setting,
    show,
    source,
)
from longctx.prompt import Effort, Prompt, Role, Segment
from longctx.template import template_for
from longctx.tokens import DEEPSEEK_V4, tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TOOLS = ("version", "ask", "openai")
OPENAI = "openai==3.54.0"
TIMES = {"version": 20, "ask": 7, "openai": 7}
VERSION_TARGET = 0.060
"""Seconds above the bare interpreter."""

ASK_TARGET = 0.7
WINDOW = 1_048_576
MODEL = "deepseek-v4-pro-double"
QUESTION = "Where is the session cookie signed? Question number"
CORPORA = {
    "docs/ref and docs/topics, which fit": ("/docs/ref/", "/docs/topics/"),
    "django/, cut to the window": ("/django/",),
    "all of Django, cut to the window": (),
}
"""What is included, by what it is called."""

HEADER = ("what", "wall ms, median (best)", "CPU ms, median (best)", "of target", "target met?")


class Double(ThreadingHTTPServer):
    """A test double of an SGLang server that notes when a question has arrived."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Replies)
        self.tokenizer = tokenizer_for(DEEPSEEK_V4)
        self.template = template_for("deepseek-v4")
        self.arrived: float | None = None
        self.tokens = 0

    def rendered(self, messages: list[dict[str, str]]) -> list[int]:
        """The ids that longctx itself gives this chat, so that both agree."""
        segments = [
            Segment(
                Role(message["role"]),
                "message",
                message["content"],
                self.tokenizer.encode(message["content"]),
            )
            for message in messages
        ]
        return self.template.encode(Prompt(tuple(segments)), Effort.OFF).tolist()


class Replies(BaseHTTPRequestHandler):
    """One connection to the double."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    disable_nagle_algorithm = True
    server: Double

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path == "/server_info":
            self._json(
                {
                    "version": "0.5.23",
                    "context_length": WINDOW,
                    "max_total_num_tokens": 2 * WINDOW,
                    "page_size": 64,
                    "enable_cache_report": True,
                }
            )
        elif self.path == "/v1/models":
            self._json({"data": [{"id": MODEL, "max_model_len": WINDOW}]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        arrived = time.perf_counter()
        request = json.loads(body)
        if self.path == "/tokenize":
            self._json({"tokens": self.server.rendered(request["messages"])})
        elif self.path == "/v1/chat/completions":
            self.server.arrived = arrived
            self.server.tokens = len(request["input_ids"])
            self._stream(len(request["input_ids"]))
        else:
            self.send_error(404)

    def _json(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, prompt: int) -> None:
        events: list[dict[str, object]] = [
            {"choices": [{"index": 0, "delta": {"content": "The documents do not say."}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": 6}},
        ]
        said = [*(json.dumps(event) for event in events), "[DONE]"]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write("".join(f"data: {line}\n\n" for line in said).encode())


def main() -> None:
    runs = ", ".join(f"{name} {count}" for name, count in TIMES.items())
    parser = arguments(__doc__, TOOLS, None, f"runs a row (default: {runs})")
    args = parser.parse_args()
    times = {name: args.repeat or count for name, count in TIMES.items()}
    rows: list[list[str]] = []
    if "version" in args.tools:
        rows += versions(times["version"])
    if "ask" in args.tools:
        rows += asks(args.cache, times["ask"])
    if "openai" in args.tools:
        rows += imports(args.cache, times["openai"])
    print(f"Runs of each row: {times}. {setting()}\n")
    show(HEADER, rows)


def versions(times: int) -> Iterator[list[str]]:
    """The two commands in turn, so that both see the same machine."""
    bare: list[Run] = []
    ours: list[Run] = []
    for _ in range(times):
        bare.append(measured([sys.executable, "-c", "pass"]))
        ours.append(checked(measured([longctx(), "--version"])))
    above = middle(ours) - middle(bare)
    yield [*figures("python -c pass", bare), "", ""]
    yield [*figures("longctx --version", ours), *against(above, VERSION_TARGET, "{:+.0f} ms")]


def asks(cache: Path, times: int) -> Iterator[list[str]]:
    django = source(cache, *DJANGO)
    with answering() as server, tempfile.TemporaryDirectory(dir=cache) as scratch:
        for name, included in CORPORA.items():
            command: list[str | Path] = [longctx(), "ask", django, "--profile", "pro"]
            command += [part for glob in included for part in ("--include", glob)]
            command += ["--base-url", f"http://127.0.0.1:{server.server_port}"]
            command += ["--cache-dir", scratch]
            question(command, server, 0)  # counts what no run before has counted
            sent = [question(command, server, number) for number in range(1, times + 1)]
            label = f"longctx ask, {name}: {server.tokens:,} tokens"
            yield [*figures(label, sent), *against(middle(sent), ASK_TARGET, "{:.0f} ms")]


@contextmanager
def answering() -> Iterator[Double]:
    with Double() as server:
        server.rendered([{"role": "user", "content": "Load the vocabulary now."}])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def question(command: Sequence[str | Path], server: Double, number: int) -> Run:
    """The run, its seconds being those until the server had the request."""
    server.arrived = None
    started = time.perf_counter()
    run = checked(measured([*command, f"{QUESTION} {number}"]))
    if server.arrived is None:
        raise SystemExit(f"the question did not reach the server:\n{run.said}")
    return replace(run, seconds=server.arrived - started)


def imports(cache: Path, times: int) -> Iterator[list[str]]:
    python = installed(cache, OPENAI) / "python"
    for command in ("pass", "import openai"):
        measured([python, "-c", command])  # compiles it
        runs = [checked(measured([python, "-c", command])) for _ in range(times)]
        if command != "pass":
            yield [*figures(f"python -c '{command}' ({OPENAI})", runs), "", ""]


def checked(run: Run) -> Run:
    if run.status:
        raise SystemExit(f"exit status {run.status}:\n{run.said}")
    return run


def figures(label: str, runs: Sequence[Run]) -> list[str]:
    return [
        label,
        middle_and_best((run.seconds * 1000 for run in runs), "{:.0f}"),
        middle_and_best((run.cpu * 1000 for run in runs), "{:.0f}"),
    ]


def middle(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def against(seconds: float, target: float, form: str) -> list[str]:
    """What is compared with the target, and whether it is met."""
    told = f"{form.format(seconds * 1000)} of {target * 1000:.0f}"
    return [told, "yes" if seconds <= target else "no"]


if __name__ == "__main__":
    main()
