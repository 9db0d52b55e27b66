"""What servers that are to share the work do not have in common: pure checks over their `Facts`.

What must never be known here: how facts are gathered, one server's own troubles (`checks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.engines.findings import Finding, advice, ok, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from longctx.api.doctoring.gathering import Compared, Facts
    from longctx.engines import Served

SAME = "the answer to a question would depend on which server is asked"


def between(all_facts: Sequence[Facts]) -> tuple[Finding, ...]:
    """The differences of several servers; nothing is said of fewer than two."""
    if len(all_facts) < 2:
        return ()
    found = tuple(_differing(all_facts))
    served = [facts.served for facts in all_facts]
    return found or (ok("servers", f"the {len(served)} servers are alike"),)


def _differing(all_facts: Sequence[Facts]) -> Iterator[Finding]:
    served = [facts.served for facts in all_facts]
    if told := _told(served, lambda each: each.engine):
        yield trouble("servers", f"kinds differ: {told}", SAME, "run one kind of server on all")
    if told := _told(served, lambda each: each.model):
        yield trouble(
            "servers",
            f"models differ: {told}",
            SAME,
            "serve the same model on all of them, or name one that all serve with --model",
        )
    if _encode_differently(all_facts):
        yield trouble(
            "servers",
            "the same texts or chats have different ids: "
            + ", ".join(str(each.base_url) for each in served),
            SAME,
            "run one tokenizer, chat template and set of parsers on all of them",
        )
    if told := _told(served, lambda each: each.version):
        yield advice(
            "servers",
            f"versions differ: {told}",
            "they may cache and encode by different rules",
            "run the same version on all of them",
        )
    if told := _told(served, lambda each: None if each.window is None else f"{each.window:,}"):
        yield advice(
            "servers",
            f"windows differ: {told}",
            "any of them may be asked, so the smallest counts for all",
            "give all of them the same context length and memory",
        )
    if told := _told(served, lambda each: each.page_size):
        yield advice(
            "servers",
            f"page sizes differ: {told}",
            "prefixes end on pages of both, which are long",
            "run the same --page-size on all of them",
        )
    for first, again in _twice(served):
        yield advice(
            "servers",
            f"{first} and {again} are the same server",
            "its cache is counted twice",
            "name each server once",
        )


def _told(served: Sequence[Served], what: Callable[[Served], Hashable]) -> str:
    """What each server says, where they do not all say the same; silence is no difference."""
    said = [(each, what(each)) for each in served]
    known = {value for _, value in said if value is not None}
    if len(known) < 2:
        return ""
    return ", ".join(f"{each.base_url} {value}" for each, value in said if value is not None)


def _encode_differently(all_facts: Sequence[Facts]) -> bool:
    def parts(samples: Callable[[Facts], tuple[Compared, ...]]) -> bool:
        for same in zip(*(samples(facts) for facts in all_facts), strict=False):
            known = {sample.theirs for sample in same if sample.theirs is not None}
            if len(known) > 1:
                return True
        return False

    return parts(lambda facts: facts.texts) or parts(lambda facts: facts.chats)


def _twice(served: Sequence[Served]) -> Iterator[tuple[str | None, str | None]]:
    seen: dict[str, str | None] = {}
    for each in served:
        if each.incarnation is None:
            continue
        if each.incarnation in seen:
            yield seen[each.incarnation], each.base_url
        seen[each.incarnation] = each.base_url
