"""How git is run: the one place that makes an untrusted repository harmless.

What may live here: git's environment, the shadow, the running and the ending of the process. What
must never be known here: what is asked of git, or what becomes of its answer.

A repository's configuration can run programs (core.fsmonitor, core.hooksPath, core.sshCommand,
filter.*, diff.*.textconv, credential.helper, gpg.program, remote.*.uploadpack, ...) and read any
file (include.path, core.worktree, core.attributesFile, ...), and every release of git adds keys. So
nothing is overridden one by one: **git never sees the repository's configuration at all.** It runs
on a *shadow*, a new git directory of ours with a configuration of a few lines, in which the
index, objects, branches and `info/exclude` are links to the repository's own. Hooks, attributes,
grafts and remotes stay behind. For the same reason the owner of the repository does not matter:
"dubious ownership" (a folder unpacked by root, a mounted disk) protects from such a configuration,
and it never arises for a shadow, which belongs to us.

Beyond that, only commands that never run a filter or refresh the index are used (`ls-files`,
`ls-tree`, `cat-file`), no transport is allowed (a partial clone cannot fetch), the environment
is built from nothing, and an answer has to come in time and may not grow without bound.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from longctx.errors import LoadError
from longctx.loaders.git_place import small_text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from types import TracebackType

    from longctx.loaders.git_place import Place

_SILENCE_S = 120.0
_OUTPUT_LIMIT = 1 << 28  # a list of about three million files
# Where programs and their libraries are; nothing that tells git what to do.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "GIT_EXEC_PATH", "TMPDIR")
# Where the user's own configuration is.
_USERS = (
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)
_SAFE = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
}
_FACTS = re.compile(
    r"^\s*(objectformat|ignorecase|precomposeunicode)\s*=\s*\"?(\w+)", re.MULTILINE | re.IGNORECASE
)


class GitFailed(Exception):
    """git did not do what was asked; the text is git's last word on it."""


def executable() -> str | None:
    """The git of this machine, never one that lies in the current folder."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return shutil.which("git", path=os.pathsep.join(filter(os.path.isabs, folders)))


def users_setting(key: str) -> str | None:
    """A setting of the user or the machine, read where no repository can answer instead."""
    environment = {name: os.environ[name] for name in _USERS if name in os.environ}
    environment["GIT_DIR"] = os.devnull
    with Path(os.devnull).open("r+b") as nowhere:
        process = _start(
            ["config", "--get", key], Path("/"), environment, nowhere.fileno(), nowhere.fileno()
        )
        try:
            value = b"".join(_chunks(process)).rstrip(b"\n")
        except GitFailed:
            return None
        finally:
            _end(process)
    return os.fsdecode(value) if value else None


class Git:
    """git on one repository through a shadow of it; use it as a context manager."""

    def __init__(self, place: Place, objects: bool) -> None:
        """Without `objects`, git sees the index and the files only."""
        self._place = place
        self._objects = objects

    def __enter__(self) -> Self:
        self._shadow = Path(tempfile.mkdtemp(prefix="longctx-git-"))
        try:
            self._furnish()
        except OSError as error:
            shutil.rmtree(self._shadow, ignore_errors=True)
            raise LoadError(
                f"{self._place.git_dir}: cannot be read ({error.strerror}): check its permissions"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._shadow, ignore_errors=True)

    def run(self, *arguments: str, stdin: bytes | None = None, folder: Path | None = None) -> bytes:
        """git's whole answer; raises GitFailed. `folder`: where in the work tree git stands."""
        return b"".join(self.stream(*arguments, stdin=stdin, folder=folder, limit=_OUTPUT_LIMIT))

    def stream(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        folder: Path | None = None,
        limit: int | None = None,
    ) -> Generator[bytes]:
        """git's answer in pieces as they come; raises GitFailed, at the latest after the last."""
        shadow = str(self._shadow)
        environment = {
            "GIT_DIR": shadow,
            "HOME": shadow,
            "XDG_CONFIG_HOME": shadow,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
        }
        if self._place.top is not None:
            environment["GIT_WORK_TREE"] = str(self._place.top)
        with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as asked:
            asked.write(stdin or b"")
            asked.seek(0)
            at = folder or self._place.top or self._shadow
            process = _start(arguments, at, environment, asked.fileno(), errors.fileno())
            try:
                yield from _chunks(process, limit)
                if process.wait() != 0:
                    errors.seek(0)
                    raise GitFailed(_last_words(errors.read(4096)))
            finally:
                _end(process)

    def _furnish(self) -> None:
        git_dir, common = self._place.git_dir, self._place.common_dir
        links = [git_dir / "index", *git_dir.glob("sharedindex.*")]
        links = [path for path in links if not path.is_symlink()]
        head = "ref: refs/heads/none\n"
        if self._objects:
            links += [common / name for name in ("objects", "refs", "packed-refs", "reftable")]
            links += [common / "shallow", git_dir / "logs"]
            head = small_text(git_dir / "HEAD")
        # Not a FIFO or a device, on which git would wait.
        for path in (path for path in links if path.is_file() or path.is_dir()):
            (self._shadow / path.name).symlink_to(path)
        for name in ("objects", "refs", "info"):
            (self._shadow / name).mkdir(exist_ok=True)
        if (common / "info/exclude").is_file():
            (self._shadow / "info/exclude").symlink_to(common / "info/exclude")
        (self._shadow / "HEAD").write_bytes(os.fsencode(head))
        (self._shadow / "config").write_bytes(os.fsencode(self._configuration()))

    def _configuration(self) -> str:
        """The few facts that git needs to read the repository; all else is left at its default."""
        common, bare = self._place.common_dir, self._place.top is None
        found = {key.lower(): word for key, word in _FACTS.findall(small_text(common / "config"))}
        extensions = ""
        if found.get("objectformat", "").lower() == "sha256":
            extensions += "\tobjectFormat = sha256\n"
        if self._objects and (common / "reftable").is_dir():
            extensions += "\trefStorage = reftable\n"
        lines = f"[core]\n\trepositoryFormatVersion = {1 if extensions else 0}\n"
        lines += f"\tbare = {'true' if bare else 'false'}\n"
        for key in ("ignorecase", "precomposeunicode"):
            if found.get(key, "").lower() == "true":
                lines += f"\t{key} = true\n"
        if not bare:
            quoted = users_excludes().replace("\\", "\\\\").replace('"', '\\"')
            lines += f'\texcludesFile = "{quoted}"\n'
        return lines + (f"[extensions]\n{extensions}" if extensions else "")


def users_excludes() -> str:
    """The file of what the user ignores everywhere; a repository cannot name another."""
    named = users_setting("core.excludesFile")
    if named is not None:
        return str(Path(named).expanduser())
    home = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return f"{home}/git/ignore"


def _start(
    arguments: Sequence[str], folder: Path, environment: dict[str, str], asked: int, errors: int
) -> subprocess.Popen[bytes]:
    git = executable()
    if git is None:
        raise LoadError("git: not installed: install it (https://git-scm.com/downloads)")
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [git, *arguments],
        cwd=folder,
        env=kept | _SAFE | environment,
        stdin=asked,
        stdout=subprocess.PIPE,
        stderr=errors,
    )


def _chunks(process: subprocess.Popen[bytes], limit: int | None = None) -> Iterator[bytes]:
    """What the process writes, until it ends; it is not left to hang or to flood."""
    assert process.stdout is not None  # noqa: S101 - as _start made it
    pipe = process.stdout.fileno()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    total = 0
    while True:
        if not poll.poll(_SILENCE_S * 1000):
            raise GitFailed(f"no answer for {_SILENCE_S:.0f} s")
        piece = os.read(pipe, 1 << 16)
        if not piece:
            return
        total += len(piece)
        if limit is not None and total > limit:
            raise GitFailed(f"its list of files is over {limit >> 20} MiB")
        yield piece


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _last_words(errors: bytes) -> str:
    """git's last line, safe to show: names in it come from the repository."""
    lines = errors.decode("utf-8", "replace").strip().splitlines() or ["git gave no reason"]
    line = lines[-1].removeprefix("fatal: ").removeprefix("error: ")
    return "".join(sign if sign.isprintable() else "?" for sign in line)[:300]
