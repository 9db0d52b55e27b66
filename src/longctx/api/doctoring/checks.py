"""What is well and what is wrong with a server for longctx: pure checks over `Facts`.

What may live here: judgements that need our own knowledge (profile, tokenizer, template, versions),
and the setting that mends each. What must never be known here: HTTP, pages, stores, terminals. What
an engine reads of its own server's settings it judges itself (`Served.findings`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.engines import Takes
from longctx.engines.findings import Finding, advice, gravest, ok, trouble, unknown
from longctx.engines.versions import (
    IDS_SINCE,
    LATER,
    V4_LATER_SINCE,
    V4_SINCE,
    dotted,
    is_v4,
    numbers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.api.doctoring.gathering import Compared, Facts
    from longctx.engines import Served

SMALLEST = 4_096
"""In a smaller window there is no room for documents beside instructions, question and answer."""

LARGE_PAGE = 1_024
"""Tokens; with larger pages a good part of a follow-up is computed again."""

WINDOW_SETTING = {
    "sglang": "start SGLang with --context-length {}",
    "vllm": "start vLLM with --max-model-len {}",
    "llama.cpp": "start llama-server with --ctx-size {}",
    "llamacpp": "start llama-server with --ctx-size {}",
    "ollama": "set OLLAMA_CONTEXT_LENGTH={} for the Ollama server",
}
"""How each kind of server is given a longer window."""

V4_ENCODER = {
    "sglang": "start SGLang with --tool-call-parser deepseekv4 and without --chat-template",
    "vllm": "start vLLM with --tokenizer-mode deepseek_v4 and without --chat-template",
}
"""How each kind is made to encode chats as DeepSeek does."""

NO_THINKING = {
    "sglang": "start SGLang without SGLANG_DEFAULT_THINKING and --default-chat-template-kwargs, or"
    ' let other clients send chat_template_kwargs {"thinking": false}',
}
OTHER_CLIENTS = 'let other clients send chat_template_kwargs {"thinking": false}'


@dataclass(frozen=True, slots=True)
class Aim:
    """What the user wants to do with a server."""

    window: int
    """Tokens of prompt and answer together."""
    profile: str = ""
    """What that window is called; empty where it has no name."""
    tokenizer: str | None = None
    """The tokenizer that was asked for; None leaves it to longctx."""


def findings_of(facts: Facts, aim: Aim) -> tuple[Finding, ...]:
    """All that is to be said of one server, the engine's own findings among it."""
    served = facts.served
    if not facts.takes:
        # What keeps it from being used is all that there is to say.
        return gravest([*served.findings, *map(_unusable, served.notes)])
    found = [*served.findings, *map(_noted, served.notes)]
    found += _version(served)
    found += _window(served, aim)
    found += _page(served)
    found += _encoding(facts, aim)
    found += _thinking(facts)
    return gravest(found)


def _unusable(note: str) -> Finding:
    return trouble(
        "engine", note, "no question can be asked", "name the engine with --engine if you have one"
    )


def _noted(note: str) -> Finding:
    return advice("note", note, "", "")


def _version(served: Served) -> Iterator[Finding]:
    names = (served.model or "", served.model_path or "", *served.models)
    has = None if served.version is None else numbers(served.version)
    if has is None:
        if is_v4(*names) and served.engine in V4_SINCE:
            yield unknown("version", f"{served.engine} does not tell its version")
        return
    said = f"{served.engine} {served.version}"
    takes_ids = IDS_SINCE.get(served.engine)
    since = V4_SINCE.get(served.engine)
    if since is not None and any(LATER.search(name) for name in names):
        since = V4_LATER_SINCE.get(served.engine, since)
    if takes_ids is not None and has < takes_ids:
        yield trouble(
            "version",
            f"{said} is older than {dotted(takes_ids)}",
            "it leaves out the token ids of a prompt without a word, so the model would see none of"
            " the documents",
            f"update it to {dotted(takes_ids)} or newer",
        )
    elif since is not None and has < since and is_v4(*names):
        yield trouble(
            "version",
            f"{said} is older than {dotted(since)}, the first with this DeepSeek V4",
            "what answers under its name is another model, or runs on somebody's patches",
            f"update it to {dotted(since)} or newer",
        )
    elif since is not None and has < since:
        yield advice(
            "version",
            f"{said} is older than {dotted(since)}",
            "it cannot serve DeepSeek V4",
            f"update it to {dotted(since)} or newer before you serve V4",
        )
    elif since is not None:
        yield ok("version", f"{said} can serve DeepSeek V4")


def _window(served: Served, aim: Aim) -> Iterator[Finding]:
    if served.window is None:
        yield unknown(
            "window", "the server does not tell its window", "name it with --budget TOKENS"
        )
        return
    longer = WINDOW_SETTING.get(served.engine, "give the server a longer context of {} tokens")
    fix = longer.format(aim.window)
    if served.pool is not None and served.pool <= served.window:
        fix = "make the KV cache larger: see there"
    if served.window < SMALLEST:
        yield trouble(
            "window",
            f"the window is {served.window:,} tokens",
            "instructions, a question and its answer leave no room for documents",
            fix,
        )
    elif served.window < aim.window:
        wanted = f"--profile {aim.profile} wants" if aim.profile else "--budget asks for"
        yield advice(
            "window",
            f"the window is {served.window:,} tokens, and {wanted} {aim.window:,}",
            "prompts are packed for the smaller one, and more documents are shortened or left out",
            fix,
        )
    else:
        yield ok("window", f"the window of {served.window:,} tokens is enough")


def _page(served: Served) -> Iterator[Finding]:
    if served.page_size is None:
        return
    if served.page_size > LARGE_PAGE:
        yield advice(
            "page size",
            f"pages have {served.page_size:,} tokens",
            "what is cached ends on a whole page, so a follow-up computes up to a page again",
            "start the server with a smaller --page-size (DeepSeek V4 needs 256)"
            if served.engine == "sglang"
            else "start the server with smaller pages or blocks",
        )
    else:
        size = "1 token" if served.page_size == 1 else f"{served.page_size:,} tokens"
        yield ok("page size", f"a page has {size}")


def _encoding(facts: Facts, aim: Aim) -> Iterator[Finding]:
    """How texts and chats become ids. Where texts differ chats do too, which is said once."""
    known = [text for text in facts.texts if text.theirs is not None]
    other = [text for text in known if text.parting is not None]
    if not known:
        yield unknown("tokenizer", "the server does not tell how it tokenizes")
    elif other:
        yield _other_tokenizer(facts.served, other, known, aim)
        return
    else:
        yield ok("tokenizer", f"{len(known)} sample texts have our ids")
    yield from _template(facts)


def _other_tokenizer(
    served: Served, other: Sequence[Compared], known: Sequence[Compared], aim: Aim
) -> Finding:
    ours, theirs = (
        sum(len(ids) for ids in found)
        for found in ([t.ours for t in known], [t.theirs for t in known if t.theirs is not None])
    )
    counted = f"{ours:,} tokens here, {theirs:,} there"
    seen = f"{len(other)} of {len(known)} sample texts have other ids ({counted}): " + _first(
        other[0]
    )
    if aim.tokenizer not in (None, "server"):
        return trouble(
            "tokenizer",
            f"the server tokenizes otherwise than --tokenizer says: {seen}",
            "prompts are counted wrongly, and may not fit",
            "leave --tokenizer out, or name the tokenizer.json of the served model",
        )
    return advice(
        "tokenizer",
        f"the server tokenizes otherwise than DeepSeek V4: {seen}",
        "longctx sends messages and has the server count each document, which is slower, and"
        " prefixes cannot be primed",
        "serve DeepSeek V4 with its own tokenizer files"
        if is_v4(served.model or "", served.model_path or "")
        else "for another model nothing; --tokenizer with its tokenizer.json counts faster",
    )


def _template(facts: Facts) -> Iterator[Finding]:
    known = [chat for chat in facts.chats if chat.theirs is not None]
    other = [chat for chat in known if chat.parting is not None]
    if not known:
        yield unknown("template", "the server does not tell how it encodes chats")
    elif other:
        levels = ", ".join(chat.what for chat in other)
        yield advice(
            "template",
            f"with --think {levels} a sample chat is encoded otherwise than by DeepSeek V4:"
            f" {_first(other[0])}",
            "for these longctx sends messages, which the server counts, and prefixes cannot be"
            " primed",
            V4_ENCODER.get(facts.served.engine, "serve DeepSeek V4 with its own chat encoding"),
        )
    else:
        ids = facts.takes[0] is Takes.IDS
        yield ok("template", "sample chats have our ids" + (", which are sent" if ids else ""))


def _first(sample: Compared) -> str:
    """Where a sample parts, for a person."""
    assert sample.theirs is not None  # noqa: S101 - only samples that differ come here
    place = sample.parting or 0

    def at(ids: Sequence[int]) -> str:
        return str(ids[place]) if place < len(ids) else "the end"

    ours, theirs = at(list(sample.ours)), at(list(sample.theirs))
    return f"`{sample.what}` from token {place} on, {ours} here and {theirs} there"


def _thinking(facts: Facts) -> Iterator[Finding]:
    if facts.thinks_unasked is True:
        yield advice(
            "thinking",
            "the model thinks unless a request says otherwise",
            "longctx says it in each request; other clients of this server wait for thoughts, and"
            " share no prefix with longctx where thinking puts text at the beginning",
            NO_THINKING.get(facts.served.engine, OTHER_CLIENTS),
        )
    elif facts.thinks_unasked is False:
        yield ok("thinking", "the model thinks only where a request says so")
