"""How a question is split, and what counts as a hit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.recall.terms import MAX_TERMS, hits, lowered, terms_of
from longctx.recall.words import stem


@pytest.mark.parametrize(
    "family",
    [
        "validate validates validated validating validator validators validation valid",
        "register registers registered registering registration",
        "serialize serializer serialization serialise serializing",
        "parameter parameters",
        "iterate iterator iteration",
        "render renders rendered rendering renderer",
        "entry entries",
        "depend depends dependency dependencies dependence",
        "run running",
        "handle handler handling handled",
        "recursion recursive recursively",
        "condition conditional conditions",
    ],
)
def test_a_family_shares_its_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@given(st.text(alphabet=st.characters(categories=["Ll"], max_codepoint=0x7F), min_size=1))
def test_a_stem_begins_its_word(word: str) -> None:
    assert word.startswith(stem(word))
    assert len(stem(word)) >= min(len(word), 3)


def found(question: str, text: str) -> list[str]:
    """The places in `text` that some term of the question hits, as what follows them."""
    lower = lowered(text)
    places = {place for term in terms_of(question) for place, _ in hits(term, text, lower)}
    return [text[place : place + 4] for place in sorted(places)]


def test_words_are_found_at_the_borders_of_names() -> None:
    assert found("http", "HTTPServer ohttp myHttp my_http http2") == [
        "HTTP",
        "Http",
        "http",
        "http",
    ]
    assert found("server", "HTTPServer observer") == ["Serv"]
    assert found("form", "information form forms") == ["form", "form"]
    assert found("id", "idea id ids grid userId") == ["id i", "ids ", "Id"]


def test_names_are_found_whole() -> None:
    names = [term.text for term in terms_of("why does `a b` call fooBar.baz_qux() in src/x.py?")]
    assert {"a b", "foobar.baz_qux", "baz_qux", "foobar", "src/x.py"} <= set(names)
    assert found("`x_y`", "x_y ax_y x_yz (x_y)") == ["x_y ", "x_y)"]


def test_how_code_shortens_words() -> None:
    assert found("database", "db rdb db_url DB") == ["db r", "db_u", "DB"]
    assert found("auth", "authorized author") == ["auth", "auth"]
    (term,) = terms_of("auth")
    text = "authorized author"
    (_, likely), (_, unlikely) = hits(term, text, text)
    assert likely > unlikely > 0


@given(st.text())
def test_a_question_has_a_bounded_number_of_terms(question: str) -> None:
    terms = terms_of(question * 3)
    assert len(terms) <= MAX_TERMS
    assert len({(term.text, term.match) for term in terms}) == len(terms)
    assert all(term.probe for term in terms)


@given(st.text())
def test_lower_case_keeps_places(text: str) -> None:
    assert len(lowered(text)) == len(text)
