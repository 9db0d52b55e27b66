"""From a pack and a question to the whole prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx import render
from longctx.prompt import Prompt, Role, Segment
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from longctx.pack import Pack
    from longctx.tokens import Tokenizer


def prefix(pack: Pack) -> tuple[Segment, ...]:
    """What every question over this pack shares: instructions and corpus."""
    text = render.instructions()
    ids = Remembering(pack.tokenizer, pack.memo).encode(text)
    return (Segment(Role.SYSTEM, "instructions", text, ids), *pack.segments())


def prompt_for(question: str, pack: Pack) -> Prompt:
    """The whole prompt of a first question."""
    text = render.question(question)
    asked = Segment(Role.USER, "question", text, pack.tokenizer.encode(text))
    return Prompt((*prefix(pack), asked))


def question_tokens(question: str, tokenizer: Tokenizer) -> int:
    """Tokens of the question with its rules."""
    return len(tokenizer.encode(render.question(question)))
