"""What is said of SGLang's settings, from a page that SGLang 0.5.23 gave and variants of it.

The page was recorded from tests/live's plain server, without the settings that longctx has no use
for. That a real server's page leads to the same is tested in tests/live/test_doctor.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.engines.findings import Finding, Severity, advice, gravest, ok, trouble, unknown
from longctx.engines.sglang_checks import findings_of

PAGE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "recorded" / "sglang-0.5.23.json").read_text("utf-8")
)
"""Started with --disable-radix-cache, --allow-auto-truncate and --context-length 8192."""

WELL = {
    "disable_radix_cache": False,
    "allow_auto_truncate": False,
    "enable_session_radix_cache": True,
    "incremental_streaming_output": True,
}
V4 = "deepseek-ai/DeepSeek-V4-Flash-0731"


def found(*models: str, routed: bool = False, **settings: object) -> dict[str, Finding]:
    """What is said of the recorded server with other settings, by what it is about."""
    findings = findings_of([PAGE | WELL | settings], models or ("tiny",), routed=routed)
    assert len({each.about for each in findings}) == len(findings)
    return {each.about: each for each in findings}


def window_pool(tokens: int | None) -> list[dict[str, object]]:
    return [{"memory_usage": {"token_capacity_swa": tokens}}]


def test_a_well_set_server_has_nothing_to_mend() -> None:
    assert {each.severity for each in found().values()} == {Severity.OK}
    assert set(found()) == {
        "prefix cache",
        "truncation",
        "KV cache",
        "cache report",
        "session tags",
    }


def test_the_recorded_server_has_its_two_mistakes() -> None:
    wrong = [each for each in findings_of([PAGE], ("tiny",), routed=False) if each.fix]
    assert {each.about: each.severity for each in wrong} == {
        "prefix cache": Severity.ADVICE,
        "truncation": Severity.TROUBLE,
    }


@pytest.mark.parametrize(
    ("settings", "about", "severity", "fix"),
    [
        ({"enable_cache_report": False}, "cache report", "advice", "--enable-cache-report"),
        ({"disable_radix_cache": True}, "prefix cache", "advice", "--disable-radix-cache"),
        ({"allow_auto_truncate": True}, "truncation", "trouble", "--allow-auto-truncate"),
        ({"skip_tokenizer_init": True}, "tokenizing", "trouble", "--skip-tokenizer-init"),
        ({"context_length": 1_048_576}, "KV cache", "advice", "--context-length 400000"),
        (
            {"enable_session_radix_cache": False},
            "session tags",
            "advice",
            "--enable-session-radix-cache",
        ),
        (
            {"internal_states": window_pool(4_100)},
            "window pool",
            "advice",
            "--chunked-prefill-size 2048",
        ),
    ],
)
def test_each_wrong_setting_is_told_with_its_flag(
    settings: dict[str, Any], about: str, severity: str, fix: str
) -> None:
    finding = found(**settings)[about]
    assert finding.severity == severity
    assert fix in finding.fix
    assert finding.why
    others = {each.severity for name, each in found(**settings).items() if name != about}
    assert others == {Severity.OK}


def test_the_advised_chunk_fits_the_window_pool() -> None:
    """The advice, taken, is the last that is given."""
    for pool in (300, 4_100, 20_000, 45_056):
        finding = found(internal_states=window_pool(pool), chunked_prefill_size=32_768)[
            "window pool"
        ]
        chunk = int(finding.fix.split("--chunked-prefill-size ")[1].split(",")[0])
        assert 1 <= chunk <= pool // 2
        mended = found(internal_states=window_pool(pool), chunked_prefill_size=chunk)
        assert mended["window pool"].severity is Severity.OK


def test_a_whole_prefill_and_an_ordinary_model_have_no_window_pool() -> None:
    assert "window pool" not in found(internal_states=window_pool(None))
    assert "window pool" not in found(internal_states=window_pool(4_096), chunked_prefill_size=-1)


@pytest.mark.parametrize("models", [(V4,), ("deepseek_v4_pro",), ("alias", "DeepSeek-V4-Pro")])
def test_hicache_is_a_trouble_with_v4_alone(models: tuple[str, ...]) -> None:
    assert found(*models, enable_hierarchical_cache=True)["HiCache"].severity is Severity.TROUBLE
    assert found(*models)["HiCache"].severity is Severity.OK
    assert "HiCache" not in found("qwen3", enable_hierarchical_cache=True)


def test_v4_is_known_by_its_path_where_its_name_says_nothing() -> None:
    told = found("flash", model_path="/models/DeepSeek-V4-Flash", enable_hierarchical_cache=True)
    assert told["HiCache"].severity is Severity.TROUBLE


def test_v4_without_a_reasoning_parser_is_told_its_flag() -> None:
    assert "--reasoning-parser deepseek-v4" in found(V4, reasoning_parser=None)["reasoning"].fix
    assert found(V4)["reasoning"].severity is Severity.OK
    assert "reasoning" not in found("qwen3", reasoning_parser=None)


def test_a_router_makes_reports_and_tags_indifferent_and_streaming_matter() -> None:
    told = found(routed=True, enable_cache_report=False, incremental_streaming_output=False)
    assert "cache report" not in told
    assert "session tags" not in told
    assert "--incremental-streaming-output" in told["streaming"].fix
    assert told["router"].severity is Severity.OK


def test_a_router_before_several_workers_may_or_may_not_keep_a_prefix_together() -> None:
    told = {each.about: each for each in findings_of([PAGE | WELL] * 2, ("tiny",), routed=True)}
    assert told["router"].severity is Severity.UNKNOWN
    assert "--policy cache_aware" in told["router"].fix


def test_one_bad_worker_of_several_is_enough() -> None:
    pages = [PAGE | WELL, PAGE | WELL | {"allow_auto_truncate": True}]
    said = [each for each in findings_of(pages, (), routed=True) if each.about == "truncation"]
    assert [each.severity for each in said] == [Severity.TROUBLE]


@pytest.mark.parametrize(
    "page", [None, [], "what", {}, {"internal_states": {}}, {"page_size": "x"}]
)
def test_pages_that_say_nothing_lead_to_nothing(page: object) -> None:
    assert findings_of([page], (V4,), routed=False) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(PAGE)), JSON), JSON, st.booleans())
def test_no_page_makes_it_fail(settings: dict[str, Any], pool: object, routed: bool) -> None:
    pages = [PAGE | settings, PAGE | {"internal_states": [{"memory_usage": pool}]}]
    for each in findings_of(pages, (V4,), routed=routed):
        assert each.seen
        assert bool(each.fix) == (each.severity is not Severity.OK)


def test_of_one_matter_what_is_wrong_outweighs_what_is_well() -> None:
    well, wrong = ok("a", "fine"), trouble("a", "bad", "why", "do")
    blind, hint = unknown("b", "dark"), advice("c", "slow", "why", "do")
    assert gravest([well, wrong, well, blind, hint, hint]) == (wrong, blind, hint)
    assert gravest([well, well, unknown("a", "dark")]) == (well, unknown("a", "dark"))
