"""Predicted against reported, on real vLLM and llama.cpp servers with a tiny model.

    python -m benchmarks.servers [vllm] [llamacpp] [--prompts 200] [--walk 100] [--small]

For each server: prompts whose counted tokens differ from the predicted ones, and a walk of one
person through sessions with the requests whose cached tokens do. `--small` takes caches that do not
hold everything. The servers come from tests/live/server and are installed on first use.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live.server.running import running_llamacpp, running_vllm
from live.test_counts import mismatches_in_ids
from live.walks import SHARES, Walk

from longctx.prompt import Effort

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from live.server.running import Server


@dataclass(frozen=True, slots=True)
class Subject:
    """A server, and what its model's chat encoding knows."""

    engine: str
    started: Callable[[], AbstractContextManager[Server]]
    efforts: tuple[Effort, ...]


UNTHINKING = {**SHARES, "think": 0}


def subjects(names: list[str], *, small: bool) -> dict[str, Subject]:
    efforts = tuple(Effort)
    known = (Effort.OFF, Effort.LOW)
    if small:
        few = ("--num-gpu-blocks-override", "200", "--max-model-len", "20000")
        found = {
            "vllm, 25,600 tokens": Subject("vllm", lambda: running_vllm(few), efforts),
        }
    else:
        two = ("--parallel", "2")
        found = {
            "vllm": Subject("vllm", running_vllm, efforts),
            "llamacpp, one memory": Subject("llamacpp", running_llamacpp, known),
            "llamacpp, two slots": Subject("llamacpp", lambda: running_llamacpp(two), known),
        }
    return {name: each for name, each in found.items() if each.engine in names}


def measure(name: str, subject: Subject, prompts: int, walk: int) -> None:
    shares = SHARES if Effort.HIGH in subject.efforts else UNTHINKING
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(subject.started())
        begun = time.monotonic()
        # On an empty cache: the prompts below have the instructions in common with it.
        noted = Walk(server, folder / "walk", seed=7, shares=shares, engine=subject.engine).go(walk)
        took = time.monotonic() - begun
        wrong = mismatches_in_ids(
            server, folder / "counts", subject.engine, subject.efforts, prompts
        )
    print(f"{name}: {len(wrong)} of {prompts} prompts counted otherwise")
    for each in wrong:
        print("   (prompt, predicted, counted)", each)
    sent, cached = sum(each.tokens for each in noted), sum(each.reported for each in noted)
    differing = [each for each in noted if not each.exact]
    print(
        f"{name}: {len(differing)} of {len(noted)} requests cached otherwise than predicted;"
        f" {cached:,} of {sent:,} tokens were cached, {took:.0f} s"
    )
    for request in differing:
        print("  ", request)
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("engines", nargs="*", default=["vllm", "llamacpp"])
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--walk", type=int, default=100)
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    for name, subject in subjects(args.engines, small=args.small).items():
        measure(name, subject, args.prompts, args.walk)


if __name__ == "__main__":
    main()
