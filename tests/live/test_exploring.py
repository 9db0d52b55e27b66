"""A question in steps against a real server: every request had cached what was predicted.

The tiny model cannot ask for anything by itself: a grammar makes it say what a test wants, in its
own odd tokens, and the server tells which they were.
"""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from live.counters import flush
from live.server.answer import ANSWER, REASONING
from live.server.running import Server
from live.walks import numbers

import longctx
from longctx.api import Ask, Connection, Places, Session, Step, Turn
from longctx.engines import Request
from longctx.engines.sglang import SGLang
from longctx.prompt import Effort
from longctx.template.deepseek_v4 import DSML, DSML_ID

CALL = (
    f'<{DSML}tool_calls>\n<{DSML}invoke name="grep">\n'
    f'<{DSML}parameter name="pattern" string="true">crane</{DSML}parameter>\n'
    f"</{DSML}invoke>\n</{DSML}tool_calls>"
)
LINES = "<more>\nopen part2.txt:1-40\n</more>"


class Made(SGLang):
    """SGLang's client; a grammar makes the model say the words in turn, then what it likes."""

    def __init__(self, connection: Connection, words: list[str]) -> None:
        super().__init__(connection)
        self.words = words
        self.requests: list[Request] = []

    def _body(self, request: Request) -> dict[str, object]:
        body = super()._body(request)
        if request.max_tokens and self.words:
            words = self.words.pop(0)
            body["regex"] = re.escape(words)
            if DSML in words:
                # A call's mark is one token, or it is none: the grammar alone would spell it.
                body["logit_bias"] = {str(next(iter(DSML_ID))): 100}
        if request.max_tokens:
            self.requests.append(request)
        return body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "numbers"
    folder.mkdir()
    for part in range(4):
        (folder / f"part{part}.txt").write_text(numbers(part, 1_000))
    (folder / "harbour.md").write_text("# Harbour\n\nThe harbour master has the crane.\n")
    return folder


def opened(
    sglang: Server, folder: Path, words: list[str], explore: int | None, effort: Effort
) -> tuple[Session, Made]:
    connection = Connection(sglang.base_url)
    session = longctx.open(
        str(folder),
        engine="sglang",
        connection=connection,
        ask=Ask(temperature=0.0, explore=explore, answer=1_000),
        effort=effort,
        places=Places(folder.parent / "cache", folder.parent / "data"),
    )
    session.surface.connected.engine.close()
    engine = Made(connection, words)
    engine.served()
    session.surface = replace(
        session.surface, connected=replace(session.surface.connected, engine=engine)
    )
    return Session(session.surface), engine


def asked(session: Session, question: str) -> Turn:
    """Ask; each request of it was counted and cached as predicted."""
    *_, turn = session.ask(question)
    assert isinstance(turn, Turn)
    each: list[Step | Turn] = [*turn.steps, turn]
    assert [(one.predicted_tokens, one.predicted_cached) for one in each] == [
        (one.usage.prompt_tokens, one.usage.cached_tokens) for one in each
    ]
    assert [one.cause for one in each] == [""] * len(each)
    return turn


@pytest.mark.parametrize("effort", [Effort.OFF, Effort.LOW])
def test_every_step_hits_all_before_it(sglang: Server, folder: Path, effort: Effort) -> None:
    # While the model thinks no grammar holds, and a mark that it prefers would never end.
    words = [CALL, CALL] if effort is Effort.OFF else [LINES]
    flush(sglang)
    session, engine = opened(sglang, folder, words, None, effort)
    with session:
        assert session.steps > 0, "the server tells calls, so a chat may read more"
        turn = asked(session, "who has the crane?")
        seen = [(each.asked, each.found) for step in turn.steps for each in step.seen]
        assert seen == (
            [("grep crane", "1 line in 1 document"), ("grep crane", "shown above already")]
            if effort is Effort.OFF
            else [("open part2.txt:1-40", "lines 1-40 of 500")]
        )
        assert turn.answer == ANSWER
        prompts = [(request.ids or turn.usage.ids) for request in engine.requests]
        for before, after in pairwise(prompts):
            assert before is not None
            assert after is not None
            assert after.head(len(before)) == before
        each: list[Step | Turn] = [*turn.steps, turn]
        for step, later in pairwise(each):
            generated = step.usage.completion_tokens or 0
            whole = (step.usage.prompt_tokens or 0) + generated
            assert (later.usage.cached_tokens or 0) >= whole - 1
        if effort is Effort.LOW:
            assert turn.reasoning == REASONING
        asked(session, "and who else?")


def test_plain_lines_do_where_nobody_tells_calls(sglang: Server, folder: Path) -> None:
    flush(sglang)
    session, _ = opened(sglang, folder, [LINES, LINES], 1, Effort.OFF)
    connected = session.surface.connected
    served = replace(connected.served, tells_calls=False)
    session.surface = replace(session.surface, connected=replace(connected, served=served))
    with session:
        turn = asked(session, "who has the crane?")
        (step,) = turn.steps
        assert [seen.found for seen in step.seen] == ["lines 1-40 of 500"]
        assert turn.answer == LINES, "nothing was offered any more"
        asked(session, "and who else?")
