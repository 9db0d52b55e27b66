"""Every mistake gets one clear line, the right exit code, and no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli.process import SAMPLES, Done, Words, run

HARBOUR = SAMPLES / "harbour"


def refused(done: Done, code: int, *words: str) -> None:
    assert done.code == code, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("error:")]) <= 1


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    refused(run("ask", "nope", "q?", home=tmp_path), 3, "nope: no such file")


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(run("ask", tmp_path / "empty", "q?", home=tmp_path), 3, "holds no files")


def test_nothing_but_binaries(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "a.bin").write_bytes(bytes(range(256)) * 40)
    refused(run("ask", tmp_path / "bin", "q?", home=tmp_path), 3, "no readable text", "1 binary")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([HARBOUR], "name at least one source"),
        ([HARBOUR, ""], "the question is empty"),
        ([HARBOUR, HARBOUR], "the last argument is the question"),
        ([HARBOUR, "-"], "standard input holds no question"),
        ([HARBOUR, "q?", "--engine", "foo"], "no engine is called 'foo'"),
        ([HARBOUR, "q?", "--base-url", "nonsense"], "not a server's URL"),
        ([HARBOUR, "q?", "--think", "extreme"], "is not one of"),
        ([HARBOUR, "q?", "--tokenizer", "foo"], "no tokenizer is called 'foo'"),
    ],
)
def test_usage(tmp_path: Path, words: list[str | Path], said: str) -> None:
    refused(run("ask", *words, home=tmp_path), 2, said)


def test_a_dead_server(tmp_path: Path) -> None:
    done = run("ask", HARBOUR, "q?", "--base-url", "http://127.0.0.1:9", home=tmp_path)
    refused(done, 1, "no answer from http://127.0.0.1:9", "longctx doctor")


def test_a_budget_too_small_says_which_would_do(tmp_path: Path) -> None:
    script = tmp_path / "answer.txt"
    script.write_text("x")
    engine = ["--engine", "scripted", "--base-url", str(script)]
    readme = SAMPLES / "contract"
    done = run("ask", readme, "q?", *engine, "--budget", "100", home=tmp_path)
    refused(done, 4, "too small", "--budget ")
    enough = done.err.split("use --budget ")[1].split()[0].replace(",", "")
    done = run("ask", readme, "q?", *engine, "--budget", enough, home=tmp_path)
    refused(done, 4, "no document fits")


def test_a_question_longer_than_the_budget(tmp_path: Path) -> None:
    script = tmp_path / "answer.txt"
    script.write_text("x")
    engine = ["--engine", "scripted", "--base-url", str(script)]
    done = run("ask", HARBOUR, "-", *engine, home=tmp_path, stdin="why " * 300_000)
    refused(done, 4, "the question takes 3")


def test_nothing_found(tmp_path: Path) -> None:
    done = run("ask", HARBOUR, "zzqqxx wwkkjj", home=tmp_path)
    refused(done, 5, "not in the documents: zzqqxx, wwkkjj")


def test_a_corrupt_repository(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", repo], check=True)
    (repo / "a.py").write_text("x = 1\n")
    subprocess.run(["git", "-C", repo, "add", "a.py"], check=True)
    (repo / ".git" / "index").write_bytes(b"DIRC broken")
    done = run("ask", repo, "x?", home=tmp_path)
    assert done.code == 3
    assert "repo" in done.err
    assert "Traceback" not in done.err


def test_a_url_with_a_forbidden_transport_runs_nothing(tmp_path: Path) -> None:
    done = run("ask", f"ext::sh -c touch% {tmp_path}/pwned", "q?", home=tmp_path)
    refused(done, 3, "not allowed")
    assert not (tmp_path / "pwned").exists()


def test_a_cache_that_cannot_be_written_stands_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    words: Words = [
        "pack",
        SAMPLES / "contract",
        "--cache-dir",
        tmp_path / "file" / "below",
    ]
    done = run(*words, home=tmp_path)
    assert done.code == 0, done.err
    assert "<corpus" in done.out


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m longctx pack {SAMPLES / 'handbook'} | head -c 10"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.stdout == "You answer"
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_modules_of_the_current_folder_are_never_imported(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    for name in ("django", "click", "diskcache", "httpx2", "tiktoken", "rapidfuzz"):
        (repo / name).mkdir(parents=True)
        (repo / name / "__init__.py").write_text("open('pwned', 'w')\n")
    done = run("ask", ".", "what is opened?", home=tmp_path, cwd=repo)
    assert done.code == 0, done.err
    assert not (repo / "pwned").exists()
