"""The command group, and the one place where errors become words and exit codes."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from typing import NoReturn

import click

from longctx import __version__
from longctx.errors import LongctxError

COMMANDS = {
    "ask": "Ask sources a question and check the answer's citations.",
    "chat": "Ask one question after another, in a plain terminal.",
    "warm": "Prefill what all questions share, and keep it so while files change.",
    "repack": "Begin a new base where updates have become many.",
    "pack": "Write the prompt that a question would send, or report what is in it.",
    "search": "Find the passages that match a query, without a model.",
    "map": "Print the definitions of the files that matter most.",
    "show": "Print a passage by its place, or list the places that there are.",
    "sessions": "List, show, search, name, export and remove what was asked before.",
    "plan": "Say whether sources fit, and what questions cost in memory, time and money.",
    "serve": "Write or run the command that serves a model on your hardware.",
    "cache": "Say what is kept on this machine, and clear what can be made again.",
    "config": "Show the settings with where each comes from, and change the user's own.",
    "doctor": "Examine the servers and this machine, and say how to mend what is wrong.",
}
MODULES = {"config": "configuring"}
"""Modules of commands that are not called as these are."""
INTERRUPTED = 130


class Commands(click.Group):
    """Imports a command's module when it is called, and not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"longctx.cli.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="longctx")
def cli() -> None:
    """Ask a whole repository, a shelf of books or a case file, and get answers you can check.

    \b
    longctx ask ./monorepo "where is auth?"
    longctx show ./case "Lease.pdf §12.3(b)"
    longctx pack ./monorepo --report
    longctx doctor

    Exit codes: 0 ok, 1 engine, 2 usage, 3 loading, 4 budget, 5 nothing found (or, under --strict,
    citations not verified), 130 interrupted.
    """


def run() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # A command lives for seconds and makes next to no cycles: looking for them in a large corpus
    # is 5 % of a cold pack (0.07 of 1.56 CPU s for Django).
    gc.disable()
    code = 0
    try:
        code = cli.main(standalone_mode=False) or 0
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except LongctxError as error:
        from longctx.cli.narration import say

        say(f"error: {error}")
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        from longctx.cli.narration import say

        say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted (`| head`); keep Python from complaining on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.exit(code)
