"""Copies of remote repositories in the cache: made, brought up to date, mended.

What may live here: the one use of the network and of GitPython. What must never be known here:
which files of the copy are read, and how.

A copy is a bare repository without file contents (`--filter=blob:none`), in which those of the
revisions asked for are added; a server that cannot filter sends all. git runs here with the user's
own configuration, because that is where proxies, keys and credential helpers are; no configuration
of a repository takes part, as the copy's is written by us.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import select
import shutil
import tempfile
import time
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.errors import LoadError
from longctx.loaders.git_objects import commit_of
from longctx.loaders.git_place import Place
from longctx.loaders.git_process import Git, GitFailed, users_setting
from longctx.loaders.git_url import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import Popen
    from typing import IO

    from longctx.loaders import Surroundings

_HEAD = "refs/longctx/head"
_ASKED = "refs/longctx/asked"
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
}
_PARTIAL = """\
\tpromisor = true
\tpartialclonefilter = blob:none
[core]
\trepositoryformatversion = 1
\tbare = true
[extensions]
\tpartialClone = origin
"""
_SILENCE_S = 600.0
_PROGRESS = re.compile(r"(remote: )?[A-Z][a-z]+ [a-z]+: +\d+|remote: Total |From |\Z")
_FULL_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_DEFAULT = re.compile(r"\A(HEAD|@)(?![^~^])")  # the copy's own HEAD means nothing
_NAME = re.compile(r"[\w][\w./+-]*")
# git's words for what went wrong, and what to do about it.
_ADVICE = (
    (
        r"could not read (Username|Password)|Authentication failed|Permission denied"
        r"|Host key verification|HTTP Basic|error: 40[13]",
        "it needs a login, or you may not read it: set up a credential helper or an SSH key",
    ),
    (
        r"not found|does not exist|not appear to be a git repository|does not appear|error: 404",
        "there is no such repository, or you may not see it: check the URL",
    ),
    (r"transport '.*' not allowed", "git was sent to a transport that is not allowed"),
    (r"remote ref HEAD", "it is empty or has no default branch: name a branch, as in URL@BRANCH"),
    (r"dubious ownership", "it belongs to another user: name its path instead of a file:// URL"),
)
_UNREACHABLE = re.compile(
    r"resolve host|[Ff]ailed to connect|Connection (refused|timed out|reset)|Network is unreachable"
    r"|No route to host|unable to access|Operation (timed out|too slow)|Could not read from remote"
)


class Clone:
    """The copy of one URL."""

    def __init__(self, url: str, around: Surroundings) -> None:
        self.url = url
        self._say = around.say
        self._folder: Path = around.cache / "clones"
        self._path = self._folder / hashlib.sha256(url.encode()).hexdigest()[:32]
        self._filtered = True

    @property
    def place(self) -> Place:
        path = Path(os.path.realpath(self._path))
        return Place(path, path, None)

    def commit(self, rev: str | None) -> str:
        """The commit that `rev` names in the remote repository now; its trees are here then."""
        with self._lock():
            if rev and _FULL_ID.fullmatch(rev) and (commit := self._resolve(rev)):
                return commit
            existed = self._path.exists()
            try:
                self._refresh(rev)
            except GitFailed as error:
                words = str(error)
                if not existed or any(re.search(form, words) for form, _ in _ADVICE):
                    raise self._explained(words) from error
                if not _UNREACHABLE.search(words):
                    self._start_again()
                    self._refresh_or_explain(rev)
                elif self._resolve(rev or _HEAD):
                    self._say(f"{redacted(self.url)}: not reachable; using the copy fetched before")
                else:
                    raise self._explained(words) from error
            commit = self._resolve(rev or _HEAD) or self._asked(rev)
        if commit is None:
            raise LoadError(
                f"{redacted(self.url)}: no revision {rev!r}:"
                f" `git ls-remote {redacted(self.url)}` lists branches and tags"
            )
        return commit

    def obtain(self, blobs: list[bytes]) -> None:
        """Fetches these file contents, all at once; raises GitFailed."""
        if blobs:
            with self._lock(), tempfile.TemporaryFile() as asked:
                asked.write(b"".join(blob + b"\n" for blob in blobs))
                asked.seek(0)
                self._fetch("--no-write-fetch-head", "--stdin", "--", "origin", asked=asked)

    def deepen(self) -> None:
        """Fetches the commits that a shallow copy was cut off from, without their contents."""
        with self._lock():
            if (self._path / "shallow").exists():
                try:
                    self._fetch("--unshallow", "--", "origin", "+refs/heads/*:refs/heads/*")
                except GitFailed as error:
                    self._say(f"{redacted(self.url)}: its older commits are not here ({error})")

    def discard(self) -> None:
        """Gives up a copy that is damaged; the next one is complete, file contents included."""
        with self._lock():
            self._start_again()

    def _start_again(self) -> None:
        self._say(f"{redacted(self.url)}: the copy in the cache is incomplete; fetching it again")
        self._filtered = False
        shutil.rmtree(self._path)

    def _refresh_or_explain(self, rev: str | None) -> None:
        try:
            self._refresh(rev)
        except GitFailed as error:
            raise self._explained(str(error)) from error

    def _refresh(self, rev: str | None) -> None:
        """Branches and tags as they are in the remote now, with their trees."""
        self._found()
        # One that was cut off may have left a lock; we hold ours, so nobody else is at work.
        for lock in (*self._path.glob("*.lock"), *self._path.glob("refs/**/*.lock")):
            lock.unlink(missing_ok=True)
        refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        if rev is None or _DEFAULT.match(rev):
            refs.append(f"+HEAD:{_HEAD}")
        self._fetch("--prune", "--", "origin", *refs)

    def _found(self) -> None:
        if self._path.is_file():
            self._path.unlink()
        for folder in ("objects", "refs"):
            (self._path / folder).mkdir(parents=True, exist_ok=True)
        config, head = self._path / "config", self._path / "HEAD"
        if not config.exists():
            url = self.url.replace("\\", "\\\\").replace('"', '\\"')
            config.write_text(f'[remote "origin"]\n\turl = "{url}"\n{_PARTIAL * self._filtered}')
        if not head.exists():
            head.write_text("ref: refs/heads/none\n")

    def _asked(self, rev: str | None) -> str | None:
        """A commit that no branch or tag leads to, such as a pull request's."""
        if rev is None or not _NAME.fullmatch(rev):
            return None
        try:
            self._fetch("--", "origin", f"+{rev}:{_ASKED}")
        except GitFailed:
            return None
        return self._resolve(_ASKED)

    def _resolve(self, rev: str) -> str | None:
        try:
            with Git(self.place, objects=True) as git:
                return commit_of(git, _DEFAULT.sub(_HEAD, rev))
        except (GitFailed, LoadError):
            return None

    def _explained(self, words: str) -> LoadError:
        advice = "check the URL and the connection"
        for form, known in _ADVICE:
            if re.search(form, words):
                advice = known
                break
        return LoadError(f"{redacted(self.url)}: cannot be fetched ({redacted(words)}): {advice}")

    def _fetch(self, *arguments: str, asked: IO[bytes] | None = None) -> None:
        # GitPython is loaded only by those who fetch: it takes 70 ms.
        from git.cmd import Git as Command
        from git.exc import GitError

        command = Command(str(self._path))
        command.update_environment(**_environment(self._path, self.url))
        try:
            Command.check_unsafe_protocols(self.url)
            Command.check_unsafe_options(list(arguments), ["--upload-pack"])
            running = command.fetch(
                "--progress",
                "--no-tags",
                "--no-recurse-submodules",
                "--no-auto-maintenance",
                *arguments,
                as_process=True,
                with_stdout=False,
                istream=asked,
            )
        except GitError as error:
            raise GitFailed(str(error)) from error
        with running.proc as process:
            try:
                _follow(process, redacted(self.url), self._say)
            finally:
                process.kill()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Alone with this copy, among all processes and threads of this machine."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._say(f"{redacted(self.url)}: waiting for another longctx that is fetching it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _environment(path: Path, url: str) -> dict[str, str]:
    """The user's own, but for what would lead git to another repository or to a question."""
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    environment = {"GIT_CONFIG_COUNT": str(first + len(_SETTINGS))}
    for at, (key, value) in enumerate(_SETTINGS.items(), first):
        environment |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    if not os.environ.get("GIT_SSH_COMMAND") and not users_setting("core.sshCommand"):
        environment["GIT_SSH_COMMAND"] = (
            "ssh -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=20"
        )
    return environment | {
        "GIT_DIR": str(path),
        "GIT_COMMON_DIR": str(path),
        "GIT_OBJECT_DIRECTORY": str(path / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_NAMESPACE": "",
        "GIT_ALLOW_PROTOCOL": "file" if url.lower().startswith("file:") else "https:ssh",
        "GIT_ASKPASS": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "SSH_ASKPASS_REQUIRE": "never",
    }


def _follow(process: Popen[bytes], name: str, say: Callable[[str], None]) -> None:
    """Tells of a fetch while it runs; raises GitFailed with git's words."""
    assert process.stderr is not None  # noqa: S101 - as GitPython makes it
    poll = select.poll()
    poll.register(process.stderr, select.POLLIN)
    rest, told, words = "", time.monotonic(), deque[str](maxlen=6)
    while True:
        if not poll.poll(_SILENCE_S * 1000):
            process.kill()
            raise GitFailed(f"Operation timed out: no sign of life for {_SILENCE_S:.0f} s")
        piece = os.read(process.stderr.fileno(), 1 << 16)
        # The remote side may send anything, control sequences of a terminal included.
        *lines, rest = re.split(r"[\r\n]+", rest[-1000:] + piece.decode("utf-8", "replace"))
        for line in lines if piece else [*lines, rest]:
            shown = "".join(sign for sign in line if sign.isprintable()).strip()[:200]
            if not _PROGRESS.match(shown):
                words.append(shown)
            elif time.monotonic() - told >= 1:
                told = time.monotonic()
                say(f"{name}: {shown}")
        if not piece:
            break
    if process.wait() != 0:
        said = [word.removeprefix("fatal: ") for word in words]
        raise GitFailed("; ".join(said) or "git gave no reason")
