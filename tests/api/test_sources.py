"""Several sources make one corpus, and its documents can be found again on disk."""

from pathlib import Path

import pytest

from longctx.api import Places, Selection, load
from longctx.api.sources import roots_of
from longctx.errors import LoadError

SAMPLES = Path(__file__).parents[2] / "sample_corpora"


def test_a_single_source_has_no_prefix(tmp_path: Path) -> None:
    loaded = load([str(SAMPLES / "contract")], Places(tmp_path, tmp_path))
    assert [document.path for document in loaded.corpus] == ["agreement.txt", "amendment-1.txt"]
    assert loaded.file_of("agreement.txt") == SAMPLES / "contract" / "agreement.txt"
    assert loaded.file_of("forged.txt") is None


def test_sources_of_one_name_are_numbered(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "case").mkdir(parents=True)
        (tmp_path / folder / "case" / "a.txt").write_text(folder)
    sources = [str(tmp_path / "one" / "case"), str(tmp_path / "two" / "case")]
    loaded = load(sources, Places(tmp_path / "cache", tmp_path / "data"))
    assert {d.path: d.text for d in loaded.corpus} == {"case/a.txt": "one", "case-2/a.txt": "two"}
    assert loaded.file_of("case-2/a.txt") == Path(sources[1]) / "a.txt"


def test_nothing_to_ask_tells_why(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.txt").write_text("x")
    with pytest.raises(LoadError, match="1 excluded by a pattern"):
        load([str(tmp_path / "s")], Places(tmp_path, tmp_path), Selection(exclude=("*.txt",)))


def test_what_a_source_controls_is_its_whole_work_tree() -> None:
    root = roots_of([str(SAMPLES / "harbour" / "docs")])
    inside_git = (SAMPLES.parent / ".git").exists()
    assert root == ((SAMPLES.parent if inside_git else SAMPLES / "harbour" / "docs"),)
