"""A follow-up only ever appends to what was said."""

from hypothesis import given, settings
from hypothesis import strategies as st
from session.made_prefixes import TEMPLATE, TOKENIZER, histories, lineage_of, prefix_over

from longctx.prompt import Effort, Role
from longctx.session.conversations import UPDATE, Conversation, answer_segment
from longctx.updates import Lineage

words = st.text(min_size=1, max_size=30)


@settings(deadline=None)
@given(histories, st.lists(st.tuples(words, words), min_size=1, max_size=4))
def test_each_prompt_begins_with_the_one_before_and_its_answer(
    history: list[dict[str, str]], turns: list[tuple[str, str]]
) -> None:
    whole = lineage_of(*history)
    steps = list(whole.steps)
    conversation = Conversation.over(prefix_over(Lineage(whole.base)))
    before = conversation.prefix.ids
    assert before is not None
    for question, answer in turns:
        seen = Lineage(whole.base, (*conversation.seen.steps, *steps[:1]))
        steps = steps[1:]
        asked = conversation.asked(question, seen, TOKENIZER.encode)
        prompt = TEMPLATE.encode(conversation.prompt(asked), Effort.OFF)
        assert prompt.head(len(before)) == before
        assert [segment.name for segment in asked[:-1]] == [UPDATE] * (len(asked) - 1)
        assert len(asked) - 1 == len(seen.steps) - len(conversation.seen.steps)
        said = answer_segment(answer, TOKENIZER.encode)
        assert said.role is Role.ASSISTANT
        conversation = conversation.answered((*asked, said), seen)
        # The last token opens the answer; it stands there in every later prompt as well.
        before = TEMPLATE.encode(conversation.prompt(()), Effort.OFF)
        before = before.head(len(before) - 1)
        assert before.head(len(prompt)) == prompt
        assert conversation.seen == seen


def test_an_update_is_told_once() -> None:
    before, after = {"a.py": "one\n"}, {"a.py": "two\n"}
    lineage = lineage_of(before, after)
    conversation = Conversation.over(prefix_over(Lineage(lineage.base)))
    asked = conversation.asked("why?", lineage, TOKENIZER.encode)
    assert "two" in asked[0].text
    later = conversation.answered((*asked, answer_segment("so", TOKENIZER.encode)), lineage)
    assert later.updated(lineage) == ()
