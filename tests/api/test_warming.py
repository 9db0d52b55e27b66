"""Prefilling that no question waits for: the next boundary after thinking, and repacking."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loaders.repositories import Repo
from opened import session_over

from longctx import api
from longctx.api import Ask, Connected, Places, Session, Turn
from longctx.api.warming import outlook, repacking, warmed
from longctx.corpus import Corpus, Document
from longctx.engines import Request, Takes, Usage
from longctx.engines.radix_tree import PLAIN, V4, Rules
from longctx.engines.scripted import Scripted
from longctx.errors import EngineError
from longctx.prompt import Effort
from longctx.template import template_for
from longctx.tokens import tokenizer_for

ANSWER = "<think>" + "Let me see. " * 400 + "</think>" + "It is said in many words. " * 300
TEXT = "def one():\n    return 1\n" * 400


def connected_to(engine: Scripted) -> Connected:
    tokenizer, template = tokenizer_for("deepseek-v4"), template_for("deepseek-v4")
    return Connected(engine, engine.served(), Takes.IDS, tokenizer, template)


Opened = Callable[[Scripted, Effort], Session]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    made: list[Session] = []

    def make(engine: Scripted, effort: Effort = Effort.HIGH) -> Session:
        corpus = Corpus.of([Document("a.py", TEXT)])
        made.append(session_over(corpus, connected_to(engine), tmp_path, Ask(effort=effort)))
        return made[-1]

    yield make
    for session in made:
        session.close()


def asked(session: Session, question: str = "where?") -> Turn:
    *_, turn = session.ask(question)
    assert isinstance(turn, Turn)
    return turn


def prefilled(turn: Turn) -> int:
    assert turn.usage.prompt_tokens is not None
    assert turn.usage.cached_tokens is not None
    assert turn.predicted_cached == turn.usage.cached_tokens
    return turn.usage.prompt_tokens - turn.usage.cached_tokens


@pytest.mark.parametrize("rules", [PLAIN, V4], ids=["ordinary", "window"])
def test_after_thinking_the_answer_is_prefilled_while_it_is_read(
    opened: Opened, rules: Rules
) -> None:
    bare = opened(Scripted([ANSWER], rules=rules), Effort.HIGH)
    asked(bare)
    without = prefilled(asked(bare))
    primed = opened(Scripted([ANSWER], rules=rules), Effort.HIGH)
    asked(primed)
    primed.prime_next()
    left = prefilled(asked(primed))
    assert without > 1_500, "the answer and the question"
    assert left < 100 + 2 * rules.page, "the question alone"


def test_without_thinking_nothing_is_sent_ahead(opened: Opened) -> None:
    engine = Scripted([ANSWER])
    session = opened(engine, Effort.OFF)
    session.prime_next()
    asked(session)
    before = len(engine.prompts)
    session.prime_next()
    assert "prime-next" not in {thread.name for thread in threading.enumerate()}
    assert len(engine.prompts) == before


class Stuck(Scripted):
    """Does not come back from what is sent ahead, until it is told to."""

    def __init__(self) -> None:
        super().__init__([ANSWER])
        self.stuck = threading.Event()
        self.free = threading.Event()

    def prime(self, request: Request) -> Usage:
        if threading.current_thread() is not threading.main_thread():
            self.stuck.set()
            self.free.wait(60)
        return super().prime(request)


def test_a_question_waits_for_a_moment_at_most(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("longctx.api.sessions.MOMENT", 0.1)
    engine = Stuck()
    session = opened(engine, Effort.HIGH)
    asked(session)
    session.prime_next()
    assert engine.stuck.wait(10)
    turn = asked(session)
    assert turn.seconds < 2
    assert prefilled(turn) > 0, "what did not come back is not counted on"
    engine.free.set()


class Failing(Scripted):
    def prime(self, request: Request) -> Usage:
        if threading.current_thread() is not threading.main_thread():
            raise EngineError("gone")
        return super().prime(request)


def test_a_failure_ahead_is_left_to_the_next_question(opened: Opened) -> None:
    session = opened(Failing([ANSWER]), Effort.HIGH)
    asked(session)
    session.prime_next()
    assert prefilled(asked(session)) > 1_500


def test_the_rate_of_the_last_prefill_tells_how_long_the_next_will_take(opened: Opened) -> None:
    session = opened(Scripted(["yes"]), Effort.OFF)
    prefix = session.shown().prefix
    first = outlook(session, prefix)
    assert (first.lacking, first.seconds) == (first.tokens, None)
    done = warmed(session, prefix)
    assert done is not None
    assert done.prefilled == first.tokens
    after = outlook(session, prefix)
    assert after.lacking == 0
    assert after.rate == pytest.approx(first.tokens / done.seconds, rel=0.01)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    repo = Repo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "--quiet")
    repo.commit(**{"a.py": TEXT, "b.py": TEXT + "# b\n", "z.py": TEXT + "# z\n"})
    repo.commit(**{"b.py": TEXT + "# b, later\n"})
    return repo


def test_a_repacked_base_beside_a_shared_one_lasts_over_commits(repo: Repo, tmp_path: Path) -> None:
    script = tmp_path / "answer.txt"
    script.write_text("yes", "utf-8")
    places = Places(tmp_path / "cache", tmp_path / "data")

    def opened() -> Session:
        connection = api.Connection(str(script))
        return api.open(str(repo.path), engine="scripted", connection=connection, places=places)

    with opened() as session:
        shared = session.shown()
        assert shared.continued.shared is not None
        fresh = session.repacked(shared)
        weighed = repacking(shared, fresh)
        assert weighed.carried == shared.lineage.carried > 0
        assert weighed.saved > 0
        assert 0 < weighed.prefill <= weighed.base
        session.keep(fresh.continued)
        base = fresh.lineage.base.digest
    with opened() as session:
        assert session.shown().lineage.digest == fresh.lineage.digest
    repo.commit(**{"b.py": TEXT + "# b, later still\n"})
    with opened() as session:
        again = session.shown()
        assert again.lineage.base.digest == base
        assert len(again.lineage.steps) == 1
        session.keep(again.continued)
    with opened() as session:
        assert session.shown().lineage.digest == again.lineage.digest
