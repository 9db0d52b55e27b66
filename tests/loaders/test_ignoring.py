"""Our gitignore rules and git's own agree on generated trees."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from longctx.errors import LoadError
from longctx.loaders.ignoring import Nested, Rules

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.repositories import Load, MakeRepo

NAMES = ("a", "b", "B", "foo", "x.log", "keep.log", "a b", ".h", "é", "[x]")
PATTERNS = (
    "*", "*.log", "!keep.log", "/a", "a/", "!a/", "foo", "foo/", "/foo/*", "!/foo/a", "**/b",
    "a/**", "a/**/b", "**/foo/**", "!*/", "foo/a", "!foo/a/", "?", "[ab]", "[!a]", "[^a]",
    "x.l*g", "\\!a", "#c", "*.LOG", "/*", "!/a", ".*", "!b/", "b/*", "*/a", "*/", "!x.log",
    "[a-", "foo**", "**a", "**", "a/*/b", "[[:alpha:]]", "[[:alpha", "[[:foo:]]", "\\x.log",
    "/a/b/", "!**/b", "é", "é*", "[é]a", "/foo**", "/a**/b", "foo/**/b", "**/a/**/b", "*[a-c]*",
    "[]a]", "[\\]]", "[a-c-e]", "*o*o*", "/foo/", "**/", "/**", "!**", "a//", "f[o/]o", "*.*",
    "**/*.log", "/**/a", "?*", "!/foo/**/b", "b/**/", "\\*", "foo/*/", "!foo/*/a", "[!",
    "x[.]log", "K*", "\\?", "a\\\\?", "\\[x\\]", "!foo", "!.h", "[[:space:]]*", "*[[:digit:]b]",
    "a b", " a", "x.log ", "a b\\ ", "x.log\r", "", "# words", "a\\ b", "a\\",
)  # fmt: skip


def make_tree(random: random.Random, folder: Path, depth: int = 0) -> None:
    for name in random.sample(NAMES, random.randint(1, 5)):
        if depth < 3 and random.random() < 0.5:
            (folder / name).mkdir()
            make_tree(random, folder / name, depth + 1)
        else:
            (folder / name).write_text("text\n")
    if random.random() < (0.9 if depth == 0 else 0.3):
        patterns = random.choices(PATTERNS, k=random.randint(1, 4))
        (folder / ".gitignore").write_text("\n".join(patterns), newline="")


@pytest.mark.parametrize("seed", range(40))
def test_git_and_we_see_the_same_files(seed: int, make_repo: MakeRepo, load: Load) -> None:
    repo = make_repo()
    make_tree(random.Random(seed), repo.path)
    listed = repo.git("ls-files", "-z", "--others", "--exclude-standard").split("\0")[:-1]
    (repo.path / ".git").rename(repo.path.parent / "away")
    if listed:
        found = load(repo.path)
        assert sorted(found.texts) == sorted(listed)
        assert not found.omissions
    else:
        with pytest.raises(LoadError, match="holds no files"):
            load(repo.path)


def test_a_pattern_made_to_hang_us_does_not() -> None:
    begun = time.process_time()
    for pattern, path in (
        (b"*a" * 40 + b"b", b"a" * 255),
        (b"/" + b"*a" * 40 + b"b", b"a" * 255),
        (b"**/a/" * 40 + b"b", b"a/" * 1000 + b"c"),
        (b"/x*y**/" + b"**/*a*a/" * 20 + b"b", b"xy/" + b"aaaa/" * 800 + b"c"),
    ):
        assert Rules(pattern).verdict(path, folder=False) is None
    assert time.process_time() - begun < 2


def test_deeper_rules_override_and_an_ignored_folder_is_final() -> None:
    rules = {b"": b"*.log\nbuild/\n", b"a": b"!keep.log\n", b"build": b"!*\n"}
    nested = Nested(rules.get)
    assert nested.ignores(b"x.log")
    assert nested.ignores(b"a/x.log")
    assert not nested.ignores(b"a/keep.log")
    assert nested.ignores(b"build/x.py")
    assert nested.ignores(b"build", folder=True)
    assert not nested.ignores(b"build")


def test_the_folder_that_was_named_is_not_ignored_from_above() -> None:
    rules = {b"": b"vendor/\n*.log\n"}
    inside = Nested(rules.get, inside=b"vendor/lib")
    assert not inside.ignores(b"vendor/lib/a.py")
    assert inside.ignores(b"vendor/lib/a.log")
