"""A question on its way: counted, primed for, sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.corpus import Omission, Reason
from longctx.pack import measured
from longctx.pack.copies import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from longctx.api.continuing import Continued
    from longctx.api.sessions import Session
    from longctx.api.sources import Loaded
    from longctx.api.surface import Surface
    from longctx.budget import Budget
    from longctx.corpus import Corpus
    from longctx.engines import Delta, Reasoning, Request
    from longctx.excerpts import Findings
    from longctx.prompt import Segment
    from longctx.session import Turn
    from longctx.session.asking import Step
    from longctx.session.conversations import Conversation
    from longctx.session.exploring import Explore
    from longctx.session.prefixes import Prefix
    from longctx.session.warming import Warmth
    from longctx.updates import Known, Lineage


@dataclass(frozen=True)
class Asked:
    """A question that fits, counted, ready to be sent."""

    session: Session
    loaded: Loaded
    request: Request
    budget: Budget | None = None
    conversation: Conversation | None = None
    """None for the embedded engine, which reads no prompt."""
    segments: tuple[Segment, ...] = ()
    """What the question adds to the conversation."""
    seen: Lineage | None = None
    """What the model will have been shown with it."""
    continued: Continued | None = None
    """The lineage to keep once the server has it; None where a conversation goes on."""
    digest: str = ""
    predicted_tokens: int | None = None
    unshown: tuple[str, ...] = ()
    """Documents that match the question well and of which the model sees nothing."""
    explore: Explore | None = None
    """How far the model may read more before it answers."""
    findings: Findings | None = None
    """What was found of the question's words, where no model answers."""

    @property
    def corpus(self) -> Corpus:
        return self.loaded.corpus

    @property
    def left_out(self) -> tuple[Omission, ...]:
        """Everything that the prompt does not show, and why."""
        return left_out(self.seen, self.corpus)

    @property
    def omissions(self) -> tuple[Omission, ...]:
        """The same with the tokens that each document would have taken."""
        return sized(self.left_out, self.corpus, self.session.surface)

    @property
    def shown(self) -> int:
        """Documents in the prompt."""
        return len(self.corpus) if self.seen is None else len(self.seen.state)

    @property
    def lacking(self) -> int:
        """Tokens of the shared prefix that the server must prefill first; 0 when it is warm."""
        if self.conversation is None:
            return 0
        return self.session.lacking(self.conversation.prefix)

    def warm(self, waiting: Callable[[float], None] = lambda seconds: None) -> Warmth | None:
        """Make the server hold the shared prefix; one process does it for all who ask.

        `waiting` gets the seconds that another process has been at it.
        """
        if self.conversation is None:
            return None
        done = self.session.warm(self.conversation.prefix, waiting)
        if self.continued is not None:
            self.session.keep(self.continued)
        return done

    def send(self) -> Generator[Delta | Reasoning | Step | Turn]:
        """The answer as it comes, and the checked turn, already kept, last.

        A `Step` comes where the model reads more. Closed or broken off after one, it keeps a turn
        with the steps, whose answer is what had come of it (`Turn.interrupted`).
        """
        return self.session.answered(self)


@dataclass(frozen=True)
class Shared:
    """What all questions over sources share, as they are now."""

    session: Session
    continued: Continued
    loaded: Loaded
    budget: Budget

    @property
    def lineage(self) -> Lineage:
        return self.continued.lineage

    @cached_property
    def prefix(self) -> Prefix:
        """The same rendered for the session's server; this encodes it."""
        return self.session.prefix_over(self.lineage)

    @property
    def left_out(self) -> tuple[Omission, ...]:
        """Everything that it does not show, and why."""
        return left_out(self.lineage, self.loaded.corpus)

    @property
    def omissions(self) -> tuple[Omission, ...]:
        """The same with the tokens that each document would have taken."""
        return sized(self.left_out, self.loaded.corpus, self.session.surface)


def left_out(seen: Lineage | None, corpus: Corpus) -> tuple[Omission, ...]:
    """The corpus' own omissions, and its documents that the model is not shown as they are."""
    if seen is None:
        return corpus.omissions
    texts = {
        shown.digest: path
        for path in sorted(seen.state, key=standing, reverse=True)
        if not (shown := seen.state[path]).unseen
    }
    unseen = (
        Omission(
            document.path,
            _why(known, document.digest in texts),
            len(document.text.encode("utf-8", "surrogatepass")),
            detail=texts.get(document.digest, ""),
        )
        for document in corpus
        if (known := seen.state.get(document.path)) is None or known.unseen
    )
    return (*corpus.omissions, *unseen)


def _why(known: Known | None, elsewhere: bool) -> Reason:
    """Why a document is not shown under its path, where its text may be shown elsewhere."""
    if elsewhere:
        return Reason.COPY
    return Reason.BUDGET if known is None else Reason.STALE


def sized(
    omissions: tuple[Omission, ...], corpus: Corpus, surface: Surface
) -> tuple[Omission, ...]:
    """Omissions with the tokens of those that did not fit; this counts what was not counted."""
    if not any(omission.reason is Reason.BUDGET for omission in omissions):
        return omissions
    units = measured(corpus, surface.connected.tokenizer, surface.places.memo, surface.counting)
    sizes = {unit.document.path: unit.tokens for unit in units}
    return tuple(
        replace(omission, tokens=sizes.get(omission.path))
        if omission.reason is Reason.BUDGET
        else omission
        for omission in omissions
    )
