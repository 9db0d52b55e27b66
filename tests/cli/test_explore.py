"""Reading more, as a process: every step is told, the answer alone is on standard output."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from cli.process import SAMPLES, Words, run

CONTRACT = SAMPLES / "contract"
MORE = "I look it up.\n<more>\noutline .\ngrep lessor|tenant\n</more>\n"
ANSWER = "So it is.\n"


def scripted(tmp_path: Path, *answers: str) -> list[str]:
    script = tmp_path / "answer.txt"
    script.write_text("%\n".join(answers), "utf-8")
    return ["--engine", "scripted", "--base-url", str(script)]


def test_steps_are_told_and_the_answer_is_alone(tmp_path: Path) -> None:
    words: Words = ["ask", CONTRACT, "who?", "--explore", "2", *scripted(tmp_path, MORE, ANSWER)]
    done = run(*words, home=tmp_path)
    assert (done.code, done.out) == (0, ANSWER)
    assert re.search(
        r"^step 1: outline \.: \d+ documents in this folder \(\d+ tokens\)$", done.err, re.M
    )
    assert re.search(r"^step 1: grep lessor\|tenant: .*\(\d+ tokens\)$", done.err, re.M)
    assert re.search(r"^step 1: prompt [\d,]+ tokens, cached [\d,]+ \(predicted", done.err, re.M)
    again = run("ask", "-c", "and?", "--json", *words[5:], home=tmp_path, cwd=CONTRACT)
    assert json.loads(again.out)["steps"] == [], "it is off unless asked for"
    shown = run("sessions", "export", "-", home=tmp_path, cwd=CONTRACT).out
    assert "Read before the answer:\n\n- `outline .`: " in shown
    assert "The answer was interrupted" not in shown


def test_the_environment_and_a_file_turn_it_on(tmp_path: Path) -> None:
    words: Words = ["ask", CONTRACT, "who?", "--json", *scripted(tmp_path, MORE, ANSWER)]
    by_environment = run(*words, home=tmp_path, env={"LONGCTX_EXPLORE": "1"})
    assert len(json.loads(by_environment.out)["steps"]) == 1
    (tmp_path / "longctx.toml").write_text("explore = 1\n")
    by_file = run(*words, home=tmp_path, cwd=tmp_path)
    assert len(json.loads(by_file.out)["steps"]) == 1


def test_an_engine_without_a_model_says_that_it_reads_no_more(tmp_path: Path) -> None:
    done = run("ask", SAMPLES / "harbour", "where is auth?", "--explore", "3", home=tmp_path)
    assert done.code == 0
    assert "--explore needs a model" in done.err


def test_a_chat_shows_steps_and_is_told_how_many(tmp_path: Path) -> None:
    typed = "who?\n/explore\n/explore 2\nwho?\n/explore no\n/show\n"
    words: Words = ["chat", CONTRACT, *scripted(tmp_path, ANSWER, MORE, ANSWER)]
    done = run(*words, home=tmp_path, stdin=typed)
    assert done.code == 2, "the first error ends a pipe"
    assert done.out == f"{ANSWER}\n{ANSWER}"
    assert "the model reads no more than it is shown" in done.err
    assert "the model may read more in up to 2 steps a question" in done.err
    assert "step 1: outline ." in done.err
    assert "say how many steps" in done.err
    shown = run("chat", "-c", *words[2:], home=tmp_path, cwd=CONTRACT, stdin="/show\n")
    assert "step 1: outline ." in shown.out


def test_an_interrupted_answer_keeps_what_was_read(tmp_path: Path) -> None:
    """The process is stopped by Ctrl-C between a step and the end of a very long answer."""
    long = "word " * 3_000_000
    words = ["ask", CONTRACT, "who?", "--explore", "2", *scripted(tmp_path, MORE, long)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LONGCTX_", "XDG_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "longctx", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean | {"HOME": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1_000)  # the answer is on its way
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        os.read(process.stdout.fileno(), 65_536)
    told = process.stderr.read().decode()
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == 130
    assert "interrupted: what was read is kept as turn 1" in told
    exported = run("sessions", "export", "-", home=tmp_path, cwd=CONTRACT).out
    assert "The answer was interrupted." in exported
    assert "- `outline .`: " in exported
    after: Words = ["ask", "-c", "and?", *scripted(tmp_path, ANSWER)]
    assert run(*after, home=tmp_path, cwd=CONTRACT).out == ANSWER
