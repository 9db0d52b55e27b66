"""`longctx sessions` as a process: what was asked is found, read, exported and removed again.

To accept a change of the golden files on purpose: `python tests/cli/test_sessions.py`, then read
the diff.
"""

import json
import re
import tempfile
from pathlib import Path

import click
import pytest
from cli.process import Done, run
from hypothesis import given
from hypothesis import strategies as st

from longctx.api.keeping import KeptTurn
from longctx.cli import cache, sessions
from longctx.cli.exporting import as_markdown
from longctx.cli.phrasing import age, shortened, width
from longctx.engines import Usage
from longctx.session import Turn
from longctx.store import KeptSession

GOLDEN = Path(__file__).parent / "golden"
ANSWER = """<evidence>
[src/auth.py:1] "def auth(token):"
[forged/`path`.py:3-4] "this stands nowhere in the whole source"
</evidence>
There [src/auth.py:1].

```python
# a fence that nothing ends
---
"""
QUESTIONS = ("where is auth?", "# and *who*\n---\ncalls it?", "三番目の質問" * 9)


class Desk:
    """A home with a source in it that was asked about, twice in one session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "source" / "src").mkdir(parents=True)
        (folder / "source" / "src" / "auth.py").write_text(
            "def auth(token):\n    return check(token)\n"
        )
        (folder / "other").mkdir()
        (folder / "other" / "a.txt").write_text("Something else.\n")
        (folder / "answer.txt").write_text(ANSWER)

    def run(self, *words: str, cwd: str = ".", **env: str) -> Done:
        return run(*words, home=self.folder, cwd=self.folder / cwd, env=env)

    def out(self, *words: str, cwd: str = ".") -> str:
        done = self.run(*words, cwd=cwd)
        assert done.code == 0, done.err
        return done.out

    def ask(self, *words: str) -> dict[str, object]:
        engine = ["--engine", "scripted", "--base-url", "answer.txt", "--json"]
        told = json.loads(self.out("ask", *words, *engine))
        assert isinstance(told, dict)
        return told

    def asked(self) -> str:
        """The id of a session with two turns; another one and a fork of it are younger."""
        first = self.ask("source", QUESTIONS[0])
        self.ask("-c", QUESTIONS[1])
        self.ask("other", QUESTIONS[2])
        self.ask("--fork", str(first["turn"]), "another way?")
        return str(first["session"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def masked(text: str, folder: Path) -> str:
    """Without what differs from run to run: ids, times, the folder."""
    text = text.replace(str(folder), "/home/somebody")
    text = re.sub(r'(?m)^(id: ")?[a-z][a-z2-7]{7}\b', r"\1abcdefgh", text)
    text = re.sub(r"(Session )[a-z][a-z2-7]{7}\b", r"\1abcdefgh", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.+]+", "2026-01-01 12:00", text)
    return re.sub(r"just now|\d min ago", "just now", text)


def output(name: str, desk: Desk) -> bytes:
    session = desk.asked()
    if name == "sessions.txt":
        desk.run("sessions", "rename", session, "auth-review")
        out = desk.out("sessions", "--all")
    else:
        out = desk.out("sessions", "export", session)
    return masked(out, desk.folder.resolve()).encode()


@pytest.mark.parametrize("name", ["sessions.txt", "session.md"])
def test_the_format_of_sessions_has_not_changed(name: str, desk: Desk) -> None:
    assert output(name, desk) == (GOLDEN / name).read_bytes()


def test_sessions_are_listed_for_the_place_where_one_is(desk: Desk) -> None:
    first = desk.asked()

    def listed(*words: str, cwd: str = ".") -> list[str]:
        told = json.loads(desk.out("sessions", "list", *words, "--json", cwd=cwd))
        return [session["question"] for session in told["sessions"]]

    assert listed() == [QUESTIONS[0], QUESTIONS[2], QUESTIONS[0]]
    assert listed(cwd="source/src") == listed("source") == [QUESTIONS[0], QUESTIONS[0]]
    assert listed(cwd="other") == [QUESTIONS[2]]
    assert listed("source", "other") == []
    assert len(listed("--all", cwd="other")) == 3
    told = json.loads(desk.out("sessions", "--json"))["sessions"][-1]
    assert (told["session"], told["turn_count"]) == (first, 2)
    assert told["sources"] == [str((desk.folder / "source").resolve())]
    assert "2 over other sources" in desk.run("sessions", cwd="other").err


def test_a_fresh_home_has_no_sessions(desk: Desk) -> None:
    done = desk.run("sessions")
    assert (done.code, done.out) == (0, "")
    assert "longctx ask" in done.err
    done = desk.run("sessions", "show")
    assert done.code == 2
    assert "no session over sources here" in done.err


def test_every_exported_turn_is_what_show_and_ask_say(desk: Desk) -> None:
    told = desk.ask("source", QUESTIONS[0])
    desk.ask("-c", QUESTIONS[1])
    shown = json.loads(desk.out("sessions", "show", "--json"))
    assert json.loads(desk.out("sessions", "export", "--format", "json")) == shown
    lines = desk.out("sessions", "export", "-", "--format", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == shown["turns"]
    first = shown["turns"][0]
    assert {key: told[key] for key in first if key in told} == {
        key: first[key] for key in first if key in told
    }
    assert len(first) > 10
    assert [turn["parent"] for turn in shown["turns"]] == [None, first["turn"]]


def test_show_tells_what_a_person_wants_to_know(desk: Desk) -> None:
    session = desk.asked()
    shown = desk.out("sessions", "show", session)
    assert "turn 1, " in shown
    assert "> where is auth?" in shown
    assert "✓ verified   src/auth.py:1" in shown
    assert "✗ not found  forged/`path`.py:3-4  (no such document" in shown
    assert "prefilled" in shown
    assert max(map(width, shown.splitlines())) <= 80
    assert desk.out("sessions", "show", session[:7]) == shown
    assert "another way?" in desk.out("sessions", "show", "-")


def test_what_a_model_wrote_cannot_drive_the_terminal_later(desk: Desk) -> None:
    (desk.folder / "answer.txt").write_text("\x1b[31m red\x07 \u202e[src/\x1b[2J.py:1]\n")
    desk.ask("source", "what\x1b[2J is \x07 there?")
    for words in (["show"], ["list"], ["export"], ["search", "red"]):
        done = desk.run("sessions", *words)
        assert "there?" in done.out
        assert not set(done.out + done.err) & set("\x1b\x07\u202e\r")


def test_a_session_is_renamed_and_found_by_its_name(desk: Desk) -> None:
    session = desk.asked()
    desk.out("sessions", "rename", session, "auth review")
    assert json.loads(desk.out("sessions", "show", "auth review", "--json"))["session"] == session
    near = desk.run("sessions", "show", "auth-review")
    assert near.code == 2
    assert "near it: auth review" in near.err
    taken = desk.run("sessions", "rename", "-", "x")
    assert taken.code == 2
    desk.out("sessions", "rename", "auth review", "")
    assert json.loads(desk.out("sessions", "show", session, "--json"))["name"] == ""


def test_removing_needs_a_yes_and_leaves_what_forks_share(desk: Desk) -> None:
    session = desk.asked()
    asked = desk.run("sessions", "rm", session)
    assert asked.code == 2
    assert "where is auth?" in asked.err
    assert "--yes" in asked.err
    mistaken = desk.run("sessions", "rm", session, "nope", "--yes")
    assert mistaken.code == 2
    assert json.loads(desk.out("sessions", "show", session, "--json"))["turn_count"] == 2
    done = desk.run("sessions", "rm", session, session, "--yes")
    assert f"removed session {session} with 1 turn; kept 1 turn that other" in done.err
    assert desk.run("sessions", "show", session).code == 2
    fork = json.loads(desk.out("sessions", "show", "--json"))
    assert [turn["question"] for turn in fork["turns"]] == [QUESTIONS[0], "another way?"]
    told = json.loads(desk.out("sessions", "rm", str(fork["session"]), "--yes", "--json"))
    assert told == {"removed": [{"session": fork["session"], "turns": 2}]}


def test_past_answers_are_searched(desk: Desk) -> None:
    session = desk.asked()
    hits = json.loads(desk.out("sessions", "search", "who", "calls", "--json"))["hits"]
    assert [(hit["session"], hit["question"]) for hit in hits] == [(session, QUESTIONS[1])]
    shown = desk.out("sessions", "search", "三番目")
    assert shown.startswith("turn 3  ")
    limited = desk.run("sessions", "search", "--limit", "2", "auth")
    assert limited.out.count("turn ") == 2
    assert "--limit" in limited.err
    missed = desk.run("sessions", "search", "unheard", "--json")
    assert (missed.code, json.loads(missed.out)) == (5, {"hits": []})


def test_an_export_goes_to_a_file_or_says_why_not(desk: Desk) -> None:
    desk.asked()
    assert desk.out("sessions", "export", "-o", "it.md") == ""
    assert (desk.folder / "it.md").read_text("utf-8") == desk.out("sessions", "export")
    failed = desk.run("sessions", "export", "-o", "no/such/folder.md")
    assert failed.code == 2
    assert "no/such/folder.md" in failed.err


@pytest.mark.parametrize("words", [["sessions"], ["sessions", "show", "x"], ["cache"]])
def test_a_store_that_cannot_be_used_is_named(desk: Desk, words: list[str]) -> None:
    data = desk.folder / "data"
    data.mkdir()
    (data / "longctx.db").write_bytes(b"no database of ours" * 999)
    done = desk.run(*words, LONGCTX_DATA_DIR=str(data))
    assert done.code == 1
    assert "longctx.db: it is damaged" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("group", [sessions.command, cache.command])
def test_every_command_and_option_is_explained(group: click.Group) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sessions.md").read_text("utf-8")
    for name, command in group.commands.items():
        assert f"`longctx {group.name} {name}" in page, name
        assert command.help
        for option in command.params:
            if isinstance(option, click.Option) and option.envvar is None:
                assert option.help
                assert f"{option.opts[0]}" in page, option.opts


def told_turn(question: str, answer: str) -> KeptTurn:
    turn = Turn(question, answer, "", (), Usage(), None, None, "", "", None, 0.0, 7, "abcdefgh")
    return KeptTurn(turn, None, "2026-01-01T12:00:00.000000+00:00", "scripted", None)


pieces = st.lists(
    st.sampled_from(["---", "## 9. no", "```", "~~~", "<!--", "<script>", "> ", "    ", "\n", "\r"])
    | st.text(max_size=5)
).map("".join)


@given(pieces, pieces, pieces)
def test_nothing_that_was_said_breaks_out_of_its_turn(
    name: str, question: str, answer: str
) -> None:
    moment = "2026-01-01T12:00:00.000000+00:00"
    kept = KeptSession("abcdefgh", name, "", (name,), "{}", 7, 1, moment, moment)
    lines = "".join(as_markdown(kept, [told_turn(question, answer)])).split("\n")
    assert [at for at, line in enumerate(lines) if line == "---"] == [0, 7]
    ours = [line for line in lines[8:] if line and not line.startswith(">")]
    assert [line.partition(" ")[0] for line in ours if line != "Question:"] == [
        "#", "##", "Turn", "Answer:"
    ]  # fmt: skip
    fenced = False
    for line in (line.removeprefix("> ") for line in lines if line.startswith("> ")):
        fenced = fenced or line.startswith(("```", "~~~"))
        assert fenced or not re.search("<[a-z!/?]", line)


@given(st.text(), st.integers(1, 90))
def test_a_shortened_text_fits_its_room(text: str, room: int) -> None:
    line = shortened(text, room)
    assert width(line) <= room
    assert "\n" not in line
    assert "\x1b" not in line


def test_ages_are_said_as_people_say_them() -> None:
    then = "2026-01-01T00:00:00.000000+00:00"
    began = 1_767_225_600.0
    said = [age(then, began + seconds) for seconds in (5, 90, 7_300, 90_000, 400_000, 9e6)]
    assert said == ["just now", "1 min ago", "2 h ago", "yesterday", "4 days ago", "2026-01-01"]


if __name__ == "__main__":
    for each in ("sessions.txt", "session.md"):
        with tempfile.TemporaryDirectory() as scratch:
            (GOLDEN / each).write_bytes(output(each, Desk(Path(scratch))))
