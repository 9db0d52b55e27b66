"""What a server makes of sample texts and chats beside what we make of them, gathered once.

What may live here: what is asked of a server, and what it said. What must never be known here: what
that means for the user (`checks`), which server it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from longctx.api.connecting import SAMPLE
from longctx.errors import EngineError, EngineUnavailable
from longctx.prompt import Effort, Ids, Prompt, Role, Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.engines import Engine, Served, Takes
    from longctx.template import Template
    from longctx.tokens import Tokenizer

Told = TypeVar("Told")

TEXTS = {
    "code": "def naïve(x: int) -> list[str]:\n\treturn [f'{x:04d}' for _ in range(3)]  # TODO\n",
    "prose": "The tenant shall pay £1,250.00 on the 1st of each month (§ 12.3(b)), won't he?\n\n",
    "numbers": "0x7fff_ffff 3.14159 1e-9 1,000,000 20261124 007\n",
    "scripts": "東京で会いましょう。 Größe, Ελληνικά, русский, עברית, العربية 🦜🙂 ½ ﬁ\n",
    "spaces": "  a\t\tb   \n\n\n    c \r\n   \n",
}
"""Plain texts in which vocabularies that differ give different ids. No special token's text: a
server's tokenizer takes such a text for the token."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One sample."""

    what: str
    """A name of `TEXTS`, or an effort."""
    ours: Ids
    theirs: Ids | None
    """None where the server does not say."""

    @property
    def parting(self) -> int | None:
        """The first token that differs; None where none does, or nothing is known."""
        if self.theirs is None or self.theirs == self.ours:
            return None
        pairs = zip(self.ours, self.theirs, strict=False)
        shorter = min(len(self.ours), len(self.theirs))
        return next((place for place, (a, b) in enumerate(pairs) if a != b), shorter)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known of a server when its examination begins."""

    served: Served
    engine: str = ""
    """The engine of ours that speaks to it; empty where none does."""
    takes: tuple[Takes, ...] = ()
    texts: tuple[Compared, ...] = ()
    chats: tuple[Compared, ...] = ()
    thinks_unasked: bool | None = None


def gather(engine: Engine, served: Served, tokenizer: Tokenizer, template: Template) -> Facts:
    """Ask the server how it encodes the samples; no prompt is sent."""
    asking = _Asking()
    texts = tuple(
        Compared(name, tokenizer.encode(text), asking(partial(engine.tokenized, text)))
        for name, text in TEXTS.items()
    )
    ids = tokenizer.encode(SAMPLE)
    chat = Prompt(tuple(Segment(role, "sample", SAMPLE, ids) for role in (Role.SYSTEM, Role.USER)))
    messages = chat.messages()
    chats = tuple(
        Compared(
            str(effort),
            template.encode(chat, effort),
            asking(partial(engine.rendered, messages, effort)),
        )
        for effort in Effort
    )
    thinks = asking(engine.thinks_unasked)
    return Facts(served, engine.name, engine.takes(), texts, chats, thinks)


class _Asking:
    """Gets what a server says. A refusal is as good as silence, and silence is borne once."""

    def __init__(self) -> None:
        self._gone = False

    def __call__(self, ask: Callable[[], Told | None]) -> Told | None:
        if self._gone:
            return None
        try:
            return ask()
        except EngineUnavailable:
            self._gone = True
        except EngineError:
            pass
        return None
