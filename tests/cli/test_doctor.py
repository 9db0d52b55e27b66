"""`longctx doctor` as a person and a script see it, against doubles of servers.

To accept a change of the golden files on purpose: `python tests/cli/test_doctor.py`, then read the
diff.
"""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cli.process import Done, run
from engines.scripted_server import Reply, double

from longctx.api.doctoring import Cache, Place, between, troubles
from longctx.api.doctoring.checks import Aim, findings_of
from longctx.api.doctoring.gathering import Compared, Facts
from longctx.api.doctoring.judging import Answered, Measured, judged
from longctx.cli.diagnosis import report
from longctx.cli.doctor import _chosen
from longctx.engines import Served, Takes, Usage
from longctx.engines.findings import advice, ok, trouble
from longctx.engines.sglang_checks import findings_of as settings_of
from longctx.prompt import Ids

GOLDEN = Path(__file__).parent / "golden"

PAGE = {
    "version": "0.5.23",
    "model_path": "deepseek-ai/DeepSeek-V4-Flash",
    "page_size": 256,
    "context_length": 1_048_576,
    "max_total_num_tokens": 524_288,
    "chunked_prefill_size": 8_192,
    "enable_cache_report": False,
    "disable_radix_cache": False,
    "allow_auto_truncate": True,
    "enable_session_radix_cache": True,
    "enable_hierarchical_cache": False,
    "reasoning_parser": "deepseek-v4",
    "internal_states": [{"memory_usage": {"token_capacity_swa": 12_288}}],
}


def examined() -> tuple[Place, ...]:
    """One server with several troubles, one that is silent, one that is only there."""
    model = "deepseek-v4-flash"
    settings = settings_of([PAGE], (model,), routed=False)
    served = Served(
        "sglang",
        "http://gpu-box:30000",
        "0.5.23",
        model,
        (model,),
        window=524_288,
        page_size=256,
        pool=524_288,
        reports_cached=False,
        findings=settings,
    )
    same, other = Ids.of([0, 4, 5]), Ids.of([0, 9, 5])
    facts = Facts(
        served,
        "sglang",
        (Takes.IDS, Takes.MESSAGES),
        (Compared("code", same, same),),
        (Compared("off", same, same), Compared("high", same, other)),
        thinks_unasked=True,
    )
    question = Answered(0.41, Usage(32_800, 1, None))
    measured = Measured(
        32_800, 32_512, Answered(6.2, Usage(32_800, 1, None)), None, (question,) * 3, "amber-1", ""
    )
    silent = trouble("connection", "nothing answers", "no question can be asked", "start it")
    bare = Facts(Served("ollama", notes=("there is no engine for it",)))
    aim = Aim(1_048_576, "pro")
    return (
        Place(
            "configured",
            "http://gpu-box:30000",
            facts,
            findings_of(facts, aim),
            measured,
            judged(measured, served),
        ),
        Place("configured", "http://gpu-box:30001", None, (silent,)),
        Place("Ollama", "http://127.0.0.1:11434", bare, findings_of(bare, aim)),
        Place("SGLang", "http://127.0.0.1:30000", None),
        Place("vLLM", "http://127.0.0.1:8000", None),
    )


def page() -> str:
    places = examined()
    facts = places[0].facts
    assert facts is not None
    other = replace(facts.served, base_url="http://gpu-box:30001", version="0.5.22")
    local = (
        ok("store", "format 2"),
        advice("tesseract", "tesseract is not installed", "pictures stay unread", "install it"),
    )
    said = [each for place in places[:2] for each in (*place.findings, *place.tried)]
    lines = report(
        "longctx 1.2.3, Python 3.12.1, fastokens 0.3.5",
        places,
        between([facts, replace(facts, served=other)]),
        local,
        (Cache("tokens", Path("/home/me/.cache/longctx/tokens"), 1_234_567),),
        troubles(said),
    )
    return "".join(f"{line}\n" for line in lines)


def told(done: Done) -> dict[str, object]:
    """The JSON without what differs from machine to machine."""
    answer: dict[str, object] = json.loads(done.out)
    for key in ("longctx", "python", "libraries", "caches", "local"):
        assert answer.pop(key)
    servers = answer["servers"]
    assert isinstance(servers, list)
    configured = [each for each in servers if each["configured"]]
    for each in configured:
        each["url"] = "URL"
    return answer | {"servers": configured}


def as_json(home: Path) -> str:
    pages = {
        "/server_info": [Reply(body=PAGE)],
        "/v1/models": [Reply(body={"data": [{"id": "deepseek-v4-flash"}]})],
    }
    with double(pages) as server:
        done = run("doctor", "--json", "--base-url", server.url, home=home)
    assert done.code == 1, done.err
    return json.dumps(told(done), indent=2) + "\n"


def test_the_page_has_not_changed() -> None:
    assert page().encode() == (GOLDEN / "doctor.txt").read_bytes()


def test_the_json_has_not_changed(tmp_path: Path) -> None:
    assert as_json(tmp_path).encode() == (GOLDEN / "doctor.json").read_bytes()


def test_troubles_count_where_questions_would_go() -> None:
    box, silent, bare, *_ = examined()
    assert _chosen([box, silent, bare]) == (box, silent)
    found = [replace(place, usual="SGLang") for place in (bare, silent, box, box)]
    assert not found[2].usable
    assert _chosen(found) == (found[2],), "the first that is spoken to, well or not"
    assert _chosen(found[:2]) == ()


def test_the_page_fits_a_terminal() -> None:
    assert max(map(len, page().splitlines())) <= 80


def test_a_flag_is_never_broken_over_lines() -> None:
    assert not re.search(r"-\n", page())


def test_without_a_server_and_without_trouble(tmp_path: Path) -> None:
    done = run("doctor", home=tmp_path)
    assert done.code == 0, done.err
    assert "this machine" in done.out
    assert "vocabulary" in done.out


def test_a_silent_server_is_a_trouble(tmp_path: Path) -> None:
    done = run("doctor", "--base-url", "http://127.0.0.1:9", home=tmp_path)
    assert done.code == 1
    assert "TROUBLE    connection: nothing answers" in done.out
    assert "answers would be wrong, cut or impossible: connection" in done.out
    assert "Traceback" not in done.err


def test_a_hostile_server_cannot_drive_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;pwned\x07\x1b[31m\r\nTROUBLE   forged: yes\u202e" + "x" * 5_000
    pages = {
        "/server_info": [Reply(body=PAGE | {"version": evil, "model_path": evil})],
        "/v1/models": [Reply(body={"data": [{"id": evil}]})],
    }
    with double(pages) as server:
        done = run("doctor", "--base-url", server.url, home=tmp_path)
        silent = run("doctor", "--base-url", server.url, "--model", "m", home=tmp_path)
    for out in (done.out, silent.out):
        assert not set("\x1b\x07\r\u202e") & set(out)
        assert "\nTROUBLE" not in out
        assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("words", [["--measure", "4096"], ["--measure"]])
def test_measuring_asks_and_keeps_the_rate(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "answer.txt").write_text("yes")
    scripted = ["--engine", "scripted", "--base-url", "answer.txt"]
    done = run("doctor", *scripted, *words, "--json", home=tmp_path, cwd=tmp_path)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    measured = answer["servers"][0]["measured"]
    wanted = int(words[1]) if words[1:] else 32_768
    assert wanted * 0.9 < measured["tokens"] < wanted * 1.1
    assert measured["prefill_tokens_per_second"] > 0
    assert min(measured["cached_tokens"]) >= measured["expected_cached_tokens"] > wanted * 0.8
    assert measured["quoted"] is False
    assert answer["usable"] is True
    assert "asking with a prefix of about" in done.err


def test_a_store_that_is_newer_is_a_trouble_whatever_the_servers_say(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)

    with closing(sqlite3.connect(data / "longctx.db")) as sql:
        sql.execute("CREATE TABLE a (b)")
        sql.execute("PRAGMA user_version = 99")
    done = run("doctor", "--data-dir", str(data), home=tmp_path)
    assert done.code == 1
    assert "update longctx" in done.out


def test_profile_and_budget_are_what_a_window_is_measured_by(tmp_path: Path) -> None:
    (tmp_path / "longctx.toml").write_text('profile = "pro"\n')
    pages = {"/server_info": [Reply(body=PAGE | {"allow_auto_truncate": False})]}
    with double(pages) as server:
        here = ["doctor", "--base-url", server.url]
        pro = run(*here, home=tmp_path, cwd=tmp_path)
        small = run(*here, "--budget", "100000", home=tmp_path, cwd=tmp_path)
    assert (pro.code, small.code) == (0, 0)
    assert "--profile pro wants" in " ".join(pro.out.split())
    assert "--budget asks for" not in small.out


if __name__ == "__main__":
    import tempfile

    (GOLDEN / "doctor.txt").write_bytes(page().encode())
    with tempfile.TemporaryDirectory() as scratch:
        (GOLDEN / "doctor.json").write_bytes(as_json(Path(scratch)).encode())
