"""The documents tell the truth: names exist, options are explained, CI runs the README."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from longctx import engines, loaders
from longctx.budget import Profile, focus_reserve
from longctx.cli.config import KEYS
from longctx.cli.run import COMMANDS, cli

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(longctx(?:\.\w+)+)`", MAP))))
def test_every_dotted_name_on_the_map_exists(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    try:
        import_module(name)
    except ModuleNotFoundError:
        assert hasattr(import_module(module), attribute)


def test_every_layer_on_the_map_exists_and_none_is_missing() -> None:
    table = MAP[MAP.index("| layer |") : MAP.index("The core (")]
    rows = [line.split("|")[1] for line in table.splitlines()[2:] if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    package = ROOT / "src" / "longctx"
    there = {
        path.stem
        for path in package.iterdir()
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    }
    assert named == there - {"__init__", "__main__"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:docs|tests|src)/[\w./-]*)`", MAP))))
def test_every_path_on_the_map_exists(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize(
    "document", ["README.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for key in KEYS:
        assert f"`{key}`" in text, key
    for name in COMMANDS:
        for option in command(name).params:
            if isinstance(option, click.Option) and option.envvar:
                assert f"`{option.envvar}`" in text, option.envvar
                assert f"`{option.opts[0]}`" in text, option.opts


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    for option in command(name).params:
        assert not isinstance(option, click.Option) or option.help


def test_settings_files_know_only_options() -> None:
    options = {parameter.name for name in COMMANDS for parameter in command(name).params}
    assert set(KEYS) <= options


PYTHON_EXAMPLES = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL
)


def ran(example: str, folder: Path) -> str:
    """What an example prints, run where the sample corpora are."""
    (folder / "sample_corpora").symlink_to(ROOT / "sample_corpora")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_example_runs(tmp_path: Path) -> None:
    assert "verified services/" in ran(PYTHON_EXAMPLES[0], tmp_path)


def test_the_python_example_of_a_session_runs(tmp_path: Path) -> None:
    told = dict(line.split(": ", 1) for line in ran(PYTHON_EXAMPLES[1], tmp_path).splitlines())
    cached, predicted = map(int, told["cached"].split(" predicted: "))
    assert cached == predicted > 80_000
    assert int(told["prefilled"]) < focus_reserve(Profile.FLASH.value) + 200
    assert told["turns"] == "2 2"
    assert told["resumed"] == "['where is auth?', 'and who calls it?']"


def test_the_readme_teaches_in_one_screen() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 90


@pytest.mark.parametrize("mark", ["try", "test"])
def test_ci_runs_the_readmes_commands(mark: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.split(f"<!-- ci: {mark} -->\n```sh\n")[1].split("\n```")[0]
    assert len(block.splitlines()) == 1, "one command"
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert f"$(readme {mark})" in script
    function = script[script.index("readme() {") : script.index("\n}\n") + 2]
    done = subprocess.run(
        ["bash", "-c", f"{function}\nreadme {mark}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == block


def test_what_ships_is_registered_like_any_other() -> None:
    assert set(engines.OURS) == set(engines.names())
    assert set(loaders.names()) == {"git", "files"}
