"""Defined terms in both languages, and the sentences around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.structure.definitions import definitions_in


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("“Confidential Information” means all that is secret.", ["Confidential Information"]),
        ('"Term" shall mean five years.', ["Term"]),
        ('"Patent" or "Patents" means any patent.', ["Patent", "Patents"]),
        ('"Manufacture" (and its variants) means to make.', ["Manufacture"]),
        ("It lasts a year (the “Term”).", ["Term"]),
        ('Foo Ltd (together with its heirs, the "Buyer") agrees.', ["Buyer"]),
        ('The Foo GmbH (hereinafter "Seller" or the "Vendor") sells.', ["Seller", "Vendor"]),
        ("„Vertrag“ bezeichnet diese Urkunde.", ["Vertrag"]),
        ("Die Foo AG (nachfolgend „Verkäufer“ genannt) verkauft.", ["Verkäufer"]),
        ("Die Foo AG, nachfolgend\n„Verkäufer“, verkauft.", ["Verkäufer"]),
        ("‘crate’ means a rigid container.", ["crate"]),
        ("**Supplier** means Foo Ltd.", ["Supplier"]),
        ('He said "hello" and left ("quietly").', []),
        ("The party shall pay.", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert [definition.term for definition in definitions_in(text)] == terms


def test_the_span_is_the_defining_sentence() -> None:
    sentence = "“Index” means No. 4.2 of the list, as of 1 Jan. 2020, or any other."
    text = f"Nothing here. {sentence} And on it goes.\n\nMore."
    (found,) = definitions_in(text)
    assert text[found.span.start : found.span.end] == sentence


def test_a_sentence_ends_at_the_latest_with_its_paragraph() -> None:
    text = "DEFINITIONS\n\n“Site” means:\n\n(a) a field"
    (found,) = definitions_in(text)
    assert text[found.span.start : found.span.end] == "“Site” means:"


@given(st.text(alphabet='“”"„()AaTerm means,. \n'))
def test_spans_hold_their_terms(text: str) -> None:
    for found in definitions_in(text):
        inside = " ".join(text[found.span.start : found.span.end].split())
        assert found.term in inside
