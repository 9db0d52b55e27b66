"""A test double of an SGLang server that notes when prompts arrive: what came before is measured.

Not a command. It says what a server for DeepSeek V4 Pro says, renders chats with longctx's own
template, and has one sentence for every question. It runs in a process of its own: a child's peak
memory is never told to be below its parent's, and the parent would hold the vocabulary.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, get_context
from typing import TYPE_CHECKING, NamedTuple

from longctx.prompt import Effort, Prompt, Role, Segment
from longctx.template import template_for
from longctx.tokens import DEEPSEEK_V4, tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

WINDOW = 1_048_576
MODEL = "deepseek-v4-pro-double"


class Arrival(NamedTuple):
    """A prompt that has reached the server."""

    time: float
    """Of its last byte, by `time.perf_counter`, which all processes share."""
    tokens: int


class Server(NamedTuple):
    """The running double, as this process sees it."""

    port: int
    arrivals: Connection

    def heard(self) -> list[Arrival]:
        """What has arrived since it was asked last."""
        found = []
        while self.arrivals.poll():
            found.append(self.arrivals.recv())
        return found


class Double(ThreadingHTTPServer):
    """A test double of an SGLang server that notes when a prompt has arrived."""

    daemon_threads = True

    def __init__(self, arrivals: Connection) -> None:
        super().__init__(("127.0.0.1", 0), Replies)
        self.tokenizer = tokenizer_for(DEEPSEEK_V4)
        self.template = template_for("deepseek-v4")
        self.arrivals = arrivals

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
                    "page_size": 256,
                    "chunked_prefill_size": 8192,
                    "enable_cache_report": True,
                    "random_seed": 1,
                    "startup_time": {"total": 1.0},
                    "internal_states": [{"memory_usage": {"token_capacity_swa": WINDOW // 5}}],
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
            prompt = len(request["input_ids"])
            self.server.arrivals.send(Arrival(arrived, prompt))
            if request.get("stream"):
                self._stream(prompt)
            else:
                self._json({"usage": {"prompt_tokens": prompt, "completion_tokens": 0}})
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


@contextmanager
def answering() -> Iterator[Server]:
    """The double, until the block ends."""
    here, there = Pipe()
    process = get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield Server(here.recv(), here)
    finally:
        process.terminate()
        process.join()


def serve(arrivals: Connection) -> None:
    with Double(arrivals) as server:
        server.rendered([{"role": "user", "content": "Load the vocabulary now."}])
        arrivals.send(server.server_port)
        server.serve_forever()
