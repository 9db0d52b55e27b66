"""Setups as people spell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.errors import UsageError
from longctx.sizing import tables
from longctx.sizing.hardware import GIB, MIB

TABLES = tables()


@pytest.mark.parametrize(
    "text",
    [
        "4xH200",
        "4xh200",
        "4 x H200",
        "4 H200",
        "4*H200",
        "4×H200",
        "H200x4",
        "H200 x 4",
        "H200*4",
        "H200:4",
        "h200 : 4",
        "4xNVIDIA H200",
        "4x nvidia-h200-sxm",
        "4xH200-141GB",
        "4xH200 (141 GB)",
        "  4xH200  ",
    ],
)
def test_one_setup_many_spellings(text: str) -> None:
    found = TABLES.setup(text)
    assert (found.gpu.key, found.count, found.nodes) == ("h200", 4, 1)


@pytest.mark.parametrize(
    ("text", "key", "count", "nodes"),
    [
        ("H100", "h100", 1, 1),
        ("NVIDIA H100 80GB HBM3", "h100", 1, 1),
        ("2x8xH100", "h100", 16, 2),
        ("2x4090", "rtx4090", 2, 1),
        ("4090", "rtx4090", 1, 1),
        ("2x RTX PRO 6000 Blackwell", "rtxpro6000", 2, 1),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "rtxpro6000", 1, 1),
        ("1xA100-80GB", "a100", 1, 1),
        ("A100 40GB", "a100-40", 1, 1),
        ("8xMI355X", "mi355x", 8, 1),
    ],
)
def test_kinds(text: str, key: str, count: int, nodes: int) -> None:
    found = TABLES.setup(text)
    assert (found.gpu.key, found.count, found.nodes) == (key, count, nodes)


@pytest.mark.parametrize(
    ("text", "memory"),
    [
        ("4x96GB", 96 * GIB),
        ("4 x 96 gib", 96 * GIB),
        ("4x97887MiB", 97887 * MIB),
        ("4x47.5g", 47.5 * GIB),
    ],
)
def test_memory_stands_for_what_is_not_listed(text: str, memory: float) -> None:
    found = TABLES.setup(text)
    assert (found.gpu.key, found.gpu.memory, found.count) == ("", int(memory), 4)
    assert found.gpu.runs is None


@pytest.mark.parametrize(
    "text", ["", "4x", "x", "0xH200", "99999xH200", "4xH201", "4x0GB", "H200,H100"]
)
def test_what_is_not_understood_says_what_would_be(text: str) -> None:
    with pytest.raises(UsageError, match="--gpus"):
        TABLES.setup(text)


@given(st.text(max_size=60))
def test_nothing_else_comes_out(text: str) -> None:
    try:
        found = TABLES.setup(text)
    except UsageError:
        return
    assert found.count >= 1
    assert found.gpu.memory >= GIB
    assert found.used() <= found.count < 2 * found.used()


def test_a_drivers_list_becomes_a_setup() -> None:
    found = TABLES.detected([("NVIDIA H200", 143_771 * MIB)] * 8)
    assert (found.gpu.key, found.count) == ("h200", 8)
    # The smallest of unlike ones counts, and one that nobody knows goes by its memory.
    found = TABLES.detected([("NVIDIA H200", 143_771 * MIB), ("NVIDIA Z9", 50_000 * MIB)])
    assert (found.gpu.name, found.gpu.memory, found.count) == ("NVIDIA Z9", 50_000 * MIB, 2)
    with pytest.raises(UsageError, match="no GPU"):
        TABLES.detected([])
