"""The example of an engine written by others: installed, it works by its entry point."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cli.process import Done, run

from longctx.engines import Connection, Delta, Request, Usage, engine_for
from longctx.errors import EngineError, EngineUnavailable, UsageError
from longctx.prompt import Effort, Message, Role

EXAMPLE = Path(__file__).parents[2] / "examples" / "longctx-engine-command"
PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
SOURCE = Path(__file__).parents[2] / "src"

MODEL = """
import sys
prompt = sys.stdin.read()
assert "<corpus" in prompt and "where is auth?" in prompt
print('[app.py:1] "def auth(): return 1"')
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """What `pip install` makes of the example: its package, and metadata with the entry points."""
    folder = tmp_path / "site"
    registered(folder, (EXAMPLE / "pyproject.toml").read_text("utf-8"))
    (folder / "longctx_engine_command").symlink_to(EXAMPLE / "src" / "longctx_engine_command")
    return folder


def registered(folder: Path, pyproject: str) -> None:
    """The metadata of an installed project."""
    project = tomllib.loads(pyproject)["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    lines = []
    for group, points in project["entry-points"].items():
        lines.append(f"[{group}]")
        lines += [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head, "utf-8")


def test_what_the_page_on_engines_shows_works_as_it_stands(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    site = tmp_path / "site"
    registered(site, page.split("```toml\n")[1].split("```")[0])
    (site / "my_package").mkdir()
    (site / "my_package" / "__init__.py").touch()
    module = page.split("```python\n")[1].split("```")[0]
    (site / "my_package" / "engine.py").write_text(module, "utf-8")
    done = ask(site, tmp_path, "http://anywhere", "--engine", "mine", "--json")
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert (answer["model"], answer["window"]) == ("parrot", 100_000)
    assert answer["reasoning"] == "What did they say last?"
    assert len(answer["answer"]) == 40


def ask(site: Path, home: Path, command: str, *words: str) -> Done:
    (home / "corpus").mkdir(exist_ok=True)
    (home / "corpus" / "app.py").write_text("def auth(): return 1\n", "utf-8")
    return run(
        "ask",
        home / "corpus",
        "where is auth?",
        "--engine",
        "command",
        "--base-url",
        command,
        *words,
        home=home,
        env={"PYTHONPATH": f"{site}:{SOURCE}"},
    )


def test_it_answers_and_its_citations_are_checked(site: Path, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL, "utf-8")
    done = ask(site, tmp_path, f"{sys.executable} {tmp_path / 'model.py'}")
    assert done.code == 0, done.err
    assert "✓ verified" in done.out
    assert "does not tell its window" in done.err, "what an engine does not know is said"


def test_it_is_named_among_the_installed(site: Path, tmp_path: Path) -> None:
    done = ask(site, tmp_path, "x", "--engine", "nobody")
    assert done.code == 2
    assert "installed: auto, command, extractive" in done.err


def test_pip_installs_it(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="pip builds the example with it, offline")
    target = tmp_path / "installed"
    flags = ["--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "install", *flags, str(EXAMPLE)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    (tmp_path / "model.py").write_text(MODEL, "utf-8")
    done = ask(target, tmp_path, f"{sys.executable} {tmp_path / 'model.py'}")
    assert done.code == 0, done.err


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, site: Path) -> None:
    monkeypatch.syspath_prepend(str(site))


ASKED = Request(9, Effort.OFF, messages=(Message(Role.USER, "é" * 300_000),))


def command(program: str) -> Connection:
    return Connection(f'{sys.executable} -c "{program}"')


def test_a_long_prompt_and_a_long_answer_do_not_block_each_other(example: None) -> None:
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    *deltas, usage = engine_for("command", command(echo)).stream(ASKED)
    assert "".join(d.text for d in deltas if isinstance(d, Delta)) == "é" * 300_000
    assert usage == Usage(finish_reason="stop")


def test_a_program_that_reads_nothing_may_answer(example: None) -> None:
    *deltas, usage = engine_for("command", command("print('no')")).stream(ASKED)
    assert "".join(d.text for d in deltas if isinstance(d, Delta)) == "no\n"
    assert usage == Usage(finish_reason="stop")


def test_its_failure_is_told_in_its_words(example: None) -> None:
    with pytest.raises(EngineError, match=r"failed with status 3: out of luck"):
        failing = "import sys; print('out of luck', file=sys.stderr); sys.exit(3)"
        list(engine_for("command", command(failing)).stream(ASKED))
    with pytest.raises(EngineUnavailable, match="No such file"):
        list(engine_for("command", Connection("/no/such/program")).stream(ASKED))
    with pytest.raises(UsageError, match="needs its command"):
        engine_for("command", Connection(" "))


def test_closing_the_stream_ends_the_program(example: None) -> None:
    endless = "import time, sys; print('begin', flush=True); time.sleep(600)"
    stream = engine_for("command", command(endless)).stream(ASKED)
    first = next(stream)
    assert isinstance(first, Delta)
    assert first.text.startswith("b")
    stream.close()  # type: ignore[attr-defined]  # a generator; it would take ten minutes
