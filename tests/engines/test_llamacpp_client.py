"""The llama.cpp client's part of the conversation, against a double: what it sends, reads, says."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engines.scripted_server import Double, Reply, double

from longctx.engines import Connection, Delta, Reasoning, Request, Served, Usage
from longctx.engines.llamacpp import CHAT, COMPLETION, LlamaCpp
from longctx.engines.llamacpp_saved import WORTH
from longctx.engines.slots import Slots
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort, Ids, Message, Role

PROPS: dict[str, object] = {
    "default_generation_settings": {"n_ctx": 32_768},
    "total_slots": 2,
    "model_alias": "tiny",
    "media_marker": "<__media_abc__>",
    "build_info": "b11549",
}


def last(**more: object) -> dict[str, object]:
    counts = {"tokens_evaluated": 2, "tokens_predicted": 3, "timings": {"cache_n": 1}}
    return {"content": "", "stop": True, "id_slot": 1, "stop_type": "eos", **counts, **more}


def progress(done: int) -> dict[str, object]:
    return {"content": "", "prompt_progress": {"total": 2, "processed": done}}


SAID: list[object] = [progress(0), {"content": "hm</think>"}, {"content": "It is"}, last()]
ASKED = Request(5, Effort.LOW, ids=Ids.of([0, 7]))


CLIENTS: list[LlamaCpp] = []


@pytest.fixture
def server() -> Iterator[Double]:
    replies = {
        "/props": [Reply(body=PROPS)],
        "/v1/models": [Reply(body={"data": [{"id": "tiny"}]})],
        "/slots": [Reply(body=[])],
        COMPLETION: [Reply(events=SAID, done=False)],
    }
    with double(replies) as running:
        yield running
        while CLIENTS:
            CLIENTS.pop().close()


def client(server: Double, **settings: object) -> LlamaCpp:
    """A client that is closed when the server's fixture ends."""
    CLIENTS.append(LlamaCpp(Connection(server.url, retries=0, **settings)))  # type: ignore[arg-type]
    CLIENTS[-1].served()
    return CLIENTS[-1]


def test_what_it_serves(server: Double) -> None:
    served = client(server).served()
    assert (served.engine, served.version, served.model) == ("llamacpp", "b11549", "tiny")
    assert (served.window, served.page_size) == (32_768, 1)
    assert "-np 1" in served.notes[0]
    again = client(server).served()
    assert again.incarnation == served.incarnation is not None
    server.replies["/props"] = [Reply(body=PROPS | {"media_marker": "<__media_xyz__>"})]
    assert client(server).served().incarnation != served.incarnation


@pytest.mark.parametrize(
    ("count", "held", "unified"),
    [
        (4, [None, None, None, None], True),
        (2, [None, None], False),
        (2, [None, 9], False),
        (4, [5, 9, None, None], False),
        (2, [0, 9], True),
    ],
)
def test_what_slots_hold_tells_whether_they_share_a_memory(
    server: Double, count: int, held: list[int | None], unified: bool
) -> None:
    server.replies["/props"] = [Reply(body=PROPS | {"total_slots": count})]
    server.replies["/slots"] = [
        Reply(
            body=[
                {"id": number, "is_processing": False}
                | ({} if tokens is None else {"n_prompt_tokens": tokens})
                for number, tokens in enumerate(held)
            ]
        )
    ]
    assert client(server).caching(Served("llamacpp")) == Slots(count, unified)


def test_ids_go_out_as_they_are_and_thoughts_come_apart(server: Double) -> None:
    engine = client(server)
    events = list(engine.stream(replace(ASKED, temperature=0.5)))
    assert events == [Reasoning("hm"), Delta("It is"), Usage(2, 3, 1, "stop")]
    assert server.bodies(COMPLETION) == [
        {
            "prompt": [0, 7],
            "n_predict": 5,
            "cache_prompt": True,
            "return_progress": True,
            "stream": True,
            "temperature": 0.5,
        }
    ]


def test_how_far_a_prompt_is_can_be_asked_meanwhile(server: Double) -> None:
    server.replies[COMPLETION] = [
        Reply(
            events=[progress(0), {"content": "a"}, progress(1), {"content": "b"}, last()],
            done=False,
        )
    ]
    engine = client(server)
    assert engine.waiting() is None
    events = engine.stream(replace(ASKED, effort=Effort.OFF))
    seen = []
    for event in events:
        if isinstance(event, Delta):
            seen.append(engine.waiting())
    assert seen == [2, 1]
    assert engine.waiting() is None


def test_a_session_waits_for_its_slot_while_that_is_at_work(server: Double) -> None:
    engine = client(server)
    tagged = replace(ASKED, session="base")
    for working in (False, True, False):
        slots = [{"id": number, "is_processing": working} for number in (0, 1)]
        server.replies["/slots"] = [Reply(body=slots)]
        list(engine.stream(tagged))
    engine.release("base")
    server.replies["/slots"] = [Reply(body=[{"id": 1, "is_processing": True}])]
    list(engine.stream(tagged))
    bodies = [body for body in server.bodies(COMPLETION) if isinstance(body, dict)]
    assert [body.get("id_slot") for body in bodies] == [None, 1, None, None]


LONG = Request(0, Effort.OFF, ids=Ids.of(range(2 * WORTH)), session="base")
IDLE = [
    {"id": 0, "is_processing": False, "n_prompt_tokens": 90},
    {"id": 1, "is_processing": False},
]


def test_a_base_is_restored_from_the_servers_disk_and_saved_there(server: Double) -> None:
    cold = last(tokens_evaluated=2 * WORTH, tokens_predicted=0, timings={"cache_n": 0})
    warm = cold | {"timings": {"cache_n": 2 * WORTH - 1}}
    server.replies |= {
        "/slots": [Reply(body=IDLE)],
        COMPLETION: [Reply(events=[cold], done=False), Reply(events=[warm], done=False)],
        "/slots/1?action=restore": [Reply(400), Reply(body={"n_restored": 2 * WORTH})],
        "/slots/1?action=save": [Reply(body={"n_saved": 2 * WORTH})],
    }
    engine = client(server)
    assert engine.prime(LONG).cached_tokens == 0
    assert engine.prime(LONG).cached_tokens == 2 * WORTH - 1
    named = server.bodies("/slots/1?action=restore")
    assert named == [named[0]] * 2
    assert server.bodies("/slots/1?action=save") == named[:1], "what was restored is there already"
    bodies = [body for body in server.bodies(COMPLETION) if isinstance(body, dict)]
    assert [(body["n_predict"], body.get("id_slot")) for body in bodies] == [(0, None), (0, 1)]


def test_nothing_is_restored_where_a_slot_holds_as_much(server: Double) -> None:
    server.replies["/slots"] = [Reply(body=[IDLE[0] | {"n_prompt_tokens": WORTH}, IDLE[1]])]
    engine = client(server)
    engine.prime(LONG)
    assert server.bodies("/slots/1?action=restore") == []


def test_a_server_that_saves_nothing_is_asked_once(server: Double) -> None:
    server.replies["/slots/1?action=save"] = [Reply(501)]
    engine = client(server)
    for _ in range(2):
        engine.prime(LONG)
    assert len(server.bodies("/slots/1?action=save")) == 1


def test_a_prompt_that_was_cut_is_an_error(server: Double) -> None:
    server.replies[COMPLETION] = [Reply(events=[{"content": "x"}, last(truncated=True)])]
    engine = client(server)
    with pytest.raises(EngineError, match="--context-shift"):
        list(engine.stream(ASKED))
    full = last(truncated=True, tokens_evaluated=32_000, tokens_predicted=768, stop_type="limit")
    server.replies[COMPLETION] = [Reply(events=[full], done=False)]
    *_, usage = engine.stream(ASKED)
    assert isinstance(usage, Usage)
    assert usage.finish_reason == "length"


def test_there_are_no_salts(server: Double) -> None:
    engine = client(server)
    with pytest.raises(UsageError, match="--isolate"):
        list(engine.stream(replace(ASKED, salt="pepper")))


def test_messages_are_rendered_by_the_server(server: Double) -> None:
    usage = {"prompt_tokens": 2, "completion_tokens": 3}
    server.replies |= {
        CHAT: [
            Reply(
                events=[
                    {"choices": [{"delta": {"reasoning_content": "hm"}}]},
                    {"choices": [{"delta": {"content": "It is"}, "finish_reason": "stop"}]},
                    {"choices": [], "usage": usage},
                ]
            )
        ],
        "/apply-template": [Reply(body={"prompt": "<U>why?"})],
        "/tokenize": [Reply(body={"tokens": [5, 6]})],
    }
    engine = client(server)
    messages = (Message(Role.USER, "why?"),)
    told = replace(ASKED, ids=None, messages=messages)
    assert list(engine.stream(told)) == [Reasoning("hm"), Delta("It is"), Usage(2, 3, None, "stop")]
    rendered = engine.rendered(messages, Effort.LOW)
    assert rendered is not None
    assert rendered.tolist() == [5, 6]
    text = engine.tokenized("<U>")
    assert text == rendered
    specials = [body["parse_special"] for body in server.bodies("/tokenize")]  # type: ignore[index]
    assert specials == [True, False]


def test_something_else_is_no_llamacpp(server: Double) -> None:
    with pytest.raises(EngineError, match="does not serve 'big'"):
        client(server, model="big")
    server.replies["/props"] = [Reply(body={})]
    with pytest.raises(EngineError, match="is not llama"):
        client(server)
