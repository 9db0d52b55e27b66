"""Work trees, revisions, bare repositories and submodules: every tracked path is accounted for."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from loaders.repositories import Load, MakeRepo, Repo

from longctx.corpus import Omission, Reason
from longctx.errors import LoadError
from longctx.loaders import git_objects, loader_for
from longctx.loaders.files import FilesLoader
from longctx.loaders.git import GitLoader
from longctx.loaders.git_place import place_at
from longctx.loaders.git_process import Git

if TYPE_CHECKING:
    from pathlib import Path

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5000000\n"


def furnish(repo: Repo) -> Repo:
    """One file of each kind, committed."""
    repo.write("src/app.py", "print('hello')\n")
    repo.write("README.md", "# Title\r\n")
    repo.write("west.txt", "Straße und noch ein paar Wörter\n".encode("latin-1"))
    repo.write("wide.txt", "Straße\n".encode("utf-16"))
    repo.write("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    repo.write("model.bin", POINTER)
    repo.write("large.csv", "1,2,3\n" * 50_000)
    repo.write("empty", "")
    repo.write("line\nbreak.txt")
    repo.write("src/.longctxignore", "secret.*\n")
    repo.write("src/secret.env", "KEY=1\n")
    (repo.path / "twin").symlink_to("README.md")
    (repo.path / "out").symlink_to("/etc/passwd")
    repo.commit()
    return repo


EXPECTED = {
    "logo.png": Reason.BINARY,
    "model.bin": Reason.LFS,
    "large.csv": Reason.TOO_LARGE,
    "src/secret.env": Reason.IGNORED,
    "twin": Reason.LINK,
    "out": Reason.OUTSIDE,
}


@pytest.mark.parametrize("rev", [None, "HEAD", "main"])
def test_every_tracked_path_is_a_document_or_an_omission(
    repo: Repo, load: Load, rev: str | None
) -> None:
    furnish(repo)
    found = load(repo.path, rev=rev, max_bytes=100_000)
    assert found.paths == sorted(repo.tracked())
    assert found.reasons == EXPECTED
    assert found.texts["README.md"] == "# Title\r\n"
    assert found.texts["wide.txt"] == "Straße\n"
    sizes = {omission.path: omission.size for omission in found.omissions}
    assert sizes["model.bin"] == 5_000_000
    assert sizes["large.csv"] == 300_000


def test_the_same_commit_is_the_same_corpus_in_any_clone(
    repo: Repo, load: Load, tmp_path: Path
) -> None:
    furnish(repo)
    clone = tmp_path / "elsewhere" / "with another name"
    clone.parent.mkdir()
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(clone))
    os.utime(clone / "README.md", (1, 1))
    ours, theirs = load(repo.path), load(clone)
    committed, bare = load(clone, rev="HEAD"), load(repo.path / ".git")
    assert ours.corpus.digest == theirs.corpus.digest == committed.corpus.digest
    assert bare.corpus.digest == ours.corpus.digest
    assert ours.corpus.documents == theirs.corpus.documents
    assert {o for o in ours.omissions if o.path != "out"} <= set(theirs.omissions)


def test_the_work_tree_is_read_as_it_is_now(repo: Repo, load: Load) -> None:
    repo.commit(edited="old\n", deleted="gone\n", kept="kept\n", folder__file="x\n")
    repo.write("edited", "new\n")
    repo.write("untracked", "here\n")
    (repo.path / "deleted").unlink()
    shutil.rmtree(repo.path / "folder")
    found = load(repo.path)
    assert found.texts == {"edited": "new\n", "kept": "kept\n", "untracked": "here\n"}
    assert found.reasons == {"deleted": Reason.MISSING, "folder/file": Reason.MISSING}
    assert load(repo.path, rev="HEAD").texts["edited"] == "old\n"


def test_git_decides_what_is_ignored(repo: Repo, load: Load, home: Path) -> None:
    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")
    (home / "mine").write_text("*.mine\n")
    repo.write(".git/info/exclude", "private/\n")
    repo.commit(_dot_gitignore="*.log\n!keep.log\n", deep___dot_gitignore="/anchored\n")
    repo.write("forced.log")
    repo.git("add", "--force", "forced.log")
    for name in ("x.log", "keep.log", "a.mine", "deep/private/x", "deep/anchored", "anchored"):
        repo.write(name)
    untracked = {"keep.log", "anchored"}
    tracked = {".gitignore", "deep/.gitignore", "forced.log"}
    assert load(repo.path).texts.keys() == tracked | untracked


def test_the_default_place_of_the_users_ignore_file(repo: Repo, load: Load, home: Path) -> None:
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "ignore").write_text("*.mine\n")
    repo.commit(a="a\n")
    repo.write("b.mine")
    assert load(repo.path).texts.keys() == {"a"}


def test_a_subfolder_is_a_source_of_its_own(repo: Repo, load: Load) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.write(".longctxignore", "*.snap\n/docs/\n")
    repo.commit(docs__a="a\n", docs__deep__b="b\n", docs__c_snap="c\n", src__d="d\n")
    repo.git("mv", "docs/c_snap", "docs/c.snap")
    repo.write("docs/x.log")
    (repo.path / "docs" / "link").symlink_to("../src/d")
    repo.commit()
    for rev in (None, "HEAD"):
        found = load(repo.path / "docs", rev=rev)
        assert found.texts == {"a": "a\n", "deep/b": "b\n"}
        assert found.reasons == {"c.snap": Reason.IGNORED, "link": Reason.OUTSIDE}
    assert GitLoader().root(str(repo.path / "docs")) == repo.path.resolve()
    repo.commit(late__a="a\n")
    with pytest.raises(LoadError, match="holds no files at"):
        load(repo.path / "late", rev="HEAD~1")


def test_a_folder_that_git_ignores_is_read_as_plain_files(repo: Repo, load: Load) -> None:
    repo.commit(_dot_gitignore="build/\n")
    repo.write("build/out.txt", "made\n")
    found = load(repo.path / "build")
    assert found.texts == {"out.txt": "made\n"}
    assert "git ignores all of it" in found.said[0]


def test_patterns(repo: Repo, load: Load) -> None:
    repo.commit(a_py="1", src__b_py="2", src__c_md="3", docs__d_md="4")
    for rev in (None, "HEAD"):
        found = load(repo.path, rev=rev, include=("*_py", "docs/"), exclude=("/a*",))
        assert found.texts == {"src/b_py": "2", "docs/d_md": "4"}
        assert found.reasons == {"a_py": Reason.EXCLUDED, "src/c_md": Reason.EXCLUDED}


def test_revisions(repo: Repo, load: Load) -> None:
    first = repo.commit(a="1\n")
    repo.git("tag", "v1")
    repo.commit(a="2\n", b="new\n")
    repo.git("checkout", "--quiet", "-b", "feature/x")
    for rev in (first, first[:10], "v1", "main~1", "HEAD^"):
        assert load(repo.path, rev=rev).texts == {"a": "1\n"}
    assert load(repo.path, rev="feature/x").texts == {"a": "2\n", "b": "new\n"}
    for rev in ("nowhere", "--help", "-p", "HEAD\nHEAD", "HEAD:a", ""):
        with pytest.raises(LoadError, match="no revision"):
            load(repo.path, rev=rev)


def test_a_bare_repository(repo: Repo, load: Load, tmp_path: Path) -> None:
    repo.commit(a="1\n")
    repo.commit(a="2\n")
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    bare = tmp_path / "bare.git"
    assert loader_for(str(bare)).name == "git"
    assert load(bare).texts == {"a": "2\n"}
    assert load(bare, rev="main~1").texts == {"a": "1\n"}
    assert GitLoader().root(str(bare)) == bare.resolve()


def test_a_linked_worktree(repo: Repo, load: Load, tmp_path: Path) -> None:
    repo.commit(a="main\n")
    repo.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.commit(a="other\n")
    linked.write("b", "untracked\n")
    assert load(linked.path).texts == {"a": "other\n", "b": "untracked\n"}
    assert load(linked.path, rev="HEAD").texts == {"a": "other\n"}
    assert load(linked.path, rev="main").texts == {"a": "main\n"}


@pytest.fixture
def with_submodules(make_repo: MakeRepo) -> Repo:
    inner, middle, outer = make_repo("inner"), make_repo("middle"), make_repo("outer")
    inner.commit(i="inner\n")
    middle.commit(m="middle\n")
    middle.git("submodule", "--quiet", "add", str(inner.path), "deps/inner")
    middle.commit()
    outer.commit(o="outer\n")
    for name in ("here", "absent"):
        outer.git("submodule", "--quiet", "add", str(middle.path), name)
    outer.commit()
    outer.git("submodule", "--quiet", "update", "--init", "--recursive")
    outer.git("submodule", "--quiet", "deinit", "--force", "absent")
    return outer


@pytest.mark.parametrize("rev", [None, "HEAD"])
def test_submodules_that_are_checked_out(
    with_submodules: Repo, load: Load, rev: str | None
) -> None:
    found = load(with_submodules.path, rev=rev)
    assert found.texts.keys() == {
        ".gitmodules",
        "o",
        "here/.gitmodules",
        "here/m",
        "here/deps/inner/i",
    }
    assert found.reasons == {"absent": Reason.SUBMODULE}
    assert (
        load(with_submodules.path, rev=rev, exclude=("here/",)).reasons["here"] is Reason.EXCLUDED
    )


def test_a_submodule_as_the_source(with_submodules: Repo, load: Load) -> None:
    found = load(with_submodules.path / "here")
    assert found.texts.keys() == {".gitmodules", "m", "deps/inner/i"}


def test_an_untracked_repository_inside(repo: Repo, make_repo: MakeRepo, load: Load) -> None:
    repo.commit(a="a\n")
    make_repo("repo/other").commit(b="b\n")
    found = load(repo.path)
    assert found.texts == {"a": "a\n"}
    assert found.reasons == {"other/": Reason.SPECIAL}


def test_a_sparse_checkout(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n", docs__b="b\n", src__c="c\n")
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "src")
    found = load(repo.path)
    assert found.texts == {"a": "a\n", "src/c": "c\n"}
    assert found.omissions == [
        Omission("docs/b", Reason.MISSING, detail="left out by a sparse checkout")
    ]


def test_a_split_index(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n", b="b\n")
    repo.git("update-index", "--split-index")
    repo.commit(c="c\n")
    assert load(repo.path).texts.keys() == {"a", "b", "c"}


def test_a_file_in_conflict_is_there_once(repo: Repo, load: Load) -> None:
    repo.commit(a="base\n")
    repo.git("checkout", "--quiet", "-b", "other")
    repo.commit(a="theirs\n")
    repo.git("checkout", "--quiet", "main")
    repo.commit(a="ours\n")
    with pytest.raises(AssertionError):
        repo.git("merge", "other")
    assert list(load(repo.path).texts) == ["a"]


def test_names_of_any_bytes(repo: Repo, load: Load) -> None:
    for name in (b"caf\xe9", b"caf\\xe9", b"new\nline", b'"quoted"', b"tab\t100644 x 0\ty"):
        (repo.path / os.fsdecode(name)).write_bytes(name)
    repo.commit()
    here, committed = load(repo.path), load(repo.path, rev="HEAD")
    assert here.texts.keys() == committed.texts.keys()
    assert here.texts.keys() == {
        "caf\\xe9", "caf\\xe9~2", "new\nline", '"quoted"', "tab\t100644 x 0\ty"
    }  # fmt: skip


def test_objects_of_the_new_hash(make_repo: MakeRepo, load: Load) -> None:
    repo = make_repo("new", "--object-format=sha256")
    repo.commit(a="a\n")
    assert load(repo.path).texts == load(repo.path, rev="HEAD").texts == {"a": "a\n"}


def test_replaced_objects_stay_out(repo: Repo, load: Load) -> None:
    """Replacements are local; two clones of one commit must not differ by them."""
    first = repo.commit(a="1\n")
    second = repo.commit(a="2\n")
    repo.git("replace", second, first)
    assert load(repo.path, rev=second).texts == {"a": "2\n"}


def test_nothing_is_written(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n")
    (repo.path / "a").touch()

    def state() -> dict[str, int]:
        files = (path for path in repo.path.rglob("*") if path.is_file())
        return {str(path): path.stat().st_mtime_ns for path in files}

    before = state()
    load(repo.path)
    load(repo.path, rev="HEAD")
    assert state() == before


def test_the_caller_may_be_a_git_hook(
    repo: Repo, make_repo: MakeRepo, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(a="a\n")
    other = make_repo("other")
    other.commit(b="b\n")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git" / "index"))
    assert load(repo.path).texts == load(repo.path, rev="HEAD").texts == {"a": "a\n"}


def test_empty_repositories(make_repo: MakeRepo, load: Load) -> None:
    empty, bare = make_repo("empty"), make_repo("bare", "--bare")
    with pytest.raises(LoadError, match="holds no files yet"):
        load(empty.path)
    with pytest.raises(LoadError, match="is empty"):
        load(bare.path)
    empty.write("a", "not committed\n")
    assert load(empty.path).texts == {"a": "not committed\n"}
    empty.git("rm", "--quiet", "--cached", "--ignore-unmatch", "a")
    empty.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    with pytest.raises(LoadError, match="holds no files at 'HEAD'"):
        load(empty.path, rev="HEAD")


def test_a_broken_index(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n")
    index = repo.path / ".git" / "index"
    index.write_bytes(index.read_bytes()[:40])
    with pytest.raises(LoadError, match="git cannot list its files") as caught:
        load(repo.path)
    assert "\n" not in str(caught.value)
    assert load(repo.path, rev="HEAD").texts == {"a": "a\n"}


def blob(repo: Repo, name: str) -> Path:
    id = repo.git("rev-parse", f"HEAD:{name}").strip()
    return repo.path / ".git" / "objects" / id[:2] / id[2:]


def test_a_damaged_object_costs_one_file(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n", b="b\n", c="c\n", d="d\n")
    blob(repo, "b").unlink()
    blob(repo, "c").chmod(0o644)
    blob(repo, "c").write_bytes(blob(repo, "c").read_bytes()[:-6] + b"broken")
    found = load(repo.path, rev="HEAD")
    assert found.texts == {"a": "a\n", "d": "d\n"}
    assert found.reasons == {"b": Reason.MISSING, "c": Reason.UNREADABLE}
    assert load(repo.path).texts.keys() == {"a", "b", "c", "d"}


def test_a_damaged_tree(repo: Repo, load: Load) -> None:
    repo.commit(a="a\n")
    id = repo.git("rev-parse", "HEAD^{tree}").strip()
    (repo.path / ".git" / "objects" / id[:2] / id[2:]).unlink()
    with pytest.raises(LoadError, match="git cannot read 'HEAD'"):
        load(repo.path, rev="HEAD")


def test_contents_go_on_behind_a_damaged_object(repo: Repo) -> None:
    words = {f"f{number}": f"{number}\n" * number * 3000 for number in range(30)}
    repo.commit(**words)
    ids = [repo.git("rev-parse", f"HEAD:{name}").strip().encode() for name in words]
    random.Random(1).shuffle(ids)
    with Git(place_at(repo.path), objects=True) as git:
        whole = list(git_objects.contents(git, ids))
        for id in (ids[0], ids[7], ids[-1]):
            path = repo.path / ".git" / "objects" / id[:2].decode() / id[2:].decode()
            path.chmod(0o644)
            path.write_bytes(b"broken")
        broken = list(git_objects.contents(git, ids))
    assert None not in whole
    assert [n for n, (was, now) in enumerate(zip(whole, broken, strict=True)) if was != now] == [
        0, 7, len(ids) - 1
    ]  # fmt: skip


def test_without_git_a_work_tree_is_a_plain_folder(
    repo: Repo, load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo.commit(a="a\n", _dot_gitignore="*.log\n")
    repo.write("x.log")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert isinstance(loader_for(str(repo.path)), FilesLoader)
    found = load(repo.path)
    assert found.texts == {"a": "a\n", ".gitignore": "*.log\n"}
    assert "is git installed?" in found.said[0]
    with pytest.raises(LoadError, match=r"git is not installed.*https://git-scm\.com"):
        load("https://example.org/repo.git")


def test_what_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "plain" / ".git").mkdir(parents=True)
    (tmp_path / "file").write_text("x")
    for name in ("plain", "file", "gone", ""):
        assert not GitLoader().claims(str(tmp_path / name) if name else "")
