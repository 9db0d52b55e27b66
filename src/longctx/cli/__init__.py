"""The command line: parses, shows, and maps errors to exit codes. No logic lives in this package.

`main` imports click and nothing else of weight; each command imports what it needs when it runs.
"""

from __future__ import annotations


def main() -> None:
    """The `longctx` command."""
    from longctx.cli.run import run

    run()
