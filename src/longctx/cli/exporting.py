"""A session as Markdown, JSON and JSON lines.

What may live here: the formats. Questions and answers are other people's text: in Markdown they
stand in block quotes, which end where their lines end, so that no heading, fence or tag in them
reaches beyond; only a heading holds a question bare, and there it is escaped.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from longctx.cli.answering import MARKS, kept_as_json
from longctx.cli.narration import plain
from longctx.cli.phrasing import cited_at, day, one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.api.keeping import KeptTurn
    from longctx.citation import Citation
    from longctx.session.asking import Seen
    from longctx.store import KeptSession

HEADING = 100
"""Columns of a heading; a longer question follows it in full."""

_OPENING = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_CLOSING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*")
_LIVE = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)")
"""What begins a tag, a comment or an image, which a viewer would fetch."""
_ENTITIES = {"<": "&lt;", "!": "&#33;"}

_MARKUP = re.compile(r"[\\`*_\[\]<>#~&|$]")


def session_as_json(session: KeptSession) -> dict[str, object]:
    return {
        "session": session.id,
        "name": session.name,
        "sources": session.sources,
        "turn_count": session.turns,
        "created": session.created,
        "updated": session.updated,
    }


def turn_as_json(kept: KeptTurn) -> dict[str, object]:
    return {
        **kept_as_json(kept.turn),
        "parent": kept.parent,
        "created": kept.created,
        "engine": kept.engine,
        "model": kept.model,
    }


def told_as_json(session: KeptSession, turns: Sequence[KeptTurn]) -> dict[str, object]:
    """A session with all that was said in it."""
    return session_as_json(session) | {"turns": [turn_as_json(turn) for turn in turns]}


def as_json(session: KeptSession, turns: Sequence[KeptTurn]) -> Iterator[str]:
    yield json.dumps(told_as_json(session, turns), indent=2) + "\n"


def as_jsonl(session: KeptSession, turns: Sequence[KeptTurn]) -> Iterator[str]:
    """One turn a line."""
    for turn in turns:
        yield json.dumps(turn_as_json(turn)) + "\n"


def as_markdown(session: KeptSession, turns: Sequence[KeptTurn]) -> Iterator[str]:
    yield from _front_matter(session, turns)
    title = one_line(session.name) or f"Session {session.id}"
    yield f"\n# {_escaped(title)}\n"
    for number, kept in enumerate(turns, 1):
        yield from _turn(number, kept)


FORMATS = {"md": as_markdown, "json": as_json, "jsonl": as_jsonl}


def _front_matter(session: KeptSession, turns: Sequence[KeptTurn]) -> Iterator[str]:
    """YAML, its values written as JSON, which YAML 1.2 includes."""
    models = [*dict.fromkeys(kept.model or kept.engine for kept in turns)]
    fields: dict[str, object] = {
        "id": session.id,
        "name": session.name,
        "sources": session.sources,
        "model": models[0] if len(models) == 1 else models,
        "created": session.created,
        "updated": session.updated,
    }
    yield "---\n"
    for name, value in fields.items():
        text = plain(json.dumps(value, ensure_ascii=False))
        yield f"{name}: {text.translate(_YAML_BREAKS)}\n"
    yield "---\n"


_YAML_BREAKS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\u2028\u2029"}


def _turn(number: int, kept: KeptTurn) -> Iterator[str]:
    turn = kept.turn
    heading = shortened(turn.question, HEADING)
    yield f"\n## {number}. {_escaped(heading)}\n"
    model = _escaped(one_line(kept.model or kept.engine))
    yield f"\nTurn {turn.id}, {day(kept.created)}, {model}\n"
    if heading != turn.question:
        yield f"\nQuestion:\n\n{_quoted(turn.question)}"
    if turn.steps:
        yield "\nRead before the answer:\n\n"
        yield from (f"- {_seen(seen)}\n" for step in turn.steps for seen in step.seen)
    if turn.interrupted:
        yield "\nThe answer was interrupted.\n"
    if turn.answer or not turn.interrupted:
        yield f"\nAnswer:\n\n{_quoted(turn.answer)}"
    if turn.citations:
        yield "\nCitations:\n\n"
        yield from map(_citation, turn.citations)


def _quoted(text: str) -> str:
    """The text as a block quote, without tags and images outside its fences.

    A fence that begins a line is one for every reader of Markdown; any other code may show an
    entity instead of its `<`, which harms less than a tag that swallows the page.
    """
    quoted, fence = [], ""
    for line in plain(text).strip("\n").split("\n"):
        if fence:
            closing = _CLOSING.fullmatch(line)
            fence = "" if closing and closing[1].startswith(fence) else fence
        else:
            opening = _OPENING.match(line)
            fence = opening[1] if opening else ""
            line = _LIVE.sub(lambda sign: _ENTITIES[sign[0]], line)
        quoted.append(f"> {line}".rstrip() + "\n")
    return "".join(quoted)


def _seen(seen: Seen) -> str:
    return f"{_code(one_line(seen.asked) or '-')}: {_escaped(one_line(seen.found))}"


def _citation(citation: Citation) -> str:
    reason = f" ({_escaped(one_line(citation.reason))})" if citation.reason else ""
    return (
        f"- {MARKS[citation.verdict]} {citation.verdict}: {_code(cited_place(citation))}{reason}\n"
    )


def cited_place(citation: Citation) -> str:
    """The path and the place in it: the true one where it is known."""
    return one_line(citation.path) + cited_at(citation)


def _code(text: str) -> str:
    """A code span that the text cannot end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", plain(text))
