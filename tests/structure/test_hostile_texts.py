"""Texts made to be slow: the time of every reader grows with the length and no faster."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from longctx.structure.bates import bates_in
from longctx.structure.clauses import clauses_in
from longctx.structure.definitions import definitions_in
from longctx.structure.headings import headings_in

if TYPE_CHECKING:
    from collections.abc import Callable

LEGAL = "This agreement shall bind the party and the parties pursuant to clause. " * 20
UNITS = {
    "blanks": " ", "tabs": "\t", "no-break blanks": "\u00a0", "digits": "1", "dots": "1.",
    "brackets": "(", "items": "(a) ", "items in lines": "\n(a) x\n(b) y", "gaps": "  (a)",
    "numbers": "\n1. A", "run on": ". 1.1 A", "numerals": "I", "numeral lines": "\n(i) x",
    "paragraph signs": "\n§ 1 A", "words": "Section ", "hashes": "#", "empty lines": "\n \n",
    "carriage returns": "\r", "form feeds": "\x0c", "quotes": '"', "opened quotes": "“A",
    "named": '("A" ', "called": "nachfolgend ", "meant": '"A" means ',
    "chapters": "\n\nCHAPTER I\n",
    "underlines": "\n===\n", "setext": "\nab\n---", "fences": "`", "stars": "*", "starred": "*a",
    "links": "[", "linked": "[a](", "sections": "\\section{", "short titles": "\\section[",
    "ids": "# {", "org": "* ", "stamps": "A", "stamped": "\nACME-0001", "prefixes": "\nA_",
    "exhibits": "\nExhibit A\n", "recitals": "WHEREAS, ", "backgrounds": "BACKGROUND\n",
    "per cent": "%", "backslashes": "\\", "mixed": "\n(a)(i)(A)(1) x", "leaders": ". ",
}  # fmt: skip
READERS: dict[str, Callable[[str], object]] = {
    "clauses": clauses_in,
    "legal clauses": lambda text: clauses_in(LEGAL + text),
    "definitions": definitions_in,
    "bates": bates_in,
    **{
        ending: lambda text, path=f"a.{ending}": headings_in(path, text)  # type: ignore[misc]
        for ending in ("md", "rst", "txt", "tex", "org", "adoc")
    },
}


def seconds(reader: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    reader(text)
    return time.process_time() - begun


@pytest.mark.parametrize("name", UNITS)
def test_time_is_linear(name: str) -> None:
    unit = UNITS[name]
    short, long = (unit * (size // len(unit)) for size in (10_000, 80_000))
    for which, reader in READERS.items():
        before = seconds(reader, short)
        after = seconds(reader, long)
        # Eight times the text: a quadratic reader takes 64 times as long, and over a second.
        assert after < 0.5 or after < 24 * before, which
        assert after < 3, which
