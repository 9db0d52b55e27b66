"""`docs/loaders.md` says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from longctx.corpus import Document, Omission, Reason
from longctx.formats.unread import Unread
from longctx.loaders import Loader, Selection, Surroundings

PAGE = (Path(__file__).parents[2] / "docs" / "loaders.md").read_text("utf-8")
OTHERS = {Reason.BUDGET, Reason.COPY, Reason.STALE}
"""Reasons that loaders do not give."""


def test_every_reason_is_explained() -> None:
    table = PAGE.partition("## What is left out")[2].partition("**Encodings.**")[0]
    named = set(re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
    assert {str(reason) for reason in Reason} - {str(reason) for reason in OTHERS} == named


def test_the_loader_on_the_page_works(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    loader: Loader = names["WikiLoader"]()
    assert loader.claims("wiki:x")
    assert loader.root("wiki:x") is None
    found = list(loader.load("wiki:x", Selection(), Surroundings(tmp_path, lambda line: None)))
    assert [type(one) for one in found] == [Document, Unread, Omission]


def test_the_files_it_names_exist() -> None:
    package = Path(__file__).parents[2] / "src" / "longctx"
    for name in re.findall(r"`(loaders/\w+\.py)`", PAGE):
        assert (package / name).is_file()
