"""A git source's history: applied change by change, it is the same as loading each commit."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longctx.corpus import Document, Omission, Reason
from longctx.errors import LoadError
from longctx.loaders import Selection, Surroundings, git_history
from longctx.loaders.git import GitLoader
from longctx.loaders.git_clone import Clone
from longctx.loaders.git_process import GitFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from loaders.repositories import Load, MakeRepo, Repo

    from longctx.loaders.history import Change, HasHistory, History

    Open = Callable[..., AbstractContextManager[History]]
    Find = Callable[..., AbstractContextManager[History] | None]

LOADER: HasHistory = GitLoader()
RULES = b"*.snap\n/src/z/\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def find(tmp_path: Path, said: list[str]) -> Find:
    def find(source: Path | str, **selection: Any) -> AbstractContextManager[History] | None:
        around = Surroundings(tmp_path / "cache", said.append)
        return LOADER.history(str(source), Selection(**selection), around)

    return find


@pytest.fixture
def opened(find: Find) -> Open:
    def opened(source: Path | str, **selection: Any) -> AbstractContextManager[History]:
        found = find(source, **selection)
        assert found is not None
        return found

    return opened


def texts(found: Iterator[Document | Omission]) -> dict[str, str]:
    return {one.path: one.text for one in found if isinstance(one, Document)}


def shown(step: Sequence[Change]) -> list[tuple[str, str | None, str | None]]:
    def text(side: Document | None) -> str | None:
        return None if side is None else side.text

    return [(change.path, text(change.before), text(change.after)) for change in step]


def applied(documents: dict[str, str], step: Sequence[Change]) -> dict[str, str]:
    """The documents after the changes, each of which has to fit what is there."""
    documents = dict(documents)
    assert [change.path for change in step] == sorted({change.path for change in step})
    for path, before, after in shown(step):
        assert documents.pop(path, None) == before != after
        if after is not None:
            documents[path] = after
    return documents


def follow(history: History) -> list[dict[str, str]]:
    """The documents at each commit, oldest first: the first loaded, the others by changes."""
    commits = history.chain(1000).commits[::-1]
    reached = [texts(history.documents(commits[0]))]
    for step in history.changes(commits):
        reached.append(applied(reached[-1], step))
    return reached


# Paths that take each other's place as files and folders; three that come out as one name.
PATHS = [b"a", b"a/b", b"src/a", b"src/a/b", b"src/x.snap", b"src/z/y", b"src/c d\n"]
TWINS = [b"src/n\xff", rb"src/n\xff", rb"src/n\xff~2"]
EVERY = PATHS + 3 * TWINS
CONTENTS = [
    b"", b"1\n", b"2\n", "é\n".encode(), b"\xef\xbb\xbf1\n", b"\0\1\2" * 40, POINTER, b"long" * 99
]  # fmt: skip
MODES = [b"100644", b"100644", b"100644", b"100755", b"120000", b"160000"]

edits = st.one_of(
    st.tuples(st.sampled_from(EVERY), st.sampled_from(MODES), st.sampled_from(CONTENTS)),
    st.sampled_from([*EVERY, b"src"]),
)
"""A file written, or a path removed."""
scripts = st.lists(
    st.tuples(st.lists(edits, max_size=5), st.sets(st.integers(1, 9), max_size=2)),
    min_size=1,
    max_size=7,
)
"""The edits of each commit, and what it merges."""


def imported(repo: Repo, script: list[tuple[list[Any], set[int]]]) -> None:
    """Makes the commits of a script, the last one HEAD."""
    stream = [b"feature done\nreset refs/heads/main\n\n"]
    for number, (changed, merged) in enumerate(script, 1):
        stream.append(b"commit refs/heads/main\nmark :%d\n" % number)
        stream.append(b"committer A <a@example.org> %d +0000\ndata 0\n" % (1_700_000_000 + number))
        if number == 1:
            stream.append(b"M 100644 inline .longctxignore\n" + data(RULES))
        else:
            stream.append(b"from :%d\n" % (number - 1))
            stream += [b"merge :%d\n" % parent for parent in merged if parent < number - 1]
        for edit in changed:
            match edit:
                case (path, b"160000", _):
                    stream.append(b"M 160000 %s %s\n" % (b"1" * 40, quoted(path)))
                case (path, mode, content):
                    stream.append(b"M %s inline %s\n" % (mode, quoted(path)) + data(content))
                case path:
                    stream.append(b"D %s\n" % quoted(path))
    stream.append(b"done\n")
    command = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(command, cwd=repo.path, input=b"".join(stream), check=True)


def data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def quoted(path: bytes) -> bytes:
    escaped = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%s"' % escaped


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scripts, st.booleans(), st.sampled_from([{}, {"exclude": ("a",)}, {"include": ("b", "n*")}]))
def test_changes_lead_from_each_commit_to_the_next(
    repo: Repo, load: Load, find: Find, script: Any, whole: bool, chosen: dict[str, Any]
) -> None:
    imported(repo, script)
    source = repo.path if whole else repo.path / "src"
    source.mkdir(exist_ok=True)
    selection = {"max_bytes": 300, **chosen}
    found = find(source, **selection)
    if found is None:
        with pytest.raises(LoadError, match="holds no files"):
            load(source, rev="HEAD", **selection)
        return
    with found as history:
        commits = history.chain(1000).commits[::-1]
        assert len(commits) == len(script)
        for commit, reached in zip(commits, follow(history), strict=True):
            documents = list(history.documents(commit))
            assert texts(iter(documents)) == reached
            if documents:
                loaded = load(source, rev=commit, **selection)
                assert [*loaded.documents, *loaded.omissions] == sorted(
                    documents, key=lambda one: isinstance(one, Omission)
                )


def test_what_a_change_is(repo: Repo, opened: Open) -> None:
    repo.commit(edited="1\n", gone="old\n", moved="same\n", run="x\n", bom=b"\xef\xbb\xbf1\n")
    repo.commit(picture=b"\0\1\2" * 40, pointer=POINTER, big="b" * 400, link="text\n")
    (repo.path / "gone").unlink()
    (repo.path / "moved").rename(repo.path / "new name")
    (repo.path / "run").chmod(0o755)
    (repo.path / "link").unlink()
    (repo.path / "link").symlink_to("edited")
    repo.commit(edited="2\n", bom="1\n", picture=b"\2\1\0" * 40, big="c" * 400, pointer="real\n")
    with opened(repo.path, max_bytes=300) as history:
        newest = history.chain(2).commits[::-1]
        (step,) = history.changes(newest)
        assert list(history.changes(newest[:1])) == list(history.changes([])) == []
    assert shown(step) == [
        ("edited", "1\n", "2\n"),
        ("gone", "old\n", None),
        ("link", "text\n", None),
        ("moved", "same\n", None),
        ("new name", None, "same\n"),
        ("pointer", None, "real\n"),
    ]


def test_names_that_come_out_alike_make_way_for_each_other(repo: Repo, opened: Open) -> None:
    odd, plain = (b"src/n\xff", b"100644", b"odd\n"), (rb"src/n\xff", b"100644", b"plain\n")
    script: list[list[Any]] = [
        [odd],
        [plain],
        [odd[0]],
        [odd],
        [plain[0]],
        [(b"src/a", b"100644", b"a\n")],
    ]
    imported(repo, [(edits, set()) for edits in script])
    (repo.path / "src").mkdir()
    with opened(repo.path / "src") as history:
        commits = history.chain(9).commits[::-1]
        steps = [shown(step) for step in history.changes(commits)]
    one, two = r"n\xff", r"n\xff~2"
    assert steps == [
        [(one, "odd\n", "plain\n"), (two, None, "odd\n")],
        [(two, "odd\n", None)],
        [(two, None, "odd\n")],
        [(one, "plain\n", "odd\n"), (two, "odd\n", None)],
        [("a", None, "a\n")],
    ]


def test_a_merge_counts_against_its_first_parent(repo: Repo, opened: Open) -> None:
    first = repo.commit(a="a\n")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit(s="1\n")
    repo.commit(s="2\n")
    repo.git("checkout", "--quiet", "main")
    second = repo.commit(m="m\n")
    repo.git("merge", "--quiet", "--no-edit", "side")
    merge = repo.git("rev-parse", "HEAD").strip()
    with opened(repo.path) as history:
        chain = history.chain(10)
        assert (chain.commits, chain.cut) == ((merge, second, first), False)
        steps = list(history.changes(chain.commits[::-1]))
    assert [shown(step) for step in steps] == [[("m", None, "m\n")], [("s", None, "2\n")]]


def test_the_rules_of_the_oldest_commit_hold(repo: Repo, opened: Open) -> None:
    repo.commit(_dot_longctxignore="*.log\n", src__a="1\n")
    repo.commit(_dot_longctxignore="a\n", **{"src__x.log": "x\n", "src__a": "2\n"})
    with opened(repo.path / "src") as history:
        commits = history.chain(2).commits[::-1]
        (step,) = history.changes(commits)
        assert shown(step) == [("a", "1\n", "2\n")]
        assert texts(history.documents(commits[1])) == {"x.log": "x\n"}


def test_small_batches_are_the_same(
    repo: Repo, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("1\n", "2\n", "1\n", "3\n", "3\n"):
        repo.commit(a=text, b=f"{text}{text}")
    with opened(repo.path) as history:
        at_once = follow(history)
        monkeypatch.setattr(git_history, "_BATCH_BYTES", 0)
        assert follow(history) == at_once
    assert [documents["a"] for documents in at_once] == ["1\n", "2\n", "1\n", "3\n", "3\n"]


def test_where_a_source_stands(repo: Repo, opened: Open) -> None:
    first = repo.commit(a="1\n")
    second = repo.commit(a="2\n")
    repo.write("a", "not committed\n")
    other = repo.path.parent / "other"
    repo.git("worktree", "add", "--quiet", "--detach", str(other), first)
    for source, rev, head in (
        (repo.path, None, second),
        (repo.path, "HEAD~1", first),
        (repo.path / ".git", None, second),
        (other, None, first),
        (other, "main", second),
    ):
        with opened(source, rev=rev) as history:
            assert history.head == history.chain(1).commits[0] == head
            assert texts(history.documents(head)) == {"a": "1\n" if head == first else "2\n"}
    repo.git("checkout", "--quiet", "--force", "--detach", first)
    with opened(repo.path) as history:
        assert history.head == first


def test_the_root_is_no_cut(repo: Repo, opened: Open) -> None:
    commits = [repo.commit(a=f"{number}\n") for number in range(4)][::-1]
    with opened(repo.path) as history:
        for limit in range(1, 6):
            chain = history.chain(limit)
            assert chain.commits == tuple(commits[:limit])
            assert not chain.cut


def test_there_may_be_no_history(
    repo: Repo, make_repo: MakeRepo, tmp_path: Path, find: Find, said: list[str]
) -> None:
    repo.write("a")
    assert find(repo.path) is None
    repo.commit()
    (repo.path / "fresh").mkdir()
    borrower = make_repo("borrower")
    borrower.git("clone", "--quiet", "--shared", str(repo.path), "shared")
    plain = tmp_path / "plain"
    plain.mkdir()
    assert find(repo.path, rev="nowhere") is None
    fresh = find(repo.path / "fresh")
    assert fresh is not None
    with fresh as history:
        assert not list(history.documents(history.head)), "nothing of it is committed"
    assert find(repo.path / "a") is None
    assert find(borrower.path / "shared") is None
    assert find(plain) is None
    assert find(tmp_path / "nothing") is None
    assert said == []
    (repo.path / ".git" / "HEAD").write_text("nonsense")
    assert find(repo.path) is None
    assert "going on without its history" in said[0]


def test_submodules_are_told(repo: Repo, make_repo: MakeRepo, opened: Open) -> None:
    inner = make_repo("inner")
    inner.commit(i="i\n")
    first = repo.commit(src__a="a\n")
    repo.git("submodule", "--quiet", "add", str(inner.path), "deps")
    repo.commit()
    with opened(repo.path) as history:
        assert history.submodules
        assert "deps/i" in texts(history.documents(history.head))
        (step,) = history.changes([first, history.head])
        assert [change.path for change in step] == [".gitmodules"]
    for narrowed in (
        opened(repo.path / "src"),
        opened(repo.path, rev=first),
        opened(repo.path, exclude=("deps",)),
    ):
        with narrowed as history:
            assert not history.submodules


def test_sha256(make_repo: MakeRepo, opened: Open) -> None:
    repo = make_repo("long", "--object-format=sha256")
    for text in ("1\n", "2\n"):
        repo.commit(a=text)
    with opened(repo.path) as history:
        assert len(history.head) == 64
        assert follow(history) == [{"a": "1\n"}, {"a": "2\n"}]


def test_a_shallow_clone_is_cut_and_stays_so(repo: Repo, opened: Open) -> None:
    commits = [repo.commit(a=f"{number}\n") for number in range(4)][::-1]
    repo.git("clone", "--quiet", "--depth", "2", f"file://{repo.path}", "../shallow")
    shallow = repo.path.parent / "shallow"
    before = sorted(shallow.rglob("*"))
    with opened(shallow) as history:
        for limit, cut in ((1, False), (2, False), (3, True)):
            chain = history.chain(limit)
            assert (chain.commits, chain.cut) == (tuple(commits[:2][:limit]), cut)
        assert follow(history) == [{"a": "2\n"}, {"a": "3\n"}]
        with pytest.raises(LoadError, match="its history cannot be read"):
            list(history.documents(commits[3]))
    assert sorted(shallow.rglob("*")) == before


def test_a_damaged_history_is_cut(repo: Repo, opened: Open) -> None:
    commits = [repo.commit(a=f"{number}\n") for number in range(4)][::-1]
    with opened(repo.path) as history:
        for at in (2, 1):
            lost = commits[at]
            (repo.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
            chain = history.chain(10)
            assert chain.cut
            assert chain.commits == tuple(commits[: len(chain.commits)])
            with pytest.raises(LoadError, match=r"cannot be read.*git fsck"):
                list(history.changes([commits[at], commits[at - 1]]))
        assert history.chain(10).commits == tuple(commits[:1])


def test_a_partial_clone_fetches_nothing(repo: Repo, opened: Open) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    for text in ("1\n", "2\n", "3\n"):
        repo.commit(a=text, b="b\n")
    repo.git("clone", "--quiet", "--filter=blob:none", f"file://{repo.path}", "../partial")
    with opened(repo.path.parent / "partial") as history:
        oldest = history.chain(3).commits[-1]
        assert not history.chain(9).cut
        reasons = {o.path: o.reason for o in history.documents(oldest) if isinstance(o, Omission)}
        assert reasons == {"a": Reason.MISSING}
        assert follow(history)[-1] == {"a": "3\n", "b": "b\n"}


@pytest.fixture
def remote(repo: Repo) -> Repo:
    """A repository with a history, which serves without file contents where asked to."""
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    for number in range(5):
        repo.commit(a=f"{number}\n", **{f"src__{number}": f"new {number}\n"})
    return repo


def clone_in(tmp_path: Path) -> Path:
    (clone,) = (path for path in (tmp_path / "cache" / "clones").iterdir() if path.is_dir())
    return clone


def blobs_in(clone: Path) -> int:
    command = ["git", "--git-dir", str(clone), "cat-file", "--batch-all-objects", "--batch-check"]
    return subprocess.run(command, check=True, capture_output=True).stdout.count(b" blob ")


def test_a_url_has_the_history_of_its_repository(
    remote: Repo, opened: Open, tmp_path: Path
) -> None:
    with opened(remote.path) as here, opened(f"file://{remote.path}") as there:
        assert there.head == here.head
        commits = here.chain(9).commits
        assert there.chain(9).commits == commits
        assert blobs_in(clone_in(tmp_path)) == 0
        newest = commits[1::-1]
        assert list(there.changes(newest)) == list(here.changes(newest))
        assert blobs_in(clone_in(tmp_path)) == 3
        assert follow(there) == follow(here)
    with opened(f"file://{remote.path}@HEAD~2") as there:
        assert there.chain(9).commits == commits[2:]


def cut_short(remote: Repo, clone: Path) -> None:
    """Puts a copy of the last two commits in the place of a whole one."""
    shutil.rmtree(clone / "objects")
    (clone / "objects").mkdir()
    fetch = ["fetch", "--quiet", "--depth=2", f"file://{remote.path}", "+refs/heads/*:refs/heads/*"]
    subprocess.run(["git", "--git-dir", str(clone), *fetch], check=True)
    assert (clone / "shallow").exists()


def test_a_shallow_copy_deepens_itself(
    remote: Repo, opened: Open, load: Load, tmp_path: Path, said: list[str]
) -> None:
    url = f"file://{remote.path}"
    load(url)
    clone = clone_in(tmp_path)
    with opened(url) as history:
        whole = history.chain(9)
        assert len(whole.commits) == 5
    cut_short(remote, clone)
    with opened(url) as history:
        assert history.chain(9) == whole
        assert follow(history)[-1] == load(url).texts
    assert not (clone / "shallow").exists()
    assert said == []


def test_a_copy_that_cannot_be_deepened_is_cut(
    remote: Repo, opened: Open, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"file://{remote.path}"
    with opened(url):
        cut_short(remote, clone_in(tmp_path))

    def unreachable(*_: object, **__: object) -> None:
        raise GitFailed("ssh: Could not resolve host example.org")

    monkeypatch.setattr(Clone, "_fetch", unreachable)
    with opened(url) as history:
        chain = history.chain(9)
        assert (len(chain.commits), chain.cut) == (2, True)
    assert "its older commits are not here" in said[-1]


def test_paths_that_no_repository_should_hold_are_no_documents(repo: Repo, opened: Open) -> None:
    first = repo.commit(mine="mine\n")
    blob = repo.git("hash-object", "-w", str(repo.write("b", "b\n"))).strip()
    # git itself writes such names only into a tree that it is told to write.
    repo.write("lines", "".join(f"100644 blob {blob}\t{name}\n" for name in ("..", ".git", "b")))
    with (repo.path / "lines").open("rb") as lines:
        command = ["git", "mktree"]
        tree = subprocess.check_output(command, cwd=repo.path, stdin=lines, text=True).strip()
    evil = repo.git("commit-tree", "-p", first, "-m", "evil", tree).strip()
    with opened(repo.path, rev=evil) as history:
        assert follow(history) == [{"mine": "mine\n"}, {"b": "b\n"}]


@pytest.fixture
def hostile(repo: Repo, tmp_path: Path) -> Repo:
    """Settings, attributes and hooks that make git run a program, for what is done here."""
    canary = tmp_path / "canary"
    canary.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran-$1"\n')
    canary.chmod(0o755)
    repo.commit(_dot_gitattributes="* filter=evil diff=evil ident\n", a="$Id$\n")
    repo.commit(a="2\n", gone="only in the remote\n")
    repo.commit(a="3\n")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.smudge",
        "filter.evil.process",
        "pager.diff-tree",
        "pager.rev-list",
        "alias.diff-tree",
        "alias.rev-list",
    ):
        repo.git("config", key, f"{'!' * key.startswith('alias')}{canary} {key}")
    for key, value in (
        ("core.hooksPath", str(tmp_path)),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("protocol.allow", "always"),
        ("remote.origin.url", f"ext::{canary} transport"),
        ("remote.origin.promisor", "true"),
    ):
        repo.git("config", key, value)
    return repo


def test_nothing_of_the_repository_runs(hostile: Repo, opened: Open, tmp_path: Path) -> None:
    lost = hostile.git("rev-parse", "HEAD:gone").strip()
    (hostile.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    (hostile.path / "a").write_text("not committed\n")
    for source in (hostile.path, hostile.path / ".git"):
        with opened(source) as history:
            assert [documents["a"] for documents in follow(history)] == ["$Id$\n", "2\n", "3\n"]
    assert list(tmp_path.glob("ran-*")) == []
    for command in ("diff-tree -p --ext-diff HEAD~1 HEAD", "diff", "cat-file -p HEAD:gone"):
        environment = {"PATH": os.environ["PATH"]}
        subprocess.run(
            ["git", *command.split()],
            cwd=hostile.path,
            env=environment,
            check=False,
            capture_output=True,
        )
    # Plain git does run them: the silence above means something.
    assert len(list(tmp_path.glob("ran-*"))) >= 3
