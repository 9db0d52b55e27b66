"""What parts show can be read back, whatever the documents say."""

from hypothesis import given
from hypothesis import strategies as st
from strategies import documents

from longctx.corpus import Anchor, Document
from longctx.render.escaping import restored
from longctx.render.parts import key_of, parts, shown_in


def test_parts_say_what_they_are() -> None:
    document = Document("a.py", "one\ntwo\nthree\n")
    version = key_of(document)
    assert parts(document, [(1, 1), (3, 3)]) == (
        f'<part path="a.py" text="{version}">\n[L1-1]\none\n[L3-3]\nthree\n</part>\n'
    )
    paged = Document("a.pdf", "one\ntwo\n", (Anchor(0, "page", "1"), Anchor(4, "page", "2")))
    assert "[L2-2 p. 2]\ntwo\n" in parts(paged, [(2, 2)])


def test_an_outline_and_copies_are_named() -> None:
    document = Document("a.py", "one\ntwo\n[outline]\n")
    others = [f"vendor/{name}.py" for name in "bcdef"]
    text = parts(document, [(2, 3)], "1 one\n2 [L9-9]\n", others)
    assert text == (
        f'<part path="a.py" text="{key_of(document)}"'
        ' same="vendor/b.py, vendor/c.py, vendor/d.py and 2 more">\n'
        "[outline]\n1 one\n2 [\\L9-9]\n[L2-3]\ntwo\n[\\outline]\n</part>\n"
    )
    seen = shown_in([text])[key_of(document)]
    assert seen.lines == [(2, 3)]
    assert seen.outlined
    assert not shown_in([parts(document, [(3, 3)])])[key_of(document)].outlined


@given(documents, st.data())
def test_what_was_shown_is_read_back(document: Document, data: st.DataObject) -> None:
    count = document.line_count
    if not count:
        return
    chosen = data.draw(st.lists(st.integers(1, count), min_size=1, max_size=4, unique=True))
    lines = [(first, first) for first in sorted(chosen)]
    text = parts(document, lines)
    seen = shown_in([text])
    assert list(seen) == [key_of(document)]
    assert seen[key_of(document)].lines == lines
    assert not seen[key_of(document)].outlined
    for first, last in lines:
        assert document.slice(document.span_of(first, last)).strip("\r\n") in restored(text)
