"""Sessions against real servers: what a question has cached is what was predicted.

LONGCTX_WALK is the number of requests of each random walk (120 unless set).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from live.conftest import installed_or_skip
from live.counters import flush, prefilled
from live.server.running import Server, running_sglang
from live.test_levers import client
from live.walks import Walk, numbers

import longctx
from longctx.api import Ask, Connection, Places, Session, Turn
from longctx.engines import Served, Usage
from longctx.engines.findings import Severity
from longctx.engines.probing import probe
from longctx.prompt import Effort

WALK = int(os.environ.get("LONGCTX_WALK", "120"))
TOKENS = 20_000
"""About as many have the files of a source here."""
QUESTIONS = [
    f"{number} now: " + "in which of the parts does it stand? " * 60 for number in range(4)
]
"""Of several hundred tokens: after a shorter one the window would still hold the boundary."""


class Kind(NamedTuple):
    """How a server is started."""

    variant: str
    flags: tuple[str, ...]


PAGES = ("--page-size", "256")
AMPLE = ("--max-total-tokens", "1500000", "--enable-metrics")
KINDS = {
    "ordinary": Kind("dsv4", AMPLE),
    "ordinary, pages of 256": Kind("dsv4", (*PAGES, *AMPLE)),
    "sliding window, pages of 256": Kind("swa", (*PAGES, *AMPLE)),
}
SMALL = {
    "ordinary": Kind("dsv4", (*PAGES, "--max-total-tokens", "16384")),
    "sliding window": Kind(
        "swa", (*PAGES, "--max-total-tokens", "65536", "--swa-full-tokens-ratio", "0.1")
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with room for everything, its cache empty at first."""
    installed_or_skip()
    kind = KINDS[request.param]
    with running_sglang(kind.variant, kind.flags) as running:
        yield running


def source(folder: Path, seed: int, tokens: int = TOKENS) -> Path:
    """Ten files of numbers."""
    folder.mkdir(parents=True)
    for part in range(10):
        (folder / f"part{part}.txt").write_text(numbers(seed * 10 + part, tokens // 10))
    return folder


def opened(
    server: Server, folder: Path, effort: Effort = Effort.OFF, session: str | None = None
) -> Session:
    """A session over the folder; everything of one test belongs to one user."""
    return longctx.open(
        str(folder),
        engine="sglang",
        connection=Connection(server.base_url),
        ask=Ask(temperature=0.0),
        effort=effort,
        places=Places(folder.parent / "cache", folder.parent / "data"),
        session=session,
    )


class Answered(NamedTuple):
    turn: Turn
    served: Served
    boundary: int
    """Tokens of the shared prefix."""
    primed: int
    """Tokens of it that were missing ahead of the question, as predicted."""

    @property
    def cached(self) -> int | None:
        return self.turn.usage.cached_tokens

    @property
    def tokens(self) -> int:
        """Of the prompt."""
        return self.turn.usage.prompt_tokens or 0

    def whole(self, tokens: int) -> int:
        """As many of these as make whole pages."""
        page = self.served.page_size or 1
        return tokens // page * page


def ask(session: Session, question: str) -> Answered:
    """Ask; what was cached is what was predicted."""
    asked = session.prepare(question)
    assert asked.conversation is not None
    assert asked.conversation.prefix.ids is not None
    warmth = asked.warm()
    *_, turn = asked.send()
    assert isinstance(turn, Turn)
    assert (turn.usage.cached_tokens, turn.cause) == (turn.predicted_cached, "")
    boundary = len(asked.conversation.prefix.ids)
    served = session.surface.connected.served
    return Answered(turn, served, boundary, 0 if warmth is None else warmth.prefilled)


def first(server: Server, folder: Path, question: str) -> Answered:
    """The first question of a session of its own."""
    with opened(server, folder) as session:
        return ask(session, question)


def test_every_request_of_a_walk_has_cached_what_was_predicted(
    server: Server, tmp_path: Path
) -> None:
    flush(server)
    noted = Walk(server, tmp_path, seed=1).go(WALK)
    wrong = [each for each in enumerate(noted) if each[1].reported != each[1].predicted]
    assert wrong == []
    assert sum(each.reported for each in noted) > 0.5 * sum(each.tokens for each in noted)


NAMED = re.compile(
    r"cache miss from (effort|instructions|index|src/\S+|end of corpus|padding|the turns"
    r"|update of \S+( and \d+ more)?) on: [\d,]+ tokens more than predicted; .+"
)


@pytest.mark.parametrize("kind", SMALL)
def test_every_miss_of_a_walk_on_small_pools_is_named(tmp_path: Path, kind: str) -> None:
    installed_or_skip()
    variant, flags = SMALL[kind]
    with running_sglang(variant, flags) as server:
        noted = Walk(server, tmp_path, seed=2).go(WALK)
    questions = [each for each in noted if not each.what.startswith("prime")]
    unnamed = [each for each in questions if each.missed and not NAMED.fullmatch(each.cause)]
    assert unnamed == []
    assert [each for each in questions if each.cause and not each.missed] == []


def test_without_a_prime_a_window_is_hit_by_the_third_question(
    server: Server, tmp_path: Path
) -> None:
    """A session's own prompts, sent one after the other without primes."""
    folder = source(tmp_path / "numbers", seed=1)
    with opened(server, folder) as session, client(server) as engine:
        prepared = [session.prepare(question) for question in QUESTIONS]
        served = session.surface.connected.served
        flush(server)
        seen = []
        for asked in prepared:
            *_, usage = engine.stream(asked.request)
            assert isinstance(usage, Usage)
            seen.append(usage.cached_tokens)
    assert prepared[0].conversation is not None
    boundary = len(prepared[0].conversation.prefix.ids or ())
    assert served.chunk is not None
    last_chunk = boundary // served.chunk * served.chunk
    assert seen[0] == 0
    assert seen[2:] == [seen[2]] * 2
    if served.sliding_window:
        assert seen[1:3] == [last_chunk, boundary]
    else:
        assert seen[1] == seen[2]
        assert (seen[1] or 0) >= boundary - (served.page_size or 1)


def test_through_a_session_the_first_question_hits_the_whole_boundary(
    server: Server, tmp_path: Path
) -> None:
    flush(server)
    folder = source(tmp_path / "numbers", seed=2)
    before = prefilled(server)
    answered = [first(server, folder, question) for question in QUESTIONS]
    boundary = answered[0].boundary
    assert boundary > TOKENS
    assert answered[0].cached == boundary
    assert all((each.cached or 0) >= boundary for each in answered)
    assert [each.primed for each in answered] == [boundary, 0, 0, 0]
    tails = sum(each.tokens - (each.cached or 0) for each in answered)
    assert prefilled(server) - before == boundary + tails


def test_a_follow_up_hits_all_that_was_said(server: Server, tmp_path: Path) -> None:
    folder = source(tmp_path / "numbers", seed=3)
    with opened(server, folder) as session:
        one, two, three = (ask(session, question) for question in QUESTIONS[:3])
    for before, after in ((one, two), (two, three)):
        end = before.tokens + (before.turn.usage.completion_tokens or 0)
        assert after.cached == after.whole(end)


def test_an_edit_keeps_the_base(server: Server, tmp_path: Path) -> None:
    folder = source(tmp_path / "numbers", seed=4)
    part = folder / "part3.txt"
    with opened(server, folder) as session:
        before = ask(session, QUESTIONS[0])
        part.write_text("changed\n" + part.read_text())
        follow_up = ask(session, QUESTIONS[1])
    after = first(server, folder, QUESTIONS[2])
    assert (follow_up.cached or 0) >= before.boundary
    assert (after.cached or 0) >= before.boundary - (after.served.page_size or 1)
    assert after.primed < 1_024, "the base was there: the update alone was prefilled"
    if after.served.sliding_window:
        assert after.cached == after.boundary


def test_a_turn_whose_reasoning_is_dropped_keeps_its_whole_prompt(
    server: Server, tmp_path: Path
) -> None:
    folder = source(tmp_path / "numbers", seed=5)
    with opened(server, folder, Effort.HIGH) as session:
        one, two = (ask(session, question) for question in QUESTIONS[:2])
    assert one.turn.reasoning
    # Its last token opens the reasoning, which a past turn has not.
    assert two.cached == two.whole(one.tokens - 1)


@pytest.mark.parametrize(
    ("ratio", "chunk", "stays"), [("0.5", 4_096, True), ("0.1", 4_096, False), ("0.1", 2_048, True)]
)
def test_two_bases_in_turn_on_a_small_window_pool(
    tmp_path: Path, ratio: str, chunk: int, stays: bool
) -> None:
    """Where each prefill pushes out the other's window, that is known, and it is primed again."""
    installed_or_skip()
    flags = ("--max-total-tokens", "45000", "--swa-full-tokens-ratio", ratio)
    with running_sglang("swa", (*flags, "--chunked-prefill-size", str(chunk))) as server:
        told = probe(Connection(server.base_url))
        folders = [source(tmp_path / f"numbers{seed}", seed, 18_000) for seed in (6, 7)]
        answered = [first(server, folder, question) for question in QUESTIONS for folder in folders]
    assert all((each.cached or 0) >= each.boundary > 18_000 for each in answered)
    again = [each.primed for each in answered[2:]]
    assert again == ([0] * 6 if stays else [each.boundary for each in answered[2:]])
    assert told is not None
    (pool,) = [each for each in told.findings if each.about == "window pool"]
    assert pool.severity is (Severity.OK if stays else Severity.ADVICE), "and `doctor` tells"
