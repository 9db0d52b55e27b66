"""What we predict is what the server counts: 200 prompts as ids, 200 as messages, no mismatch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from live.prompts import corpus_of, question_of
from live.server.running import Server

from longctx.api import Ask, Connected, Connection, connect, prepare
from longctx.engines import Request, Takes, Usage
from longctx.pack.prompts import prompt_for
from longctx.prompt import Effort
from longctx.tokens.memo import NoMemo

PROMPTS = 200


@contextmanager
def connections(server: Server, efforts: Iterable[Effort]) -> Iterator[list[Connected]]:
    """One connection an effort: how a chat is encoded is agreed on for each."""
    connected = [
        connect("sglang", Connection(server.base_url), effort=effort) for effort in efforts
    ]
    yield connected
    for each in connected:
        each.engine.close()


def counted(connected: Connected, request: Request) -> Usage:
    *_, usage = connected.engine.stream(request)
    assert isinstance(usage, Usage)
    return usage


def test_predicted_is_counted_for_ids(sglang: Server) -> None:
    mismatches = []
    efforts = tuple(Effort)
    with connections(sglang, efforts) as connected:
        for seed in range(PROMPTS):
            each = connected[seed % len(efforts)]
            assert each.takes is Takes.IDS
            wanted = Ask(effort=efforts[seed % len(efforts)], answer=1)
            ready = prepare(corpus_of(seed), question_of(seed), wanted, each, NoMemo())
            usage = counted(each, ready.request)
            if usage.prompt_tokens != ready.predicted_tokens:
                mismatches.append((seed, ready.predicted_tokens, usage.prompt_tokens))
    assert mismatches == []


@pytest.mark.parametrize("variant", ["sglang", "sglang_jinja"])
def test_predicted_is_counted_for_messages(variant: str, request: pytest.FixtureRequest) -> None:
    """The server renders; our own template and vocabulary predict, hostile text included."""
    server: Server = request.getfixturevalue(variant)
    efforts = tuple(Effort) if variant == "sglang" else (Effort.OFF, Effort.LOW)
    mismatches = []
    with connections(server, efforts) as connected:
        for seed in range(PROMPTS):
            effort, each = efforts[seed % len(efforts)], connected[seed % len(efforts)]
            wanted = Ask(effort=effort, answer=1)
            ready = prepare(corpus_of(seed), question_of(seed), wanted, each, NoMemo())
            assert ready.pack is not None
            prompt = prompt_for(question_of(seed), ready.pack)
            predicted = len(each.template.encode(prompt, effort))
            sent = Request(max_tokens=1, effort=effort, messages=prompt.messages())
            usage = counted(each, sent)
            if usage.prompt_tokens != predicted:
                mismatches.append((seed, predicted, usage.prompt_tokens))
    assert mismatches == []


def test_a_model_with_another_vocabulary_is_counted_by_its_server(sglang: Server) -> None:
    connected = connect("sglang", Connection(sglang.base_url), tokenizer="server")
    assert connected.takes is Takes.MESSAGES
    for seed in range(10):
        ready = prepare(corpus_of(seed), question_of(seed), Ask(answer=1), connected, NoMemo())
        usage = counted(connected, ready.request)
        assert usage.prompt_tokens == ready.predicted_tokens
    connected.engine.close()
