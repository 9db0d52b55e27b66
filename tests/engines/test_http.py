"""What goes over the wire is the JSON that it should be."""

import json

from hypothesis import given
from hypothesis import strategies as st

from longctx.engines.http import encoded
from longctx.prompt import Ids

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values))
def test_a_body_is_json(body: dict[str, object]) -> None:
    assert json.loads(encoded(body)) == body


@given(st.lists(st.integers(0, 2**32 - 1)), st.text())
def test_ids_are_lists_of_numbers(ids: list[int], text: str) -> None:
    sent = encoded({"input_ids": Ids.of(ids), "text": text})
    assert json.loads(sent) == {"input_ids": ids, "text": text}
    assert b", " not in sent.partition(b"]")[0]


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert encoded({"a": "\ud800"}) == b'{"a":"?"}'
