"""DeepSeek V4's chat encoding in ids.

Facts from deepseek-recipe 0.2.0 (DeepSeek's own encoder, the oracle of the tests) and SGLang
0.5.23: begin-of-sentence, the effort's preamble, system text, then for each turn a user token, its
text, an assistant token and the thinking mark. Past assistant turns end with end-of-sentence and
carry no reasoning. Role tokens separate segments, so plain text on both sides never merges.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from longctx.prompt import Effort, Ids, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.prompt import Prompt, Segment

BOS = Ids.of([0])
EOS = Ids.of([1])
USER = Ids.of([128803])
ASSISTANT = Ids.of([128804])
THINK = Ids.of([128821])
END_THINK = Ids.of([128822])


@cache
def preambles() -> dict[str, Ids]:
    """What `high` and `max` put right after begin-of-sentence (written by make_vocabulary.py)."""
    text = files("longctx.template").joinpath("data", "deepseek_v4.effort.json").read_text("utf-8")
    return {effort: Ids.of(ids) for effort, ids in json.loads(text).items()}


class DeepSeekV4Template:
    """V4 Flash and V4 Pro, all releases (SGLang 0.5.23 uses the table of 0731 for every one)."""

    name = "deepseek-v4"

    def opening(self, effort: Effort) -> Ids:
        return Ids.joined([BOS, preambles().get(effort, Ids())])

    def prefix(self, segments: Sequence[Segment], effort: Effort) -> Ids:
        content = [plain(segment.ids, segment.name) for segment in segments]
        return Ids.joined([self.opening(effort), *content])

    def encode(self, prompt: Prompt, effort: Effort) -> Ids:
        parts = [self.opening(effort)]
        for role, group in groupby(prompt.segments, key=lambda segment: segment.role):
            content = [plain(segment.ids, segment.name) for segment in group]
            if role is Role.USER:
                parts += [USER, *content, ASSISTANT]
            elif role is Role.ASSISTANT:
                parts += [END_THINK, *content, EOS]
            else:
                parts += content
        parts.append(END_THINK if effort is Effort.OFF else THINK)
        return Ids.joined(parts)

    def said(self, answer: Ids, reasoning: Ids | None, *, finished: bool) -> Ids:
        thought = [] if reasoning is None else [reasoning, END_THINK]
        return Ids.joined([*thought, answer, *([EOS] if finished else [])])

    def overhead(self, roles: int, effort: Effort) -> int:
        return len(self.opening(effort)) + 2 * roles + 1


def plain(ids: Ids | None, name: str) -> Ids:
    if ids is None:
        raise ValueError(f"segment {name} has no ids: it was built for a server that counts")
    return ids
