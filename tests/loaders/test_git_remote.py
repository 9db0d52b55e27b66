"""Copies of remote repositories: fetched once, refreshed, mended; `file://` stands in for all."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from longctx.corpus import Document, Reason
from longctx.errors import LoadError
from longctx.loaders import Selection, Surroundings, git_clone, loader_for
from longctx.loaders.git import GitLoader
from longctx.loaders.git_process import GitFailed

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.repositories import Load, MakeRepo, Repo


@pytest.fixture
def remote(repo: Repo) -> Repo:
    """A repository that serves without file contents where asked to."""
    repo.commit(a="1\n", src__b="b\n", src___dot_longctxignore="*.snap\n", src__c="c\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return repo


def url(repo: Repo) -> str:
    return f"file://{repo.path}"


def clone_in(tmp_path: Path) -> Path:
    (clone,) = (path for path in (tmp_path / "cache" / "clones").iterdir() if path.is_dir())
    return clone


def objects_in(clone: Path) -> int:
    command = ["git", "--git-dir", str(clone), "cat-file", "--batch-all-objects", "--batch-check"]
    return subprocess.run(command, check=True, capture_output=True).stdout.count(b" blob ")


def test_a_url_is_the_same_as_the_commit_it_names(remote: Repo, load: Load) -> None:
    assert loader_for(url(remote)).name == "git"
    assert GitLoader().root(url(remote)) is None
    found = load(url(remote))
    assert found.corpus == load(remote.path, rev="HEAD").corpus
    assert found.texts["src/b"] == "b\n"


def test_only_what_is_asked_for_is_fetched(remote: Repo, load: Load, tmp_path: Path) -> None:
    remote.commit(a="2\n", **{f"old{number}": f"{number}" for number in range(5)})
    remote.commit(a="3\n")
    for number in range(5):
        (remote.path / f"old{number}").unlink()
    remote.commit()
    load(url(remote), include=("src/b",))
    assert objects_in(clone_in(tmp_path)) == 2  # src/b and .longctxignore
    load(url(remote))
    assert objects_in(clone_in(tmp_path)) == 4
    assert load(f"{url(remote)}@HEAD~1").texts["old3"] == "3"


def test_a_server_that_cannot_filter_sends_all(repo: Repo, load: Load) -> None:
    repo.commit(a="1\n")
    repo.git("config", "uploadpack.allowFilter", "false")
    assert load(url(repo)).texts == {"a": "1\n"}
    repo.commit(a="2\n")
    assert load(url(repo)).texts == {"a": "2\n"}


def test_it_is_brought_up_to_date(remote: Repo, load: Load) -> None:
    load(url(remote))
    first = remote.commit(a="2\n")
    assert load(url(remote)).texts["a"] == "2\n"
    remote.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "rewritten")
    remote.git("checkout", "--quiet", "--orphan", "fresh")
    remote.git("rm", "-rfq", ".")
    remote.commit(only="here\n")
    remote.git("branch", "-D", "main")
    assert load(url(remote)).texts == {"only": "here\n"}
    assert load(f"{url(remote)}@{first}").texts["a"] == "2\n"


def test_branches_tags_and_commits(remote: Repo, load: Load) -> None:
    first = remote.git("rev-parse", "HEAD").strip()
    remote.git("tag", "--annotate", "v1", "--message", "one")
    remote.git("checkout", "--quiet", "-b", "feature/x")
    remote.commit(a="branch\n")
    remote.git("update-ref", "refs/pull/7/head", remote.commit(a="pull\n"))
    remote.git("reset", "--quiet", "--hard", "HEAD~1")
    remote.git("checkout", "--quiet", "main")
    remote.commit(a="main\n")
    for rev, text in (
        ("v1", "1\n"),
        (first, "1\n"),
        (first[:12], "1\n"),
        ("feature/x", "branch\n"),
        ("main", "main\n"),
        ("HEAD~1", "1\n"),
        ("refs/pull/7/head", "pull\n"),
    ):
        assert load(f"{url(remote)}@{rev}").texts["a"] == text
        assert load(url(remote), rev=rev).texts["a"] == text
    for rev in ("nowhere", "--upload-pack=x", "a b", "x:y", "^main"):
        with pytest.raises(LoadError, match=r"no revision.*git ls-remote"):
            load(url(remote), rev=rev)


def test_a_known_commit_needs_no_network(remote: Repo, load: Load) -> None:
    commit = remote.git("rev-parse", "HEAD").strip()
    found = load(f"{url(remote)}@{commit}")
    remote.path.rename(remote.path.parent / "moved")
    assert load(url(remote), rev=commit).texts == found.texts


def test_a_copy_serves_while_the_network_is_down(
    remote: Repo, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = load(url(remote))

    def unreachable(*_: object, **__: object) -> None:
        raise GitFailed("ssh: Could not resolve host example.org")

    monkeypatch.setattr(git_clone.Clone, "_fetch", unreachable)
    again = load(url(remote))
    assert again.texts == found.texts
    assert "not reachable; using the copy" in again.said[0]
    with pytest.raises(LoadError, match="cannot be fetched"):
        load("https://example.org/other")


@pytest.mark.parametrize("damage", ["packs", "one pack", "head", "refs", "config", "file", "blob"])
def test_a_broken_copy_is_made_again(remote: Repo, load: Load, tmp_path: Path, damage: str) -> None:
    before = load(url(remote)).texts
    clone = clone_in(tmp_path)
    match damage:
        case "packs":
            shutil.rmtree(clone / "objects")
        case "one pack" | "blob":
            packs = sorted(
                (clone / "objects").rglob("*.pack"), key=lambda pack: pack.stat().st_size
            )
            pack = packs[0 if damage == "blob" else -1]
            pack.chmod(0o644)
            pack.write_bytes(pack.read_bytes()[:20])
        case "head":
            (clone / "HEAD").write_text("nonsense")
        case "refs":
            shutil.rmtree(clone / "refs")
            (clone / "packed-refs").write_text("nonsense")
        case "config":
            (clone / "config").write_text("[nonsense")
        case "file":
            shutil.rmtree(clone)
            clone.write_text("a file")
    remote.commit(a="2\n")
    assert load(url(remote)).texts == before | {"a": "2\n"}


def test_errors_say_what_to_do(repo: Repo, make_repo: MakeRepo, load: Load) -> None:
    for source, words in (
        (f"file://{repo.path}/nowhere", "there is no such repository"),
        (url(make_repo("empty")), "it is empty or has no default branch"),
        ("https://127.0.0.1:1/r.git", "check the URL and the connection"),
        ("https://ada:secret@127.0.0.1:1/r.git", "check the URL and the connection"),
        ("ssh://127.0.0.1:1/r.git", "cannot be fetched"),
    ):
        with pytest.raises(LoadError, match=words) as caught:
            load(source)
        assert "\n" not in str(caught.value)
        assert "secret" not in str(caught.value)
        assert "127.0.0.1" in str(caught.value) or source in str(caught.value)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("could not read Username for 'https://x': terminal prompts disabled", "needs a login"),
        ("Authentication failed for 'https://x/'", "needs a login"),
        ("git@x: Permission denied (publickey).; Could not read from remote", "needs a login"),
        ("unable to access 'https://x/': The requested URL returned error: 403", "needs a login"),
        ("Host key verification failed.; Could not read from remote repository", "needs a login"),
        ("repository 'https://x/' not found", "no such repository"),
        ("unable to access 'https://x/': The requested URL returned error: 404", "no such"),
        ("transport 'http' not allowed", "not allowed"),
        ("unable to access 'https://x/': Could not resolve host: x", "the connection"),
    ],
)
def test_the_words_of_git_become_advice(tmp_path: Path, words: str, advice: str) -> None:
    clone = git_clone.Clone("https://x/", Surroundings(tmp_path, print))
    message = str(clone._explained(words))
    assert message.startswith("https://x/: cannot be fetched (")
    assert advice in message


def test_many_at_once_make_one_copy(remote: Repo, tmp_path: Path) -> None:
    def fetch(_: int) -> list[str]:
        around = Surroundings(tmp_path / "cache", lambda line: None)
        found = GitLoader().load(url(remote), Selection(), around)
        return [document.text for document in found if isinstance(document, Document)]

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(fetch, range(6)))
    assert all(result == results[0] and len(result) == 4 for result in results)
    assert clone_in(tmp_path).is_dir()


def test_another_process_waits_and_says_so(remote: Repo, tmp_path: Path) -> None:
    said: list[str] = []
    clone = git_clone.Clone(url(remote), Surroundings(tmp_path / "cache", said.append))
    holder = git_clone.Clone(url(remote), Surroundings(tmp_path / "cache", said.append))
    with holder._lock():
        thread = threading.Thread(target=lambda: clone.commit(None))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(30)
    assert not thread.is_alive()
    assert "waiting for another longctx" in said[0]


def test_submodules_of_a_remote_are_named(remote: Repo, make_repo: MakeRepo, load: Load) -> None:
    inner = make_repo("inner")
    inner.commit(i="i\n")
    remote.git("submodule", "--quiet", "add", str(inner.path), "deps")
    remote.commit()
    assert load(url(remote)).reasons == {"deps": Reason.SUBMODULE}


def test_the_caller_may_be_a_git_hook(
    remote: Repo, make_repo: MakeRepo, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repo("other")
    other.commit(x="x\n")
    before = sorted(other.path.rglob("*"))
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / ".git" / "objects"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.abbrev")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "12")
    assert load(url(remote)).texts["a"] == "1\n"
    assert sorted(other.path.rglob("*")) == before


def test_gitpython_is_loaded_only_by_those_who_fetch() -> None:
    script = "import sys, longctx.loaders.git; sys.exit('git' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
