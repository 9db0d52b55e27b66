"""A test double, shipped so that users can test their scripts: it answers what it was told to.

It keeps every prompt it saw and reports as cached what a server under its `rules` would (`radix`):
unless told otherwise, the longest prefix that an earlier prompt shares. Its answers have no token
ids, so a later prompt that repeats one shares nothing of it. Through the command line its script is
a text file, named where other engines have a base URL; lines of `%` alone part answers in it.
"""

from __future__ import annotations

import re
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from longctx.engines import (
    Connection,
    Delta,
    Engine,
    Event,
    Reasoning,
    Request,
    Served,
    Takes,
    Usage,
)
from longctx.engines.radix import RadixCache
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.prompt import Ids

SPOKEN = 0xFFFFFFFF
"""Stands in the cache for each token of an answer; no tokenizer has this id."""

PARTED = re.compile(r"^%\n", re.MULTILINE)


def connect(connection: Connection) -> Engine:
    """A scripted engine whose answers are in the file that the base URL names."""
    if connection.base_url is None:
        raise UsageError("the scripted engine needs its script: --base-url answer.txt")
    path = Path(connection.base_url)
    try:
        return Scripted(PARTED.split(path.read_text("utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name the scripted engine's answer") from error


class Scripted(Engine):
    """Gives the answers in turn, the last one for ever. `<think>...</think>` is reasoning."""

    name = "scripted"

    def __init__(
        self, answers: Sequence[str], window: int = 1_048_576, rules: Rules = PLAIN
    ) -> None:
        self._answers = list(answers)
        self._window = window
        self._cache = RadixCache(rules)
        self._incarnation = token_hex(8)
        self.prompts: list[Ids] = []

    def served(self) -> Served:
        rules = self._cache.rules
        return Served(
            self.name,
            model="scripted",
            window=self._window,
            page_size=rules.page,
            chunk=rules.chunk,
            sliding_window=rules.window,
            pool=rules.pool,
            window_pool=rules.window_pool,
            incarnation=self._incarnation,
            reports_cached=True,
        )

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.IDS,)

    def stream(self, request: Request) -> Iterator[Event]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        words = re.findall(r"\S+\s*|\s+", answer)
        usage = self._counts(_ids(request), [SPOKEN] * (len(words) + 1))
        thought = re.match(r"<think>(.*?)</think>", answer, re.DOTALL)
        if thought:
            yield Reasoning(thought[1])
            words = re.findall(r"\S+\s*|\s+", answer[thought.end() :])
        for word in words:
            yield Delta(word)
        yield Usage(usage.prompt_tokens, len(words), usage.cached_tokens, "stop")

    def prime(self, request: Request) -> Usage:
        return self._counts(_ids(request), [])

    def _counts(self, ids: Ids, said: Sequence[int]) -> Usage:
        """What a server reports of a prompt that it answers with the tokens `said`."""
        self.prompts.append(ids)
        return Usage(len(ids), 0, self._cache.ask(ids, said))


def _ids(request: Request) -> Ids:
    if request.ids is None:
        raise ValueError("the scripted engine takes ids")
    return request.ids
