"""Notebooks keep what was written and say what was cut; damage costs a cell at most."""

from __future__ import annotations

import json

import pytest
from formats.extracts import check, mutated, places, read, survives

from longctx.corpus import Reason
from longctx.formats import NotThis
from longctx.formats.ipynb import IPYNB

PICTURE = "iVBORw0KGgo" * 100


def notebook(*cells: object, **more: object) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells, **more})


def code(source: object, *outputs: object, count: int | None = 1) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": count,
        "source": source,
        "outputs": list(outputs),
        "metadata": {},
    }


def test_cells_in_order_with_their_numbers() -> None:
    extract = read(
        IPYNB,
        notebook(
            {"cell_type": "markdown", "source": ["# Title\n", "\n", "\n", "Some *text*.  \n"]},
            code(["x = 1\n", "\n", "\n", "print(x)"], {"output_type": "stream", "text": ["1\n"]}),
            {"cell_type": "raw", "source": "raw"},
            code("y", count=None),
            metadata={"language_info": {"name": "R"}},
        ),
    )
    assert extract.text == (
        "# Title\n\n\nSome *text*.\n\n"
        "```r In [1]\nx = 1\n\n\nprint(x)\n```\n```output\n1\n```\n\n"
        "raw\n\n"
        "```r\ny\n```\n"
    )
    assert places(extract, "cell") == [
        ("1", "# Title", 0), ("2", "```r In [1]", 0), ("3", "raw", 0), ("4", "```r", 0),
    ]  # fmt: skip
    check(extract)


def test_version_3() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Part"},
        {
            "cell_type": "code",
            "language": "python",
            "prompt_number": 3,
            "input": ["1/0"],
            "outputs": [
                {"output_type": "pyout", "text": ["out"], "png": PICTURE},
                {"output_type": "pyerr", "ename": "ZeroDivisionError", "evalue": "by zero"},
            ],
        },
    ]
    extract = read(IPYNB, json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}, None]}))
    assert extract.text == (
        "## Part\n\n```python In [3]\n1/0\n```\n```output\nout\nZeroDivisionError: by zero\n```\n"
    )
    assert [(each.reason, each.part) for each in extract.left] == [(Reason.BINARY, "cell 2")]


def test_outputs_without_pictures_markup_or_colours() -> None:
    extract = read(
        IPYNB,
        notebook(
            code(
                "plot()",
                {
                    "output_type": "display_data",
                    "data": {"text/plain": ["<Figure>"], "image/png": PICTURE, "text/html": "<b>x"},
                },
                {"data": {"text/html": ["<table><tr><td>a<td>1</table>", "<script>x()</script>"]}},
                {"output_type": "stream", "text": "\x1b[31mred\x1b[0m\n10%\r50%\r100%\n"},
                {"output_type": "error", "ename": "E", "traceback": ["\x1b[0m" * 1000]},
            ),
            {"cell_type": "markdown", "source": f"![x](data:image/png;base64,{PICTURE})"},
        ),
    )
    assert "```output\n<Figure>\na | 1\nred\n100%\nE\n```" in extract.text
    assert "![x](data:image/png)" in extract.text
    assert PICTURE[:20] not in extract.text
    assert [each.part for each in extract.left] == ["cell 1", "cell 2"]
    assert extract.left[0].size == len(PICTURE) * 3 // 4


def test_long_outputs_say_what_was_cut() -> None:
    extract = read(
        IPYNB,
        notebook(
            code("x", {"output_type": "stream", "text": "".join(f"{n}\n" for n in range(1000))}),
            code("x", {"output_type": "stream", "text": "w" * 5000}),
        ),
    )
    assert "\n19\n... (975 lines cut)\n995\n" in extract.text
    assert "(4,500 characters cut)" in extract.text
    assert len(extract.text) < 1500


def test_a_fence_is_longer_than_any_within() -> None:
    extract = read(IPYNB, notebook(code('s = """\n```\n````\n"""')))
    assert extract.text.startswith("`````python In [1]\n")
    assert extract.text.endswith("\n`````\n")


@pytest.mark.parametrize(
    "cell",
    [None, 7, [], "x", {}, {"cell_type": "code"}, {"cell_type": "code", "source": 7, "outputs": {}},
     {"cell_type": "code", "source": ["a", 7], 
      "outputs": [None, 7, {}, {"data": 7}, {"data": {"text/plain": 7}}]},
     {"cell_type": "heading", "level": "x", "source": None}],
)  # fmt: skip
def test_a_damaged_cell_costs_itself_at_most(cell: object) -> None:
    extract = read(IPYNB, notebook(cell, {"cell_type": "markdown", "source": "kept"}))
    assert "kept\n" in extract.text


@pytest.mark.parametrize("data", [b"", b"not json", b"[1]", b'{"a": 1}', b"\xff\xfe\0"])
def test_other_files_are_no_notebooks(data: bytes) -> None:
    with pytest.raises(NotThis):
        read(IPYNB, data)


def test_damaged_files() -> None:
    sound = notebook(
        {"cell_type": "markdown", "source": ["# T\n"]},
        code("x", {"output_type": "execute_result", "data": {"text/html": "<p>a<p>b"}}),
    )
    read_ones = sum(survives(IPYNB, data) is not None for data in mutated(sound.encode(), 500))
    assert read_ones > 10
