"""Names and passwords in URLs are used, and never shown."""

import base64
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from longctx.engines import Connection
from longctx.engines.http import Http, root_of
from longctx.engines.urls import bare, login_of
from longctx.errors import EngineError, EngineUnavailable, UsageError


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:s3cret@host:30000/v1", "http://host:30000/v1"),
        ("http://s3cret@host", "http://host"),
        ("http://me:s3@cret@host/a@b", "http://host/a@b"),
        ("http://a:s3cret@x:1 http://b:s3cret@y:2", "http://x:1 http://y:2"),
        ("http://a:s3cret@x:1,http://b:s3cret@y:2/v1", "http://x:1,http://y:2/v1"),
        ("http://me:s3cret@[::1]:8000", "http://[::1]:8000"),
        ("http://me:s3cret@[bad", "http://[bad"),
        ("me:s3cret@host", "me:s3cret@host".rpartition("@")[2]),
        ("answer.txt", "answer.txt"),
    ],
)
def test_what_may_be_shown(url: str, shown: str) -> None:
    assert bare(url) == shown


def test_the_root_and_its_errors_hold_no_login() -> None:
    assert root_of("http://me:s3cret@host:1/v1/") == "http://host:1"
    with pytest.raises(UsageError) as caught:
        root_of("ftp://me:s3cret@host")
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(Connection("http://me:s3cret@host"))


def test_a_login_is_unquoted() -> None:
    assert login_of("http://me:p%40ss@host") == ("me", "p@ss")
    assert login_of("http://host") is None
    assert login_of("http://[bad") is None


class Guarded(BaseHTTPRequestHandler):
    """A test double of a proxy that asks for a name and a password, and repeats them."""

    asked: list[str] = []  # noqa: RUF012 - of the one test that uses it

    def do_GET(self) -> None:
        self.asked.append(self.headers["Authorization"])
        self.send_response(403)
        self.end_headers()
        self.wfile.write(b'{"error": "no entry with s3cret"}')

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_a_login_is_sent_and_not_repeated() -> None:
    server = HTTPServer(("127.0.0.1", 0), Guarded)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        place = f"127.0.0.1:{server.server_port}"
        for connection in (
            Connection(f"http://me:s3cret@{place}"),
            Connection(f"http://{place}", api_key="s3cret"),
        ):
            http = Http(connection)
            with pytest.raises(EngineError) as caught:
                http.get("/x")
            http.close()
            assert "s3cret" not in str(caught.value)
            assert "no entry with ***" in str(caught.value)
    finally:
        server.shutdown()
        server.server_close()
    login = base64.b64encode(b"me:s3cret").decode()
    assert Guarded.asked == [f"Basic {login}", "Bearer s3cret"]


def test_a_server_that_is_gone_is_named_without_its_login() -> None:
    http = Http(Connection("http://me:s3cret@127.0.0.1:9", retries=0))
    with pytest.raises(EngineUnavailable, match=r"no answer from http://127\.0\.0\.1:9") as caught:
        http.get("/x")
    http.close()
    assert "s3cret" not in str(caught.value)
