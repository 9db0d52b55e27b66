"""`longctx serve` against the real SGLang: its own parser takes our flags, and `--run` serves."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from live.conftest import installed_or_skip

from longctx.api.flag_checking import checked
from longctx.api.serving import Said, planned
from longctx.serving import Flag, Process

pytestmark = pytest.mark.live

HERE = Path(__file__).parent / "server"


@pytest.fixture(scope="module")
def installed() -> dict[str, str]:
    installed_or_skip()
    done = subprocess.run(
        [sys.executable, str(HERE / "install.py")], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def python(installed: dict[str, str], tmp_path: Path) -> str:
    """The interpreter that has SGLang, prepared for a machine without a GPU as `launch.py` is."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os, sys\n"
        "os.environ.setdefault('SGLANG_USE_CPU_ENGINE', '1')\n"
        f"sys.path[:0] = [{str(HERE / 'stubs')!r}, {str(HERE)!r}]\n"
        "import cpu_shims\n"
        "TORCHVISION = cpu_shims.define_torchvision_ops()\n"
        "cpu_shims.patch_sglang_on_import()\n"
    )
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={site} exec {installed["python"]} "$@"\n')
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    "said",
    [
        Said("flash", gpus="4xH200", key="K"),
        Said("pro", gpus="8xH200", nodes=2),
        Said("flash", gpus="8xH200", replicas=2),
    ],
)
def test_sglang_takes_every_flag(said: Said, python: str) -> None:
    launch, _ = planned(said)
    found = checked("sglang", launch.servers[0], python)
    assert found is not None
    assert found.fine, found


def test_a_flag_that_sglang_does_not_have_is_found(python: str) -> None:
    flags = (Flag("--model-path", ("m",)), Flag("--enable-cash-report"))
    found = checked("sglang", Process("server", ("sglang", "serve"), flags, 1), python)
    assert found is not None
    assert found.unknown == (("--enable-cash-report", "--enable-cache-report"),)


def test_run_serves_until_it_is_interrupted(
    installed: dict[str, str], python: str, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        *("serve", "--model", installed["model"], "--name", "tiny", "--gpus", "none"),
        *("--window", "65536", "--host", "127.0.0.1", "--port", str(port)),
        *("--python", python, "--no-check", "--run", "--"),
        *("--device", "cpu", "--attention-backend", "torch_native", "--sleep-on-idle"),
        *("--max-running-requests", "8", "--max-total-tokens", "100000"),
    ]
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "longctx", *words], stdout=file, stderr=file
        )
    try:
        deadline = time.monotonic() + 900
        while b"ready after" not in log.read_bytes() and time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()[-2_000:]
            time.sleep(1)
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/completions",
            json.dumps(
                {"model": "tiny", "prompt": list(range(500, 900)), "max_tokens": 2}
            ).encode(),
            {"content-type": "application/json"},
        )
        usages = []
        for _ in range(2):
            with urllib.request.urlopen(asked, timeout=120) as answer:
                usages.append(json.load(answer)["usage"])
        assert usages[0]["prompt_tokens"] == 400
        # Told because of --enable-cache-report.
        assert usages[1]["prompt_tokens_details"]["cached_tokens"] >= 384
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(200)
    assert code == 0, log.read_text()[-2_000:]
    assert "ended: server" in log.read_text()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
