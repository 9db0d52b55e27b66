"""What is said of one server, and of several together, from facts that are given."""

from dataclasses import replace

import pytest

from longctx.api.doctoring.checks import Aim, findings_of
from longctx.api.doctoring.differences import between
from longctx.api.doctoring.gathering import Compared, Facts
from longctx.engines import Served, Takes
from longctx.engines.findings import Finding, Severity, advice, ok
from longctx.prompt import Effort, Ids

AIM = Aim(262_144, "flash")
SERVED = Served(
    "sglang",
    "http://a:30000",
    "0.5.23",
    "deepseek-v4-flash",
    ("deepseek-v4-flash",),
    window=1_048_576,
    page_size=256,
    incarnation="first",
)
SAME = Ids.of([1, 2, 3])
OTHER = Ids.of([1, 9, 3, 4])
TEXTS = tuple(Compared(name, SAME, SAME) for name in ("code", "prose"))
CHATS = tuple(Compared(str(effort), SAME, SAME) for effort in Effort)
FACTS = Facts(SERVED, "sglang", (Takes.IDS, Takes.MESSAGES), TEXTS, CHATS, thinks_unasked=False)


def served(**told: object) -> Facts:
    return replace(FACTS, served=replace(SERVED, **told))  # type: ignore[arg-type]  # any field


def about(facts: Facts, aim: Aim = AIM) -> dict[str, Finding]:
    return {each.about: each for each in findings_of(facts, aim)}


def said(facts: Facts, name: str, aim: Aim = AIM) -> Finding:
    """What is said of one matter; all others are as well as before."""
    found = about(facts, aim)
    assert all(each.severity is Severity.OK for other, each in found.items() if other != name), (
        found
    )
    return found[name]


def test_a_server_without_fault() -> None:
    assert set(about(FACTS)) == {
        "version",
        "window",
        "page size",
        "tokenizer",
        "template",
        "thinking",
    }
    assert {each.severity for each in about(FACTS).values()} == {Severity.OK}


@pytest.mark.parametrize(
    ("engine", "version", "model", "severity", "words"),
    [
        ("sglang", "0.5.23", "qwen3", Severity.OK, "can serve"),
        ("sglang", "0.5.13.post1", "deepseek-v4-flash", Severity.OK, "can serve"),
        ("sglang", "0.5.12", "deepseek-v4-flash", Severity.TROUBLE, "0.5.13"),
        ("sglang", "0.4.4", "qwen3", Severity.TROUBLE, "0.5.13"),
        ("vllm", "0.7.3", "DeepSeek-V4-Flash", Severity.TROUBLE, "0.20.0"),
        ("vllm", "0.20.0rc1", "deepseek-v4-pro", Severity.OK, "can serve"),
        ("vllm", "0.24.1", "DeepSeek-V4-Flash-0731", Severity.TROUBLE, "0.25.0"),
        ("vllm", "v0.25.0+cu130", "DeepSeek-V4-Pro-0813", Severity.OK, "can serve"),
        ("vllm", "0.7.3", "qwen3", Severity.ADVICE, "0.20.0"),
        ("vllm", "nightly", "deepseek-v4-flash", Severity.UNKNOWN, "does not tell"),
        ("sglang", None, "deepseek-v4-flash", Severity.UNKNOWN, "does not tell"),
    ],
)
def test_versions(
    engine: str, version: str | None, model: str, severity: Severity, words: str
) -> None:
    facts = served(engine=engine, version=version, model=model, models=(model,))
    finding = said(facts, "version")
    assert finding.severity is severity
    assert words in finding.seen + finding.fix


def test_a_server_of_another_kind_has_no_version_to_meet() -> None:
    assert "version" not in about(served(engine="ollama", version="0.1"))
    assert "version" not in about(served(version=None, model="qwen3", models=("qwen3",)))


def test_v4_under_another_name_is_known_by_its_path() -> None:
    facts = served(
        engine="vllm", version="0.7", model="m", models=("m",), model_path="/x/DeepSeek-V4-Pro"
    )
    assert said(facts, "version").severity is Severity.TROUBLE


@pytest.mark.parametrize(
    ("engine", "flag"),
    [
        ("sglang", "--context-length 262144"),
        ("vllm", "--max-model-len 262144"),
        ("llamacpp", "--ctx-size 262144"),
        ("ollama", "OLLAMA_CONTEXT_LENGTH=262144"),
        ("else", "262144 tokens"),
    ],
)
def test_a_window_below_the_profile_names_the_flag_of_the_server(engine: str, flag: str) -> None:
    finding = said(served(engine=engine, window=131_072, version="0.25.0"), "window")
    assert finding.severity is Severity.ADVICE
    assert "131,072" in finding.seen
    assert "--profile flash wants 262,144" in finding.seen
    assert flag in finding.fix


def test_a_window_is_compared_with_what_is_wanted() -> None:
    facts = served(window=400_000)
    assert said(facts, "window").severity is Severity.OK
    assert said(facts, "window", Aim(1_048_576, "pro")).severity is Severity.ADVICE
    asked = said(facts, "window", Aim(500_000))
    assert "--budget asks for 500,000" in asked.seen


def test_a_tiny_window_is_a_trouble_and_an_unknown_one_is_not() -> None:
    assert said(served(window=4_095), "window").severity is Severity.TROUBLE
    assert said(served(window=None), "window").severity is Severity.UNKNOWN


def test_where_the_pool_is_what_limits_a_longer_context_is_no_help() -> None:
    finding = said(served(window=100_000, pool=100_000), "window")
    assert "KV cache" in finding.fix
    assert "--context-length" not in finding.fix
    assert "--context-length" in said(served(window=100_000, pool=400_000), "window").fix


def test_large_pages_are_told() -> None:
    assert said(served(page_size=2_048), "page size").severity is Severity.ADVICE
    assert "page size" not in about(served(page_size=None))


def test_another_tokenizer_is_told_once_with_the_first_token_that_differs() -> None:
    texts = (TEXTS[0], Compared("prose", SAME, OTHER))
    chats = tuple(replace(chat, theirs=OTHER) for chat in CHATS)
    finding = said(replace(FACTS, texts=texts, chats=chats), "tokenizer")
    assert finding.severity is Severity.ADVICE
    assert "1 of 2 sample texts" in finding.seen
    assert "6 tokens here, 7 there" in finding.seen
    assert "`prose` from token 1 on, 2 here and 9 there" in finding.seen


def test_a_tokenizer_that_was_asked_for_and_is_another_one_miscounts() -> None:
    texts = (Compared("code", SAME, OTHER),)
    facts = replace(FACTS, texts=texts)
    asked = said_tokenizer(facts, "tiktoken:o200k_base")
    assert asked.severity is Severity.TROUBLE
    assert "tokenizer.json" in asked.fix
    assert said_tokenizer(facts, "server").severity is Severity.ADVICE


def said_tokenizer(facts: Facts, tokenizer: str) -> Finding:
    return about(facts, replace(AIM, tokenizer=tokenizer))["tokenizer"]


def test_a_shorter_list_of_ids_parts_at_its_end() -> None:
    longer = Compared("code", Ids.of([1, 2]), Ids.of([1, 2, 3]))
    assert longer.parting == 2
    finding = said_tokenizer(replace(FACTS, texts=(longer,)), "server")
    assert "from token 2 on, the end here and 3 there" in finding.seen


def test_another_template_names_the_efforts_that_it_spoils() -> None:
    chats = tuple(
        replace(chat, theirs=OTHER) if chat.what in ("high", "max") else chat for chat in CHATS
    )
    finding = said(replace(FACTS, chats=chats), "template")
    assert finding.severity is Severity.ADVICE
    assert "--think high, max" in finding.seen
    assert "--tool-call-parser deepseekv4" in finding.fix
    vllm = replace(served(engine="vllm", version="0.25.0"), chats=chats)
    assert "--tokenizer-mode deepseek_v4" in about(vllm)["template"].fix


def test_what_a_server_does_not_tell_is_not_called_well() -> None:
    silent = replace(
        FACTS,
        texts=tuple(replace(text, theirs=None) for text in TEXTS),
        chats=tuple(replace(chat, theirs=None) for chat in CHATS),
        thinks_unasked=None,
    )
    found = about(silent)
    assert found["tokenizer"].severity is Severity.UNKNOWN
    assert found["template"].severity is Severity.UNKNOWN
    assert "thinking" not in found


def test_thinking_unasked_is_told() -> None:
    finding = said(replace(FACTS, thinks_unasked=True), "thinking")
    assert finding.severity is Severity.ADVICE
    assert "SGLANG_DEFAULT_THINKING" in finding.fix


def test_an_engines_findings_and_notes_are_passed_on() -> None:
    own = advice("window pool", "small", "why", "do")
    found = about(served(findings=(own, ok("window", "as told")), notes=("mind the gap",)))
    assert found["window pool"] == own
    assert found["note"].seen == "mind the gap"
    assert found["note"].severity is Severity.ADVICE


def test_a_server_that_nothing_of_ours_speaks_to_is_a_trouble_and_nothing_else() -> None:
    (finding,) = findings_of(Facts(Served("other", notes=("no engine for it",))), AIM)
    assert (finding.severity, finding.about) == (Severity.TROUBLE, "engine")


SECOND = replace(FACTS, served=replace(SERVED, base_url="http://b:30000", incarnation="second"))


def together(**told: object) -> tuple[Finding, ...]:
    second = replace(SECOND, served=replace(SECOND.served, **told))  # type: ignore[arg-type]
    return between([FACTS, second])


def test_servers_that_are_alike() -> None:
    (finding,) = together()
    assert finding.severity is Severity.OK
    assert between([FACTS]) == between([]) == ()


@pytest.mark.parametrize(
    ("told", "severity", "words"),
    [
        ({"engine": "vllm"}, Severity.TROUBLE, "kinds differ"),
        ({"model": "qwen3"}, Severity.TROUBLE, "models differ: http://a:30000 deepseek-v4-flash"),
        ({"version": "0.5.22"}, Severity.ADVICE, "http://b:30000 0.5.22"),
        ({"window": 131_072}, Severity.ADVICE, "http://b:30000 131,072"),
        ({"page_size": 64}, Severity.ADVICE, "page sizes differ"),
        ({"incarnation": "first"}, Severity.ADVICE, "http://a:30000 and http://b:30000 are the"),
    ],
)
def test_each_difference_is_named_with_the_servers(
    told: dict[str, object], severity: Severity, words: str
) -> None:
    (finding,) = together(**told)
    assert finding.severity is severity
    assert words in finding.seen
    assert finding.fix


def test_what_a_server_does_not_tell_is_no_difference() -> None:
    (finding,) = together(version=None, window=None, page_size=None, model=None, incarnation=None)
    assert finding.severity is Severity.OK


def test_servers_that_encode_otherwise_are_a_trouble() -> None:
    chats = (replace(CHATS[0], theirs=OTHER), *CHATS[1:])
    (finding,) = between([FACTS, replace(SECOND, chats=chats)])
    assert finding.severity is Severity.TROUBLE
    assert "different ids: http://a:30000, http://b:30000" in finding.seen
    # Where none has our ids they may still be alike.
    both = [replace(facts, chats=chats) for facts in (FACTS, SECOND)]
    assert between(both)[0].severity is Severity.OK
