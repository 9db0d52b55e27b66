"""Going on with an answer that broke off, where another server can.

Pure. Here may live: the request that takes up where the text ends, and joining what comes of it
with what had come. What must never be known here: which server, and why the first was lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.prompt import Effort, Ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.engines import Request
    from longctx.session.asking import Generated
    from longctx.template import Template


def resumed(
    request: Request, said: str, template: Template, encode: Callable[[str], Ids]
) -> Request | None:
    """The request whose prompt ends with what was `said`, so that the model goes on from there.

    None where that cannot be told exactly: a prompt that the server renders, or a model that
    thinks, whose server would take what follows for reasoning.
    """
    if not said:
        return request
    if request.ids is None or request.effort is not Effort.OFF:
        return None
    more = template.said(encode(said), None, finished=False)
    left = request.max_tokens - len(more)
    if left < 1:
        return None
    return replace(request, ids=Ids.joined([request.ids, more]), max_tokens=left)


def joined(begun: str, request: Request, rest: Generated, whole: Request) -> Generated:
    """The answer to `whole`, which had `begun` before `request` brought the `rest`."""
    if not begun or request.ids is None or whole.ids is None:
        return rest
    had = len(request.ids) - len(whole.ids)
    usage, prompt, said = rest.usage, rest.usage.prompt_tokens, rest.usage.completion_tokens
    return replace(
        rest,
        text=begun + rest.text,
        usage=replace(
            usage,
            prompt_tokens=None if prompt is None else prompt - had,
            completion_tokens=None if said is None else said + had,
            ids=None
            if usage.ids is None
            else Ids.joined([request.ids.tail(len(whole.ids)), usage.ids]),
        ),
    )
