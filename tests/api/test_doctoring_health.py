"""What is said of this machine, in folders that are made well and badly."""

import os
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest

from longctx.api.doctoring import health, local
from longctx.api.places import Places
from longctx.engines.findings import Finding, Severity
from longctx.store import Store
from longctx.store.health import looked_at
from longctx.store.schema import MIGRATIONS
from longctx.tokens import deepseek

Usage = namedtuple("Usage", "total used free")  # as shutil gives it


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "cache", tmp_path / "data")


@pytest.fixture(autouse=True)
def a_large_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, 10**12))


def about(places: Places) -> dict[str, Finding]:
    findings = local(places)
    assert len({each.about for each in findings}) == len(findings)
    return {each.about: each for each in findings}


def kept(places: Places) -> Path:
    Store.open(places.data).close()
    return places.data / "longctx.db"


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as sql:
        sql.execute(statement)
        sql.commit()


def test_a_new_machine_is_in_order_and_nothing_is_made(places: Places) -> None:
    found = about(places)
    for name in ("data folder", "cache folder", "disk", "store", "vocabulary", "git"):
        assert found[name].severity is Severity.OK, found[name]
    assert not places.data.exists()
    assert not places.cache.exists()


def test_a_store_in_use_is_in_order(places: Places) -> None:
    kept(places)
    assert about(places)["store"].seen == f"format {len(MIGRATIONS)}, undamaged"
    assert about(places)["data folder"].severity is Severity.OK


def test_a_folder_that_others_can_read_is_told_with_the_command(places: Places) -> None:
    kept(places)
    places.data.chmod(0o755)
    finding = about(places)["data folder"]
    assert finding.severity is Severity.ADVICE
    assert finding.fix == f"chmod 700 {places.data}"


def test_a_file_in_the_way_of_a_folder_is_a_trouble_for_data_alone(places: Places) -> None:
    places.data.write_text("")
    places.cache.write_text("")
    found = about(places)
    assert found["data folder"].severity is Severity.TROUBLE
    assert "--data-dir" in found["data folder"].fix
    assert found["cache folder"].severity is Severity.ADVICE
    assert "--cache-dir" in found["cache folder"].fix


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(places: Places) -> None:
    places.data.mkdir(mode=0o500)
    assert about(places)["data folder"].severity is Severity.TROUBLE


@pytest.mark.parametrize(
    ("free", "severity"),
    [(10_000_000, Severity.TROUBLE), (10**9, Severity.ADVICE), (10**10, Severity.OK)],
)
def test_free_room_is_told(
    places: Places, free: int, severity: Severity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, free))
    assert about(places)["disk"].severity is severity


def test_a_store_of_a_newer_longctx_is_told_and_left(places: Places) -> None:
    path = kept(places)
    changed(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    finding = about(places)["store"]
    assert finding.severity is Severity.TROUBLE
    assert "update longctx" in finding.fix
    seen = looked_at(places.data)
    assert seen is not None
    assert seen.format == len(MIGRATIONS) + 1


def test_an_older_store_is_well_and_not_changed(places: Places) -> None:
    path = kept(places)
    changed(path, "PRAGMA user_version = 1")
    assert about(places)["store"].severity is Severity.OK
    seen = looked_at(places.data)
    assert seen is not None
    assert seen.format == 1


@pytest.mark.parametrize("damage", ["no database", "a torn page"])
def test_a_damaged_store_is_a_trouble(places: Places, damage: str) -> None:
    path = kept(places)
    content = bytearray(path.read_bytes())
    if damage == "no database":
        content[:16] = b"something else.."
    else:
        content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
    path.write_bytes(content)
    finding = about(places)["store"]
    assert finding.severity is Severity.TROUBLE
    assert "damaged" in finding.seen
    assert path.read_bytes() == content


def test_a_store_can_be_looked_at_while_it_is_written(places: Places) -> None:
    path = kept(places)
    with closing(sqlite3.connect(path, isolation_level=None)) as sql:
        sql.execute("BEGIN IMMEDIATE")
        assert about(places)["store"].severity is Severity.OK
        sql.execute("ROLLBACK")


def test_the_vocabulary_is_as_shipped_and_damage_is_seen(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deepseek.damaged() == ()
    real = deepseek.read_data

    def flipped(name: str) -> bytes:
        data = bytearray(real(name))
        data[len(data) // 2] ^= 1
        return bytes(data) if name.endswith("ranks.z") else real(name)

    monkeypatch.setattr(deepseek, "read_data", flipped)
    assert deepseek.damaged() == ("deepseek_v4.ranks.z",)
    finding = about(places)["vocabulary"]
    assert finding.severity is Severity.TROUBLE
    assert "deepseek_v4.ranks.z" in finding.seen


def test_programs_that_are_missing_are_named_with_what_is_lost(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = about(places)
    assert found["tesseract"].severity is Severity.ADVICE
    assert "--ocr" in found["tesseract"].why
    assert found["git"].fix == "install git"
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert about(places)["tesseract"].severity is Severity.OK


def test_sizes_are_those_of_the_folders(places: Places) -> None:
    places.tokens.mkdir(parents=True)
    (places.tokens / "a").write_bytes(bytes(1_000))
    sizes = {cache.name: cache.size for cache in health.caches(places)}
    assert sizes == {"tokens": 1_000, "texts": 0, "clones": 0, "sessions": 0}
    shutil.rmtree(places.cache)
