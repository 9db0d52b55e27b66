"""Asking a corpus: the request that fits, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.api.packing import Ask, packed
from longctx.budget import SLACK
from longctx.engines import Request, Takes
from longctx.session import Generation, answer, excerpts_for, refuse_overlong, request_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from longctx.api.connecting import Connected
    from longctx.budget import Budget
    from longctx.corpus import Corpus
    from longctx.engines import Delta, Reasoning
    from longctx.pack import Pack
    from longctx.session import Turn
    from longctx.tokens.memo import Memo


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that fits, ready to be sent."""

    request: Request
    corpus: Corpus
    pack: Pack | None
    """None for the embedded engine, which needs none."""
    budget: Budget | None
    predicted_tokens: int | None
    digest: str

    def send(self, connected: Connected) -> Generator[Delta | Reasoning | Turn]:
        """The answer as it comes, and the checked turn last."""
        return answer(
            self.request, connected.engine, self.corpus, self.predicted_tokens, self.digest
        )


def prepare(
    corpus: Corpus,
    question: str,
    wanted: Ask,
    connected: Connected,
    memo: Memo,
    say: Callable[[str], None] = lambda line: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Prepared:
    """The request for this question, counted and known to fit."""
    if connected.takes is Takes.EXCERPTS:
        request = Request(
            max_tokens=0,
            effort=wanted.effort,
            question=question,
            excerpts=excerpts_for(question, corpus),
        )
        return Prepared(request, corpus, None, None, None, "")
    chosen, budget = packed(corpus, wanted, connected, memo, question, say, progress)
    generation = Generation(budget.answer, wanted.effort, wanted.temperature)
    request, prompt = request_for(question, chosen, connected.takes, connected.template, generation)
    if request.ids is not None:
        tokens: int | None = len(request.ids)
    else:
        rendered = connected.engine.rendered(request.messages, wanted.effort)
        tokens = None if rendered is None else len(rendered)
    window = connected.served.window
    refuse_overlong(tokens, budget.answer, None if window is None else window - SLACK // 2)
    return Prepared(request, corpus, chosen, budget, tokens, prompt.digest.hex())
