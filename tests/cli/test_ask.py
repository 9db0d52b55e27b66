"""`longctx ask` as a process, with the engines that need no server."""

import json
from pathlib import Path

import pytest
from cli.process import SAMPLES, Words, run

HARBOUR = SAMPLES / "harbour"


def test_without_a_server_the_best_passages_are_quoted(tmp_path: Path) -> None:
    done = run("ask", HARBOUR, "where is auth?", home=tmp_path)
    assert done.code == 0
    assert done.out.startswith("The word of the question was found: auth.\n\nDefined here:\n\n")
    first = next(line for line in done.out.splitlines() if line.startswith("[services/"))
    assert first.endswith("]")
    assert "no model was used" in done.err
    assert "LONGCTX_BASE_URL" in done.err
    path, lines = first.strip("[]").split(":")
    begin, end = map(int, lines.split("-"))
    text = (HARBOUR / path).read_text("utf-8").splitlines()
    quoted = done.out.split("```\n")[1].splitlines()
    assert quoted == text[begin - 1 : end]
    listed = [line for line in done.out.splitlines() if line.startswith("✓ verified")]
    assert len(listed) == len([line for line in done.out.splitlines() if line.startswith("[")])


def test_the_question_may_come_from_standard_input(tmp_path: Path) -> None:
    asked = run("ask", HARBOUR, "where is auth?", home=tmp_path)
    piped = run("ask", HARBOUR, "-", home=tmp_path, stdin="where is auth?\n")
    assert piped.out == asked.out


def scripted(tmp_path: Path, answer: str) -> list[str]:
    script = tmp_path / "answer.txt"
    script.write_text(answer, "utf-8")
    return ["--engine", "scripted", "--base-url", str(script)]


ANSWER = """<think>look at the policy</think><evidence>
[services/bookings/internal/policy/policy.go:1-2] "PACKAGE_LINE"
[services/identity/identity/tokens.py:1] "this stands nowhere in the whole repository"
[forged/path.py:1-2] "anything at all that is long enough"
</evidence>
Bookings decide [services/bookings/internal/policy/policy.go:1-2].
"""


def answer_for_harbour() -> tuple[str, int]:
    lines = (HARBOUR / "services/bookings/internal/policy/policy.go").read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("func "))
    return ANSWER.replace("PACKAGE_LINE", lines[number - 1]), number


def test_citations_are_checked_and_shown(tmp_path: Path) -> None:
    answer, line = answer_for_harbour()
    engine = scripted(tmp_path, answer)
    done = run("ask", "harbour", "who decides?", *engine, home=tmp_path, cwd=SAMPLES)
    assert done.code == 0, done.err
    shown = done.out[done.out.index("Bookings decide") :]
    policy = f"harbour/services/bookings/internal/policy/policy.go:{line}"
    assert f"~ repaired   {policy}  (lines were off" in shown
    assert "✗ not found  forged/path.py:1-2  (no such document" in shown
    assert (SAMPLES / policy.partition(":")[0]).is_file(), "the place can be opened from here"
    assert "look at the policy" not in done.out


def test_strict_fails_on_a_citation_that_is_not_found(tmp_path: Path) -> None:
    answer, _ = answer_for_harbour()
    words: Words = [
        "ask",
        HARBOUR,
        "who decides?",
        *scripted(tmp_path, answer),
        "--strict",
    ]
    done = run(*words, home=tmp_path)
    assert done.code == 5
    assert "2 of 3 citations were not found" in done.err


def test_json_holds_everything(tmp_path: Path) -> None:
    answer, line = answer_for_harbour()
    words: Words = [
        "ask",
        HARBOUR,
        "who decides?",
        *scripted(tmp_path, answer),
        "--json",
    ]
    done = run(*words, home=tmp_path)
    told = json.loads(done.out)
    assert told["reasoning"] == "look at the policy"
    assert [c["verdict"] for c in told["citations"]] == ["repaired", "not found", "not found"]
    assert told["citations"][0]["lines"][0] == line
    assert told["citations"][0]["claimed"] == [1, 2]
    usage = told["usage"]
    assert usage["prompt_tokens"] == usage["predicted_tokens"] > 50_000
    reasons = {(o["path"], o["reason"]) for o in told["omissions"]}
    assert ("web/public/logo.png", "binary") in reasons
    assert any(r == "ignored by .longctxignore" for _, r in reasons)
    assert told["engine"] == "scripted"


def test_what_a_model_writes_cannot_drive_the_terminal(tmp_path: Path) -> None:
    answer = "red \x1b[31malert\x07 \u202egnp.exe\r\nok"
    done = run("ask", HARBOUR, "?", *scripted(tmp_path, answer), home=tmp_path)
    assert not set(done.out) & set("\x1b\x07\u202e\r")
    assert "alert" in done.out


def test_two_sources_stand_under_their_names(tmp_path: Path) -> None:
    done = run(
        "ask",
        SAMPLES / "contract" / "agreement.txt",
        SAMPLES / "contract" / "amendment-1.txt",
        "what is the liability cap?",
        home=tmp_path,
    )
    assert done.code == 0
    assert "[amendment-1.txt/amendment-1.txt:" in done.out or "[agreement.txt/" in done.out


def test_globs_choose(tmp_path: Path) -> None:
    words: Words = [
        "ask",
        HARBOUR,
        "which services are there?",
        "--include",
        "*.md",
        "--exclude",
        "docs/",
    ]
    done = run(*words, home=tmp_path)
    named = [line for line in done.out.splitlines() if line.startswith("[")]
    assert named
    assert all(".md:" in line and not line.startswith("[docs/") for line in named)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_output_is_utf8_in_any_locale(tmp_path: Path, locale: str) -> None:
    words: Words = [
        "ask",
        HARBOUR,
        "Wo darf man im Hafen ankern?",
        "--include",
        "docs/legacy/",
    ]
    done = run(*words, home=tmp_path, env={"LC_ALL": locale, "PYTHONUTF8": "0"})
    assert done.code == 0
    assert "ü" in done.out or "ä" in done.out or "ö" in done.out
