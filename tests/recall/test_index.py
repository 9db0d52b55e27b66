"""An index is a value: of its documents alone, whatever way it came about."""

import subprocess
import sys
import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from longctx.corpus import Document
from longctx.recall import Index
from longctx.recall.facts import Facts
from longctx.recall.places import Place, places_in

WORDS = st.sampled_from(
    ["auth", "login", "HTTPServer", "def check_user(x):\n", "class A:\n", "\n\n", "你好", "12.3 "]
)
bodies = texts | st.lists(WORDS, max_size=40).map(" ".join)
paths = st.sampled_from(["a.py", "b.md", "tests/c.py", "d/e.go", "README", "f.yaml", "g.csv"])
trees = st.dictionaries(paths, bodies, max_size=5)
QUESTIONS = ("where is auth?", "`check_user` of class A", "login http server 你好", "a.py:2 b.md")


def documents(tree: dict[str, str]) -> list[Document]:
    return [Document(path, text) for path, text in tree.items()]


def found(index: Index) -> list[list[tuple[str, int, int, float]]]:
    return [
        [(p.document.path, p.span.start, p.span.end, p.score) for p in index.passages(question)]
        for question in QUESTIONS
    ]


@given(trees, st.randoms())
def test_equal_documents_give_equal_bytes_in_any_order(
    tree: dict[str, str], random: object
) -> None:
    shuffled = documents(tree)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Index.of(shuffled).to_bytes() == Index.of(documents(tree)).to_bytes()


IN_ANOTHER_PROCESS = """
import hashlib
from longctx.corpus import Document
from longctx.recall import Index
text = "def parse_HTTPHeader2(x):\\n    return DBConnection(x) + \\u4f60\\u597d_wOrld\\n\\n"
index = Index.of(Document(f"src/m{i}.py", text * (i + 1)) for i in range(5))
found = [(p.document.path, p.span, p.score) for p in index.passages("parse the database header")]
print(hashlib.sha256(index.to_bytes() + repr(found).encode()).hexdigest(), len(found))
"""


def test_neither_bytes_nor_passages_depend_on_the_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(said) == 1
    assert int(said.pop().split()[1]) >= 5


@given(trees)
def test_bytes_come_back_as_the_same_index(tree: dict[str, str]) -> None:
    index = Index.of(documents(tree))
    again = Index.from_bytes(index.to_bytes(), documents(tree))
    assert found(again) == found(index)
    assert again.to_bytes() == index.to_bytes()


@given(trees, trees)
def test_a_changed_index_finds_what_a_new_one_finds(
    before: dict[str, str], after: dict[str, str]
) -> None:
    filler = {f"z{i}.py": f"def filler_{i}():\n    login({i})\n" for i in range(40)}
    index = Index.of(documents(before | filler)).changed(documents(after | filler))
    assert found(index) == found(Index.of(documents(after | filler)))


@given(bodies, paths)
def test_facts_come_back_from_their_bytes(text: str, path: str) -> None:
    facts = Facts.of(Document(path, text))
    assert Facts.from_bytes(facts.to_bytes()) == facts


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Facts.from_bytes(data)
    with pytest.raises(ValueError, match=r"."):
        Index.from_bytes(data, [])


@dataclass
class Shelf:
    """A store of facts in memory."""

    held: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    puts: int = 0

    def get(self, digest: bytes, kind: str) -> bytes | None:
        return self.held.get((digest, kind))

    def put(self, digest: bytes, kind: str, facts: Facts) -> None:
        self.puts += 1
        self.held[digest, kind] = facts.to_bytes()


def test_content_is_read_once_wherever_it_stands() -> None:
    shelf = Shelf()
    text = "def login(user):\n    return check(user)\n"
    first = Index.of([Document("a.py", text), Document("b.py", text)], shelf)
    assert shelf.puts == 1
    second = Index.of([Document("a.py", text), Document("b.py", text)], shelf)
    assert shelf.puts == 1
    assert found(second) == found(first)
    shelf.held = dict.fromkeys(shelf.held, b"of another version")
    assert found(Index.of([Document("a.py", text), Document("b.py", text)], shelf)) == found(first)


def test_what_a_found_function_uses_is_found_after_it() -> None:
    index = Index.of(
        [
            Document("a.py", "def open_gate(ship):\n    return raise_boom(ship)\n"),
            Document("b.py", "def raise_boom(vessel):\n    return vessel.ready\n"),
            *[Document(f"z{i}.py", f"def other_{i}(x):\n    return {i}\n") for i in range(20)],
        ]
    )
    passages = index.search("how does the gate open?")
    assert [passage.document.path for passage in passages] == ["a.py", "b.py"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('  File "/home/x/src/a.py", line 12, in run\n', [Place("/home/x/src/a.py", 12, "run")]),
        ("src\\a.cs:7 fails", [Place("src/a.cs", 7)]),
        ("error at main.go(31,4)", [Place("main.go", 31)]),
        (
            "--- a/x.py\n+++ b/lib/x.py\n@@ -10,6 +12,7 @@ def f\n context\n",
            [Place("lib/x.py", 15)],
        ),
        ("at 10:30 on 1.2.3, see e.g. this", []),
    ],
)
def test_places_that_a_question_names(question: str, expected: list[Place]) -> None:
    assert places_in(question) == expected


def test_a_stack_trace_finds_its_functions() -> None:
    files = [
        Document(f"src/m{i}.py", "".join(f"def f{j}(x):\n    return {j}\n\n" * 3 for j in range(9)))
        for i in range(6)
    ]
    target = Document("src/deep/engine.py", "def start():\n    go()\n\n\ndef halt():\n    pass\n")
    trace = 'Traceback:\n  File "/usr/lib/deep/engine.py", line 90, in halt\nKeyError: f3 return'
    best = Index.of([*files, target]).search(trace, 1)[0]
    assert best.document is target


def test_many_small_files_are_indexed_and_asked_soon() -> None:
    many = [Document(f"d{i % 97}/f{i}.py", f"def f{i}():\n    pass\n") for i in range(20_000)]
    began = time.process_time()
    index = Index.of(many)
    assert time.process_time() - began < 10  # a tenth of the files, a tenth of the time
    began = time.process_time()
    assert index.search("where is f777 of class pass in d7?", 3)[0].document.path.endswith(
        "f777.py"
    )
    assert time.process_time() - began < 2


@pytest.mark.parametrize("noise", ["\x00\x01\x02" * 50_000, "\ud800\udfff" * 9_000, "ab" * 99_999])
def test_noise_is_indexed_and_harms_nothing(noise: str) -> None:
    index = Index.of([Document("a.bin", noise), Document("b.py", "def login():\n    pass\n")])
    assert index.search("login", 1)[0].document.path == "b.py"
    assert index.search("où est la connexion?", 3) == ()
    assert Index.from_bytes(index.to_bytes(), [Document("a.bin", noise)]).search("login") == ()
