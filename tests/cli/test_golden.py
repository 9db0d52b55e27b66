"""The bytes of the report and of the JSON: people and scripts read them.

To accept a change on purpose: `python tests/cli/test_golden.py`, then read the diff.
"""

import json
import tempfile
from pathlib import Path

import pytest
from cli.process import run

GOLDEN = Path(__file__).parent / "golden"
ANSWER = '<evidence>\n[src/auth.py:1] "def auth(token):"\n</evidence>\nThere [src/auth.py:1].\n'
MORE = "<more>\nopen src/auth.py:1-1\ngrep tokens\nopen src/none.py\n</more>\n"
COMMANDS = {
    "report.txt": ["pack", "source", "--report", "--budget", "1200"],
    "pack.json": ["pack", "source", "--format", "json", "--question", "where is auth?"],
    "ask.json": ["ask", "source", "where is auth?", "--json"],
    "ask.txt": ["ask", "source", "where is auth?"],
    "explored.json": ["ask", "source", "where is auth?", "--explore", "2", "--json"],
    "quoted.json": ["ask", "source", "where is auth?", "--json"],
    "quoted.txt": ["ask", "source", "where is auth?"],
}


def made(folder: Path) -> Path:
    """A small source with one of everything, and a script for the scripted engine."""
    for name, text in {
        "src/auth.py": "def auth(token):\n    return check(token)\n",
        "src/big.py": "x = 1\n" * 400,
        "docs/auth.md": "# Auth\n\nTokens are checked.\n",
        "README.md": "Hello.\n",
        ".longctxignore": "*.tmp\n",
        "a.tmp": "",
    }.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "source" / "logo.png").write_bytes(bytes(range(256)))
    (folder / "answer.txt").write_text(ANSWER)
    (folder / "explored.txt").write_text(f"{MORE}%\n{ANSWER}")
    return folder


def output(name: str, folder: Path) -> str:
    words = COMMANDS[name]
    if name.startswith("quoted"):
        words = [*words, "--engine", "extractive"]
    elif words[0] == "ask":
        script = "explored.txt" if "--explore" in words else "answer.txt"
        words = [*words, "--engine", "scripted", "--base-url", script]
    done = run(*words, home=folder, cwd=made(folder))
    assert done.code == 0, done.err
    if name not in ("ask.json", "explored.json", "quoted.json"):
        return done.out
    told = json.loads(done.out)
    for step in told["steps"]:
        step["usage"] |= {"seconds": 0}
    told["usage"] |= {"seconds": 0, "first_token_seconds": 0}  # these and the id vary
    told["session"] = ""
    return json.dumps(told, indent=2) + "\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_format_has_not_changed(name: str, tmp_path: Path) -> None:
    assert output(name, tmp_path).encode() == (GOLDEN / name).read_bytes()


if __name__ == "__main__":
    for each in COMMANDS:
        with tempfile.TemporaryDirectory() as scratch:
            (GOLDEN / each).write_bytes(output(each, Path(scratch)).encode())
