"""What a real server counts by itself, and emptying its cache: to check reports against.

The counters need `--enable-metrics`.
"""

import re
import time
import urllib.request

from live.server.running import Server

COMPUTED = re.compile(
    r'^sglang:realtime_tokens_total\{[^}]*mode="prefill_compute"[^}]*\} (\S+)$', re.M
)
SETTLED = 3.0
"""Seconds within which a server has counted what it has answered."""


def prefilled(server: Server) -> int:
    """Tokens that the server has computed of prompts since it started."""
    deadline, count, seen = time.monotonic() + SETTLED, -1, 0
    while count != seen and time.monotonic() < deadline:
        count = seen
        time.sleep(0.3)
        with urllib.request.urlopen(f"{server.base_url}/metrics", timeout=10) as page:
            found = COMPUTED.findall(page.read().decode())
        seen = round(sum(map(float, found)))
    return seen


def flush(server: Server) -> None:
    """Empty the cache, of a server that does nothing else."""
    request = urllib.request.Request(f"{server.base_url}/flush_cache", method="POST")
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.status == 200
    time.sleep(0.2)


def reset(server: Server) -> None:
    """Empty vLLM's cache; in developers' mode it has a page for that."""
    request = urllib.request.Request(f"{server.base_url}/reset_prefix_cache", method="POST")
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.status == 200


def metric(server: Server, name: str) -> float:
    """The sum of a metric over all its labels, as the server counts it now."""
    with urllib.request.urlopen(f"{server.base_url}/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name}{{"))
