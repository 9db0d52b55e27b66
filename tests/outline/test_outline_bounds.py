"""Hostile and odd files: broken, huge, minified, generated, deeply nested."""

import time

import pytest

from longctx.corpus import Document
from longctx.outline import Kind, Source, outline_text, outlined

DEEP = 100_000
WIDE = 20_000


def names(path: str, text: str) -> list[str]:
    return [each.qualified for each in outlined(path, text).definitions]


def test_broken_code_keeps_what_stands_before_and_after() -> None:
    text = (
        "def one():\n    return (1\n\n\nclass Two:\n    def three(self:\n        pass\n\n\n"
        "def four():\n    pass\n"
    )
    assert {"one", "Two", "four"} <= {name.rsplit(".", 1)[-1] for name in names("a.py", text)}


def test_merge_conflicts_are_read() -> None:
    text = (
        "def one():\n    pass\n\n<<<<<<< HEAD\ndef two(a):\n    pass\n=======\n"
        "def two(b):\n    pass\n>>>>>>> other\n\n\ndef three():\n    pass\n"
    )
    assert {"one", "two", "three"} <= set(names("a.py", text))


def test_another_language_under_this_ending_is_read_by_its_lines() -> None:
    assert "reserve" in " ".join(names("a.kt", "pub fn reserve(a: u8) {\n    ((\n}\n" * 3))


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.c", "a.rs", "a.java", "a.kt", "a.sql", "a.md"])
@pytest.mark.parametrize("piece", ["(", "{", "[", '"', "<", "if a {\n", "f(", "# a\n", "    a:\n"])
def test_deep_nesting_ends_soon(path: str, piece: str) -> None:
    started = time.process_time()
    outline = outlined(path, piece * (DEEP if len(piece) == 1 else WIDE))
    assert time.process_time() - started < 15  # seconds; most take a tenth of one
    assert len(outline) <= DEEP


def test_minified_and_generated_files_have_no_outline() -> None:
    code = "function a(){return 1};" * 4_000
    assert outlined("app.js", code).source is Source.NOTHING
    assert outlined("app.min.js", "function a() {}\n").source is Source.NOTHING
    assert outlined("package-lock.json", '{"a": 1}').source is Source.NOTHING
    assert outlined("locale/de.po", 'msgid "a"\n').source is Source.NOTHING


def test_huge_files_are_read_by_lines_or_not_at_all() -> None:
    text = "def f():\n    pass\n\n\n" * 60_000
    outline = outlined("big.py", text)
    assert outline.source is Source.LINES
    assert outline.partial
    assert 0 < len(outline) <= 10_000
    assert len(outline_text(outline, Document("big.py", text))) <= 100_000
    assert outlined("big.py", "x = 1\n" * 1_000_000).source is Source.NOTHING


def test_a_file_of_many_definitions_says_that_some_are_missing() -> None:
    outline = outlined("many.py", "x = 1\n" * 20_000)
    assert outline.partial
    assert len(outline) == 10_000


def test_empty_and_odd_texts() -> None:
    for path in ("a.py", "a.md", "a.sql", "a", ""):
        for text in ("", "\n", " ", "\x00" * 10, "\ud800", "\r\n\r\n"):
            outline = outlined(path, text)
            assert outline.source is Source.NOTHING
            assert outline_text(outline, Document(path, text)) == ""


def test_characters_outside_ascii_keep_signatures_in_place() -> None:
    text = '# Grüße 🙂\nname = "é"\n\n\ndef größe(a="你"):\n    """Über."""\n'
    (constant, function) = outlined("a.py", text).definitions
    assert text[constant.signature.start : constant.signature.end] == 'name = "é"'
    assert text[function.signature.start : function.signature.end] == 'def größe(a="你")'
    assert (function.doc, function.first, function.last) == ("Über.", 5, 6)


def test_a_shebang_tells_the_language() -> None:
    assert names("bin/deploy", "#!/usr/bin/env bash\nhello() {\n  echo\n}\n") == ["hello"]
    assert names("bin/run", "#!/usr/bin/python3\ndef hello():\n    pass\n") == ["hello"]


def test_long_decorators_are_left_out_of_a_signature() -> None:
    text = "@parametrize(" + ", ".join(map(str, range(100))) + ")\ndef f(x):\n    pass\n"
    (each,) = outlined("a.py", text).definitions
    assert text[each.signature.start : each.signature.end] == "def f(x)"
    assert each.first == 1


def test_an_outline_that_is_no_shorter_gives_way() -> None:
    text = "a = 1\nb = 2\n"
    outline = outlined("a.py", text)
    assert [each.kind for each in outline.definitions] == [Kind.CONSTANT, Kind.CONSTANT]
    assert outline_text(outline, Document("a.py", text)) == ""


def test_an_unclosed_sql_string_or_comment_hides_the_rest_only() -> None:
    assert names("a.sql", "create table a (b int);\n/* create table c (d int);") == ["a", "a.b"]
    assert names("a.sql", "create table a (b int);\nselect 'create table c (") == ["a", "a.b"]
