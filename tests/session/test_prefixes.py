"""The boundary stands on a page's edge, and every token before it has a name."""

from hypothesis import given, settings
from hypothesis import strategies as st
from session.made_prefixes import TEMPLATE, TOKENIZER, histories, lineage_of, prefix_over

from longctx.prompt import Effort, Ids, Prompt, Role, Segment
from longctx.session.prefixes import prefix_of

pages = st.sampled_from((1, 16, 64, 256))
efforts = st.sampled_from(Effort)


@settings(deadline=None)
@given(histories, pages, efforts)
def test_a_prefix_is_whole_pages_that_every_question_begins_with(
    history: list[dict[str, str]], page: int, effort: Effort
) -> None:
    prefix = prefix_over(lineage_of(*history), page, effort)
    assert prefix.ids is not None
    assert len(prefix.ids) % page == 0
    assert len(prefix.ids) == len(TEMPLATE.opening(effort)) + prefix.tokens
    question = Segment(Role.USER, "question", "why?", TOKENIZER.encode("why?"))
    asked = TEMPLATE.encode(Prompt((*prefix.segments, question)), effort)
    assert asked.head(len(prefix.ids)) == prefix.ids


@settings(deadline=None)
@given(histories, pages)
def test_checkpoints_are_pages_that_a_longer_lineage_shares(
    history: list[dict[str, str]], page: int
) -> None:
    lineage = lineage_of(*history)
    prefix, base = prefix_over(lineage, page), prefix_over(lineage_of(history[0]), page)
    assert prefix.ids is not None
    assert base.ids is not None
    *before, boundary = prefix.checkpoints
    assert boundary == len(prefix.ids)
    assert list(prefix.checkpoints) == sorted(set(prefix.checkpoints))
    assert all(place % page == 0 for place in prefix.checkpoints)
    whole_base = (len(base.ids) - (base.segments[-1].tokens or 0)) // page * page
    if lineage.steps and whole_base:
        assert before[0] == whole_base
        assert prefix.ids.head(whole_base) == base.ids.head(whole_base)


@settings(deadline=None)
@given(histories, pages, efforts)
def test_every_token_has_the_name_of_what_stands_there(
    history: list[dict[str, str]], page: int, effort: Effort
) -> None:
    lineage = lineage_of(*history)
    prefix = prefix_over(lineage, page, effort)
    assert prefix.ids is not None
    at = len(TEMPLATE.opening(effort))
    assert {prefix.name_at(place) for place in range(at)} == {"effort"}
    instructions, corpus, *updates = prefix.segments
    assert prefix.name_at(at) == "instructions"
    at += (instructions.tokens or 0) + lineage.base.head_tokens
    for shown in lineage.base.shown:
        assert prefix.name_at(at) == shown.path
        assert prefix.name_at(at + shown.tokens - 1) == shown.path
        at += shown.tokens
    at = len(TEMPLATE.opening(effort)) + (instructions.tokens or 0) + (corpus.tokens or 0)
    for update in updates:
        if update.tokens:
            assert prefix.name_at(at) == update.name
        at += update.tokens or 0
    assert at == len(prefix.ids)
    assert prefix.name_at(at) == "what follows the boundary"


@settings(deadline=None)
@given(histories, histories, pages, pages)
def test_equal_digests_are_equal_ids(
    one: list[dict[str, str]], other: list[dict[str, str]], page: int, paged: int
) -> None:
    left, right = prefix_over(lineage_of(*one), page), prefix_over(lineage_of(*other), paged)
    if left.digest == right.digest:
        assert left.ids == right.ids
    assert left.digest == prefix_over(lineage_of(*one), page).digest


def test_efforts_that_begin_alike_share_a_digest() -> None:
    lineage = lineage_of({"a.py": "one\n"})
    digests = {effort: prefix_over(lineage, 256, effort).digest for effort in Effort}
    assert digests[Effort.OFF] == digests[Effort.LOW]
    assert len(set(digests.values())) == 3


def test_without_a_template_the_text_goes_out() -> None:
    lineage = lineage_of({"a.py": "one\n"}, {"a.py": "two\n"})
    prefix = prefix_of(lineage, None, Effort.OFF, TOKENIZER.encode, lambda: "the corpus\n", 256)
    assert prefix.ids is None
    assert prefix.checkpoints == ()
    assert [segment.text for segment in prefix.segments][1] == "the corpus\n"
    assert prefix.segments[-1].ids == Ids()
