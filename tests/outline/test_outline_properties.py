"""What holds for the outline of any text in any language."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Anchor, Document
from longctx.outline import Outline, outline_text, outlined, packed, unpacked

SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())
TEXTS = {
    **{path.name: path.read_text(encoding="utf-8") for path in SAMPLES},
    "a.py": '@wraps(f)\nclass A(B):\n    """Über A."""\n\n    x: int = 1\n\n    def f(self): ...\n',
    "a.ts": "export interface A {\n  b: string;\n}\nexport const f = (x: number) => x;\n",
    "a.java": "class A {\n  /** Says. */\n  int f(int x) { return x; }\n  int y;\n}\n",
    "a.go": "package a\n\n// T is one.\ntype T struct {\n\tX int\n}\n\nfunc (t *T) F() {}\n",
    "a.rs": "/// One.\n#[derive(Debug)]\npub struct T { x: u8 }\nimpl T { fn f(&self) {} }\n",
    "a.proto": "message A {\n  string id = 1;\n  oneof b { int32 c = 2; }\n}\n",
    "a.md": "# One\n\ntext\n\n## Two\n\nOther\n=====\n",
    "a.yaml": "name: x\nservices:\n  web: 1\n",
    "a.zig": "pub fn main() void {\n}\nconst S = struct {\n};\n",
}
ENDINGS = sorted({name.rsplit(".", 1)[1] for name in TEXTS} | {"tsx", "txt", "toml", "h"})
PIECES = sorted(
    {line for text in TEXTS.values() for line in text.splitlines(keepends=True)}
    | {
        "\r\n",
        "\x00",
        "é",
        "🙂",
        "你好",
        "{",
        "}",
        "(",
        ")",
        '"',
        "'",
        "`",
        "/*",
        "*/",
        "#",
        "<",
        "$$",
    }
    | {"\ud800", "\u2028", "    ", "\t", ";", "::", "=>", "class ", "def ", "@"}
)

texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
paths = st.sampled_from(ENDINGS).map(lambda ending: f"folder/file.{ending}")


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """A whole sample with a part cut out and something else put in."""
    name = draw(st.sampled_from(sorted(TEXTS)))
    text = TEXTS[name]
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 80)))
    return name, text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]


files = st.one_of(st.tuples(paths, texts), damaged())


def check(outline: Outline, document: Document) -> None:
    text = document.text
    around: list[tuple[int, int]] = []
    before = 0
    for each in outline.definitions:
        assert 0 <= each.signature.start < each.signature.end <= len(text)
        assert before <= each.signature.start, "in the order of their signatures"
        before = each.signature.start
        assert 1 <= each.first <= each.last <= document.line_count
        assert each.first <= document.line_of(each.signature.start) <= each.last
        assert each.name and each.qualified.endswith(each.name)
        assert "\n" not in each.doc
        assert each.depth <= len(around), "depths have no gaps"
        del around[each.depth :]
        if around:
            assert around[-1][0] <= each.first
            assert each.last <= around[-1][1]
        around.append((each.first, each.last))
    shown = outline_text(outline, document)
    assert len(shown) < len(text) or shown == ""
    assert not shown or shown.endswith("\n")
    assert shown.count("\n") <= len(outline.definitions)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(files)
def test_lines_lie_inside_the_file_and_nest(file: tuple[str, str]) -> None:
    path, text = file
    outline = outlined(path, text)
    check(outline, Document(path, text))
    assert outlined(path, text) == outline
    assert unpacked(packed(outline)) == outline


anchors = st.lists(
    st.builds(
        Anchor,
        st.integers(0, 300),
        st.sampled_from(["title", "chapter", "heading", "clause", "page"]),
        st.text(max_size=6),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(texts, anchors)
def test_anchors_of_a_document_are_its_outline(text: str, marks: list[Anchor]) -> None:
    outline = outlined("book.docx", text, marks)
    check(outline, Document("book.docx", text))


@given(st.binary(max_size=200) | st.just(b"[1,2,3]") | st.just(b'["syntax tree",false,[[1]]]'))
def test_bytes_that_are_no_outline_are_refused(data: bytes) -> None:
    from longctx.outline.packing import Unpackable

    try:
        unpacked(data)
    except Unpackable:
        return
    raise AssertionError("it was read")
