"""Real servers for the live tests: started once a session, skipped visibly where not installed.

LONGCTX_LIVE=required turns every such skip into a failure and installs what is missing.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from live.server import install
from live.server.running import Server, running_sglang

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.live)


def installed_or_skip() -> None:
    wanted = os.environ.get("LONGCTX_LIVE")
    if wanted == "required":
        return  # the server's fixture installs what is missing, and fails where it cannot
    if not wanted:
        pytest.skip("a live test: set LONGCTX_LIVE=1 to run it")
    if not (install.home() / "venv" / install.DONE).exists():
        pytest.skip(
            "SGLang is not installed for the live tests:"
            " run python tests/live/server/install.py (3.5 GB)"
        )


@pytest.fixture(scope="session")
def sglang() -> Iterator[Server]:
    """SGLang with DeepSeek's own chat encoding; its model says one fixed sentence."""
    installed_or_skip()
    with running_sglang("dsv4", ("--enable-metrics",)) as server:
        yield server


@pytest.fixture(scope="session")
def sglang_jinja() -> Iterator[Server]:
    """SGLang with a plain Jinja template, which parses special strings in content."""
    installed_or_skip()
    with running_sglang("jinja") as server:
        yield server


MISCONFIGURED = (
    *("--api-key", "right"),
    *("--context-length", "65536"),
    "--disable-radix-cache",
    "--allow-auto-truncate",
    *("--default-chat-template-kwargs", '{"thinking": true}'),
)


@pytest.fixture(scope="session")
def sglang_misconfigured() -> Iterator[Server]:
    """SGLang set wrongly for longctx in every way that a CPU allows; it wants the key `right`."""
    installed_or_skip()
    with running_sglang("jinja", MISCONFIGURED, cache_report=False) as server:
        yield server
