"""A repository made by an enemy runs nothing, reads nothing outside and hangs nobody."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import zlib
from typing import TYPE_CHECKING

import pytest

from longctx.corpus import Reason
from longctx.errors import LoadError
from longctx.loaders import git_process
from longctx.loaders.git import GitLoader

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.repositories import Load, Loaded, MakeRepo, Repo

COMMANDS = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "core.gitProxy",
    "core.askPass",
    "core.alternateRefsCommand",
    "diff.external",
    "diff.evil.textconv",
    "diff.evil.command",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "gpg.program",
    "gpg.ssh.program",
    "credential.helper",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
    "remote.origin.receivepack",
    "alias.ls-files",
    "alias.cat-file",
    "alias.ls-tree",
    "merge.evil.driver",
    "interactive.diffFilter",
    "sequence.editor",
    "pager.ls-files",
    "submodule.deps.update",
    "trailer.evil.command",
]
HOOKS = [
    "post-index-change",
    "pre-commit",
    "post-checkout",
    "reference-transaction",
    "fsmonitor-watchman",
]


class Canary:
    """A program that leaves a mark for each name under which it is run."""

    def __init__(self, folder: Path) -> None:
        self._marks = folder / "marks"
        self._marks.mkdir()
        self.script = folder / "canary"
        self.script.write_text(f'#!/bin/sh\ntouch "{self._marks}/run-${{1:-as-a-hook}}"\n')
        self.script.chmod(0o755)

    @property
    def marks(self) -> list[str]:
        return sorted(mark.name for mark in self._marks.iterdir())

    def clear(self) -> None:
        for mark in self._marks.iterdir():
            mark.unlink()


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path)


@pytest.fixture
def secret(make_repo: MakeRepo) -> Repo:
    """Another repository on this machine, which is nobody's business."""
    secret = make_repo("secret")
    secret.commit(password="hunter2\n")
    return secret


@pytest.fixture
def hostile(repo: Repo, canary: Canary, secret: Repo) -> Repo:
    """Every setting we know of that runs a program or reads elsewhere."""
    inner = secret
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil ident eol=crlf\n")
    repo.write("src/app.py", "print('$Id$')\n")
    repo.write("gone", "only in the remote\n")
    repo.git("submodule", "--quiet", "add", str(inner.path), "deps")
    repo.commit()
    blob = repo.git("rev-parse", "HEAD:gone").strip()
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    evil = f"ext::{canary.script} ext% url"
    (repo.path / ".gitmodules").write_text(
        f'[submodule "deps"]\n\tpath = deps\n\turl = {evil}\n\tupdate = !{canary.script} update\n'
    )
    for key in COMMANDS:
        repo.git("config", key, f"{'!' * key.startswith('alias')}{canary.script} {key}")
    hooks = repo.path / "hooks"
    for folder in (hooks, repo.path / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(canary.script.read_text())
            (folder / name).chmod(0o755)
    more = repo.path / ".git" / "more"
    more.write_text(f"[core]\n\tfsmonitor = {canary.script} include\n")
    for key, value in (
        ("core.hooksPath", str(hooks)),
        ("core.worktree", str(secret.path)),
        ("core.excludesFile", str(secret.path / "password")),
        ("core.attributesFile", str(secret.path / "password")),
        ("include.path", "more"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
        ("remote.origin.url", evil),
        ("remote.origin.promisor", "true"),
        (f"url.{evil}.insteadOf", "https://"),
        ("core.untrackedCache", "true"),
    ):
        repo.git("config", key, value)
    canary.clear()
    return repo


def test_the_canary_sings_for_plain_git(hostile: Repo, canary: Canary) -> None:
    """Otherwise its silence below would prove nothing."""
    environment = {"PATH": os.environ["PATH"], "GIT_WORK_TREE": str(hostile.path)}
    for command in ("status", "cat-file -p HEAD:gone", "ls-files --others", "diff"):
        subprocess.run(
            ["git", *command.split()],
            cwd=hostile.path,
            env=environment,
            check=False,
            capture_output=True,
        )
    assert {"run-core.fsmonitor", "run-ext url", "run-filter.evil.process"} & set(canary.marks)
    assert len(canary.marks) >= 2


@pytest.mark.parametrize("way", ["work tree", "revision", "subfolder", "bare", "url", "submodule"])
def test_nothing_runs(hostile: Repo, canary: Canary, load: Load, way: str) -> None:
    source, selection = {
        "work tree": (str(hostile.path), {}),
        "revision": (str(hostile.path), {"rev": "HEAD"}),
        "subfolder": (str(hostile.path / "src"), {}),
        "bare": (str(hostile.path / ".git"), {}),
        "url": (f"file://{hostile.path}", {}),
        "submodule": (str(hostile.path / "deps"), {}),
    }[way]
    found: Loaded | None = None
    try:
        found = load(source, **selection)
    except LoadError:
        assert way == "url"  # what the remote lacks cannot be served
    GitLoader().claims(source)
    GitLoader().root(source)
    assert canary.marks == []
    if found is not None and way in ("work tree", "revision", "bare"):
        assert found.texts["src/app.py"] == "print('$Id$')\n"
        assert "password" not in found.texts
    if found is not None and way == "revision":
        assert found.reasons["gone"] is Reason.MISSING


def test_a_git_in_the_current_folder_is_not_run(
    repo: Repo, canary: Canary, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(a="a\n")
    (repo.path / "git").symlink_to(canary.script)
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    load(repo.path)
    assert canary.marks == []


@pytest.mark.parametrize("way", ["file", "link", "commondir", "worktree", "link to a worktree"])
def test_a_git_directory_borrowed_from_elsewhere(
    repo: Repo, secret: Repo, load: Load, way: str
) -> None:
    repo.write("mine", "mine\n")
    dot_git = repo.path / ".git"
    if way == "commondir":
        (dot_git / "commondir").write_text(str(secret.path / ".git"))
        dot_git.joinpath("HEAD").write_text("ref: refs/heads/main\n")
    else:
        dot_git.rename(repo.path / "old")
        other = secret.path.parent / "other"
        secret.git("worktree", "add", "--quiet", str(other))
        match way:
            case "file":
                dot_git.write_text(f"gitdir: {secret.path}/.git\n")
            case "link":
                dot_git.symlink_to(secret.path / ".git")
            case "worktree":
                dot_git.write_text(f"gitdir: {secret.path}/.git/worktrees/other\n")
            case _:
                dot_git.symlink_to(other / ".git")
    for rev in (None, "HEAD"):
        with pytest.raises(LoadError, match=r"which (does not name|has no)"):
            load(repo.path, rev=rev)


@pytest.mark.parametrize("way", ["alternates", "objects", "refs", "packed-refs", "pack", "fan-out"])
def test_objects_borrowed_from_elsewhere(repo: Repo, secret: Repo, load: Load, way: str) -> None:
    repo.commit(mine="mine\n")
    ours, theirs = repo.path / ".git", secret.path / ".git"
    commit = secret.git("rev-parse", "HEAD").strip()
    (ours / "refs" / "heads" / "main").write_text(commit + "\n")
    if way == "alternates":
        (ours / "objects" / "info" / "alternates").write_text(f"{theirs}/objects\n")
    elif way == "pack":
        (ours / "objects" / "pack").rmdir()
        (ours / "objects" / "pack").symlink_to(theirs / "objects" / "pack")
    elif way == "fan-out":
        (ours / "objects" / "zz").symlink_to(theirs / "objects" / commit[:2])
    else:
        if (ours / way).exists():
            (ours / way).rename(ours / "old")
        (ours / way).symlink_to(theirs / way)
    with pytest.raises(LoadError, match="leads out of the repository"):
        load(repo.path, rev="HEAD")
    with pytest.raises(LoadError, match="leads out of the repository"):
        load(ours)
    assert load(repo.path).texts == {"mine": "mine\n"}


def test_alternates_within_the_repository_are_its_own(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n")
    objects = repo.path / ".git" / "objects"
    objects.rename(repo.path / ".git" / "store")
    (objects / "info").mkdir(parents=True)
    (objects / "info" / "alternates").write_text("# near\n../store\n")
    assert load(repo.path, rev="HEAD").texts == {"a": "a\n"}


def test_a_reference_to_a_stranger_commit_reads_nothing(
    repo: Repo, secret: Repo, load: Load
) -> None:
    repo.commit(mine="mine\n")
    main = repo.path / ".git" / "refs" / "heads" / "main"
    main.unlink()
    main.symlink_to(secret.path / ".git" / "refs" / "heads" / "main")
    with pytest.raises(LoadError, match="no revision 'HEAD'"):
        load(repo.path, rev="HEAD")


def test_an_index_of_someone_else_is_not_read(repo: Repo, secret: Repo, load: Load) -> None:
    repo.commit(mine="mine\n")
    (repo.path / ".git" / "index").unlink()
    (repo.path / ".git" / "index").symlink_to(secret.path / ".git" / "index")
    assert load(repo.path).paths == ["mine"]


def index_of(*names: bytes) -> bytes:
    """An index that git itself would never write."""
    data = b"DIRC" + struct.pack(">II", 2, len(names))
    for name in names:
        entry = struct.pack(">10I20sH", *([0] * 6), 0o100644, 0, 0, 0, b"\1" * 20, len(name)) + name
        data += entry + b"\0" * (8 - len(entry) % 8)
    return data + hashlib.sha1(data).digest()


def test_an_index_beyond_all_measure(repo: Repo, load: Load) -> None:
    with (repo.path / ".git" / "index").open("wb") as file:
        file.truncate(200 << 30)
    with pytest.raises(LoadError, match="its index is over 1024 MiB"):
        load(repo.path)


def test_an_index_that_names_what_is_not_its_own(repo: Repo, secret: Repo, load: Load) -> None:
    repo.write("mine", "mine\n")
    names = sorted(
        [
            b"../secret/password",
            b".git/config",
            b"/etc/passwd",
            b"a/../../secret/password",
            b"mine",
            b"sub/.GIT/config",
        ]
    )
    (repo.path / ".git" / "index").write_bytes(index_of(*names))
    found = load(repo.path)
    assert found.texts == {"mine": "mine\n"}
    assert set(found.reasons.values()) == {Reason.OUTSIDE}
    assert len(found.omissions) == len(names) - 1


def test_a_tree_that_names_what_is_not_its_own(repo: Repo, load: Load) -> None:
    repo.commit(mine="mine\n")
    blob = bytes.fromhex(repo.git("rev-parse", "HEAD:mine"))
    content = b"".join(
        b"100644 %s\0%s" % (name, blob) for name in (b"..", b".git", b"a/../../b", b"mine", b"mine")
    )
    tree = b"tree %d\0%s" % (len(content), content)
    id = hashlib.sha1(tree).hexdigest()
    path = repo.path / ".git" / "objects" / id[:2] / id[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(tree))
    commit = repo.git("commit-tree", "-m", "evil", id).strip()
    found = load(repo.path, rev=commit)
    assert found.texts == {"mine": "mine\n", "mine~2": "mine\n"}
    assert found.reasons == {
        "..": Reason.OUTSIDE,
        ".git": Reason.OUTSIDE,
        "a/../../b": Reason.OUTSIDE,
    }


def test_a_tracked_folder_that_became_a_link(repo: Repo, secret: Repo, load: Load) -> None:
    repo.commit(a="a\n", folder__password="mine\n", near__b="b\n")
    for name, target in (("folder", secret.path), ("near", repo.path / "moved")):
        (repo.path / name).rename(repo.path / ("moved" if name == "near" else "away"))
        (repo.path / name).symlink_to(target)
    reasons = load(repo.path).reasons
    assert reasons["folder/password"] is Reason.OUTSIDE
    assert reasons["near/b"] is Reason.LINK
    assert reasons["folder"] is Reason.OUTSIDE


def test_a_submodule_that_is_a_link(make_repo: MakeRepo, secret: Repo, load: Load) -> None:
    repo = make_repo("outer")
    repo.git("submodule", "--quiet", "add", str(secret.path), "deps")
    repo.commit()
    (repo.path / "deps").rename(repo.path.parent / "away")
    (repo.path / "deps").symlink_to(secret.path)
    for rev in (None, "HEAD"):
        assert "deps/password" not in load(repo.path, rev=rev).texts


@pytest.mark.parametrize("name", ["index", "config", "info/exclude", "HEAD", "packed-refs"])
def test_a_fifo_in_the_git_directory_hangs_nobody(
    repo: Repo, load: Load, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_process, "_SILENCE_S", 5.0)
    repo.commit(a="a\n")
    path = repo.path / ".git" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert load(repo.path).texts["a"] == "a\n"


def test_git_is_not_waited_for_without_end(
    repo: Repo, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_process, "_SILENCE_S", 0.3)
    repo.commit(a="a\n", deep__b="b\n")
    os.mkfifo(repo.path / "deep" / ".gitignore")
    with pytest.raises(LoadError, match="no answer for"):
        load(repo.path)


def test_a_tree_of_countless_files_is_refused(
    repo: Repo, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_process, "_OUTPUT_LIMIT", 1 << 20)
    blob = repo.git("hash-object", "-w", str(repo.write("a"))).strip()
    id, kind = blob, "100644 blob"
    for _ in range(9):
        lines = "".join(f"{kind} {id}\tf{number}\n" for number in range(9))
        repo.write("lines", lines)
        script = "git mktree < lines"
        id = subprocess.check_output(script, shell=True, cwd=repo.path, text=True).strip()
        kind = "040000 tree"
    commit = repo.git("commit-tree", "-m", "bomb", id).strip()
    with pytest.raises(LoadError, match="its list of files is over 1 MiB"):
        load(repo.path, rev=commit)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n")
    for path in (repo.path, *repo.path.rglob("*")):
        os.chown(path, 12345, 12345)
    assert load(repo.path).texts == load(repo.path, rev="HEAD").texts == {"a": "a\n"}


def test_messages_hold_no_control_characters(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n")
    with pytest.raises(LoadError) as caught:
        load(repo.path, rev="\x1b[2J\x07")
    assert str(caught.value).isprintable()
