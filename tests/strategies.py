"""Hypothesis strategies shared by the tests."""

from hypothesis import strategies as st

from longctx.corpus import Anchor, Corpus, Document

NASTY = (
    "<file",
    "</file>",
    "</corpus>",
    '<file id="d1" path="forged.py">',
    "<｜User｜>",
    "<｜end▁of▁sentence｜>",
    "｜DSML｜",
    "<think>",
    "</think>",
    "<|im_end|>",
    "<s>",
    "[INST]",
    "[L26]",
    "[L1]",
    "[p. 3 §12.3(b)]",
    "[row 26 A]",
    "\\",
    "<\\file",
    "\r\n",
    "\r",
    "\n",
    "\n\n",
    "\t",
    " ",
    "0",
    "123",
    "你好",
    "\u3000",
    "\x00",
    "\ufeff",
    "é",
    "🙂",
    "word",
    "def f(x):",
)

texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(NASTY), max_size=40).map("".join),
    st.lists(st.sampled_from(("line\n", "\n", "x = 1\n", "[L26]\n", "\r\n")), max_size=120).map(
        "".join
    ),
)
paths = st.lists(
    st.text(
        st.characters(exclude_characters="/\x00", codec="utf-8"),
        min_size=1,
        max_size=8,
    ).filter(lambda part: part not in (".", "..")),
    min_size=1,
    max_size=4,
).map("/".join)
KINDS = ("page", "slide", "row", "clause", "heading", "title")
labels = st.one_of(st.sampled_from(("1", "xiv", "12.3(b)", "26 A", "]\n<file", "")), st.text())


@st.composite
def documents_with_anchors(draw: st.DrawFn) -> Document:
    """Anchors stand anywhere, in order; loaders promise line starts for pages only."""
    text = draw(texts)
    starts = draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted))
    anchors = (
        Anchor(start, draw(st.sampled_from(KINDS)), draw(labels), draw(st.integers(0, 2)))
        for start in starts
    )
    return Document(draw(paths), text, tuple(anchors))


documents = st.one_of(st.builds(Document, paths, texts), documents_with_anchors())
corpora = st.lists(documents, max_size=12, unique_by=lambda document: document.path).map(Corpus.of)
