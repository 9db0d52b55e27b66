"""What is in a pack and what is not: a tree of tokens with bars, and the omissions by reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.cli.narration import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longctx.api.asked import Shared
    from longctx.corpus import Omission
    from longctx.updates import Shown

BAR = 20
"""Characters of a full bar."""

SMALL = 0.005
"""Entries below this share of all tokens are summed up, unless everything is asked for."""

LISTED = 10
"""Omissions named for each reason, unless everything is asked for."""


@dataclass
class Node:
    """A folder or file of the tree, being summed up."""

    tokens: int = 0
    files: int = 0
    below: dict[str, Node] = field(default_factory=dict)


def report_lines(shared: Shared, omissions: Sequence[Omission], everything: bool) -> Iterator[str]:
    """The report, line by line."""
    budget, lineage = shared.budget, shared.lineage
    yield f"window        {budget.window:>12,} tokens"
    yield f"instructions  {budget.instructions + budget.encoding:>12,}"
    yield f"corpus        {lineage.base.tokens:>12,}  ({_documents(len(lineage.base.shown))})"
    copies = [shown for shown in lineage.base.shown if shown.same is not None]
    if copies:
        yield f"copies        {len(copies):>12,}  (of documents that are shown, only named)"
    if lineage.steps:
        yield f"updates       {lineage.carried:>12,}  ({len(lineage.steps):,} since the base)"
    yield f"question      {budget.question:>12,}  (reserved)"
    yield f"answer        {budget.answer:>12,}  (reserved)"
    yield f"free          {budget.corpus - lineage.tokens:>12,}"
    yield ""
    root = _tree((shown.path, shown.tokens) for shown in lineage.base.shown)
    yield from _branch(root, root.tokens, "", 0.0 if everything else SMALL)
    yield from _copies(copies, everything)
    yield from _omissions(omissions, everything)


def _documents(count: int) -> str:
    return f"{count:,} document" + ("" if count == 1 else "s")


def left_out_line(omissions: Sequence[Omission]) -> str:
    """How many files are not in the prompt and why, in one line; empty when none is."""
    if not omissions:
        return ""
    groups = _by_reason(omissions)
    told = ", ".join(f"{len(group):,} {reason}" for reason, group in groups)
    return f"left out: {told} (longctx pack --report names them)"


def _tree(sizes: Iterable[tuple[str, int]]) -> Node:
    root = Node()
    for path, tokens in sizes:
        node = root
        node.tokens += tokens
        node.files += 1
        for part in path.split("/"):
            node = node.below.setdefault(part, Node())
            node.tokens += tokens
            node.files += 1
    return root


def _branch(node: Node, total: int, indent: str, small: float) -> Iterator[str]:
    entries = sorted(node.below.items(), key=lambda entry: (-entry[1].tokens, entry[0]))
    shown = [entry for entry in entries if entry[1].tokens >= small * total]
    rest = entries[len(shown) :]
    for name, child in shown:
        while len(child.below) == 1:
            (only, child), *_ = child.below.items()
            name = f"{name}/{only}"
        label = f"{indent}{plain(name)}" + ("/" if child.below else "")
        yield _line(child.tokens, total, label, child.files if child.below else 0)
        yield from _branch(child, total, indent + "  ", small)
    if rest:
        tokens = sum(child.tokens for _, child in rest)
        yield _line(tokens, total, f"{indent}({len(rest):,} smaller)", 0)


def _line(tokens: int, total: int, label: str, files: int) -> str:
    share = tokens / total if total else 0.0
    eighths = round(share * BAR * 8)
    bar = "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")
    count = f"  {files:,} files" if files > 1 else ""
    return f"{tokens:>12,} {share:>6.1%} {bar:<{BAR}} {label}{count}"


def _by_reason(omissions: Sequence[Omission]) -> list[tuple[str, list[Omission]]]:
    groups: dict[str, list[Omission]] = defaultdict(list)
    for omission in omissions:
        groups[str(omission.reason)].append(omission)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _omissions(omissions: Sequence[Omission], everything: bool) -> Iterator[str]:
    if not omissions:
        yield ""
        yield "left out: nothing"
        return
    for reason, group in _by_reason(omissions):
        yield ""
        yield f"left out, {reason}: {_counted(group)}{_sizes(group)}"
        ordered = sorted(group, key=lambda o: (-(o.tokens or 0), -(o.size or 0), o.path))
        listed = ordered if everything else ordered[:LISTED]
        for omission in listed:
            detail = f"  ({plain(omission.detail)})" if omission.detail else ""
            part = f", {plain(omission.part)}" if omission.part else ""
            yield f"{_size(omission):>20}  {plain(omission.path)}{part}{detail}"
        if len(listed) < len(ordered):
            yield f"{'':>20}  and {len(ordered) - len(listed):,} more (--all names them)"


def _copies(copies: Sequence[Shown], everything: bool) -> Iterator[str]:
    if copies:
        yield ""
        yield f"shown under another path: {_documents(len(copies))}"
        listed = copies if everything else copies[:LISTED]
        for each in listed:
            yield f"{each.tokens:>13,} tokens  {plain(each.path)}  (as {plain(each.same or '')})"
        if len(listed) < len(copies):
            yield f"{'':>20}  and {len(copies) - len(listed):,} more (--all names them)"


def _counted(group: Sequence[Omission]) -> str:
    """How many files, and how many parts of files that are in the prompt otherwise."""
    parts = sum(bool(omission.part) for omission in group)
    counts = ((len(group) - parts, "file"), (parts, "part"))
    return ", ".join(f"{count:,} {noun}{'s' * (count != 1)}" for count, noun in counts if count)


def _sizes(group: Sequence[Omission]) -> str:
    tokens = sum(omission.tokens or 0 for omission in group)
    size = sum(omission.size or 0 for omission in group)
    if tokens:
        return f", {tokens:,} tokens"
    return f", {size:,} bytes" if size else ""


def _size(omission: Omission) -> str:
    if omission.tokens is not None:
        return f"{omission.tokens:,} tokens"
    return "" if omission.size is None else f"{omission.size:,} bytes"
