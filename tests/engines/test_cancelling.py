"""Closing a stream drops the connection, by which a server knows that nobody waits any more."""

import socket
import threading
from collections.abc import Iterator

import pytest

from longctx.engines import Connection, Delta, Request, engine_for
from longctx.prompt import Effort, Message, Role

PIECES = {
    "openai": b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n',
    "ollama": b'{"message": {"content": "x"}, "done": false}\n',
}
SHOWN = b'{"models": [{"name": "m"}], "data": [{"id": "m"}]}'
ASKED = Request(9, Effort.OFF, messages=(Message(Role.USER, "why?"),))


def whole(client: socket.socket) -> bytes:
    """The first line of a request that was read to its end: closing before that resets it."""
    with client.makefile("rb") as reader:
        first, length = reader.readline(), 0
        while (line := reader.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        reader.read(length)
    return first


@pytest.fixture
def endless(request: pytest.FixtureRequest) -> Iterator[tuple[str, threading.Event]]:
    """A double that answers for ever; the event is set when nobody listens any more."""
    gone = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                asked = whole(client)
                if b"/chat" not in asked:
                    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                    client.sendall(head + SHOWN)
                    continue
                client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                try:
                    while True:
                        client.sendall(PIECES[request.param])
                except OSError:
                    gone.set()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", gone
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(("endless", "name"), [(n, n) for n in PIECES], indirect=["endless"])
def test_an_abandoned_answer_is_not_generated_to_its_end(
    endless: tuple[str, threading.Event], name: str
) -> None:
    url, gone = endless
    engine = engine_for(name, Connection(url))
    stream = engine.stream(ASKED)
    assert next(stream) == Delta("x")
    assert not gone.is_set()
    stream.close()  # type: ignore[attr-defined]  # a generator
    assert gone.wait(10)
    engine.close()
