"""Which servers are looked at and what is gathered of them, from doubles of servers and engines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from engines.scripted_server import Double, Reply, double

from longctx.api import doctoring
from longctx.api.connecting import SAMPLE, urls_of
from longctx.api.doctoring import Aim, Place, servers, troubles
from longctx.api.doctoring.gathering import TEXTS, gather
from longctx.engines import Connection, Engine, Event, Request, Served, Takes, Usage
from longctx.engines.findings import Severity
from longctx.engines.versions import dotted, is_v4, numbers
from longctx.errors import EngineError, EngineUnavailable, UsageError
from longctx.prompt import Effort, Ids, Message, Prompt, Role, Segment
from longctx.template import template_for
from longctx.tokens import tokenizer_for

AIM = Aim(262_144, "flash")
OURS = tokenizer_for("deepseek-v4")
TEMPLATE = template_for("deepseek-v4")

PAGE: dict[str, object] = {
    "version": "0.5.23",
    "page_size": 1,
    "context_length": 400_000,
    "max_total_num_tokens": 400_000,
    "enable_cache_report": True,
    "startup_time": {"load_weight": 1.0},
}
MODELS = Reply(body={"data": [{"id": "tiny"}]})


@pytest.fixture(autouse=True)
def nothing_is_well_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else runs on this machine is none of a test's business."""
    monkeypatch.setattr(doctoring, "WELL_KNOWN", ())


def pages(**more: object) -> dict[str, list[Reply]]:
    return {"/server_info": [Reply(body=PAGE | more)], "/v1/models": [MODELS]}


@pytest.fixture
def server() -> Iterator[Double]:
    with double(pages()) as running:
        yield running


def looked_at(*urls: str, engine: str = "auto", key: str | None = None) -> tuple[Place, ...]:
    return servers(engine, Connection(" ".join(urls), api_key=key), AIM)


def about(place: Place, name: str) -> Severity:
    return next(each.severity for each in place.findings if each.about == name)


@dataclass
class Encoding(Engine):
    """A double that encodes as DeepSeek V4 does, but for what is set."""

    tokens: Ids | None = None
    tells: bool = True
    fails: type[EngineError] | None = None
    thinks: bool | None = False
    asked: int = 0
    name = "encoding"

    def served(self) -> Served:
        return Served(self.name)

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.IDS, Takes.MESSAGES)

    def stream(self, request: Request) -> Iterator[Event]:
        raise AssertionError("no prompt is sent")

    def prime(self, request: Request) -> Usage:
        raise AssertionError("no prompt is sent")

    def tokenized(self, text: str) -> Ids | None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails("no")
        return (self.tokens or OURS.encode(text)) if self.tells else None

    def rendered(self, messages: object, effort: Effort) -> Ids | None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails("no")
        ids = OURS.encode(SAMPLE)
        roles = (Role.SYSTEM, Role.USER)
        chat = Prompt(tuple(Segment(role, "", SAMPLE, ids) for role in roles))
        assert messages == chat.messages()
        return TEMPLATE.encode(chat, effort) if self.tells else None

    def thinks_unasked(self) -> bool | None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails("no")
        return self.thinks


def test_samples_are_compared_text_by_text_and_effort_by_effort() -> None:
    facts = gather(Encoding(), Served("e"), OURS, TEMPLATE)
    assert [text.what for text in facts.texts] == list(TEXTS)
    assert [chat.what for chat in facts.chats] == [str(effort) for effort in Effort]
    assert all(each.parting is None for each in (*facts.texts, *facts.chats))
    assert (facts.engine, facts.thinks_unasked) == ("encoding", False)
    other = gather(Encoding(tokens=Ids.of([7])), Served("e"), OURS, TEMPLATE)
    assert [text.parting for text in other.texts] == [0] * len(TEXTS)


@pytest.mark.parametrize(
    "engine", [Encoding(tells=False, thinks=None), Encoding(fails=EngineError)]
)
def test_silence_and_refusal_are_not_taken_for_agreement(engine: Encoding) -> None:
    facts = gather(engine, Served("e"), OURS, TEMPLATE)
    assert all(each.theirs is None for each in (*facts.texts, *facts.chats))
    assert facts.thinks_unasked is None


def test_a_server_that_is_gone_is_not_asked_again() -> None:
    engine = Encoding(fails=EngineUnavailable)
    gather(engine, Served("e"), OURS, TEMPLATE)
    assert engine.asked == 1


def test_no_sample_is_encoded_by_words_or_by_bytes() -> None:
    for text in TEXTS.values():
        assert len(text.split()) < len(OURS.encode(text)) < len(text.encode())


def test_a_server_that_is_named_is_examined(server: Double) -> None:
    (place,) = looked_at(server.url)
    assert place.configured
    assert place.served is not None
    assert (place.served.model, place.served.version) == ("tiny", "0.5.23")
    assert about(place, "version") is Severity.OK
    assert about(place, "tokenizer") is Severity.UNKNOWN, "the double has no /tokenize"
    assert place.usable


def test_no_prompt_is_sent(server: Double) -> None:
    looked_at(server.url)
    sent = {path for path, _, body in server.asked if body is not None}
    assert sent == {"/tokenize"}


def test_several_servers_are_each_examined() -> None:
    with double(pages(allow_auto_truncate=True)) as first, double(pages()) as second:
        for urls in ((first.url, second.url), (f"{first.url},{second.url}/v1",)):
            places = looked_at(*urls)
            assert [place.usable for place in places] == [False, True]


def test_what_is_no_server_is_a_trouble_where_it_was_named() -> None:
    (place,) = looked_at("http://127.0.0.1:9")
    assert place.facts is None
    assert [each.about for each in troubles(place.findings)] == ["connection"]
    assert not place.usable


@pytest.mark.parametrize(("key", "words"), [(None, "none is set"), ("wrong", "refuses")])
def test_a_key_that_is_wanted_or_refused(server: Double, key: str | None, words: str) -> None:
    server.replies = {path: [Reply(401, {"error": "Unauthorized"})] for path in pages()}
    for engine in ("auto", "sglang"):
        (place,) = looked_at(server.url, key=key, engine=engine)
        (finding,) = place.findings
        assert (finding.about, finding.severity) == ("key", Severity.TROUBLE)
        assert words in finding.seen
        assert "LONGCTX_API_KEY" in finding.fix
        assert "wrong" not in finding.seen + finding.fix


def test_a_model_that_is_not_served_is_a_trouble(server: Double) -> None:
    (place,) = servers("auto", Connection(server.url, model="big"), AIM)
    (finding,) = troubles(place.findings)
    assert "does not serve 'big'; it serves tiny" in finding.seen


def test_a_web_site_is_no_model_server() -> None:
    with double({"/": [Reply(body="hello")]}) as site:
        (place,) = looked_at(site.url)
    (finding,) = troubles(place.findings)
    assert "no model server" in finding.seen


def test_a_server_of_a_kind_without_an_engine_is_named(
    server: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctoring, "installed", lambda: ("sglang",))
    server.replies = {"/api/version": [Reply(body={"version": "0.9"})], "/v1/models": [MODELS]}
    (place,) = looked_at(server.url)
    assert place.served is not None
    assert place.served.engine == "ollama"
    assert not place.usable


def test_the_key_goes_to_the_named_server_alone(
    server: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    with double(pages()) as found:
        monkeypatch.setattr(doctoring, "WELL_KNOWN", (("SGLang", found.url),))
        places = looked_at(server.url, key="secret")
        assert [place.usual for place in places] == ["configured", "SGLang"]
        assert all("Authorization" in headers for _, headers, _ in server.asked)
        assert found.asked
        assert not any("Authorization" in headers for _, headers, _ in found.asked)
        # A well-known server that is named is not asked twice.
        assert len(looked_at(found.url + "/v1/")) == 1


def test_hostile_pages_lead_to_findings_and_no_crash(server: Double) -> None:
    odd: dict[str, object] = {"internal_states": [[]], "version": 3, "model_path": ["a"]}
    bodies: tuple[object, ...] = ([], "x", odd, None)
    for body in bodies:
        server.replies["/server_info"] = [Reply(body=body)]
        looked_at(server.url)
    server.replies["/server_info"] = [Reply(body=PAGE)]
    lists: tuple[object, ...] = ([1, "a", None], [2**40], [-1], {}, "x")
    for tokens in lists:
        server.replies["/tokenize"] = [Reply(body={"tokens": tokens}), Reply(500)]
        (place,) = looked_at(server.url)
        assert about(place, "tokenizer") is not Severity.OK


def test_an_embedded_engine_has_its_script_for_a_url(tmp_path: Path) -> None:
    script = tmp_path / "an answer, or two.txt"
    script.write_text("yes")
    (place,) = looked_at(str(script), engine="scripted")
    assert place.usable
    with pytest.raises(UsageError):
        looked_at(str(tmp_path / "none.txt"), engine="scripted")


def test_urls_are_parted_by_blanks_and_commas() -> None:
    assert urls_of("auto", "http://a, http://b  http://c") == ("http://a", "http://b", "http://c")
    assert urls_of("auto", None) == urls_of("auto", " ") == ()
    assert urls_of("command", "python3 a.py, b") == ("python3 a.py, b",)


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("0.5.12.post1", (0, 5, 12)),
        ("v0.20", (0, 20, 0)),
        ("0.25.0rc1+cu130", (0, 25, 0)),
        ("b6123-abc", None),
        ("", None),
        ("9" * 5_000 + ".1", None),
    ],
)
def test_versions_are_read(text: str, has: tuple[int, ...] | None) -> None:
    assert numbers(text) == has
    assert has is None or dotted(has).startswith(".".join(text.lstrip("v").split(".")[:2]))


def test_v4_is_known_by_its_name() -> None:
    assert is_v4("", "DeepSeek_V4-Pro")
    assert is_v4("hf.co/x/DeepSeek-V4-Flash-GGUF:Q4_K_M")
    assert not is_v4("deepseek-v3.2", "qwen3")


def test_a_default_that_thinks_is_seen(server: Double) -> None:
    """SGLang's client asks without saying whether to think, and with."""
    from longctx.engines.sglang import SGLang

    off, on = Reply(body={"tokens": [0, 5]}), Reply(body={"tokens": [0, 6]})
    for unasked, thinks in ((off, False), (on, True)):
        server.replies["/tokenize"] = [unasked, off, on]
        engine = SGLang(Connection(server.url))
        assert engine.thinks_unasked() is thinks
        server.replies["/tokenize"] = [off, off, off]
        assert engine.thinks_unasked() is None, "its template knows no thinking"
        engine.close()
    bodies = [body for body in server.bodies("/tokenize") if isinstance(body, dict)]
    assert "chat_template_kwargs" not in bodies[0]
    assert bodies[1]["chat_template_kwargs"] == {"thinking": False}
    assert bodies[1]["messages"] == [{"role": "user", "content": Message(Role.USER, "Hi").content}]
