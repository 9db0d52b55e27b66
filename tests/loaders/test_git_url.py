"""What counts as a URL, what is refused, and where the revision begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longctx.errors import LoadError
from longctx.loaders.git_url import is_url, redacted, split_url, without_password

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("source", "url", "rev"),
    [
        ("https://example.org/o/r", "https://example.org/o/r", None),
        ("https://example.org/o/r.git@v1.2", "https://example.org/o/r.git", "v1.2"),
        ("https://example.org/o/r@feature/x", "https://example.org/o/r", "feature/x"),
        ("https://ada:secret@example.org/o/r@main", "https://ada:secret@example.org/o/r", "main"),
        ("https://ada@example.org/o/r", "https://ada@example.org/o/r", None),
        ("https://example.org/@scope/r", "https://example.org/@scope/r", None),
        ("https://example.org/@scope/r@v1", "https://example.org/@scope/r", "v1"),
        ("ssh://git@example.org:22/o/r@main", "ssh://git@example.org:22/o/r", "main"),
        ("git@example.org:o/r.git", "git@example.org:o/r.git", None),
        ("git@example.org:o/r.git@main", "git@example.org:o/r.git", "main"),
        ("git@example.org:/srv/r.git@1234abc", "git@example.org:/srv/r.git", "1234abc"),
        ("file:///nowhere/r@main", "file:///nowhere/r", "main"),
        ("HTTPS://example.org/r@v1", "HTTPS://example.org/r", "v1"),
    ],
)
def test_the_revision_is_what_follows_the_last_name(source: str, url: str, rev: str | None) -> None:
    assert is_url(source)
    assert split_url(source, None) == (url, rev)


def test_a_revision_given_apart_leaves_the_url_whole() -> None:
    assert split_url("https://example.org/r@x", "v1") == ("https://example.org/r@x", "v1")


def test_a_path_with_an_at_sign_that_exists_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "r@x").mkdir()
    assert split_url(f"file://{tmp_path}/r@x", None) == (f"file://{tmp_path}/r@x", None)


@pytest.mark.parametrize(
    "source",
    [
        "ext::sh -c touch% /tmp/x",
        "EXT::sh",
        "fd::17",
        "foo+bar::https://example.org",
        "http://example.org/r",
        "git://example.org/r",
        "ftp://example.org/r",
        "git+ssh://example.org/r",
    ],
)
def test_other_transports_are_refused_by_name(source: str) -> None:
    assert is_url(source)
    with pytest.raises(LoadError, match="transport is not allowed: use https://"):
        split_url(source, None)


@pytest.mark.parametrize("source", ["", ".", "a/b", "/x:y", "-oProxyCommand=x@h:p", "C:\\x", "a@b"])
def test_paths_are_no_urls(source: str) -> None:
    assert not is_url(source)


def test_passwords_are_not_shown() -> None:
    assert redacted("at https://ada:secret@example.org/r: no") == "at https://***@example.org/r: no"
    with pytest.raises(LoadError) as caught:
        split_url("http://ada:secret@example.org/r", None)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://me:s3cret@host/a/b@v1", "https://host/a/b@v1"),
        ("https://s3cret@host/a", "https://host/a"),
        ("ssh://git:s3cret@host/a", "ssh://git@host/a"),
        ("git@host:a/b", "git@host:a/b"),
        ("https://host/a@v1", "https://host/a@v1"),
    ],
)
def test_what_is_kept_of_a_url_holds_no_password(url: str, kept: str) -> None:
    assert without_password(url) == kept
