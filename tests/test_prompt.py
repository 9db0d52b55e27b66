"""Equal digest exactly for equal prefix; neighbours never share a role."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from longctx.prompt import Ids, Prompt, Role, Segment

ids = st.lists(st.integers(0, 2**32 - 1), max_size=5).map(Ids.of)
segments = st.builds(
    Segment,
    st.sampled_from(Role),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["", "x", "xy", "y"]),
    st.none() | ids,
)
prompts = st.lists(segments, max_size=6).map(lambda parts: Prompt(tuple(parts)))


def said(segment: Segment) -> tuple[Role, object]:
    return segment.role, segment.text if segment.ids is None else segment.ids


@given(prompts, prompts)
def test_digests_agree_exactly_as_far_as_the_prefix_does(one: Prompt, two: Prompt) -> None:
    pairs = list(zip(one.segments, two.segments, strict=False))
    shared = 0
    while shared < len(pairs) and said(pairs[shared][0]) == said(pairs[shared][1]):
        shared += 1
    assert one.common(two) == shared
    for place in range(len(pairs)):
        assert (one.digests[place] == two.digests[place]) == (place < shared)


@given(prompts, segments)
def test_appending_keeps_the_prefix(prompt: Prompt, more: Segment) -> None:
    longer = Prompt((*prompt.segments, more))
    assert longer.common(prompt) == len(prompt.segments)
    assert "".join(m.content for m in longer.messages()).startswith(
        "".join(m.content for m in prompt.messages())
    )


@given(prompts)
def test_neighbouring_messages_never_share_a_role(prompt: Prompt) -> None:
    roles = [message.role for message in prompt.messages()]
    assert all(left != right for left, right in pairwise(roles))


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_ids_keep_their_numbers(numbers: list[int]) -> None:
    packed = Ids.of(numbers)
    assert packed.tolist() == numbers
    assert len(packed) == len(numbers)
    assert list(packed) == numbers
