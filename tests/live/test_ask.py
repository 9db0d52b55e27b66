"""`longctx ask` as a process, against a real SGLang server."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from live.conftest import installed_or_skip
from live.server.answer import ANSWER
from live.server.running import Server, running_sglang
from live.test_engine import running_requests

HARBOUR = Path(__file__).parents[2] / "sample_corpora" / "harbour"
ENDLESS = [sys.executable, str(Path(__file__).parent / "endless_cli.py")]
CLI = [sys.executable, "-m", "longctx"]


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "LONGCTX_CACHE_DIR": str(tmp_path / "cache")}


def ask(server: Server, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLI, "ask", str(HARBOUR), "where is auth?", "--base-url", server.base_url, *words],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        timeout=300,
        check=False,
    )


def test_the_answer_streams_to_stdout_and_the_rest_to_stderr(
    sglang: Server, tmp_path: Path
) -> None:
    done = ask(sglang, tmp_path, "--temperature", "0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ANSWER
    assert "please report" not in done.stderr
    assert "first token after" in done.stderr


def test_the_second_question_reports_cached_tokens(sglang: Server, tmp_path: Path) -> None:
    ask(sglang, tmp_path, "--temperature", "0")
    done = ask(sglang, tmp_path, "--temperature", "0", "--json")
    answer = json.loads(done.stdout)
    usage = answer["usage"]
    assert answer["answer"] == ANSWER
    assert answer["model"] == "tiny"
    assert usage["prompt_tokens"] == usage["predicted_tokens"] > 50_000
    assert usage["cached_tokens"] > 0.99 * usage["prompt_tokens"]
    assert {omission["reason"] for omission in answer["omissions"]} >= {"binary"}


def test_a_prompt_too_long_for_the_server_is_not_sent(sglang: Server, tmp_path: Path) -> None:
    done = ask(sglang, tmp_path, "--budget", "500000", "--answer-reserve", "399990")
    assert done.returncode == 4
    assert "capped at the server's window of 400,000" in done.stderr
    assert done.stdout == ""


def test_a_model_that_is_not_served_is_refused(sglang: Server, tmp_path: Path) -> None:
    done = ask(sglang, tmp_path, "--model", "deepseek-v4-pro")
    assert done.returncode == 1
    assert "it serves tiny" in done.stderr


def test_an_interrupt_aborts_the_request(sglang: Server, tmp_path: Path) -> None:
    process = endless(sglang, tmp_path)
    assert process.stdout is not None
    process.stdout.read(20)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in errors
    deadline = time.monotonic() + 30
    while running_requests(sglang) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert running_requests(sglang) == 0


def endless(server: Server, tmp_path: Path) -> subprocess.Popen[bytes]:
    words = ["ask", str(HARBOUR / "README.md"), "why?", "--base-url", server.base_url]
    return subprocess.Popen(
        [*ENDLESS, *words, "--answer-reserve", "50000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
    )


def test_a_server_killed_in_mid_stream_gives_a_clear_error(tmp_path: Path) -> None:
    installed_or_skip()
    with running_sglang("dsv4") as server:
        process = endless(server, tmp_path)
        assert process.stdout is not None
        began = process.stdout.read(20)
        server.kill()
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert (began + rest).decode().startswith(ANSWER[:15])
    assert b"broke off" in errors
    assert b"Traceback" not in errors


def test_doctor_finds_the_server(sglang: Server, tmp_path: Path) -> None:
    done = subprocess.run(
        [*CLI, "doctor", "--base-url", sglang.base_url],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for told in ("sglang 0.5.23", "tiny", "400,000 tokens", "page size  1 token", "reported"):
        assert told in done.stdout
