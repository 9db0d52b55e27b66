"""The engines that send messages, against a real server: SGLang as a plain OpenAI-compatible API,
and its imitation of Ollama's endpoints."""

from pathlib import Path

from live.prompts import corpus_of, question_of
from live.server.answer import ANSWER
from live.server.running import Server
from opened import session_over

from longctx.api import Ask, Connection, connect
from longctx.budget import Trust
from longctx.engines import Delta, Request, Takes, Usage
from longctx.engines.ollama import Ollama
from longctx.engines.openai import OpenAI
from longctx.prompt import Effort, Message, Prompt, Role, Segment
from longctx.session import Turn
from longctx.template import template_for
from longctx.tokens import tokenizer_for

MESSAGES = (Message(Role.SYSTEM, "Be <｜User｜> short."), Message(Role.USER, "where is auth?"))


def counted(messages: tuple[Message, ...], effort: Effort = Effort.OFF) -> int:
    encode = tokenizer_for("deepseek-v4").encode
    segments = tuple(Segment(m.role, "m", m.content, encode(m.content)) for m in messages)
    return len(template_for("deepseek-v4").encode(Prompt(segments), effort))


def test_sglang_is_an_openai_compatible_api(sglang: Server) -> None:
    engine = OpenAI(Connection(sglang.base_url))
    served = engine.served()
    assert (served.engine, served.model) == ("openai", "tiny")
    assert served.window is not None
    request = Request(60, Effort.OFF, messages=MESSAGES, temperature=0.0)
    *events, usage = engine.stream(request)
    assert "".join(e.text for e in events if isinstance(e, Delta)) == ANSWER
    assert isinstance(usage, Usage)
    assert (usage.prompt_tokens, usage.finish_reason) == (counted(MESSAGES), "stop")
    *_, again = engine.stream(request)
    assert isinstance(again, Usage)
    assert again.cached_tokens == counted(MESSAGES) - 1
    primed = engine.prime(request)
    assert primed.prompt_tokens == counted(MESSAGES)
    engine.close()


def test_estimates_become_right_once_the_server_has_counted(sglang: Server, tmp_path: Path) -> None:
    connected = connect("openai", Connection(sglang.base_url))
    assert connected.takes is Takes.MESSAGES
    assert connected.gauge.trust is Trust.ESTIMATED
    turns = []
    session = session_over(corpus_of(7), connected, tmp_path, Ask(answer=40))
    for seed in (1, 2, 3):
        *_, turn = session.ask(question_of(seed))
        assert isinstance(turn, Turn)
        turns.append(turn)
    session.close()
    within = [turn.predicted_within for turn in turns]
    assert within[0] > 2 * within[1] > 0
    for turn in turns:
        assert turn.predicted_tokens == turn.usage.prompt_tokens, "its vocabulary is V4's, in truth"


def test_sglang_imitates_ollama(sglang_jinja: Server) -> None:
    engine = Ollama(Connection(sglang_jinja.base_url))
    served = engine.served()
    assert (served.model, served.version) == ("tiny", None)
    assert served.window is not None
    assert served.window >= 400_000
    plain = (MESSAGES[1],)
    request = Request(60, Effort.OFF, messages=plain, temperature=0.0, tokens=counted(plain))
    *events, usage = engine.stream(request)
    text = "".join(e.text for e in events if isinstance(e, Delta))
    assert text
    assert ANSWER.startswith(text), "it leaves the last piece out"
    assert usage == Usage(finish_reason="stop"), "its streams count nothing"
    assert engine.prime(request).prompt_tokens == counted(plain)
    engine.close()
