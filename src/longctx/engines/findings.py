"""What was found out about a server or this machine, with what to do about it: values.

What may live here: how grave a finding is and what it says. What must never be known here: how
anything is found out, any server's flags, how findings are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    """Looked at, and as it should be."""
    UNKNOWN = "unknown"
    """Could not be looked at, which is not the same as fine."""
    ADVICE = "advice"
    """Answers are right; they could be cheaper, faster, longer or better accounted for."""
    TROUBLE = "trouble"
    """Answers are wrong, cut or impossible until it is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    severity: Severity
    about: str
    """What it is about, in a word or two; the same for the same matter, so that scripts can ask
    for it: `window`, `prefix cache`."""
    seen: str
    """What was seen."""
    why: str = ""
    """Why that matters, a sentence."""
    fix: str = ""
    """What to do: the flag, the setting or the command."""


def ok(about: str, seen: str) -> Finding:
    return Finding(Severity.OK, about, seen)


def unknown(about: str, seen: str, fix: str = "") -> Finding:
    return Finding(Severity.UNKNOWN, about, seen, fix=fix)


def advice(about: str, seen: str, why: str, fix: str) -> Finding:
    return Finding(Severity.ADVICE, about, seen, why, fix)


def trouble(about: str, seen: str, why: str, fix: str) -> Finding:
    return Finding(Severity.TROUBLE, about, seen, why, fix)


def gravest(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, and nothing called well of which something else is wrong."""
    kept = tuple(dict.fromkeys(findings))
    wrong = {each.about for each in kept if each.severity in (Severity.ADVICE, Severity.TROUBLE)}
    return tuple(
        each for each in kept if each.about not in wrong or each.severity is not Severity.OK
    )
