"""`longctx chat` as a process: from a pipe, and in a terminal of its own."""

import json
import os
import pty
import re
import select
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cli.process import SAMPLES, Words, run

CONTRACT = SAMPLES / "contract"
HISTORY = ".local/share/longctx/chat_history"


def scripted(tmp_path: Path, answer: str) -> list[str]:
    script = tmp_path / "answer.txt"
    script.write_text(answer, "utf-8")
    return ["--engine", "scripted", "--base-url", str(script)]


def test_each_line_of_a_pipe_is_a_question(tmp_path: Path) -> None:
    words: Words = ["chat", CONTRACT, *scripted(tmp_path, "Yes, **it** is.")]
    done = run(*words, home=tmp_path, stdin="first?\n\nsecond?\n")
    assert (done.code, done.out) == (0, "Yes, **it** is.\n\nYes, **it** is.\n")
    assert done.err.count("first token after") == 2
    assert done.err.count("2 of 2 documents") == 1, "the sources are told of once"
    again = run("chat", "-c", *words[2:], home=tmp_path, cwd=SAMPLES, stdin="third?\n")
    assert again.code == 0, again.err
    listed = json.loads(run("sessions", "list", "--all", "--json", home=tmp_path).out)
    assert [session["turn_count"] for session in listed["sessions"]] == [3]


def test_a_question_may_have_several_lines(tmp_path: Path) -> None:
    words: Words = ["chat", CONTRACT, *scripted(tmp_path, "Yes.")]
    typed = 'one \\\ntwo?\n"""\nthree\n  four?\n"""\n/export said.jsonl\n'
    done = run(*words, home=tmp_path, stdin=typed, cwd=tmp_path)
    assert done.code == 0, done.err
    lines = (tmp_path / "said.jsonl").read_text().splitlines()
    assert [json.loads(line)["question"] for line in lines] == ["one \ntwo?", "three\n  four?"]


def test_a_changed_file_is_told_of_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("one\n" * 300)
    words: Words = ["chat", folder, *scripted(tmp_path, "Yes.")]
    assert "changed" not in run(*words, home=tmp_path, stdin="first?\nagain?\n").err
    (folder / "a.md").write_text("one\n" * 300 + "two\n")
    done = run(*words, "-c", home=tmp_path, stdin="and now?\nstill?\n")
    assert re.findall("changed since: .*", done.err) == ["changed since: a.md (35 tokens)"]


def test_slash_commands_work_from_a_pipe(tmp_path: Path) -> None:
    words: Words = ["chat", CONTRACT, *scripted(tmp_path, "<think>hm</think>Yes.")]
    typed = [
        "/help",
        "first?",
        "second?",
        "/show",
        "/rename talk",
        "/retry",
        "/sessions",
        "/switch talk",
        "/fork",
        "/effort high",
        "/new",
        "/sources",
        "/report",
        "/warm",
        "/repack",
        "/export all.md",
        "/quit",
        "never asked?",
    ]
    done = run(*words, home=tmp_path, stdin="\n".join(typed[:-3]) + "\n", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "/quit" in done.out
    assert "> second?\n\nhm\n\nYes." in done.out, "/show tells what was thought"
    assert "is now called 'talk'" in done.err
    assert "asking again, in a session beside" in done.err
    listing = re.findall(r"^([* ]) \w{8}( +talk)? +2 turns", done.out, re.MULTILINE)
    assert listing == [("*", ""), (" ", "  talk")]
    assert "session talk, 2 turns" in done.err
    assert "effort high from here on" in done.err
    assert "agreement.txt" in done.out
    assert "nothing to repack" in done.err
    rest = ["first?", *typed[-3:]]
    done = run(*words, home=tmp_path, stdin="\n".join(rest) + "\n", cwd=tmp_path)
    assert (tmp_path / "all.md").read_text().count("\n## ") == 1
    assert done.out.count("Yes.") == 1, "/quit ends it"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/repot", "no command /repot; near it: /report"),
        ("/xyzzy", "no command /xyzzy. /help lists them"),
        ("/", "no command /. /help lists them"),
        ("/switch nobody", "no session is called 'nobody'"),
        ("/show", "no turns yet"),
        ("/retry", "nothing was asked yet"),
        ("/rename x", "no answer yet"),
        ("/effort much", "no effort 'much'; there are off, low, high, max"),
        ("/export x.md", "name a file"),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, typed: str, said: str) -> None:
    words: Words = ["chat", CONTRACT, *scripted(tmp_path, "Yes.")]
    done = run(*words, home=tmp_path, stdin=f"{typed}\n")
    assert done.code == 2
    assert said in done.err


def test_a_path_is_no_command(tmp_path: Path) -> None:
    words: Words = ["chat", CONTRACT, *scripted(tmp_path, "Yes.")]
    done = run(*words, home=tmp_path, stdin="/etc/passwd what is it?\n")
    assert (done.code, done.out) == (0, "Yes.\n")


def test_a_source_is_needed(tmp_path: Path) -> None:
    done = run("chat", *scripted(tmp_path, "Yes."), home=tmp_path)
    assert done.code == 2
    assert "name at least one source" in done.err


def test_without_a_model_passages_are_quoted(tmp_path: Path) -> None:
    stdin = "what is the liability cap?\nand the term?\n"
    done = run("chat", CONTRACT, "--engine", "extractive", home=tmp_path, stdin=stdin)
    assert done.code == 0, done.err
    assert done.err.count("no model was used") == 1


class Terminal:
    """A chat in a pseudo-terminal."""

    def __init__(self, home: Path, *words: str | Path, env: dict[str, str]) -> None:
        command = [sys.executable, "-W", "error", "-m", "longctx", "chat", *map(str, words)]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LONGCTX_", "XDG_"))}
        kept.pop("NO_COLOR", None)
        self.pid, self._fd = pty.fork()
        if not self.pid:
            with suppress(OSError):
                clean = {**kept, "HOME": str(home), "TERM": "xterm", "COLUMNS": "80", **env}
                os.execve(sys.executable, command, clean)
            os._exit(127)
        self._seen = ""

    def until(self, text: str, seconds: float = 60) -> str:
        """What is shown from here to this text, which must come in time."""
        deadline = time.monotonic() + seconds
        while text not in self._seen:
            ready, _, _ = select.select([self._fd], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {text!r} in {self._seen[-2000:]!r}"
            try:
                more = os.read(self._fd, 65_536)
            except OSError as error:  # the other side is gone
                raise AssertionError(f"no {text!r} in {self._seen[-2000:]!r}") from error
            self._seen += more.decode("utf-8", "replace")
        end = self._seen.index(text) + len(text)
        shown, self._seen = self._seen[:end], self._seen[end:]
        return shown

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def prompt(self, seconds: float = 60) -> str:
        return self.until("> \x1b[0m" if self.styled else "> ", seconds)

    def interrupt(self) -> str:
        """Ctrl-C, up to the next prompt. Python's line editor may notice one that comes just before
        it waits for a key only at the next key."""
        for _ in range(20):
            self.type("\x03")
            with suppress(AssertionError):
                return self.prompt(3)
        raise AssertionError("Ctrl-C does nothing")

    styled = True

    def leave(self) -> int:
        """Ctrl-D; the exit code."""
        self.type("\x04")
        with suppress(AssertionError):
            self.until("\0never", 30)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    for terminal in made:
        terminal.kill()


def opened(terminals: list[Terminal], home: Path, answer: str, **env: str) -> Terminal:
    terminals.append(Terminal(home, CONTRACT, *scripted(home, answer), env=env))
    terminals[-1].styled = not env
    terminals[-1].prompt()
    return terminals[-1]


def test_in_a_terminal_markdown_is_styled_and_lines_are_remembered(
    tmp_path: Path, terminals: list[Terminal]
) -> None:
    first = opened(terminals, tmp_path, "# Title\n\nIt is **so**.\n")
    first.type('"""\n')
    first.until("... ")
    first.type("where\n")
    first.until("... ")
    first.type('is it?\n"""\n')
    shown = first.prompt()
    assert "\x1b[1mTitle\x1b[0m" in shown
    assert "\x1b[1mso\x1b[0m." in shown
    assert "first token after" in shown
    assert first.leave() == 0
    history = tmp_path / HISTORY
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert history.read_text() == '"""\nwhere\nis it?\n"""\n'
    second = opened(terminals, tmp_path, "Yes.")
    second.type("\x10\x10\x10")  # Ctrl-P: three lines back
    second.until("where")
    second.type("\n")
    assert "Yes." in second.prompt()
    second.type("/sess\t\n")
    assert "1 turn, just now" in second.prompt()
    assert second.leave() == 0


def test_without_colours_nothing_is_styled(tmp_path: Path, terminals: list[Terminal]) -> None:
    terminal = opened(terminals, tmp_path, "It is **so**.\n", NO_COLOR="1")
    terminal.type("where?\n")
    shown = terminal.prompt()
    assert "It is **so**." in shown
    assert "\x1b[1m" not in shown


def test_ctrl_c_clears_a_line_and_stops_an_answer(
    tmp_path: Path, terminals: list[Terminal]
) -> None:
    terminal = opened(terminals, tmp_path, "word " * 400_000)
    terminal.type("never asked")
    terminal.until("never asked")
    terminal.interrupt()
    terminal.type("where?\n")
    terminal.until("word word")
    assert "interrupted: nothing of it is kept" in terminal.interrupt()
    terminal.type("/show\n")
    terminal.until("the session has no turns yet")
    terminal.type("/sources\n")
    terminal.until("2 documents")
    terminal.prompt()
    assert terminal.leave() == 0
