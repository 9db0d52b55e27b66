"""Hostile files end as omissions, whatever they do to the process that reads them."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from formats.made_formats import OBEDIENT, PAGED

from longctx.corpus import Anchor, Document, Omission, Reason
from longctx.formats import Options, dividing, workers
from longctx.formats.extracting import DEEPEST, Extraction
from longctx.formats.unread import Item, Unread
from longctx.tokens.memo import DictMemo


@pytest.fixture(autouse=True)
def made_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the test doubles, and give up soon."""
    tests = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((tests, os.environ.get("PYTHONPATH", ""))))
    monkeypatch.setattr(workers, "SECONDS", 1.0)
    monkeypatch.setattr(workers, "WALL", 120)  # a busy machine gives little of its processors


def made(path: str, **said: object) -> Unread:
    return Unread(path, OBEDIENT, json.dumps(said).encode())


def within(path: str, data: bytes) -> Item:
    """Files within files are the test doubles' as well."""
    return Unread(path, OBEDIENT, data)


def read(
    items: Iterable[Item], memo: DictMemo | None = None, options: Options | None = None
) -> dict[str, Document | Omission]:
    with Extraction(DictMemo() if memo is None else memo, options, within, workers=2) as extraction:
        return {item.path: item for item in extraction.documents(items)}


def test_text_and_anchors_arrive() -> None:
    assert read([made("a.x", say="all of it")]) == {
        "a.x": Document("a.x", "all of it", (Anchor(0, "page", "1"),))
    }


@pytest.mark.parametrize(
    ("said", "reason", "words"),
    [
        ({"spin": True}, Reason.LIMIT, "over 1 s"),
        ({"eat": 1 << 40}, Reason.LIMIT, "of memory"),
        ({"crash": True}, Reason.LIMIT, "of memory"),
        ({"refuse": "a password"}, Reason.LOCKED, "a password"),
        ({"fail": "no such table"}, Reason.DAMAGED, "no such table"),
        ({"say": "  \n"}, Reason.SCANNED, "no text"),
    ],
)
def test_what_cannot_be_read_is_an_omission_and_stops_no_other(
    said: dict[str, object], reason: Reason, words: str
) -> None:
    bad = [made(f"bad{number}.x", **said) for number in range(2)]
    found = read([*bad, *(made(f"good{number}.x", say="good") for number in range(4))])
    assert len(found) == 6
    for path, item in found.items():
        if path.startswith("good"):
            assert isinstance(item, Document)
        else:
            assert isinstance(item, Omission)
            assert item.reason is reason
            assert words in item.detail
            assert item.size == len(bad[0].data)


def test_a_reader_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WALL", 4)
    (found,) = read([made("a.x", hang=True)]).values()
    assert isinstance(found, Omission)
    assert found.reason is Reason.LIMIT
    assert "over 4 s" in found.detail


def test_what_a_reader_prints_is_no_answer() -> None:
    assert isinstance(read([made("a.x", say="said", print="\0" * 64)])["a.x"], Document)


def test_what_is_not_of_the_format_is_plain_text() -> None:
    unread = made("a.x", **{"not this": True})
    with Extraction(
        DictMemo(), plain=lambda path, data: Document(path, data.decode())
    ) as extraction:
        assert extraction.document(unread) == Document("a.x", unread.data.decode())


def test_options_reach_the_format_and_passwords_show_nowhere() -> None:
    options = Options(("secret",), ocr=True, rows=3)
    found = read([made("a.x", options=True)], options=options)["a.x"]
    assert isinstance(found, Document)
    assert found.text == "(('secret',), True, False, 3)"
    assert "secret" not in repr(options)


def test_an_extract_is_kept_by_content_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    memo = DictMemo()
    first = read([made("a.x", say="once")], memo)["a.x"]
    assert isinstance(first, Document)
    assert len(memo) == 1
    with monkeypatch.context() as unable:
        unable.delattr("longctx.formats.extracting.read")
        assert read([made("b.x", say="once")], memo)["b.x"] == replace(first, path="b.x")
    read([made("a.x", say="once")], memo, Options(rows=1))
    assert len(memo) == 2


def test_a_damaged_memo_is_read_over() -> None:
    memo = DictMemo()
    read([made("a.x", say="once")], memo)
    for key in memo:
        memo[key] = memo[key][:9]
    assert isinstance(read([made("a.x", say="once")], memo)["a.x"], Document)


def test_parts_that_are_left_out_are_said() -> None:
    memo = DictMemo()
    with Extraction(memo) as extraction:
        found = list(extraction.documents([made("a.x", say="text", left=["p. 7", "p. 9"])]))
    parts = [(item.part, item.reason) for item in found if isinstance(item, Omission)]
    assert parts == [("p. 7", Reason.SCANNED), ("p. 9", Reason.SCANNED)]
    assert sum(isinstance(item, Document) for item in found) == 1


def nested(depth: int) -> str:
    said: dict[str, object] = {"say": "the innermost"}
    for _ in range(depth):
        said = {"inner": {"file.x": json.dumps(said)}}
    return json.dumps(said)


def test_files_within_files_are_read_to_a_depth() -> None:
    for depth in (DEEPEST, DEEPEST + 1):
        found = read([Unread("a", OBEDIENT, nested(depth).encode())])
        path = "a" + "/file.x" * depth
        if depth == DEEPEST:
            assert found == {path: Document(path, "the innermost", (Anchor(0, "page", "1"),))}
        else:
            (omission,) = found.values()
            assert isinstance(omission, Omission)
            assert omission.reason is Reason.LIMIT


def test_histories_leave_files_within_files_out() -> None:
    with Extraction(DictMemo()) as extraction:
        found = extraction.document(made("a.x", inner={"b.x": "{}"}))
    assert isinstance(found, Omission)
    assert found.reason is Reason.UNSUPPORTED


def test_a_long_file_is_divided_and_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dividing, "DIVISIBLE", frozenset({PAGED}))
    lines = [f"page {number}" for number in range(1, 500)]
    seen: list[tuple[int, int]] = []
    with Extraction(
        DictMemo(), progress=lambda path, done, total: seen.append((done, total)), workers=2
    ) as extraction:
        found = extraction.document(Unread("a.x", PAGED, "\n".join(lines).encode()))
        lines[300] = "!"
        broken = extraction.document(Unread("b.x", PAGED, "\n".join(lines).encode()))
    assert isinstance(found, Document)
    assert [anchor.label for anchor in found.anchors] == [str(n) for n in range(1, 500)]
    assert all(
        found.text.startswith(f"page {anchor.label}", anchor.start) for anchor in found.anchors
    )
    assert (499, 499) in seen
    assert isinstance(broken, Omission)
    assert broken.reason is Reason.DAMAGED
    assert "a page that cannot be read" in broken.detail


def test_our_divisible_formats_can_be_divided() -> None:
    from longctx.formats import Divisible
    from longctx.formats.worker import load

    assert all(isinstance(load(name), Divisible) for name in dividing.DIVISIBLE)


def test_leaving_ends_every_process_at_once() -> None:
    extraction = Extraction(DictMemo(), workers=2)

    def items() -> Iterator[Item]:
        for number in range(8):
            yield made(f"{number}.x", hang=True)
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), extraction:
        list(extraction.documents(items()))
    assert extraction._workers is None
    # Not a measure of speed: a process that is not ended holds up leaving for two minutes.
    assert time.monotonic() - started < 60
