"""Names and imports as they stand in source text."""

import time

import pytest

from longctx.rank import mentions_in
from longctx.rank.imports import Imports

SAMPLES = {
    "a.py": (
        "import os, a.b as c\nfrom . import near\nfrom ..up.mod import (\n    first,  # one\n"
        "    Second,\n)\n    from x.y import z\n",
        {"os", "a/b", ".", "./near", "../up/mod", "../up/mod/first", "x/y", "x/y/z"},
    ),
    "a.ts": (
        'import { a } from "./b.js";\nexport * from "../c";\nconst d = require("e/f");\n'
        'import "@/styles/g";\n',
        {"./b", "../c", "e/f", "styles/g"},
    ),
    "a.go": (
        'package a\n\nimport (\n\t"fmt"\n\tx "example.org/harbour/store"\n)\n',
        {"fmt", "example.org/harbour/store"},
    ),
    "a.java": ("package a;\nimport static x.y.Z;\nimport x.w.*;\n", {"x/y/Z", "x/w"}),
    "a.rs": ("use crate::a::b;\npub mod c;\nuse super::d;\n", {"a/b", "c", "../d"}),
    "a.c": ('#include "x/y.h"\n# include <stdio.h>\n', {"x/y", "stdio"}),
    "a.rb": ('require_relative "./a/b"\nrequire "json"\n', {"./a/b", "json"}),
    "a.php": ("<?php\nuse App\\Models\\User;\n", {"App/Models/User"}),
    "a.cs": ("using System.Text;\n", {"System/Text"}),
}


@pytest.mark.parametrize("path", SAMPLES)
def test_imports(path: str) -> None:
    text, expected = SAMPLES[path]
    assert set(mentions_in(path, text).imports) == expected


def test_names_leave_out_words_of_the_language_and_own_definitions() -> None:
    text = "def settle(invoice):\n    return Ledger(invoice)\n"
    mentions = mentions_in("a.py", text, ["settle", "x", "not a name"])
    assert mentions.names == ("Ledger", "invoice")
    assert mentions.defines == ("settle",)


def test_prose_and_data_name_nothing() -> None:
    for path in ("a.md", "a.json", "a.lock", "a.po"):
        assert mentions_in(path, "Ledger write_entry").names == ()


@pytest.mark.parametrize(
    "piece",
    ["import ", "from a import ", "from x", "require( ", '"', "#include ", "use a::", "\n", "x"],
)
@pytest.mark.parametrize("ending", ["py", "js", "go", "rs", "c", "rb"])
def test_hostile_text_takes_linear_time(piece: str, ending: str) -> None:
    started = time.process_time()
    mentions_in(f"a.{ending}", piece * 200_000)
    mentions_in(f"a.{ending}", piece + " " * 1_000_000 + piece)
    assert time.process_time() - started < 8


PATHS = [
    "django/db/__init__.py",
    "django/db/models/query.py",
    "django/http/__init__.py",
    "src/app/json/__init__.py",
    "web/a.ts",
    "web/lib/index.ts",
    "store/pg.go",
    "store/mem.go",
    "tests/db/models/query.py",
]


@pytest.mark.parametrize(
    ("path", "spec", "meant"),
    [
        ("django/http/__init__.py", "django/db/models/query", ["django/db/models/query.py"]),
        ("django/http/__init__.py", "db/models/query", ["django/db/models/query.py"]),
        ("tests/db/models/query.py", "db/models/query", ["tests/db/models/query.py"]),
        ("django/http/__init__.py", "django/db/connection", ["django/db/__init__.py"]),
        ("django/db/models/query.py", "../../http", ["django/http/__init__.py"]),
        ("django/db/models/query.py", "json", []),
        ("web/a.ts", "./lib", ["web/lib/index.ts"]),
        ("web/a.ts", "./lib/index", ["web/lib/index.ts"]),
        ("web/a.ts", "example.org/x/store", ["store/pg.go", "store/mem.go"]),
        ("web/a.ts", "react", []),
        ("web/a.ts", "", []),
        ("web/a.ts", "../../../../etc/passwd", []),
    ],
)
def test_what_an_import_means(path: str, spec: str, meant: list[str]) -> None:
    found = Imports(PATHS).meant(PATHS.index(path), spec)
    assert [PATHS[number] for number in found] == meant
