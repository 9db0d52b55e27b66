"""A session: follow-ups, edits, forks, restarts, and what each of them costs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from opened import session_over

from longctx.api import Ask, Connected, Session, Turn, connect
from longctx.corpus import Corpus, Document
from longctx.engines import Takes
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.engines.scripted import Scripted
from longctx.errors import BudgetError
from longctx.prompt import Effort, Prompt
from longctx.template import template_for
from longctx.tokens import tokenizer_for

V4_SMALL = Rules(page=256, window=128, chunk=1_024)
BASE = {f"src/m{n}.py": f"def f{n}():\n    return {n}\n" * 60 for n in range(12)}


class Sources(dict[str, str]):
    """Documents that a test edits."""

    def corpus(self) -> Corpus:
        return Corpus.of(Document(path, text) for path, text in self.items())


def connected_to(engine: Scripted) -> Connected:
    return Connected(
        engine,
        engine.served(),
        Takes.IDS,
        tokenizer_for("deepseek-v4"),
        template_for("deepseek-v4"),
    )


@pytest.fixture
def sources() -> Sources:
    return Sources(BASE)


@pytest.fixture(params=[PLAIN, V4_SMALL], ids=["ordinary", "window"])
def engine(request: pytest.FixtureRequest) -> Scripted:
    return Scripted(["It is there [src/m1.py:1]."], rules=request.param)


Opened = Callable[..., Session]


@pytest.fixture
def opened(sources: Sources, engine: Scripted, tmp_path: Path) -> Iterator[Opened]:
    made: list[Session] = []

    def make(wanted: Ask | None = None, say: Callable[[str], None] = print) -> Session:
        session = session_over(sources.corpus, connected_to(engine), tmp_path, wanted, say)
        made.append(session)
        return session

    yield make
    for session in made:
        session.surface.store.close()


def asked(session: Session, question: str) -> Turn:
    *_, turn = session.ask(question)
    assert isinstance(turn, Turn)
    return turn


def prefilled(turn: Turn) -> int:
    assert turn.usage.prompt_tokens is not None
    assert turn.usage.cached_tokens is not None
    assert turn.predicted_cached == turn.usage.cached_tokens, "what is predicted is reported"
    assert turn.predicted_tokens == turn.usage.prompt_tokens
    return turn.usage.prompt_tokens - turn.usage.cached_tokens


def resumed(session: Session) -> Session:
    """The same session in a new process: nothing but the store goes along."""
    assert session.kept is not None
    return Session(session.surface, session.surface.store.session(session.kept.id))


def test_every_question_costs_only_itself(opened: Opened, engine: Scripted) -> None:
    session = opened()
    page = engine.served().page_size or 1
    for number in range(4):
        assert prefilled(asked(session, f"question {number}?")) < 200 + page


def test_a_follow_up_begins_with_all_that_was_said(opened: Opened, engine: Scripted) -> None:
    session = opened()
    asked(session, "first?")
    before = engine.prompts[-1].tolist()
    asked(session, "second?")
    after = engine.prompts[-1].tolist()
    assert after[: len(before)] == before
    decoded = [turn.question for turn in session.turns]
    assert decoded == ["first?", "second?"]


def test_an_edit_between_turns_is_told_in_the_next_one(
    opened: Opened, engine: Scripted, sources: Sources
) -> None:
    session = opened()
    asked(session, "first?")
    before = engine.prompts[-1].tolist()
    sources["src/m1.py"] = sources["src/m1.py"].replace("return 1", "return 100", 1)
    sources["new.py"] = "x = 1\n"
    del sources["src/m2.py"]
    asking = session.prepare("second?")
    assert asking.request.ids is not None
    assert asking.request.ids.tolist()[: len(before)] == before, "the prefix holds"
    (update,) = [segment for segment in asking.segments if segment.name == "update"]
    assert "+    return 100" in update.text
    assert 'path="new.py" is="new"' in update.text
    assert 'path="src/m2.py" is="deleted"/>' in update.text
    asked(session, "second?")
    assert not [s for s in session.prepare("third?").segments if s.name == "update"]


def test_a_new_question_after_an_edit_keeps_the_base(
    opened: Opened, engine: Scripted, sources: Sources
) -> None:
    first = opened()
    base = first.shown().lineage.base
    asked(first, "first?")
    sources["src/m3.py"] += "# more\n"
    later = opened()
    shown = later.shown()
    assert shown.lineage.base.digest == base.digest
    turn = asked(later, "second?")
    page = engine.served().page_size or 1
    assert prefilled(turn) < 200 + page
    assert shown.lineage.carried < 100


def test_many_changes_move_the_session_to_a_new_base(opened: Opened, sources: Sources) -> None:
    said: list[str] = []
    session = opened(say=said.append)
    asked(session, "first?")
    for path in list(sources)[:6]:
        sources[path] = sources[path].replace("def", "async def")
    turn = asked(session, "second?")
    assert any("new base" in line for line in said)
    prefilled(turn)
    assert [turn.question for turn in session.turns] == ["first?", "second?"]
    again = resumed(session)
    assert prefilled(asked(again, "third?")) < 600


def test_forks_share_what_came_before_and_nothing_else(opened: Opened, engine: Scripted) -> None:
    session = opened()
    first = asked(session, "first?")
    asked(session, "second?")
    fork = session.fork(first.id)
    turn = asked(fork, "other?")
    prefilled(turn)
    assert [turn.question for turn in fork.turns] == ["first?", "other?"]
    assert [turn.question for turn in session.turns] == ["first?", "second?"]
    tokens = tokenizer_for("deepseek-v4").encode("second").tolist()
    other = engine.prompts[-1].tolist()
    assert not any(other[n : n + len(tokens)] == tokens for n in range(len(other)))


def test_a_restart_goes_on_with_the_very_ids(opened: Opened, engine: Scripted) -> None:
    session = opened()
    asked(session, "first?")
    asked(session, "second?")
    before = engine.prompts[-1].tolist()
    again = resumed(session)
    turn = asked(again, "third?")
    prefilled(turn)
    assert engine.prompts[-1].tolist()[: len(before)] == before


def test_a_base_that_is_gone_is_replaced(opened: Opened) -> None:
    said: list[str] = []
    session = opened(say=said.append)
    asked(session, "first?")
    store = session.surface.store
    for base in store.bases():
        store.thaw(base.digest)
    again = resumed(session)
    asked(again, "second?")
    assert any("not kept any more" in line for line in said)
    assert [turn.question for turn in again.turns] == ["first?", "second?"]


def test_another_effort_keeps_the_turns_and_says_what_it_costs(opened: Opened) -> None:
    said: list[str] = []
    session = opened(say=said.append)
    asked(session, "first?")
    surface = replace(session.surface, wanted=Ask(effort=Effort.HIGH))
    assert session.kept is not None
    again = Session(surface, surface.store.session(session.kept.id))
    assert any("prefilled again" in line for line in said)
    prefilled(asked(again, "second?"))


def test_reasoning_is_not_repeated(opened: Opened, engine: Scripted) -> None:
    session = opened(Ask(effort=Effort.HIGH))
    engine._answers = ["<think>let me see</think>There."]
    turn = asked(session, "first?")
    assert turn.reasoning == "let me see"
    asking = session.prepare("second?")
    assert asking.conversation is not None
    prompt: Prompt = asking.conversation.prompt(asking.segments)
    assert "let me see" not in "".join(segment.text for segment in prompt.segments)


def test_a_session_that_another_process_went_on_with_is_forked(opened: Opened) -> None:
    said: list[str] = []
    session = opened(say=said.append)
    asked(session, "first?")
    here, there = resumed(session), resumed(session)
    asked(here, "here?")
    asked(there, "there?")
    assert [turn.question for turn in here.turns] == ["first?", "here?"]
    assert [turn.question for turn in there.turns] == ["first?", "there?"]
    assert here.id != there.id
    assert any("fork" in line for line in said)


def test_a_session_begun_without_a_model_goes_on_with_one(
    opened: Opened, sources: Sources, tmp_path: Path
) -> None:
    quoted = session_over(sources.corpus, connect("extractive"), tmp_path)
    asked(quoted, "where is f1?")
    session = opened()
    assert quoted.kept is not None
    again = Session(session.surface, session.surface.store.session(quoted.kept.id))
    asking = again.prepare("and f2?")
    assert asking.conversation is not None
    told = "".join(segment.text for segment in asking.conversation.said)
    assert "where is f1?" in told
    asked(again, "and f2?")
    assert len(again.turns) == 2
    quoted.close()


def test_turns_that_fill_the_window_are_an_error_that_says_what_to_do(opened: Opened) -> None:
    session = opened(Ask(window=11_000, answer=100))
    engine = session.surface.connected
    served = replace(engine.served, window=11_000)
    session.surface = replace(session.surface, connected=replace(engine, served=served))
    asked(session, "first? " + "word " * 300)
    with pytest.raises(BudgetError, match="fork the session at an earlier turn"):
        for number in range(40):
            asked(session, f"{number}? " + "word " * 300)
    assert session.turns, "nothing is lost"


def test_a_question_larger_than_usual_still_fits(opened: Opened) -> None:
    session = opened(Ask(window=12_000, answer=100))
    turn = asked(session, "long? " + "word " * 3_000)
    assert (turn.usage.prompt_tokens or 0) <= 12_000


def test_isolation_is_only_for_who_asks_for_it(opened: Opened) -> None:
    plain = opened().prepare("q?").request
    assert plain.salt is None
    isolated = Session(replace(opened().surface, salt="mine"))
    assert isolated.prepare("q?").request.salt == "mine"
