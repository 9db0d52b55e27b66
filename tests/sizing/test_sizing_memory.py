"""Memory is arithmetic: it agrees with servers' own logs and cookbooks, and grows as it should."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.sizing import Gpu, Setup, fit, fit_gguf, fitting, smallest, tables
from longctx.sizing.hardware import GIB
from longctx.sizing.memory import BELOW, CHUNKS, MOST

TABLES = tables()
FLASH, PRO, CACHE = TABLES.models["flash"], TABLES.models["pro"], TABLES.cache


def setup(text: str) -> Setup:
    return TABLES.setup(text)


def test_the_cache_of_a_token_is_what_a_server_has_logged() -> None:
    # "DSV4 memory calculation: bytes_per_full_token=7705.45", V4-Flash with speculative decoding
    # (16 rows of state a page) on an SGLang of 2026-08-10, which did not pad pages yet.
    before = replace(CACHE, align=1, state_ring=16)
    assert before.per_token(FLASH.layers) == pytest.approx(7705.45, abs=0.005)


def test_pages_are_padded_as_in_sglang_0_5_23() -> None:
    assert CACHE.padded(256) == 585
    assert CACHE.padded(64) == 585
    assert CACHE.padded(2) == 864
    assert CACHE.whole(FLASH.layers) == 21 * (585 + 132) / 4 + 20 * 864 / 128
    assert FLASH.layers.total == 43
    assert PRO.layers.total == 61


@pytest.mark.parametrize(
    ("model", "gpus", "holds"),
    [
        # SGLang's cookbook runs these.
        (FLASH, "4xH200", True),
        (FLASH, "4xB200", True),
        (FLASH, "8xH100", True),
        (FLASH, "4x RTX PRO 6000", True),
        (PRO, "8xH200", True),
        (PRO, "8xB200", True),
        (PRO, "4xGB300", True),
        (PRO, "2x8xH100", True),
        # Its comment: "V4-Pro doesn't fit on 8x 96 GB".
        (PRO, "8x RTX PRO 6000", False),
        # What people are told to rent.
        (FLASH, "2x4090", False),
        (FLASH, "1xA100", False),
        (FLASH, "5090", False),
        (PRO, "4xH100", False),
        (PRO, "8xH100", False),
        (PRO, "4xH200", False),
    ],
)
def test_what_holds_the_window(model: object, gpus: str, holds: bool) -> None:
    assert model in (FLASH, PRO)
    chosen = FLASH if model is FLASH else PRO
    found = fit(chosen, setup(gpus), chosen.profile, CACHE)
    assert found.holds is holds
    assert (found.short == 0) is holds


gpus = st.builds(
    lambda memory: Gpu("", "some", memory), st.integers(min_value=8 * GIB, max_value=400 * GIB)
)
setups = st.builds(Setup, gpus, st.integers(min_value=1, max_value=64))
windows = st.integers(min_value=256, max_value=FLASH.window)
models = st.sampled_from([FLASH, PRO])


@given(models, setups, windows)
def test_what_is_given_out_is_there(model: object, where: Setup, window: int) -> None:
    chosen = FLASH if model is FLASH else PRO
    found = fit(chosen, where, window, CACHE)
    assert 0 <= found.fraction <= MOST
    assert found.given <= where.gpu.memory
    assert found.chunk in CHUNKS
    assert found.chunk % CACHE.page == 0
    assert found.holds == (found.pool >= window)
    if found.holds:
        assert found.weights + found.state + found.needed <= found.given
        assert found.weights * where.used() <= chosen.weights
    else:
        assert found.short >= 0


@given(models, setups, windows)
def test_more_gpus_and_smaller_windows_never_hurt(model: object, where: Setup, window: int) -> None:
    chosen = FLASH if model is FLASH else PRO
    held = fit(chosen, where, window, CACHE).holds
    more = replace(where, count=2 * where.count)
    assert fit(chosen, more, window, CACHE).holds >= held
    assert fit(chosen, where, max(256, window // 2), CACHE).holds >= held


@given(models, setups, windows)
def test_a_prefill_leaves_other_prefixes_windows_alone(
    model: object, where: Setup, window: int
) -> None:
    chosen = FLASH if model is FLASH else PRO
    found = fit(chosen, where, window, CACHE)
    if found.holds:
        assert found.window_pool >= BELOW * CHUNKS[-1] or found.pool < 10 * BELOW * CHUNKS[-1]
        assert found.chunk == CHUNKS[-1] or found.window_pool >= BELOW * found.chunk


@given(models, gpus, windows)
def test_the_smallest_is_the_smallest(model: object, gpu: Gpu, window: int) -> None:
    chosen = FLASH if model is FLASH else PRO
    found = smallest(chosen, gpu, window, CACHE)
    if found is None:
        assert not fit(chosen, Setup(gpu, 64, 8), window, CACHE).holds
    elif found.setup.count > 1:
        assert not fit(chosen, Setup(gpu, found.setup.count // 2), window, CACHE).holds


def test_only_gpus_that_run_it_are_proposed() -> None:
    for model in (FLASH, PRO):
        found = fitting(model, TABLES.gpus.values(), model.profile, CACHE)
        assert found
        assert all(each.holds and each.setup.gpu.runs for each in found)


def test_a_gguf_takes_its_own_size() -> None:
    small = fit_gguf(FLASH, setup("2x4090"), 65_536, TABLES.gguf, 30 * GIB)
    assert small.holds
    assert small.weights == 15 * GIB
    # "Q4 GGUF fits 80 GB": 284 billion parameters of 4.85 bits do not.
    assert not fit_gguf(FLASH, setup("1xA100"), 65_536, TABLES.gguf).holds
    assert fit_gguf(FLASH, setup("3xH100"), 65_536, TABLES.gguf).holds
