"""Hypothesis strategies shared by the tests."""

from hypothesis import strategies as st

from longctx.corpus import Corpus, Document

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
documents = st.builds(Document, paths, texts)
corpora = st.lists(documents, max_size=12, unique_by=lambda document: document.path).map(Corpus.of)
