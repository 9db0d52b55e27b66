"""Real servers for the live tests: started once a session, skipped visibly where not installed.

LONGCTX_LIVE=required turns every such skip into a failure and installs what is missing.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live.server import install
from live.server.running import Server, running_llamacpp, running_sglang, running_vllm

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.live)


def installed_or_skip(
    name: str = "SGLang", home: Callable[[], Path] = install.home, how: str = " (3.5 GB)"
) -> None:
    """Skip where the server called `name` is not installed; `how` follows `install.py`."""
    wanted = os.environ.get("LONGCTX_LIVE")
    if wanted == "required":
        return  # the server's fixture installs what is missing, and fails where it cannot
    if not wanted:
        pytest.skip("a live test: set LONGCTX_LIVE=1 to run it")
    if not (home() / "venv" / install.DONE).exists():
        pytest.skip(
            f"{name} is not installed for the live tests:"
            f" run python tests/live/server/install.py{how}"
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


@pytest.fixture(scope="session")
def vllm() -> Iterator[Server]:
    """vLLM with DeepSeek's own chat encoding, serving the same model."""
    installed_or_skip()
    installed_or_skip("vLLM", install.vllm_home, " --vllm (2.3 GB)")
    with running_vllm() as server:
        yield server


SLOTS = {"four slots, one memory": (), "two slots": ("--parallel", "2")}


@pytest.fixture(scope="session", params=SLOTS)
def llamacpp(request: pytest.FixtureRequest) -> Iterator[Server]:
    """llama.cpp's server with slots of 32,768 tokens or more, serving the same model."""
    installed_or_skip()
    installed_or_skip("llama.cpp", install.llamacpp_home, " --llamacpp (130 MB)")
    with running_llamacpp(SLOTS[request.param]) as server:
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
