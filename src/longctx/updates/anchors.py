"""Which commits start a base anew: decided by a commit's id alone, like content-defined chunks.

Every full clone finds the same anchor from history, without asking anyone. Measured in
benchmarks/replay.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK_BACK = 4_096
"""First-parent commits searched: with one anchor in 256, e^-16 of all histories have none."""


@dataclass(frozen=True, slots=True)
class AnchorRule:
    """When a base is cut anew. The numbers are measured: see docs/decisions/006."""

    every: int = 256
    """A commit is an anchor when its id hashes to 0 modulo this."""
    share: float = 0.115
    """Updates may take this share of the base's tokens until it is cut anew on the way."""

    def holds(self, commit: str) -> bool:
        return int.from_bytes(hashlib.sha256(commit.encode()).digest()[:4], "big") % self.every == 0


def anchor_in(commits: Sequence[str], cut: bool, rule: AnchorRule) -> int | None:
    """The place of the nearest anchor in a first-parent chain, newest first.

    The root of a whole history is an anchor. None where the chain was `cut` (or ran out) before
    one: this clone cannot know what others would find.
    """
    for place, commit in enumerate(commits):
        if rule.holds(commit):
            return place
    return None if cut or len(commits) >= LOOK_BACK or not commits else len(commits) - 1
