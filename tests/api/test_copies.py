"""A text of several paths is in the prompt once, and each path lives its own life after that."""

from pathlib import Path

from api.test_sessions import asked, connected_to
from opened import session_over

from longctx.api import Ask
from longctx.corpus import Corpus, Document, Reason
from longctx.engines.scripted import Scripted

TEXT = "def moor(vessel):\n" + "".join(f"    vessel.line_{n} = {n}\n" for n in range(150))
FIRST, COPY = "src/moor.py", "vendor/harbour/moor.py"
ANSWER = f'It moors [{COPY}:1-1] "def moor(vessel):".\nSo [{FIRST}:2-2] "vessel.line_0 = 0".'


def test_a_copy_is_named_cited_and_updated(tmp_path: Path) -> None:
    texts = {FIRST: TEXT, COPY: TEXT, "README.md": "# Moor\n"}
    engine = Scripted([ANSWER])

    def corpus() -> Corpus:
        return Corpus.of(Document(path, text) for path, text in texts.items())

    session = session_over(corpus, connected_to(engine), tmp_path, Ask(window=20_000))
    shared = session.shown()
    base = "".join(session.texts(shared.lineage))
    assert base.count("def moor(vessel)") == 1
    assert f'path="{COPY}" same="{FIRST}"/>' in base
    assert not shared.left_out
    turn = asked(session, "what does moor do?")
    assert [str(each.verdict) for each in turn.citations] == ["verified", "verified"]
    texts[COPY] = TEXT.replace("line_7 = 7", "line_7 = 70")
    ready = session.prepare("and now?")
    (update,) = (each.text for each in ready.segments if each.name == "update")
    assert f'path="{COPY}"' in update
    assert "+    vessel.line_7 = 70" in update
    assert FIRST not in update
    session.close()


def test_a_copy_that_is_not_named_is_reported_as_one(tmp_path: Path) -> None:
    copies = [Document(f"lib{n:02}/moor.py", TEXT) for n in range(12)]
    other = Document("large.py", "".join(f"line_{n} = {n}\n" for n in range(9_000)))
    wanted = Ask(window=16_000)
    corpus = Corpus.of([*copies, other])
    session = session_over(corpus, connected_to(Scripted([ANSWER])), tmp_path, wanted)
    left = {each.path: (each.reason, each.detail) for each in session.shown().left_out}
    assert left.pop("large.py") == (Reason.BUDGET, "")
    assert set(left.values()) == {(Reason.COPY, "lib00/moor.py")}
    assert len(left) == 3
    session.close()


def test_a_kept_base_says_the_same(tmp_path: Path) -> None:
    corpus = Corpus.of(Document(path, TEXT) for path in (FIRST, COPY))
    said = []
    for _ in range(2):
        session = session_over(corpus, connected_to(Scripted([ANSWER])), tmp_path)
        asked(session, "what does moor do?")
        shared = session.shown()
        said.append(("".join(session.texts(shared.lineage)), shared.lineage.base.ids))
        assert [each.same for each in shared.lineage.base.shown] == [FIRST, None]
        session.close()
    assert said[0] == said[1]
