"""What can go wrong, as a tree; nothing here knows how errors are shown.

    LongctxError                 exit code
    ├── EngineError              1   a server is gone, refuses, or broke off
    │   └── EngineUnavailable        nothing answered at all
    ├── UsageError               2   an option, a name or a configuration file is wrong
    ├── LoadError                3   a source cannot be read
    ├── BudgetError              4   the prompt cannot fit
    └── NothingFound             5   no passage, or unverifiable citations under --strict

Each message says what happened, to which source, and what to do next. Exit code 130 (interrupted)
is not an error and has no class.
"""

from __future__ import annotations

from typing import ClassVar


class LongctxError(Exception):
    """Root of every error that longctx raises on purpose."""

    exit_code: ClassVar[int] = 1


class EngineError(LongctxError):
    """The engine answered with an error, or stopped answering."""

    exit_code = 1


class EngineUnavailable(EngineError):
    """No connection to the engine could be made."""


class UsageError(LongctxError):
    """The request itself is wrong: an option, a name, a configuration file."""

    exit_code = 2


class LoadError(LongctxError):
    """A source does not exist or cannot be read."""

    exit_code = 3


class BudgetError(LongctxError):
    """The instructions, the question or the reserve do not fit the window."""

    exit_code = 4


class NothingFound(LongctxError):
    """No passage answers, or citations failed verification under `--strict`."""

    exit_code = 5
