"""Where evidence.py finds its questions and the trees they are about.

What may live here: reading records, unpacking sdists, checking out commits. What must never be
known here: what is measured.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from longctx.corpus import Corpus, Document
from longctx.loaders import Selection, Surroundings, loader_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SDISTS = {"flask": "flask-3.1.1", "requests": "requests-2.32.5", "pytest": "pytest-8.4.2"}


@dataclass(frozen=True)
class Asked:
    """A question with the evidence that its answer needs."""

    id: str
    question: str
    files: tuple[str, ...]
    spans: tuple[tuple[str, int, int], ...]
    """Path, first and last line."""


def load(root: Path) -> Corpus:
    around = Surroundings(cache=root, say=lambda line: print(line, file=sys.stderr))
    loaded = loader_for(str(root)).load(str(root), Selection(), around)
    return Corpus.of(item for item in loaded if isinstance(item, Document))


def unpacked(folder: Path, sdist: str) -> Path:
    """The sdist's folder; downloaded where it is missing."""
    place = folder / sdist
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        name, _, version = sdist.rpartition("-")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, "-d", str(folder), f"{name}=={version}"], check=True)
        with tarfile.open(folder / f"{sdist}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return place


def records(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def asked(record: dict[str, Any], corpus: Corpus, below: tuple[str, ...] = ("",)) -> Asked:
    """The record with what the corpus has of its gold, which may have moved into a folder."""

    def here(path: str) -> str | None:
        return next((folder + path for folder in below if corpus.get(folder + path)), None)

    files = tuple(path for file in record["gold_files"] if (path := here(file)))
    spans = tuple(
        (path, first, last)
        for file, first, last in record.get("gold_spans", ())
        if (path := here(file))
    )
    return Asked(record["id"], record["question"], files, spans)


def of_repositories(data: Path, sdists: Path) -> Iterator[tuple[str, Corpus, list[Asked]]]:
    """The questions on each repository."""
    for name, sdist in SDISTS.items():
        corpus = load(unpacked(sdists, sdist))
        found = [asked(row, corpus) for row in records(data / "questions" / f"{name}.jsonl")]
        yield name, corpus, [each for each in found if each.files]


def of_bug_reports(
    data: Path, sdists: Path, clones: Path | None
) -> Iterator[tuple[str, Corpus, list[Asked]]]:
    """Each report with its tree: at its commit where there is a clone, else the sdist.

    In an sdist the report's lines mean nothing, and what moved elsewhere than below src/ is lost.
    """
    for record in records(data / "questions" / "bug-reports.jsonl"):
        name = record["repo"].rsplit("/", 1)[-1]
        clone = clone_of(record["repo"], clones)
        if clone:
            corpus = load(at_commit(clone, record["commit"], sdists / "commits" / record["id"]))
            found = asked(record, corpus)
        else:
            corpus = load(unpacked(sdists, SDISTS[name]))
            found = asked({**record, "gold_spans": []}, corpus, ("", "src/"))
        if found.files:
            yield record["id"], corpus, [found]


def clone_of(repo: str, clones: Path | None) -> Path | None:
    if clones is None:
        return None
    owner, _, name = repo.partition("/")
    names = (f"{owner}+{name}/repo", f"{name}/.git", f"{name}.git", name)
    return next((clones / each for each in names if (clones / each).is_dir()), None)


def at_commit(clone: Path, commit: str, place: Path) -> Path:
    """The tree of the commit, in a folder that is made once."""
    if not place.is_dir():
        command = ["git", "--git-dir", str(clone), "archive", commit]
        archive = subprocess.run(command, check=True, capture_output=True).stdout
        place.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(archive)) as members:
            members.extractall(place, filter="data")
    return place
