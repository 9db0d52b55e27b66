"""Every entry of the tables is dated and says where it is from; a user's own prices are checked."""

from importlib.resources import files
from pathlib import Path

import pytest

from longctx.budget import Profile
from longctx.errors import UsageError
from longctx.sizing import tables

TABLES = tables()
PRICES = files("longctx.sizing").joinpath("data", "prices.toml").read_text("utf-8")


def test_every_entry_has_a_source() -> None:
    sources = [
        *(model.source for model in TABLES.models.values()),
        *(model.layers.source for model in TABLES.models.values()),
        TABLES.cache.source,
        TABLES.gguf.source,
        *(gpu.source for gpu in TABLES.gpus.values()),
        *(each.source for each in TABLES.measured),
        *(host.source for host in TABLES.hosted.values()),
        *(rent.source for rent in TABLES.rent.values()),
    ]
    assert all(len(source) > 10 for source in sources)
    assert all(each.date.year >= 2026 for each in TABLES.measured)
    assert all(host.date.year >= 2026 for host in TABLES.hosted.values())


def test_profiles_are_those_of_longctx() -> None:
    assert TABLES.models["flash"].profile == Profile.FLASH.value
    assert TABLES.models["pro"].profile == Profile.PRO.value


def test_names_lead_to_gpus_that_exist() -> None:
    assert set(TABLES.aliases.values()) == set(TABLES.gpus)
    assert set(TABLES.rent) <= set(TABLES.gpus)
    assert {each.gpu for each in TABLES.measured} <= set(TABLES.gpus)
    assert {each.model for each in TABLES.measured} <= set(TABLES.models)
    for gpu in TABLES.gpus.values():
        assert gpu.runs or gpu.why, gpu.name


def test_own_prices_replace_ours(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(PRICES.replace("hit = 0.003", "hit = 0.5"))
    assert tables(own).hosted["flash"].hit == 0.5


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("hit = -1", "hit = 0.003", "hit cannot be -1"),
        ('hit = "x"', "hit = 0.003", "hit cannot be 'x'"),
        ("", "miss = 0.15", "'miss' is missing"),
        ("low = 900", "low = 1.99", "900"),
        ("date = 3", "date = 2026-11-15", "3 is not a date"),
        ("low = nan", "low = 1.99", "low cannot be nan"),
        ("[hosted.flash", "[hosted.flash]", "not TOML"),
    ],
)
def test_wrong_prices_are_named(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    own = tmp_path / "mine.toml"
    assert right in PRICES
    own.write_text(PRICES.replace(right, wrong, 1))
    with pytest.raises(UsageError, match=r"mine\.toml") as error:
        tables(own)
    assert told in str(error.value)
