"""What we predict is what the server counts: 200 prompts as ids, 200 as messages, no mismatch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from live.prompts import corpus_of, question_of
from live.server.running import Server
from opened import session_over

from longctx.api import Ask, Asked, Connected, Connection, connect
from longctx.engines import Request, Takes, Usage
from longctx.prompt import Effort

PROMPTS = 200


@contextmanager
def connections(
    server: Server, efforts: Iterable[Effort], engine: str = "sglang"
) -> Iterator[list[Connected]]:
    """One connection an effort: how a chat is encoded is agreed on for each."""
    connected = [connect(engine, Connection(server.base_url), effort=effort) for effort in efforts]
    yield connected
    for each in connected:
        each.engine.close()


def prepared(seed: int, connected: Connected, folder: Path, wanted: Ask) -> Asked:
    session = session_over(corpus_of(seed), connected, folder / f"{seed}", wanted)
    asked = session.prepare(question_of(seed))
    session.surface.store.close()
    return asked


def counted(connected: Connected, request: Request) -> Usage:
    *_, usage = connected.engine.stream(request)
    assert isinstance(usage, Usage)
    return usage


def mismatches_in_ids(
    server: Server,
    folder: Path,
    engine: str = "sglang",
    efforts: tuple[Effort, ...] = tuple(Effort),
    prompts: int = PROMPTS,
) -> list[tuple[int, int | None, int | None]]:
    """(prompt, tokens predicted, tokens counted) where these differ, sent as ids."""
    mismatches = []
    with connections(server, efforts, engine) as connected:
        for seed in range(prompts):
            each = connected[seed % len(efforts)]
            assert each.takes is Takes.IDS
            wanted = Ask(effort=efforts[seed % len(efforts)], answer=1)
            ready = prepared(seed, each, folder, wanted)
            usage = counted(each, ready.request)
            if usage.prompt_tokens != ready.predicted_tokens:
                mismatches.append((seed, ready.predicted_tokens, usage.prompt_tokens))
    return mismatches


def test_predicted_is_counted_for_ids(sglang: Server, tmp_path: Path) -> None:
    assert mismatches_in_ids(sglang, tmp_path) == []


@pytest.mark.parametrize("variant", ["sglang", "sglang_jinja"])
def test_predicted_is_counted_for_messages(
    variant: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The server renders; our own template and vocabulary predict, hostile text included."""
    server: Server = request.getfixturevalue(variant)
    efforts = tuple(Effort) if variant == "sglang" else (Effort.OFF, Effort.LOW)
    mismatches = []
    with connections(server, efforts) as connected:
        for seed in range(PROMPTS):
            effort, each = efforts[seed % len(efforts)], connected[seed % len(efforts)]
            wanted = Ask(effort=effort, answer=1)
            as_text = replace(each, takes=Takes.MESSAGES)
            ready = prepared(seed, as_text, tmp_path, wanted)
            assert ready.conversation is not None
            prompt = ready.conversation.prompt(ready.segments)
            predicted = len(each.template.encode(prompt, effort))
            usage = counted(each, ready.request)
            if usage.prompt_tokens != predicted:
                mismatches.append((seed, predicted, usage.prompt_tokens))
    assert mismatches == []


def test_a_model_with_another_vocabulary_is_counted_by_its_server(
    sglang: Server, tmp_path: Path
) -> None:
    connected = connect("sglang", Connection(sglang.base_url), tokenizer="server")
    assert connected.takes is Takes.MESSAGES
    for seed in range(10):
        ready = prepared(seed, connected, tmp_path, Ask(answer=1))
        usage = counted(connected, ready.request)
        assert usage.prompt_tokens == ready.predicted_tokens
    connected.engine.close()
