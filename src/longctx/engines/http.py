"""HTTP as every server's engine needs it: retries before the first byte, clear errors, streams.

Knows status codes, timeouts and JSON; what the JSON means is each engine's business.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from longctx.engines.urls import bare, login_of
from longctx.errors import EngineError, EngineUnavailable, UsageError
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from longctx.engines import Connection

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that another attempt may get past."""

LONGEST_WAIT = 60.0
"""Seconds between two attempts at most, whatever Retry-After says."""

Json = object
"""What `json.loads` gives; narrowed with `field` and never passed on."""


def root_of(base_url: str) -> str:
    """The server's root, from a base URL with or without `/v1`, without a name and a password.

    Raises UsageError for no URL.
    """
    shown = bare(base_url)
    parts = urlsplit(shown)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError(f"{shown!r} is not a server's URL: use something like http://host:30000")
    return shown.rstrip("/").removesuffix("/v1")


def field(data: Json, *path: str | int) -> Json:
    """What stands at `path` in parsed JSON, or None anywhere the path breaks off."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def integer(data: Json) -> int | None:
    """A whole number, or None: `true` and `1.5` are not counts."""
    return data if isinstance(data, int) and not isinstance(data, bool) else None


def words(data: Json) -> str | None:
    return data if isinstance(data, str) else None


def items(data: Json) -> list[Json]:
    """A list's items; none where it is no list."""
    return data if isinstance(data, list) else []


def encoded(body: dict[str, object]) -> bytes:
    """Compact JSON; a lone surrogate, which no server takes, becomes a question mark.

    Values of the body itself may be `Ids`.
    """
    members = (f"{_json(name)}:{_json(value)}" for name, value in body.items())
    return f"{{{','.join(members)}}}".encode("utf-8", "replace")


def _json(value: object) -> str:
    if isinstance(value, Ids):  # as `json` writes them, in half of its time
        return repr(value.tolist()).replace(" ", "")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_local(url: str) -> bool:
    """Whether a URL leads to this machine's loopback."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


class Http:
    """One server, spoken to with one connection pool."""

    def __init__(self, connection: Connection, marked: Mapping[str, str] | None = None) -> None:
        """`marked`: headers of every request, beside the usual ones."""
        self.root = root_of(connection.base_url or "")
        self._connection = connection
        headers = {"Content-Type": "application/json", **(marked or {})}
        if connection.api_key:
            headers["Authorization"] = f"Bearer {connection.api_key}"
        secure = self.root.startswith("https:")
        self._client = httpx2.Client(
            headers=headers,
            # A key is for the server itself, a name and a password for what stands before it.
            auth=None if connection.api_key else login_of(connection.base_url or ""),
            # Loading certificates takes 40 ms that a plain-text server has no use for.
            verify=secure,
            trust_env=not is_local(self.root),  # a proxy has no way to this machine's loopback
            timeout=httpx2.Timeout(connection.silence_timeout, connect=connection.connect_timeout),
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, timeout: float = 30.0) -> Json:
        """Parsed JSON, or None where the server has no such page; EngineUnavailable if silent."""
        content = self._once("GET", path, None, timeout)
        return None if content is None else _parsed(content)

    def page(self, path: str, timeout: float = 30.0) -> str | None:
        """The same for a page that is no JSON: its text."""
        content = self._once("GET", path, None, timeout)
        return None if content is None else content.decode("utf-8", "replace")

    def tell(self, path: str, body: dict[str, object], timeout: float = 10.0) -> None:
        """Send, once, what needs no reply; nothing happens where the server has no such page."""
        self._once("POST", path, encoded(body), timeout)

    def _once(self, method: str, path: str, content: bytes | None, timeout: float) -> bytes | None:
        try:
            response = self._client.request(
                method, self.root + path, content=content, timeout=timeout
            )
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        if response.status_code in (404, 405):
            return None
        if response.status_code >= 400:
            raise self._refused(response)
        return response.content

    def post(self, path: str, body: dict[str, object]) -> Json:
        """Parsed JSON of the reply, or None where the server has no such page."""
        try:
            with self._sent(path, body) as response:
                return _parsed(response.read())
        except NoSuchPage:
            return None

    def events(self, path: str, body: dict[str, object]) -> Iterator[Json]:
        """The JSON of each server-sent event, until `[DONE]`; closing it drops the connection."""
        return self._streamed(path, body, _event)

    def lines(self, path: str, body: dict[str, object]) -> Iterator[Json]:
        """The JSON of each line, until one that says `"done": true`; likewise."""
        return self._streamed(path, body, _line)

    def _streamed(
        self, path: str, body: dict[str, object], framed: Callable[[str], Framed]
    ) -> Iterator[Json]:
        seen = 0
        try:
            with self._sent(path, body) as response:
                for line in response.iter_lines():
                    data, last = framed(line)
                    if data is not None:
                        seen += 1
                        yield self._checked(data)
                    if last:
                        return
        except httpx2.TransportError as error:
            raise EngineError(
                f"{self.root} broke off after {seen:,} events ({_reason(error)});"
                " look at the server's log, then ask again"
            ) from error
        except NoSuchPage as error:
            if "model" in error.said.lower():
                raise Refused(
                    f"{self.root} has no such model: {error.said}", 404, error.said
                ) from error
            raise EngineError(
                f"{self.root} has no {path}: is the base URL that of such a server?"
            ) from error
        if not seen:
            raise EngineError(f"{self.root} sent an empty stream; look at the server's log")
        raise EngineError(
            f"{self.root} ended its answer early, after {seen:,} events;"
            " look at the server's log, then ask again"
        )

    @contextmanager
    def _sent(self, path: str, body: dict[str, object]) -> Iterator[httpx2.Response]:
        """A successful response whose body is yet to be read."""
        content = encoded(body)
        for attempt in range(self._connection.retries + 1):
            last = attempt == self._connection.retries
            try:
                response = self._client.send(
                    self._client.build_request("POST", self.root + path, content=content),
                    stream=True,
                )
            except httpx2.TransportError as error:
                if last or isinstance(error, httpx2.ReadTimeout):
                    raise self._unreachable(error) from error
                self._wait(attempt, None, _reason(error))
                continue
            try:
                if response.status_code in PASSING and not last:
                    reason = f"status {response.status_code}"
                    self._wait(attempt, response.headers.get("Retry-After"), reason)
                    continue
                if response.status_code >= 400:
                    response.read()
                    raise self._refused(response)
                yield response
                return
            finally:
                response.close()

    def _wait(self, attempt: int, retry_after: str | None, reason: str) -> None:
        asked = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        seconds = min(LONGEST_WAIT, max(asked, 0.5 * 2**attempt))
        self._connection.say(f"{self.root}: {reason}; trying again in {seconds:g} s")
        time.sleep(seconds)

    def _unreachable(self, error: httpx2.TransportError) -> EngineUnavailable:
        return EngineUnavailable(
            f"no answer from {self.root} ({_reason(error)}): start the server, or name another one"
            " with --base-url; `longctx doctor` looks for servers"
        )

    def _refused(self, response: httpx2.Response) -> EngineError:
        said = _message(_parsed(response.content)) or response.text
        said = self._masked(" ".join(said.split()))[:300] or "no reason given"
        status = response.status_code
        if status in (401, 403):
            return KeyRefused(
                f"{self.root} refused the API key (status {status}: {said}):"
                " set LONGCTX_API_KEY or --api-key to the server's key",
                status,
                said,
            )
        if status == 402:
            return Refused(
                f"{self.root} wants to be paid (status 402: {said}): top up the account of this API"
                " key, or use another",
                status,
                said,
            )
        if status in (404, 405):
            return NoSuchPage(f"{self.root}: {said}", status, said)
        return Refused(f"{self.root} refused the request (status {status}): {said}", status, said)

    def _checked(self, event: Json) -> Json:
        if field(event, "error") is not None:
            said = self._masked(_message(event) or "no reason given")
            raise EngineError(f"{self.root} failed while answering: {said}")
        return event

    def _masked(self, said: str) -> str:
        """What a server says, without the secrets that it was sent and may repeat."""
        _, password = login_of(self._connection.base_url or "") or ("", "")
        for secret in filter(None, (self._connection.api_key, password)):
            said = said.replace(secret, "***")
        return said


class Refused(EngineError):
    """The server answered with an error status."""

    def __init__(self, message: str, status: int, said: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        """The server's own words, on one line."""


class KeyRefused(Refused):
    """The server wants an API key, or another one."""


class NoSuchPage(Refused):
    """The server has no such endpoint."""


Framed = tuple[Json, bool]
"""What a line of a stream brings (None for nothing), and whether it is the last."""


def _event(line: str) -> Framed:
    if not line.startswith("data:"):
        return None, False  # a comment, such as DeepSeek's `: keep-alive`, or another field
    data = line[5:].strip()
    return (None, True) if data == "[DONE]" else (_parsed(data.encode()), False)


def _line(line: str) -> Framed:
    data = _parsed(line.encode()) if line.strip() else None
    return data, field(data, "done") is True


def _parsed(content: bytes) -> Json:
    try:
        parsed: Json = json.loads(content)
    except ValueError:
        return None
    return parsed


def _message(data: Json) -> str | None:
    """The words of an error, in the shapes that OpenAI, SGLang and FastAPI give them."""
    for path in (("error", "message"), ("message",), ("error",), ("detail",)):
        found = field(data, *path)
        if isinstance(found, str):
            return found
    return None


def _reason(error: httpx2.TransportError) -> str:
    """What happened on the wire, without the library's class names where it has words."""
    if isinstance(error, httpx2.TimeoutException):
        return "timed out"
    return str(error) or type(error).__name__
