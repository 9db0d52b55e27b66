"""How documents are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from longctx.corpus import Document
from longctx.recall import Index
from longctx.recall.passages import cut

LINES = st.sampled_from(
    ["def f(x):", "class A:", "    def g(self):", "        pass", "", "# note", "## Head", "====",
     "1.2 Clause", "func (s *S) Run() {", "}", "[table]", "key: value", "x" * 7_000, "@deco"]
)  # fmt: skip
bodies = texts | st.lists(LINES, max_size=60).map("\n".join)


@given(bodies, st.sampled_from(["a.py", "a.go", "a.md", "a.toml", "a.json", "README"]))
def test_units_partition_the_text(text: str, path: str) -> None:
    units = cut(Document(path, text))
    assert "".join(text[unit.start : unit.end] for unit in units) == text
    assert all(unit.start < unit.end for unit in units)
    assert all(unit.end - unit.start <= 6_000 for unit in units)


def names(path: str, text: str) -> list[str]:
    return [f"{unit.within} {unit.name}".strip() for unit in cut(Document(path, text)) if unit.name]


BODY = "\n".join(f"    step({i})" for i in range(8))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", f"class A(B):\n{BODY}\n    async def f(self):\n    {BODY}\n", ["A", "A f"]),
        ("a.py", f"def f():\n{BODY}\n    def inner():\n    {BODY}\n", ["f"]),
        ("a.go", f"func (s *Store) Save(x int) {{\n{BODY}\n}}\n", ["Save"]),
        ("a.rs", f"impl Tide for Port {{\n    pub(crate) fn high(&self) {{\n{BODY}\n    }}\n}}\n",
         ["Tide for Port", "Tide for Port high"]),
        ("a.ts", f"export const go = async (x) => {{\n{BODY}\n}}\n", ["go"]),
        ("A.java", f"public class A {{\n{BODY}\n    private int f(int x) {{\n{BODY}\n    }}\n}}\n",
         ["A", "A f"]),
        ("a.kt", f"class A(val x: Int) {{\n{BODY}\n    fun f() {{\n{BODY}\n    }}\n}}\n",
         ["A", "A f"]),
        ("a.sql", f"CREATE TABLE berths (\n{BODY}\n);\n", ["berths"]),
        ("a.tf", f'resource "aws_vpc" "main" {{\n{BODY}\n}}\n', ['"aws_vpc" "main"']),
        ("a.proto", f"service Ports {{\n{BODY}\n}}\n", ["Ports"]),
        ("a.yaml", f"jobs:\n{BODY}\n", ["jobs"]),
        ("a.toml", f"[tool.x]\n{BODY}\n", ["tool.x"]),
        ("a.md", f"## Install\n\n{BODY}\n", ["Install"]),
        ("a.rst", f"Install\n=======\n\n{BODY}\n", ["Install"]),
        ("a.txt", f"ARTICLE IV\n{BODY}\n12.3 Notice\n{BODY}\n", ["ARTICLE IV", "12.3 Notice"]),
    ],
)  # fmt: skip
def test_a_unit_is_named_after_what_it_defines(path: str, text: str, expected: list[str]) -> None:
    assert names(path, text) == expected


def test_decorators_and_comments_belong_to_what_follows() -> None:
    text = f"import a\n\n{'x = 1' * 80}\n\n# Why.\n@route\ndef f():\n{BODY}\n"
    assert [text[unit.start :][:6] for unit in cut(Document("a.py", text))] == ["import", "# Why."]


def test_catalogues_are_cut_coarsely_and_found_all_the_same() -> None:
    text = "".join(f'msgid "word{i}"\nmsgstr "mot{i}"\n\n' for i in range(2_000))
    catalogue, table = Document("locale/fr.po", text), Document("a.csv", text)
    assert len(cut(catalogue)) * 4 < len(cut(table))
    best = Index.of([catalogue]).search("mot1234", 1)[0]
    assert "mot1234" in catalogue.slice(best.span)
    assert len(best.span) <= 4_000
