"""Every command explains itself, starts fast in what it imports, and keeps to its streams."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli.process import run

from longctx import __version__
from longctx.cli.run import COMMANDS

HEAVY = ("rich", "openai", "httpx2", "tiktoken", "fastokens", "git", "numpy", "diskcache", "pypdf")


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_help(tmp_path: Path, words: list[str]) -> None:
    done = run(*words, "--help", home=tmp_path)
    assert done.code == 0
    assert done.err == ""
    assert "Usage: " in done.out
    for name in COMMANDS if not words else ():
        assert f"\n  {name} " in done.out


def test_version(tmp_path: Path) -> None:
    done = run("--version", home=tmp_path)
    assert done.out == f"longctx, version {__version__}\n"


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    done = run("summon", home=tmp_path)
    assert done.code == 2
    assert "No such command 'summon'" in done.err


@pytest.mark.parametrize("statement", ["import longctx", "from longctx.cli.run import cli"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys; {statement}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_there() -> None:
    import longctx
    from longctx import api

    for name in longctx.__all__:
        assert getattr(longctx, name) is not None
    assert set(longctx.__all__) - {"__version__"} == set(api.__all__)
