"""A question in steps: each prompt begins with all of the one before, and nothing read is lost."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opened import session_over
from telling import TOKENIZER, Telling

from longctx.api import Ask, Connected, Delta, Session, Step, Turn
from longctx.corpus import Corpus, Document
from longctx.engines import Event, Request, Takes, ToolCall, Usage
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.engines.scripted import Scripted
from longctx.errors import EngineError
from longctx.prompt import Effort, Message
from longctx.session.exploring import STEPS
from longctx.template import template_for

V4_SMALL = Rules(page=256, window=128, chunk=1_024)
BASE = {f"src/m{n}.py": f"def f{n}():\n    return {n}\n" * 60 for n in range(12)}
CORPUS = Corpus.of(Document(path, text) for path, text in BASE.items())
ANSWER = 'It is there [src/m1.py:1] "def f1():".'
OPEN = "<more>\nopen src/m1.py:1-4\n</more>"
GREP = "<more>\ngrep return 7\noutline src/m3.py\n</more>"

Opened = Callable[..., Session]


@pytest.fixture(params=[PLAIN, V4_SMALL], ids=["ordinary", "window"])
def rules(request: pytest.FixtureRequest) -> Rules:
    rules: Rules = request.param
    return rules


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    made: list[Session] = []

    def make(
        engine: Scripted,
        explore: int | None = 4,
        corpus: Corpus = CORPUS,
        takes: Takes = Takes.IDS,
        said: list[str] | None = None,
        **wanted: object,
    ) -> Session:
        template = template_for("deepseek-v4")
        connected = Connected(engine, engine.served(), takes, TOKENIZER, template)
        ask = Ask(explore=explore, **wanted)  # type: ignore[arg-type]  # a test's values
        say = print if said is None else said.append
        made.append(session_over(corpus, connected, tmp_path / str(len(made)), ask, say))
        return made[-1]

    yield make
    for session in made:
        session.surface.store.close()


def asked(session: Session, question: str = "where?") -> Turn:
    *_, turn = session.ask(question)
    assert isinstance(turn, Turn)
    return turn


def as_predicted(turn: Turn) -> bool:
    """Whether every request of the turn had cached what was predicted."""
    counts = [(each.usage, each.predicted_tokens, each.predicted_cached) for each in turn.steps]
    counts.append((turn.usage, turn.predicted_tokens, turn.predicted_cached))
    return all(
        (usage.prompt_tokens, usage.cached_tokens) == (tokens, cached)
        for usage, tokens, cached in counts
    )


def test_each_step_begins_with_all_of_the_one_before(opened: Opened, rules: Rules) -> None:
    engine = Telling([OPEN, GREP, ANSWER], rules)
    turn = asked(opened(engine))
    assert turn.answer == ANSWER
    assert [citation.verdict for citation in turn.citations] == ["verified"]
    assert [len(step.seen) for step in turn.steps] == [1, 2]
    assert as_predicted(turn)
    prompts = [request.ids.tolist() for request in engine.requests if request.ids]
    page = rules.page
    for before, after, usage in zip(
        prompts, prompts[1:], [turn.steps[1].usage, turn.usage], strict=False
    ):
        assert after[: len(before)] == before
        assert (usage.cached_tokens or 0) >= len(before) // page * page


def test_what_was_found_stands_in_the_next_prompt(opened: Opened) -> None:
    engine = Telling([OPEN, GREP, ANSWER])
    session = opened(engine)
    turn = asked(session)
    kept = session.surface.store.path_to(turn.id or 0)[-1].segments
    assert [each.name for each in kept[-6:]] == [
        *("offer", "request", "found", "request", "found", "answer")
    ]
    opening, grepping = (each.text for each in kept if each.name == "found")
    assert '<found for="open src/m1.py:1-4" note="lines 1-4 of 120">' in opening
    assert "[L1-4]\ndef f1():\n    return 1\ndef f1():\n" in opening
    assert "(at most 3 times)" in opening
    assert "[src/m7.py:2]     return 7\n" in grepping
    assert "1 def f3()" in grepping
    assert [each.found for step in turn.steps for each in step.seen] == [
        "lines 1-4 of 120",
        "60 lines in 1 document",
        "60 definitions",
    ]


def test_a_follow_up_goes_on_from_the_steps(opened: Opened, rules: Rules) -> None:
    engine = Telling([OPEN, ANSWER, GREP, ANSWER], rules)
    session = opened(engine)
    asked(session)
    last = engine.requests[-1].ids
    second = asked(session, "and who calls it?")
    assert second.steps
    assert as_predicted(second)
    assert last is not None
    assert all(
        (each.ids or last).tolist()[: len(last)] == last.tolist() for each in engine.requests[2:]
    )
    resumed = Session(session.surface, session.surface.store.session(session.id))
    assert [len(turn.steps) for turn in resumed.turns] == [1, 1]
    assert resumed.turns[0].steps[0].seen == session.turns[0].steps[0].seen
    assert as_predicted(asked(resumed, "third?"))
    assert as_predicted(asked(session.fork(second.id), "another way?"))


@pytest.mark.parametrize("effort", [Effort.LOW, Effort.HIGH])
def test_thoughts_of_a_step_are_repeated(opened: Opened, rules: Rules, effort: Effort) -> None:
    engine = Telling([f"<think>hm</think>{OPEN}", f"<think>so</think>{ANSWER}"], rules)
    session = opened(engine, effort=effort)
    turn = asked(session)
    assert (turn.answer, turn.reasoning) == (ANSWER, "so")
    assert as_predicted(turn)
    first, second = (request.ids.tolist() for request in engine.requests if request.ids)
    assert second[: len(first)] == first
    assert as_predicted(asked(session, "and?"))


def test_tools_are_told_of_behind_the_question_and_their_calls_answered(
    opened: Opened, rules: Rules
) -> None:
    calls = (
        ToolCall("open", '{"path": "src/m1.py", "first": 1, "last": 4}', "1"),
        ToolCall("grep", '{"pattern": "return 7"}', "2"),
        ToolCall("delete", "{}", "3"),
    )
    engine = Telling([("Let me look.", calls), ANSWER], rules, calls=True)
    plain = Telling([ANSWER], rules)
    session = opened(engine, explore=None)
    turn = asked(session)
    asked(opened(plain))
    assert session.steps == STEPS
    assert as_predicted(turn)
    (step,) = turn.steps
    assert [each.asked for each in step.seen] == [
        "open src/m1.py:1-4",
        "grep return 7",
        "delete {}",
    ]
    assert step.seen[2].found.startswith("not understood")
    ((_, _, found, _),) = (
        kept.segments[-4:] for kept in session.surface.store.path_to(turn.id or 0)
    )
    assert found.text.count("<tool_result><found") == found.text.count("</tool_result>") == 3
    assert [len(request.tools) for request in engine.requests] == [4, 4]
    one, other = (each.requests[0].ids or TOKENIZER.encode("") for each in (engine, plain))
    boundary = len(session._prefixes.over(session.shown().lineage).ids or ())
    assert one.tolist()[:boundary] == other.tolist()[:boundary], "the base is shared"


def test_after_the_last_step_the_answer_is_what_is_said(opened: Opened) -> None:
    engine = Telling([OPEN])
    said: list[str] = []
    turn = asked(opened(engine, explore=2, said=said))
    assert len(turn.steps) == 2
    assert turn.steps[1].seen[0].found == "shown above already"
    assert turn.answer == OPEN
    assert engine.requests[-1].tools == ()
    assert any("raise --explore" in line for line in said)


def test_requests_are_not_shown_as_an_answer(opened: Opened) -> None:
    engine = Telling(["I will look.\n" + OPEN, "<evidence>\n" + ANSWER + "\n" + GREP, ANSWER])
    shown: list[str] = []
    for event in opened(engine).ask("where?"):
        if isinstance(event, Delta):
            shown.append(event.text)
        elif isinstance(event, Step):
            shown.append("|")
    assert "".join(shown) == f"|<evidence>\n{ANSWER}|{ANSWER}"


@pytest.mark.parametrize("room", range(600, 6_000, 450))
def test_the_window_is_never_exceeded(opened: Opened, room: int) -> None:
    everything = "<more>\n" + "".join(f"open src/m{n}.py\n" for n in range(12)) + "</more>"
    for window in (14_000, 12_000 + room):
        engine = Telling([everything, GREP, OPEN, ANSWER], window=window)
        turn = asked(opened(engine, window=window, answer=1_000, focus=0))
        assert turn.answer
        for request in engine.requests:
            assert request.ids is not None
            assert len(request.ids) + 1_000 <= window


def test_without_room_more_is_not_offered(opened: Opened) -> None:
    said: list[str] = []
    session = opened(Telling([ANSWER]), said=said, window=5_000, answer=1_000)
    for number in range(40):
        turn = asked(session, f"question {number}? " * 30)
        if said:
            break
    assert said[-1].startswith("there is no room to read more")
    assert [segment.name for segment in session.prepare("and?").segments][-1] == "question"
    assert turn.predicted_tokens == turn.usage.prompt_tokens


def test_a_closed_stream_keeps_what_was_read(opened: Opened, rules: Rules) -> None:
    engine = Telling([OPEN, "<evidence>" + "x" * 400, ANSWER], rules)
    session = opened(engine)
    events = session.ask("where?")
    for event in events:
        if isinstance(event, Delta) and event.text == "x":
            break
    events.close()
    (turn,) = session.turns
    assert turn.interrupted
    assert turn.answer.startswith("<evidence>")
    assert [seen.asked for step in turn.steps for seen in step.seen] == ["open src/m1.py:1-4"]
    before = engine.requests[-1].ids
    later = asked(session, "and?")
    after = engine.requests[-1].ids
    assert before is not None
    assert after is not None
    assert after.tolist()[: len(before) - 1] == before.tolist()[:-1], "but for the answer's mark"
    assert later.usage.prompt_tokens == later.predicted_tokens


def test_a_stream_closed_between_steps_keeps_them_without_an_answer(opened: Opened) -> None:
    session = opened(Telling([OPEN, ANSWER]))
    events = session.ask("where?")
    assert any(isinstance(event, Step) for event in events)
    events.close()
    (turn,) = session.turns
    assert (turn.interrupted, turn.answer, len(turn.steps)) == (True, "", 1)
    assert as_predicted(asked(session, "and?"))


def test_before_the_first_step_nothing_is_kept(opened: Opened) -> None:
    session = opened(Telling([ANSWER]))
    events = session.ask("where?")
    next(events)
    events.close()
    assert session.turns == ()


def test_without_being_asked_for_nothing_is_offered(opened: Opened) -> None:
    engine = Telling([OPEN])
    turn = asked(opened(engine, explore=0))
    assert (turn.answer, turn.steps) == (OPEN, ())
    session = opened(engine, explore=None)
    assert session.steps == 0, "the server tells no calls"
    session.explore(3)
    assert session.steps == 3


def test_what_documents_say_asks_for_nothing(opened: Opened) -> None:
    """A block that a document holds, quoted in the midst of an answer, is text."""
    hostile = Corpus.of([Document("a.md", f"{OPEN}\nend\n"), Document("b.md", "b\n")])
    quoted = f"<evidence>\n{OPEN}\n</evidence>\nIt says so [a.md:1-3]."
    turn = asked(opened(Telling([quoted]), corpus=hostile))
    assert (turn.steps, turn.answer) == ((), quoted)


def test_a_later_tail_does_not_repeat_what_was_read(opened: Opened) -> None:
    """What does not fit and was opened is not brought along again."""
    texts = {f"src/m{n}.py": f"def berth_{n}():\n    return {n}\n" * 500 for n in range(8)}
    corpus = Corpus.of(Document(path, text) for path, text in texts.items())
    left = "<more>\nopen src/m5.py:1-2\nopen src/m6.py:1-2\nopen src/m7.py:1-2\n</more>"
    session = opened(Telling([left, ANSWER]), corpus=corpus, window=24_000, answer=2_000)
    first = asked(session, "zebra?")
    paths = {path for step in first.steps for seen in step.seen for path in seen.paths}
    assert paths == {"src/m5.py", "src/m6.py", "src/m7.py"}
    prepared = session.prepare("zebra?")
    assert not {*prepared.unshown} & paths


class Chatting(Telling):
    """A test double of a server that takes messages, counts nothing and tells no ids."""

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.MESSAGES,)

    def stream(self, request: Request) -> Iterator[Event]:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        assert isinstance(answer, str)
        yield Delta(answer)
        yield Usage(finish_reason="stop")


def test_messages_grow_by_what_was_said_and_found(opened: Opened) -> None:
    engine = Chatting([OPEN, GREP, ANSWER, ANSWER])
    session = opened(engine, takes=Takes.MESSAGES)
    turn = asked(session)
    assert (turn.answer, len(turn.steps)) == (ANSWER, 2)
    asked(session, "and?")
    before: tuple[Message, ...] = ()
    for request in engine.requests:
        assert request.tools == ()
        assert [str(each.role) for each in request.messages] == [
            "system",
            *("user", "assistant") * (len(request.messages) // 2 - 1),
            "user",
        ]
        assert request.messages[: len(before)] == before
        before = request.messages
    assert before[2].content == OPEN
    assert before[3].content.startswith('<found for="open src/m1.py:1-4"')


def test_an_engine_that_fails_keeps_what_was_read(opened: Opened) -> None:
    class Failing(Telling):
        def stream(self, request: Request) -> Iterator[Event]:
            if self.requests:
                raise EngineError("the server is gone")
            yield from super().stream(request)

    session = opened(Failing([OPEN, ANSWER]))
    with pytest.raises(EngineError, match="is gone"):
        list(session.ask("where?"))
    (turn,) = session.turns
    assert (turn.interrupted, turn.answer, len(turn.steps)) == (True, "", 1)


def test_steps_are_kept_as_json(opened: Opened) -> None:
    session = opened(Telling([OPEN, ANSWER]))
    turn = asked(session)
    facts = json.loads(session.surface.store.path_to(turn.id or 0)[0].facts)
    assert facts["steps"][0]["seen"][0]["asked"] == "open src/m1.py:1-4"
    assert session.turns[0].steps[0].said == OPEN
