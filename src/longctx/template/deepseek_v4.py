"""DeepSeek V4's chat encoding in ids.

Facts from deepseek-recipe 0.2.0 (DeepSeek's own encoder, the oracle of the tests) and SGLang
0.5.23: begin-of-sentence, the effort's preamble, system text, then for each turn a user token, its
text, an assistant token and the thinking mark. Past assistant turns end with end-of-sentence and
carry no reasoning, but for those that call tools: they begin with the thinking mark. Calls are
written between marks of their own (DSML), their results in the next user's text. Role tokens
separate segments, so plain text on both sides never merges.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from longctx.prompt import Effort, Ids, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.engines import Tool, ToolCall
    from longctx.prompt import Prompt, Segment

BOS = Ids.of([0])
EOS = Ids.of([1])
USER = Ids.of([128803])
ASSISTANT = Ids.of([128804])
THINK = Ids.of([128821])
END_THINK = Ids.of([128822])
DSML = "｜DSML｜"
DSML_ID = Ids.of([128825])
PLAIN = 128_000
"""Ids from here on are marks; those of bytes and words are below, but for the first three."""

TELLING = f"""\
Tools are called by writing a block like this one, and stopping after it:

<{DSML}tool_calls>
<{DSML}invoke name="TOOL">
<{DSML}parameter name="PARAMETER" string="true">text as it is</{DSML}parameter>
<{DSML}parameter name="PARAMETER" string="false">any other value as JSON</{DSML}parameter>
</{DSML}invoke>
</{DSML}tool_calls>

Several calls stand in one block. The tools:

"""


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
                thinking = content[0].data.startswith(THINK.data)
                parts += [*(() if thinking else (END_THINK,)), *content, EOS]
            else:
                parts += content
        parts.append(END_THINK if effort is Effort.OFF else THINK)
        return Ids.joined(parts)

    def said(self, answer: Ids, reasoning: Ids | None, *, finished: bool) -> Ids:
        thought = [] if reasoning is None else [reasoning, END_THINK]
        return Ids.joined([*thought, answer, *([EOS] if finished else [])])

    def tools(self, tools: Sequence[Tool]) -> str:
        told = (
            f'{{"name": {json.dumps(tool.name)}, "description": {json.dumps(tool.says)},'
            f' "parameters": {tool.parameters}}}\n'
            for tool in tools
        )
        return TELLING + "".join(told)

    def calls(self, said: str, calls: Sequence[ToolCall]) -> str:
        return f"{said}\n\n<{DSML}tool_calls>\n{''.join(map(_call, calls))}</{DSML}tool_calls>"

    def results(self, found: Sequence[str]) -> str:
        return "".join(f"<tool_result>{each}</tool_result>\n\n" for each in found)

    def marked(self, text: str, encode: Callable[[str], Ids]) -> Ids:
        first, *others = text.split(DSML)
        pieces = [encode(first)]
        for piece in others:
            pieces += [DSML_ID, encode(piece)]
        return Ids.joined(pieces)

    def repeated(self, generated: Ids, effort: Effort) -> Ids | None:
        ids = generated.tolist()
        if ids and ids[-1:] == EOS.tolist():
            ids.pop()
        thinking = effort is not Effort.OFF
        ends = ids.count(*END_THINK)
        marks = {id for id in ids if id >= PLAIN or id < 3}
        if ends != thinking or not marks <= {*END_THINK, *DSML_ID}:
            return None
        return Ids.joined([THINK if thinking else Ids(), Ids.of(ids)])

    def overhead(self, roles: int, effort: Effort) -> int:
        return len(self.opening(effort)) + 2 * roles + 1


def _call(call: ToolCall) -> str:
    """A call as a model writes it; arguments that are no JSON object stand in it as they are."""
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = None
    name = call.name.replace('"', "")
    if not isinstance(arguments, dict):
        return f'<{DSML}invoke name="{name}">\n{call.arguments}\n</{DSML}invoke>\n'
    parameters = "".join(
        f'<{DSML}parameter name="{key}" string="{str(isinstance(value, str)).lower()}">'
        f"{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        f"</{DSML}parameter>\n"
        for key, value in arguments.items()
    )
    return f'<{DSML}invoke name="{name}">\n{parameters}</{DSML}invoke>\n'


def plain(ids: Ids | None, name: str) -> Ids:
    if ids is None:
        raise ValueError(f"segment {name} has no ids: it was built for a server that counts")
    return ids
