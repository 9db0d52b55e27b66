"""Whether an installed server knows the flags that we would give it, asked of its own parser.

The server's code runs in a process of its own, in the interpreter that has it. What must never be
known here: which flags those are, and why.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.serving.launches import HEAD, NODE_RANK, Var

if TYPE_CHECKING:
    from longctx.serving import Process, Text

PATIENCE = 180.0
"""Seconds; importing a server takes ten to thirty."""

MARK = "longctx-flags: "

_REPORT = """
import contextlib, io, json, sys
said, complaint = io.StringIO(), ""
with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
    try:
        parser.parse_args(sys.argv[1:])
    except SystemExit as error:
        complaint = said.getvalue() if error.code else ""
known = sorted({name for action in parser._actions for name in action.option_strings})
print("longctx-flags: " + json.dumps([version, known, complaint]))
"""
ASKING = {
    "sglang": "import argparse\n"
    "from importlib.metadata import version as of\n"
    "from sglang.srt.server_args import ServerArgs\n"
    "parser = argparse.ArgumentParser()\n"
    "ServerArgs.add_cli_args(parser)\n"
    "version = of('sglang')\n" + _REPORT,
    "vllm": "import vllm\n"
    "try:\n"
    "    from vllm.entrypoints.launchers.cli_args import make_arg_parser\n"
    "except ImportError:\n"
    "    from vllm.entrypoints.openai.cli_args import make_arg_parser\n"
    "try:\n"
    "    from vllm.utils.argparse_utils import FlexibleArgumentParser\n"
    "except ImportError:\n"
    "    from vllm.utils import FlexibleArgumentParser\n"
    "parser = make_arg_parser(FlexibleArgumentParser())\n"
    "version = vllm.__version__\n" + _REPORT,
}
PACKAGES = {"sglang": "sglang", "vllm": "vllm"}
_HELP_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the installed server says to a command's flags."""

    version: str
    unknown: tuple[tuple[str, str], ...] = ()
    """(our flag, the server's most like it or "") for each that it does not know."""
    complaint: str = ""
    """What its parser says to the values, "" for nothing."""

    @property
    def fine(self) -> bool:
        return not self.unknown and not self.complaint


def checked(engine: str, process: Process, python: str = "") -> Checked | None:
    """The installed server's word on this process; None where it is not installed here, or does
    not tell."""
    words = [_tried(word) for word in process.words[len(process.program) :]]
    if engine == "llamacpp":
        return _by_help(words)
    interpreter = python or interpreter_of(engine)
    if not interpreter:
        return None
    if engine == "vllm":
        words = [process.program[-1], *words]
    done = _ran([interpreter, "-c", ASKING[engine], *words])
    line = next((line for line in done.splitlines() if line.startswith(MARK)), None)
    if line is None:
        return None
    version, known, complaint = json.loads(line.removeprefix(MARK))
    unknown = _unknown(words, known)
    return Checked(version, unknown, "" if unknown else _last_line(complaint))


def interpreter_of(engine: str) -> str:
    """The Python that has the engine: ours, or the one that its command on the PATH runs in; ""
    where there is none."""
    if importlib.util.find_spec(PACKAGES[engine]) is not None:
        return sys.executable
    command = shutil.which(engine)
    if command is None:
        return ""
    with Path(command).open("rb") as file:
        first = file.readline(500)
    if not first.startswith(b"#!"):
        return ""
    words = first[2:].decode("utf-8", "replace").split()
    return words[0] if len(words) == 1 and "python" in Path(words[0]).name else ""


def _by_help(words: list[str]) -> Checked | None:
    program = shutil.which("llama-server")
    if program is None:
        return None
    known = _HELP_FLAG.findall(_ran([program, "--help"]))
    version = _ran([program, "--version"]).partition("\n")[0].removeprefix("version: ").strip()
    return Checked(version, _unknown(words, known)) if known else None


def _ran(command: list[str]) -> str:
    """What a command prints; "" where it does not run or end."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _tried(word: Text) -> str:
    stand_ins = {NODE_RANK: "0", HEAD: "127.0.0.1"}
    return "".join(
        stand_ins.get(piece, "key") if isinstance(piece, Var) else piece for piece in word
    )


def _unknown(words: list[str], known: list[str]) -> tuple[tuple[str, str], ...]:
    """Ours that are not among theirs to the letter: a parser would take an abbreviation."""
    flags = (word.partition("=")[0] for word in words if word.startswith("--"))
    missing = [flag for flag in dict.fromkeys(flags) if flag not in known]
    return tuple(
        (flag, next(iter(difflib.get_close_matches(flag, known, 1, 0.75)), "")) for flag in missing
    )


def _last_line(text: str) -> str:
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    return last.removeprefix("-c: error: ")
