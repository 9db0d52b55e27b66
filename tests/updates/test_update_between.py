"""Who reads an update over what was shown before knows the documents as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NASTY
from updates.reading import UNKNOWN, Reader

from longctx.corpus import Document
from longctx.updates import Known, Update, states, update_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from longctx.updates import State

PATHS = (
    "a",
    "b",
    "src/a",
    "src/b",
    'q"><update id="d1">\n&#34;',
    "nul\x00\u2028\u202e/b",
    "\ud800",
    "<｜User｜>",
)
LINES = (
    *NASTY,
    "a\n",
    "b\n",
    "a\n" * 30,
    "[L26]\n",
    "[\\L26]\n",
    '</update id="d1">\n',
    '<update id="d2" path="a" is="deleted"/>\n',
    "@@ -1,1 +1,1 @@\n",
    "\\ No newline at end of file\n",
    "c\r\n",
    "\u2028\x0b\x0c\x1c\x85",
    "\ud800",
)
ENOUGH = 1 << 20
"""Characters of a document that is never too large to be shown whole again."""

texts = st.one_of(
    st.sampled_from(("", "\n", "a", "a\n", "\r\n")),
    st.lists(st.sampled_from(LINES), max_size=8).map("".join),
)
sources = st.dictionaries(st.sampled_from(PATHS), texts, max_size=len(PATHS))
limits = st.sampled_from((0, 3, ENOUGH))
LITTLE = 90
"""Characters of a block that is shown under any path."""


@dataclass
class Shown:
    """What a model was shown, as the program keeps it."""

    state: State
    texts: dict[bytes, str]
    next_number: int

    @classmethod
    def first(cls, source: Mapping[str, str]) -> Shown:
        known = {
            path: Known(number, Document(path, source[path]).digest)
            for number, path in enumerate(sorted(source), 1)
        }
        shown = cls(known, {}, len(known) + 1)
        shown.keep(source)
        return shown

    def keep(self, source: Mapping[str, str]) -> None:
        self.texts |= {Document(path, text).digest: text for path, text in source.items()}

    def update(
        self, source: Mapping[str, str], copy_limit: int, unseen: str | None = None
    ) -> Update:
        fresh = {
            path: document
            for path, text in source.items()
            if (document := Document(path, text)).digest
            != getattr(self.state.get(path), "digest", None)
        }
        gone = {path: known for path, known in self.state.items() if path not in source}
        return update_between(
            self.state,
            gone,
            fresh,
            lambda path, known: self.texts[known.digest],
            self.next_number,
            copy_limit,
            lambda path, size: path == unseen and size > LITTLE,
        )

    def step(self, source: Mapping[str, str], copy_limit: int, unseen: str | None = None) -> Update:
        update = self.update(source, copy_limit, unseen)
        state = dict(self.state)
        for path, known in update.changes:
            state.pop(path, None)
            if known is not None:
                state[path] = known
                self.next_number = max(self.next_number, known.number + 1)
        self.state = state
        self.keep(source)
        return update


def reader_of(shown: Shown) -> Reader:
    documents = {
        known.number: (path, shown.texts[known.digest]) for path, known in shown.state.items()
    }
    return Reader(documents, set(documents))


def ended(source: Mapping[str, str]) -> dict[str, str]:
    """The texts but for a missing last line end: where a text is shown whole, nobody can see it."""
    return {path: text + "\n" * (text[-1:] not in ("", "\n")) for path, text in source.items()}


@settings(deadline=None)
@given(sources, st.lists(sources, max_size=6), limits)
def test_a_reader_of_the_updates_has_the_documents_of_now(
    first: dict[str, str], later: list[dict[str, str]], copy_limit: int
) -> None:
    shown = Shown.first(first)
    for source in later:
        reader = reader_of(shown)
        update = shown.step(source, copy_limit)
        reader.read(update.text)
        assert ended(reader.texts()) == ended(source)
        assert bool(update) == bool(update.text)
        numbers = {known.number: path for path, known in shown.state.items()}
        assert {number: path for number, (path, _) in reader.documents.items()} == numbers
        assert len(numbers) == len(source)
        digests = {path: known.digest for path, known in shown.state.items()}
        assert digests == {path: Document(path, text).digest for path, text in source.items()}


@settings(deadline=None)
@given(sources, st.lists(sources, max_size=6), limits, st.sampled_from(PATHS))
def test_a_reader_knows_which_texts_it_was_not_shown(
    first: dict[str, str], later: list[dict[str, str]], copy_limit: int, unseen: str
) -> None:
    shown = Shown.first(first)
    reader = reader_of(shown)
    for source in later:
        update = shown.step(source, copy_limit, unseen)
        reader.read(update.text)
        told = {
            path: UNKNOWN if shown.state[path].unseen else text for path, text in source.items()
        }
        assert ended(reader.texts()) == ended(told)


def test_a_text_that_was_not_shown_is_shown_whole_or_not_at_all() -> None:
    shown = Shown.first({"a": "one\n"})
    assert 'is="changed"/>' in shown.step({"a": "two\n" * 50}, ENOUGH, "a").text
    assert 'is="changed"/>' in shown.step({"a": "three\n" * 50}, ENOUGH, "a").text
    assert 'is="whole">\nfour\n<' in shown.step({"a": "four\n"}, ENOUGH, "a").text


@settings(deadline=None)
@given(sources, st.lists(sources, max_size=6), limits)
def test_no_number_is_given_twice(
    first: dict[str, str], later: list[dict[str, str]], copy_limit: int
) -> None:
    shown = Shown.first(first)
    reader = reader_of(shown)  # asserts that a new number was never taken
    for source in later:
        reader.documents = reader_of(shown).documents
        reader.read(shown.step(source, copy_limit).text)


@settings(deadline=None)
@given(sources, sources, limits)
def test_the_same_states_give_the_same_update(
    first: dict[str, str], then: dict[str, str], copy_limit: int
) -> None:
    shown, again = Shown.first(first), Shown.first(first)
    again.state = dict(reversed(list(again.state.items())))
    mixed = dict(reversed(list(then.items())))
    assert shown.update(then, copy_limit) == again.update(mixed, copy_limit)


def test_the_third_change_shows_the_whole_text_again() -> None:
    texts = ["".join(f"line {n}\n" for n in range(40)) + f"end {i}\n" for i in range(5)]
    for copy_limit, whole in ((ENOUGH, [False, False, True, False]), (10, [False] * 4)):
        shown = Shown.first({"a": texts[0]})
        updates = [shown.step({"a": text}, copy_limit) for text in texts[1:]]
        assert ['is="whole"' in update.text for update in updates] == whole


def test_a_rename_keeps_the_number() -> None:
    text = "".join(f"line {number}\n" for number in range(9))
    shown = Shown.first({"a/old": text, "b/kept": "kept\n", "c/same": "one\n"})
    update = shown.step({"a/new": text, "b/kept": "kept\n", "d/same": "two\n"}, ENOUGH)
    assert update.text == (
        '<update id="d1" path="a/new" was="a/old"/>\n'
        '<update id="d3" path="d/same" was="c/same"/>\n'
        '<update id="d3" path="d/same" is="whole">\ntwo\n</update id="d3">\n'
    )
    edited = shown.step({"z/new": text + "more\n", "b/kept": "kept\n"}, ENOUGH)
    assert edited.text == (
        '<update id="d3" path="d/same" is="deleted"/>\n'
        '<update id="d1" path="z/new" was="a/new">\n'
        '@@ -9,1 +9,2 @@\n line 8\n+more\n</update id="d1">\n'
    )


def test_a_diff_that_costs_too_much_becomes_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "".join(f"line {number}\n" for number in range(40))
    monkeypatch.setattr("longctx.updates.diffing.CELLS", 0)
    shown = Shown.first({"a": long})
    assert 'is="whole"' in shown.step({"a": long.replace("line 9", "line IX")}, 0).text
    assert states.DIFFS == 2
