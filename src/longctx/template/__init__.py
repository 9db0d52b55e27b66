"""The chat encoding: how a prompt's segments become one sequence of ids.

What may live here: role tokens, their order, reasoning effort. What must never be known here:
documents, servers, budgets. A template is exact or absent: where none is known for a model, prompts
go out as messages and the server renders them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.engines import Tool, ToolCall
    from longctx.prompt import Effort, Ids, Prompt, Segment


class Template(Protocol):
    """A chat encoding in ids."""

    name: str

    def opening(self, effort: Effort) -> Ids:
        """The ids before the first segment: a change here loses the whole prefix."""
        ...

    def prefix(self, segments: Sequence[Segment], effort: Effort) -> Ids:
        """What every prompt that begins with these system segments begins with."""
        ...

    def encode(self, prompt: Prompt, effort: Effort) -> Ids:
        """The whole prompt, ready for the model's turn; every segment must have ids."""
        ...

    def said(self, answer: Ids, reasoning: Ids | None, *, finished: bool) -> Ids:
        """The ids that a model generates to say this; `finished`: it ended by itself."""
        ...

    def tools(self, tools: Sequence[Tool]) -> str:
        """How a model is told of tools, in the text of a user; ends with a line end."""
        ...

    def calls(self, said: str, calls: Sequence[ToolCall]) -> str:
        """What a model writes to say something and call tools."""
        ...

    def results(self, found: Sequence[str]) -> str:
        """How a user's text begins that brings what each call found, in their order."""
        ...

    def marked(self, text: str, encode: Callable[[str], Ids]) -> Ids:
        """The ids of a text of ours, with the marks of tools in it as marks.

        Never of a document's text: `encode` makes plain text of marks.
        """
        ...

    def repeated(self, generated: Ids, effort: Effort) -> Ids | None:
        """The ids of an assistant's segment that repeats what was generated, thoughts included.

        None where it holds what no answer may hold, such as the mark of a role.
        """
        ...

    def overhead(self, roles: int, effort: Effort) -> int:
        """Tokens that `encode` adds to the segments of a prompt with `roles` messages, at most."""
        ...


def template_for(name: str) -> Template:
    """The template called `name`; raises UsageError for an unknown one."""
    if name == "deepseek-v4":
        from longctx.template.deepseek_v4 import DeepSeekV4Template

        return DeepSeekV4Template()
    raise UsageError(f"no chat template is called {name!r}; there is deepseek-v4")
