"""Real git repositories in temporary folders, and what comes out of loading them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.corpus import Corpus, Document, Omission, Reason

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Repo:
    """A git repository that takes nothing from the machine's configuration."""

    path: Path

    def git(self, *arguments: str, **more: str) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
            **more,
        }
        options = ("-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *options, *arguments],
            cwd=self.path,
            env=environment,
            check=False,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape")

    def write(self, name: str, content: str | bytes = "text\n") -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def commit(self, **files: str | bytes) -> str:
        """Commits everything, after writing `files` (`__` is a slash, `_dot_` a dot)."""
        for name, content in files.items():
            self.write(name.replace("__", "/").replace("_dot_", "."), content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD").strip()

    def tracked(self) -> list[str]:
        return [name for name in self.git("ls-files", "-z").split("\0") if name]


@dataclass
class Loaded:
    documents: list[Document]
    omissions: list[Omission]
    said: list[str] = field(default_factory=list)

    @property
    def texts(self) -> dict[str, str]:
        return {document.path: document.text for document in self.documents}

    @property
    def reasons(self) -> dict[str, Reason]:
        return {omission.path: omission.reason for omission in self.omissions}

    @property
    def paths(self) -> list[str]:
        """Every path, once for each document or omission."""
        return sorted([d.path for d in self.documents] + [o.path for o in self.omissions])

    @property
    def corpus(self) -> Corpus:
        return Corpus.of(self.documents, self.omissions)


Load = Callable[..., Loaded]
"""`load(source, **selection)`, with the loader that claims the source."""
MakeRepo = Callable[..., Repo]
"""`make_repo(name, *options of git init)`."""
