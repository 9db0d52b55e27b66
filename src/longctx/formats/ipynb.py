"""Jupyter notebooks: cells in their order, code fenced, outputs as text and not too long.

See https://nbformat.readthedocs.io/en/latest/format_description.html for versions 3 and 4. A cell
or an output that is not as it should be loses itself at most, never the notebook.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, NotThis
from longctx.formats.charsets import decoded
from longctx.formats.composing import Composition
from longctx.formats.notebook_outputs import joined, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.formats import Material, Options, Report

_FENCE = re.compile(r"^[ \t]*(`{3,})", re.M)
_INLINED = re.compile(r"(data:[\w.+-]{1,60}/[\w.+-]{1,60});base64,[A-Za-z0-9+/=\s%]{40,}")
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")


class _Ipynb:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        try:
            notebook = json.loads(decoded(file.data))
        except ValueError:
            raise NotThis from None
        if not isinstance(notebook, dict):
            raise NotThis
        cells = list(_cells(notebook))
        if not cells and "nbformat" not in notebook:
            raise NotThis
        language, out, left = _language(notebook), Composition(), list[Left]()
        for number, cell in enumerate(cells, 1):
            out.gap()
            out.anchor("cell", str(number))
            left += _write(cell, number, language, out)
        return Extract(out.text, tuple(out.anchors), tuple(left))


def _cells(notebook: dict[object, object]) -> Iterator[dict[object, object]]:
    """The cells of either version; what is no cell is passed by."""
    sheets = notebook.get("worksheets")
    holders = [notebook, *(sheets if isinstance(sheets, list) else [])]
    for holder in holders:
        cells = holder.get("cells") if isinstance(holder, dict) else None
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict):
                yield cell


def _language(notebook: dict[object, object]) -> str:
    metadata = notebook.get("metadata")
    for holder, key in (("language_info", "name"), ("kernelspec", "language")):
        said = metadata.get(holder) if isinstance(metadata, dict) else None
        name = said.get(key) if isinstance(said, dict) else None
        if isinstance(name, str) and _LANGUAGE.fullmatch(name):
            return name.lower()
    return "python"


def _write(
    cell: dict[object, object], number: int, language: str, out: Composition
) -> Iterator[Left]:
    source = joined(cell.get("source", cell.get("input"))).replace("\r\n", "\n").strip("\n")
    kind = cell.get("cell_type")
    if kind != "code":
        if kind == "heading":  # of version 3
            level = cell.get("level")
            source = (
                "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + f" {source}"
            )
        out.lines(_INLINED.sub(r"\1", source))
        if pictures := len(_INLINED.findall(source)):
            yield Left(Reason.BINARY, f"cell {number}", f"{pictures} embedded as base64")
        return
    count = cell.get("execution_count", cell.get("prompt_number"))
    own = cell.get("language")
    named = own if isinstance(own, str) and _LANGUAGE.fullmatch(own) else language
    if source.strip():
        run = f" In [{count}]" if isinstance(count, int) else ""
        _fenced(f"{named}{run}", source, out)
    outputs = cell.get("outputs")
    said, dropped = said_by(outputs if isinstance(outputs, list) else [])
    if said:
        _fenced("output", said, out)
    for what, size in dropped:
        yield Left(Reason.BINARY, f"cell {number}", what, size)


def _fenced(info: str, text: str, out: Composition) -> None:
    """Between fences that are longer than any within it."""
    longest = max((len(found[1]) for found in _FENCE.finditer(text)), default=2)
    fence = "`" * max(3, longest + 1)
    out.line(f"{fence}{info}")
    out.lines(_INLINED.sub(r"\1", text))
    out.line(fence)


IPYNB = _Ipynb()
