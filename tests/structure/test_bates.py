"""Stamps of pages, and numbers that are none."""

from __future__ import annotations

import pytest

from longctx.corpus import Anchor
from longctx.structure.bates import bates_in


@pytest.mark.parametrize("prefix", ["ACME-", "ACME ", "ACME_X_", "DEF", "A.B-"])
def test_stamps_alone_on_their_lines(prefix: str) -> None:
    pages = [f"Page of text {n}.\n   {prefix}{n:06d}\n" for n in (122, 123, 125)]
    text = "".join(pages)
    found = bates_in(text)
    assert [anchor.label for anchor in found] == [f"{prefix}{n:06d}" for n in (122, 123, 125)]
    assert all(text.startswith(anchor.label, anchor.start) for anchor in found)
    assert {anchor.kind for anchor in found} == {"bates"}


@pytest.mark.parametrize(
    "text",
    [
        "ACME-0001\nACME-0002\n",
        "ACME-0003\nACME-0002\nACME-0001\n",
        "see ACME-0001\nsee ACME-0002\nsee ACME-0003\n",
        "AB-1001\nAB-1001\nAB-1002\nAB-1003\n",
        "RFC 1000\nRFC 2000\nRFC 3000\n",
        "12345\n12346\n12347\n",
    ],
)
def test_what_is_no_row_of_stamps(text: str) -> None:
    assert bates_in(text) == ()


def test_two_producers_in_one_file() -> None:
    text = "A-0001\nB-0100\nA-0002\nB-0101\nA-0003\nB-0102\n"
    assert bates_in(text)[:2] == (Anchor(0, "bates", "A-0001"), Anchor(7, "bates", "B-0100"))
