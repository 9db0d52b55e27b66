"""Plain folders and single files: everything is read or explained, nothing outside is touched."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from longctx.corpus import Document, Omission, Reason
from longctx.errors import LoadError
from longctx.formats.recognising import Shelf
from longctx.loaders import Selection, loader_for, reading
from longctx.loaders.files import FilesLoader
from longctx.loaders.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loaders.repositories import Load, Repo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("alpha\n")
    return folder


def test_a_folder(folder: Path, load: Load) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "b.txt").write_text("beta\r\n", newline="")
    for name in (".git", ".hg", ".svn"):
        (folder / "deep" / name).mkdir()
        (folder / "deep" / name / "secret").write_text("no")
    found = load(folder)
    assert found.texts == {"a.txt": "alpha\n", "deep/er/b.txt": "beta\r\n"}
    assert not found.omissions
    assert found.documents == list(found.corpus)


def test_a_single_file_is_read_wherever_it_is(repo: Repo, load: Load) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.write("deep/x.log", "named by the user\n")
    assert isinstance(loader_for(str(repo.path / "deep/x.log")), FilesLoader)
    found = load(repo.path / "deep/x.log", exclude=("*.log",))
    assert found.texts == {"x.log": "named by the user\n"}
    assert FilesLoader().root(str(repo.path / "deep/x.log")) is None


def test_a_link_that_the_user_names_is_followed(folder: Path, tmp_path: Path, load: Load) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert load(tmp_path / "link").texts == {"a.txt": "alpha\n"}
    assert FilesLoader().root(str(tmp_path / "link")) == folder.resolve()


def test_links_are_named_and_never_followed(folder: Path, tmp_path: Path, load: Load) -> None:
    (tmp_path / "secret").write_text("secret\n")
    (folder / "inner").mkdir()
    (folder / "inner" / "up").symlink_to("..")
    (folder / "inner" / "twin").symlink_to("../a.txt")
    (folder / "out").symlink_to("../secret")
    (folder / "absolute").symlink_to(tmp_path / "secret")
    (folder / "away").symlink_to("/etc")
    (folder / "loop").symlink_to("loop")
    (folder / "broken").symlink_to("nowhere")
    found = load(folder)
    assert found.texts == {"a.txt": "alpha\n"}
    assert found.reasons == {
        "inner/up": Reason.LINK,
        "inner/twin": Reason.LINK,
        "out": Reason.OUTSIDE,
        "absolute": Reason.OUTSIDE,
        "away": Reason.OUTSIDE,
        "loop": Reason.LINK,
        "broken": Reason.LINK,
    }
    assert {o.path: o.detail for o in found.omissions}["out"] == "to ../secret"


def test_what_is_not_a_file_is_not_opened(
    folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / "fifo")
    opened: list[Any] = []
    real = os.open

    def opening(path: Any, *rest: Any, **more: Any) -> int:
        opened.append(path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", opening)
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(os.path.relpath(folder / "plug"))
        found = load(folder)
    assert found.reasons == {"fifo": Reason.SPECIAL, "plug": Reason.SPECIAL}
    assert b"a.txt" in opened
    assert not {b"fifo", b"plug"} & set(opened)


def test_large_files_are_not_read(folder: Path, load: Load) -> None:
    with (folder / "sparse").open("wb") as file:
        file.truncate(2 << 30)
    (folder / "limit").write_bytes(b"x" * 100)
    (folder / "over").write_bytes(b"x" * 101)
    found = load(folder, max_bytes=100)
    assert sorted(found.texts) == ["a.txt", "limit"]
    assert found.reasons == {"sparse": Reason.TOO_LARGE, "over": Reason.TOO_LARGE}
    assert {o.path: o.size for o in found.omissions} == {"sparse": 2 << 30, "over": 101}


def rewritten_while_read(
    monkeypatch: pytest.MonkeyPatch, victim: Path, contents: Iterator[bytes]
) -> None:
    """Before each of our reads the file gets its next content, while there is one."""
    real = os.read

    def read(fd: int, count: int) -> bytes:
        if os.fstat(fd).st_ino == victim.stat().st_ino:
            content = next(contents, None)
            if content is not None:
                victim.write_bytes(content)
        return real(fd, count)

    monkeypatch.setattr(os, "read", read)


def test_a_file_that_changes_is_read_again(
    folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten_while_read(monkeypatch, folder / "a.txt", iter([b"longer than before\n"]))
    assert load(folder).texts == {"a.txt": "longer than before\n"}


def test_a_file_that_keeps_growing_is_left_out(
    folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten_while_read(monkeypatch, folder / "a.txt", (b"x" * n for n in range(100, 10**6)))
    found = load(folder)
    assert found.reasons == {"a.txt": Reason.CHANGED}
    assert not found.texts


def refused(monkeypatch: pytest.MonkeyPatch, error: type[OSError], words: str, number: int) -> None:
    """Opening `a.txt` fails. (Root may open anything, so permissions alone prove nothing.)"""
    real = os.open

    def opening(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == b"a.txt":
            raise error(number, words)
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", opening)


def test_a_file_that_cannot_be_opened(
    folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "b.txt").write_text("beta\n")
    refused(monkeypatch, PermissionError, "Permission denied", 13)
    found = load(folder)
    assert found.omissions == [Omission("a.txt", Reason.UNREADABLE, detail="permission denied")]
    assert found.texts == {"b.txt": "beta\n"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_permissions(folder: Path, load: Load) -> None:
    (folder / "shut").mkdir(mode=0o000)
    (folder / "a.txt").chmod(0o000)
    found = load(folder)
    assert found.reasons == {"a.txt": Reason.UNREADABLE, "shut/": Reason.UNREADABLE}


def test_a_folder_swapped_for_a_link_is_not_followed(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.txt").write_text("secret\n")
    (folder / "inner").mkdir()
    with Folders(os.fsencode(folder)) as folders:
        folders.enter(b"inner")
        folders.enter(b"")
        (folder / "inner").rmdir()
        (folder / "inner").symlink_to(tmp_path / "elsewhere")
        found = reading.read(
            folders, b"inner/b.txt", "inner/b.txt", Selection(max_bytes=1000), Shelf.FILES
        )
    assert isinstance(found, Omission)
    assert found.reason is Reason.OUTSIDE


def test_a_file_that_became_a_folder_is_not_a_file(folder: Path) -> None:
    (folder / "b").mkdir()
    with Folders(os.fsencode(folder)) as folders:
        found = reading.read(folders, b"b", "b", Selection(max_bytes=1000), Shelf.FILES)
        gone = reading.read(
            folders, b"a.txt/below", "a.txt/below", Selection(max_bytes=1000), Shelf.FILES
        )
    assert found == Omission("b", Reason.SPECIAL, detail="a folder")
    assert gone == Omission("a.txt/below", Reason.MISSING)


def test_names_of_any_bytes(folder: Path, load: Load) -> None:
    for name in (b"caf\xe9", b"caf\\xe9", "café".encode(), b"line\nbreak", b"tab\t \x1b[31m"):
        (folder / os.fsdecode(name)).write_text(repr(name))
    texts = load(folder).texts
    assert texts["caf\\xe9"] == repr(b"caf\\xe9")
    assert texts["caf\\xe9~2"] == repr(b"caf\xe9")
    assert {"café", "line\nbreak", "tab\t \x1b[31m"} < texts.keys()
    assert all(path.encode() for path in texts)


def test_names_that_differ_in_case_or_normal_form_only(folder: Path, load: Load) -> None:
    names = {"README", "readme", "\u00e9", "e\u0301"}
    for name in names:
        (folder / name).write_text(name)
    assert load(folder).corpus.documents
    assert names < load(folder).texts.keys()


def test_patterns_and_ignore_file(folder: Path, load: Load) -> None:
    for name in ("a.py", "b.py", "docs/a.md", "docs/b.txt", "big/x.py", "big/y.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    (folder / ".longctxignore").write_text("big/\nb.*\n")
    (folder / "docs" / ".longctxignore").write_text("!b.txt\n")
    found = load(folder, exclude=("*.md",), include=("*.py", "docs/"))
    assert sorted(found.texts) == ["a.py", "docs/.longctxignore", "docs/b.txt"]
    assert found.reasons == {
        ".longctxignore": Reason.EXCLUDED,
        "a.txt": Reason.EXCLUDED,
        "b.py": Reason.IGNORED,
        "big/": Reason.IGNORED,
        "docs/a.md": Reason.EXCLUDED,
    }


def open_files() -> int:
    """How many descriptors this process holds, where the machine can tell."""
    held = Path("/proc/self/fd")
    return len(list(held.iterdir())) if held.exists() else 0


def test_a_very_deep_and_a_very_wide_folder(tmp_path: Path, load: Load) -> None:
    top = tmp_path / "top"
    top.mkdir()
    home, depth = os.open(".", os.O_RDONLY), 1000
    os.chdir(top)
    try:
        for _ in range(depth):
            Path("deeper").mkdir()
            os.chdir("deeper")
            Path("file").write_text("text")
    finally:
        os.fchdir(home)
        os.close(home)
    for number in range(2000):
        (top / f"{number}.txt").write_text("text")
    before = open_files()
    found = load(top)
    assert len(found.documents) == depth + 2000
    assert max(path.count("/") for path in found.texts) == depth
    assert open_files() == before
    # pytest's own cleaning recurses, which such a depth does not allow.
    subprocess.run(["rm", "-r", str(top)], check=True)


@pytest.mark.parametrize("name", ["missing", "missing/file", "nul\0byte"])
def test_what_is_not_there_is_not_claimed(tmp_path: Path, name: str) -> None:
    assert not FilesLoader().claims(str(tmp_path / name))
    assert not FilesLoader().claims("")


def test_errors_say_what_to_do(folder: Path, tmp_path: Path, load: Load) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "fifo")
    for source, selection, words in (
        (folder, {"rev": "main"}, "no revision 'main'"),
        (tmp_path / "empty", {}, "holds no files"),
        (tmp_path / "fifo", {}, "neither a file nor a folder"),
        (tmp_path / "gone", {}, "no such file or folder"),
    ):
        with pytest.raises(LoadError, match=words) as caught:
            load(source, **selection)
        assert str(source) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_git_lfs_pointer_outside_of_git(folder: Path, load: Load) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 123\n"
    (folder / "a.txt").write_text(pointer)
    assert load(folder).omissions == [Omission("a.txt", Reason.LFS, size=123)]


def test_documents_and_omissions_are_all_there_is(folder: Path, load: Load) -> None:
    (folder / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (folder / "wide.txt").write_text("Straße\n", "utf-16")
    (folder / "west.txt").write_text("Straße und noch ein paar Wörter\n", "latin-1")
    (folder / "east.txt").write_text("Привет, мир", "cp1251")
    found = load(folder)
    assert found.documents == [
        Document("a.txt", "alpha\n"),
        Document("west.txt", "Straße und noch ein paar Wörter\n"),
        Document("wide.txt", "Straße\n"),
    ]
    assert found.reasons == {"image.png": Reason.BINARY, "east.txt": Reason.UNDECODABLE}
