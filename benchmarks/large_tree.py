"""CPU, wall time and memory of the commands on a generated tree of 200,000 files.

    python -m benchmarks.large_tree
    python -m benchmarks.large_tree --files 20000 --commands map,search

The tree has small modules that name each other, and of each 50 files one that is minified, one of
binary noise, one of text with binary noise, and one of a text that 4,000 others have too. Each
command is a process of its own; `again` runs it with what the one before kept.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import folder, longctx, measured, setting, show

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = "anchor beacon cargo dredge eddy ferry gale harbour inlet jetty".split()
COPIED = "def shared_everywhere(vessel):\n" + "    vessel += 1\n" * 40
FOLDER = 20
"""Files in a folder."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--commands", default="pack,extractive,scripted,map,search")
    parser.add_argument("--cache", type=folder, default=folder(tempfile.gettempdir()))
    args = parser.parse_args()
    tree = args.cache / f"longctx-tree-{args.files}"
    if not tree.is_dir():
        made(tree, args.files)
    print(f"{args.files:,} files. {setting()}\n")
    with tempfile.TemporaryDirectory(dir=args.cache) as home:
        show(
            ("command", "exit status", "CPU s", "wall s", "peak MB"),
            rows(tree, Path(home), args.commands.split(",")),
        )


def rows(tree: Path, home: Path, names: list[str]) -> Iterator[tuple[object, ...]]:
    answer = home / "answer.txt"
    answer.write_text("It is there.\n")
    question = f"what does anchor_{FOLDER * 11} return, and who calls it?"
    commands: dict[str, list[str | Path]] = {
        "pack": ["pack", tree, "--report"],
        "extractive": ["ask", tree, question, "--engine", "extractive"],
        "scripted": ["ask", tree, question, "--engine", "scripted", "--base-url", answer,
                     "--tokenizer", "deepseek-v4"],
        "map": ["map", tree],
        "search": ["search", tree, question],
    }  # fmt: skip
    for name in names:
        for what in (name, f"{name}, again"):
            own = home / name
            places: list[str | Path] = ["--cache-dir", own / "cache", "--data-dir", own / "data"]
            run = measured([longctx(), *commands[name], *places])
            if run.status:
                print(run.said[-2_000:])
            yield what, run.status, f"{run.cpu:.1f}", f"{run.seconds:.1f}", f"{run.peak_mb:.0f}"


def made(tree: Path, files: int) -> None:
    """Write the tree; equal in every run."""
    chance = random.Random(1)
    for number in range(files):
        place = tree / NAMES[number // FOLDER % 10] / f"p{number // 20_000}"
        place /= f"s{number // FOLDER}"
        if number % FOLDER == 0:
            place.mkdir(parents=True, exist_ok=True)
        name, content = file_of(number, files, chance)
        (place / name).write_bytes(content)


def file_of(number: int, files: int, chance: random.Random) -> tuple[str, bytes]:
    """Name and content of one file."""
    odd = {
        7: (f"bundle{number}.min.js", b"var a=1;" * 400),
        8: (f"noise{number}.dat", chance.randbytes(600)),
        9: (f"copy{number}.py", COPIED.encode()),
        10: (f"noisy{number}.txt", b"words here\n" * 20 + bytes([0x80, 0xFF, 0x1B]) * 20),
    }
    if number % 50 in odd:
        return odd[number % 50]
    one, two = chance.choice(NAMES), chance.choice(NAMES)
    other = chance.randrange(files)
    text = (
        f"from {NAMES[other // FOLDER % 10]}.p{other // 20_000} import m{other}\n\n\n"
        f"class {one.title()}{number}:\n"
        f"    def {two}_{number}(self, {one}):\n"
        f"        return m{other}.{two}_{other}({number})\n"
    )
    return f"m{number}.py", text.encode()


if __name__ == "__main__":
    main()
