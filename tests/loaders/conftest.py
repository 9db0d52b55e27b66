"""Fixtures of the loaders' tests; nothing of the machine's own git configuration takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loaders.repositories import Load, Loaded, MakeRepo, Repo

from longctx.corpus import Document, Omission
from longctx.loaders import Selection, Surroundings
from longctx.loaders.files import FilesLoader
from longctx.loaders.git import GitLoader

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, so that no test depends on who runs it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def make_repo(tmp_path: Path) -> MakeRepo:
    def make(name: str = "repo", *options: str) -> Repo:
        repo = Repo(tmp_path / name)
        repo.path.mkdir(parents=True)
        repo.git("init", "--quiet", *options)
        return repo

    return make


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    return make_repo()


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a source with the loader that claims it."""

    def load(source: Path | str, **selection: Any) -> Loaded:
        loader = GitLoader() if GitLoader().claims(str(source)) else FilesLoader()
        said: list[str] = []
        around = Surroundings(tmp_path / "cache", said.append)
        found = list(loader.load(str(source), Selection(**selection), around))
        documents = [one for one in found if isinstance(one, Document)]
        return Loaded(documents, [one for one in found if isinstance(one, Omission)], said)

    return load
