"""What goes on is told in place on a terminal, and seldom elsewhere."""

import io
import sys

import pytest

from longctx.cli.narration import CLEAR, Status


class Screen(io.StringIO):
    """Stands for standard error (a test double)."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def told(monkeypatch: pytest.MonkeyPatch, terminal: bool, *lines: tuple[float, str]) -> str:
    """What stands on the screen after lines at these seconds."""
    screen, now = Screen(terminal), [0.0]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    status = Status()
    for at, line in lines:
        now[0] = at
        status(line)
    return screen.getvalue()


LINES = ((0.0, "one"), (0.5, "two"), (1.1, "three"), (1.15, "four"), (1.3, "five"), (1.4, ""))


def test_a_terminal_shows_each_line_in_place_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, True, *LINES) == f"{CLEAR}three{CLEAR}five{CLEAR}"


def test_elsewhere_a_line_is_said_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, False, *LINES) == ""
    late = ((0.0, "one"), (10.5, "two"), (11.0, "three"), (20.6, "four"), (21.0, ""))
    assert told(monkeypatch, False, *late) == "two\nfour\n"


def test_what_is_quick_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, True, (0.0, "one"), (0.9, ""), (5.0, "two"), (5.9, "")) == ""


def test_a_hostile_name_cannot_drive_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = told(monkeypatch, True, (0.0, "x"), (2.0, "\x1b[2J" + "x" * 500))
    assert shown.count("\x1b") == 1
    assert len(shown) < 200
