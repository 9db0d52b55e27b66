"""What only a few real prompts tell: how fast a server is, whether it reuses a prefix, whether it
reads ids and finds a sentence.

What may live here: the prompts that are sent for `longctx doctor --measure`, and what they took.
What must never be known here: what that means (`judging`), settings, terminals. The prompts begin
with a number that nobody used before, so the first of them is cold. They take room in the server's
cache like any others.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.api.doctoring.judging import Answered, Measured
from longctx.engines import Delta, Reasoning, Request, Takes, Usage
from longctx.prompt import Effort, Prompt, Role, Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.engines import Engine, Served
    from longctx.template import Template
    from longctx.tokens import Tokenizer

DEFAULT = 32_768
"""Tokens of the prefix: a second or two on the hardware that serves V4."""

QUESTIONS = 3
"""Over the warm prefix: as many workers as are likely to take turns, and one more than the window
layers need."""

SAID = 64
"""Tokens for the answer that quotes a sentence."""


class Measuring:
    """The prompts for one server; raises what its engine raises."""

    def __init__(
        self, engine: Engine, served: Served, tokenizer: Tokenizer, template: Template, tokens: int
    ) -> None:
        """`tokens` of the prefix, if the window has room for twice as many."""
        self._engine = engine
        self._served = served
        self._tokenizer = tokenizer
        self._template = template
        self._by_ids = engine.takes()[0] is Takes.IDS
        self.code = f"{secrets.choice(WORDS)}-{secrets.randbelow(9_000) + 1_000}"
        room = tokens if served.window is None else min(tokens, served.window // 2)
        self._prefix = self._segment(Role.SYSTEM, self._text(room))
        self._worker: int | None = None

    def by_messages(self) -> None:
        """Send messages, for a server whose encoding is not ours."""
        self._by_ids = False

    def run(self, say: Callable[[str], None] = lambda line: None) -> Measured:
        """Ask once cold, prime, ask again and again, ask for the sentence."""
        page = max(1, self._served.page_size or 1)
        prefix = self._template.prefix([self._prefix], Effort.OFF) if self._by_ids else None
        if prefix is not None:
            workers = self._engine.workers_for(prefix.data[:256])
            self._worker = workers[0].number if workers else None
        say("asking with a cold prefix")
        question = self._request("What is this about?", 1)
        cold = self._answered(question)
        primed = None
        if prefix is not None:
            end = prefix.head(len(prefix) // page * page)
            primed = self._engine.prime(replace(question, ids=end))
        say("asking again")
        warm = tuple(
            self._answered(self._request(f"What does line {number} say?", 1))
            for number in range(1, QUESTIONS + 1)
        )
        say("asking for a sentence")
        quoted = self._answered(
            self._request("Repeat the sentence about the code word, word for word.", SAID)
        )
        return Measured(
            None if question.ids is None else len(question.ids),
            None if prefix is None else len(prefix) // page * page,
            cold,
            primed,
            warm,
            self.code,
            quoted.text,
        )

    def _answered(self, request: Request) -> Answered:
        started = time.monotonic()
        first, usage, text = None, Usage(), ""
        for event in self._engine.stream(request):
            first = time.monotonic() - started if first is None else first
            if isinstance(event, Usage):
                usage = event
            elif isinstance(event, Delta | Reasoning):
                text += event.text
        return Answered(first or time.monotonic() - started, usage, text)

    def _request(self, question: str, most: int) -> Request:
        prompt = Prompt((self._prefix, self._segment(Role.USER, question)))
        request = Request(most, Effort.OFF, question=question, temperature=0.0, worker=self._worker)
        if self._by_ids:
            return replace(request, ids=self._template.encode(prompt, Effort.OFF))
        return replace(request, messages=prompt.messages())

    def _segment(self, role: Role, text: str) -> Segment:
        return Segment(role, "measured", text, self._tokenizer.encode(text))

    def _text(self, tokens: int) -> str:
        """About so many tokens of plain lines, the sentence in their middle."""
        lines = [f"Log {secrets.token_hex(12)} of the harbour office.\n"]
        a_line = len(self._tokenizer.encode(_line(1_000)))
        count = max(8, tokens // a_line)
        lines += [_line(number) for number in range(1, count)]
        lines.insert(count // 2, f"The code word of the night watch is {self.code}.\n")
        return "".join(lines)


WORDS = ("amber", "basalt", "cedar", "dune", "ember", "fjord", "garnet", "heron")


def _line(number: int) -> str:
    word = WORDS[number * 5 % 8]
    hour = f"{number % 24:02d}:{number % 60:02d}"
    return f"Line {number}: at {hour} the {word} came to quay {number % 7}.\n"
