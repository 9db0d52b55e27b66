"""A base with the updates that follow it: what every question about a source shares.

Values only, and the one place that says what a model has been shown. What must never be known here:
how bases are chosen (`pack`), where they are kept (`store`), or why the source changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.updates.states import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from longctx.prompt import Ids


@dataclass(frozen=True, slots=True)
class Shown:
    """A document of a base."""

    path: str
    number: int
    tokens: int
    """Head, body and tail."""
    digest: bytes
    """Of its content."""
    same: str | None = None
    """The path under which the base shows its text; None where that is its own."""


@dataclass(frozen=True)
class Base:
    """Frozen segments: the corpus' tag and index, its documents in a fixed order, the end tag."""

    opening: str
    closing: str
    shown: tuple[Shown, ...]
    left: frozenset[str]
    """Paths that did not fit: they stay left out, whatever becomes of them."""
    tokens: int
    head_tokens: int
    """Tokens of the opening; the documents' follow."""
    make_ids: Callable[[], Ids] = field(repr=False, compare=False)
    """Encodes or maps the ids: not every face needs them."""

    @cached_property
    def ids(self) -> Ids:
        return self.make_ids()

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of ids and state: equal digests are one prefix and one state."""
        sha = hashlib.sha256(b"base\0")
        sha.update(self.ids.data)
        for each in self.shown:
            sha.update(each.path.encode("utf-8", "surrogatepass") + b"\0" + each.digest)
        for path in sorted(self.left):
            sha.update(path.encode("utf-8", "surrogatepass") + b"\0")
        return sha.digest()

    @cached_property
    def state(self) -> Mapping[str, Known]:
        return {shown.path: Known(shown.number, shown.digest) for shown in self.shown}


@dataclass(frozen=True)
class Step:
    """One appended update: rendered once, then kept as it is."""

    text: str
    ids: Ids
    changes: tuple[tuple[str, Known | None], ...]

    @cached_property
    def digest(self) -> bytes:
        return hashlib.sha256(
            b"step\0" + self.ids.data + self.text.encode("utf-8", "surrogatepass")
        ).digest()


@dataclass(frozen=True)
class Lineage:
    """A base and what happened to its documents since."""

    base: Base
    steps: tuple[Step, ...] = ()

    @cached_property
    def state(self) -> Mapping[str, Known]:
        """What the model has been shown."""
        state = dict(self.base.state)
        for step in self.steps:
            for path, known in step.changes:
                if known is None:
                    state.pop(path, None)
                else:
                    state[path] = known
        return state

    @property
    def carried(self) -> int:
        """Tokens of the updates."""
        return sum(len(step.ids) for step in self.steps)

    @property
    def tokens(self) -> int:
        return self.base.tokens + self.carried

    @cached_property
    def digest(self) -> bytes:
        """Chained over base and steps: equal digests are one prefix."""
        digest = self.base.digest
        for step in self.steps:
            digest = hashlib.sha256(digest + step.digest).digest()
        return digest

    @property
    def next_number(self) -> int:
        """The number of the next document that the model has not seen."""
        numbers = [known.number for step in self.steps for _, known in step.changes if known]
        return 1 + max([shown.number for shown in self.base.shown[-1:]] + numbers, default=0)

    def followed_by(self, step: Step) -> Lineage:
        return Lineage(self.base, (*self.steps, step))
