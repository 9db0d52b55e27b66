"""A fresh store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store.keeping_turns import opened

from longctx.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "store") as store:
        yield store
