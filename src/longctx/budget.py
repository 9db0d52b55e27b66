"""How a window of tokens is shared out: arithmetic only.

Nothing here knows documents, text or servers; it gets counts and says what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from math import ceil

from longctx.errors import BudgetError

SLACK = 8
"""Tokens of the window that no request may use.

SGLang 0.5.23 takes at most context length - 6 prompt tokens, and refuses prompt + answer beyond the
context length (tp_worker.py, tokenizer_manager.py).
"""

INDEX_SHARE = 0.02
"""The index may take this share of the corpus' tokens."""


class Profile(Enum):
    """A window to aim at, in tokens. Both models could take 1,048,576."""

    FLASH = 262_144
    PRO = 1_048_576


class Trust(StrEnum):
    """What a count of a prompt is worth."""

    EXACT = "exact"
    """Ours, and the server's to the token."""
    SERVER = "server-counted"
    """The server's own, asked for before sending."""
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Gauge:
    """How the server's count of a prompt follows from ours."""

    trust: Trust
    ratio: float = 1.0
    """Tokens of the server's for each of ours."""
    offset: int = 0
    """Tokens that it counts besides."""
    error: float = 0.0
    """The share by which this may be wrong, either way."""
    around: int = 0
    """The same in tokens."""

    def expected(self, counted: int) -> int:
        """The server's count of a prompt that we count so."""
        return round(counted * self.ratio) + self.offset

    def within(self, counted: int) -> int:
        """Tokens by which that may be wrong, either way."""
        return ceil(counted * self.ratio * self.error) + self.around

    @property
    def factor(self) -> float:
        """Tokens of the server's for each of ours, at the most."""
        return self.ratio * (1 + self.error)

    def margin(self, tokens: int) -> int:
        """Of this many tokens, those that our count must leave free so that the server's fits."""
        room = (tokens - self.offset - self.around - 1) / self.factor
        return max(0, ceil(tokens - room)) if self.trust is Trust.ESTIMATED else 0


EXACT = Gauge(Trust.EXACT)


@dataclass(frozen=True, slots=True)
class Budget:
    """The shares of one request's window, all in tokens."""

    window: int
    answer: int
    """Kept free for what the model writes, its reasoning included."""
    instructions: int
    question: int
    encoding: int
    """What the chat template adds."""
    focus: int = 0
    """Kept free for passages that are repeated before the question."""
    margin: int = 0
    """Kept free because the server may count more."""

    @property
    def corpus(self) -> int:
        """What is left for documents, their tags and their index."""
        fixed = SLACK + self.answer + self.instructions + self.encoding + self.margin
        return self.window - fixed - self.question - self.focus

    def checked(self) -> Budget:
        """Itself, or BudgetError where not even a small document would fit."""
        if self.corpus >= 64:
            return self
        fixed = self.instructions + self.encoding + SLACK
        needed = fixed + self.question + max(self.answer, 64) + 64 + self.focus
        if self.answer == self.window // 4:
            # The default reserves and the question's room grow with the window.
            needed = -(-64 * (fixed + self.question + 64) // 43) + 4
        needed += -(-needed * self.margin // max(1, self.window - self.margin))
        if self.question > max(fixed, self.answer):
            raise BudgetError(
                f"the question takes {self.question:,} of {self.window:,} tokens and leaves no"
                " room for documents: shorten it, or name its files as sources"
            )
        raise BudgetError(
            f"a budget of {self.window:,} tokens is too small: instructions take"
            f" {fixed:,}, the question {self.question:,}, the answer's reserve {self.answer:,};"
            f" use --budget {needed:,} or more, or a smaller --answer-reserve"
        )


def focus_reserve(window: int) -> int:
    """Room for passages before the question: up to 4,096 tokens, 1/64 of a small window."""
    return min(4_096, window // 64)


def answer_reserve(window: int, thinking: bool) -> int:
    """A sensible reserve: up to 8,192 tokens, 32,768 with thinking, a quarter of a small window."""
    return min(32_768 if thinking else 8_192, window // 4)
