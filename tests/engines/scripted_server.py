"""A test double of an HTTP server: it gives prepared replies and keeps what it was asked.

For errors that a real server cannot be made to give on demand; what servers really do is tested in
tests/live.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What the server says once; `drop` closes the connection without ending the body."""

    status: int = 200
    body: object = None
    text: str | None = None
    """Instead of a body, for a page that is no JSON."""
    events: list[object] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    done: bool = True


@dataclass
class Double:
    """The running double."""

    url: str
    replies: dict[str, list[Reply]]
    asked: list[tuple[str, dict[str, str], object]] = field(default_factory=list)

    def bodies(self, path: str) -> list[object]:
        return [body for asked, _, body in self.asked if asked == path]


def payload(reply: Reply) -> bytes:
    if reply.text is not None:
        return reply.text.encode()
    if not reply.events:
        return json.dumps(reply.body).encode()
    lines = [f"data: {json.dumps(event)}\n\n" for event in reply.events]
    if reply.done:
        lines.append("data: [DONE]\n\n")
    return "".join(lines).encode()


@contextmanager
def double(replies: dict[str, list[Reply]]) -> Iterator[Double]:
    """A double that gives each path's replies in turn, the last one for ever; else 404."""
    running = Double("", replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            body = json.loads(raw) if raw else None
            running.asked.append((self.path, dict(self.headers), body))
            waiting = running.replies.get(self.path)
            reply = Reply(404, {"detail": "Not Found"}) if not waiting else waiting[0]
            if waiting and len(waiting) > 1:
                waiting.pop(0)
            content = payload(reply)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) + (100 if reply.drop else 0)))
            self.end_headers()
            self.wfile.write(content)
            if reply.drop:
                self.close_connection = True

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
