"""Which lineage a question gets: the same for every clone of a commit, one's own elsewhere."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from loaders.repositories import Repo

from longctx.api import Places, continuing, load
from longctx.api.continuing import Continued, Continuing
from longctx.api.lineages import Lineages
from longctx.pack.growing import Terms
from longctx.prompt import Ids
from longctx.store import Store
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import DictMemo
from longctx.updates import AnchorRule, Lineage

TOKENIZER = tokenizer_for("deepseek-v4")
MEMO = DictMemo()
ROOM = 1 << 20


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty home, so that no test depends on who runs it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _near_anchors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuing, "RULE", AnchorRule(every=4))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "--quiet")
    return repo


ANOTHER = """
import sys
from pathlib import Path
from api.test_continuing import Asker, continuing
continuing.RULE = continuing.AnchorRule(every=4)
print(Asker(Path(sys.argv[1])).ask(Path(sys.argv[2])).lineage.digest.hex())
"""


class Asker:
    """Someone with a store of their own, who asks over folders; each time as a new process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def ask(self, source: Path, *, anew: bool = False) -> Continued:
        store = Store.open(self.folder / "data")
        try:
            places = Places(self.folder / "cache", self.folder / "data")
            terms = Terms(TOKENIZER, MEMO, ROOM, continuing.RULE.share)
            asked = Continuing(Lineages(store), terms, str(source), self.said.append)
            loaded = load([str(source)], places)
            found = loaded.history()
            if found is None:
                continued = asked.current(loaded.corpus, anew=anew)
            else:
                with found as history:
                    continued = asked.current(loaded.corpus, history, anew=anew)
            asked.keep(continued)
            state = {path: known.digest for path, known in continued.lineage.state.items()}
            assert state == {document.path: document.digest for document in loaded.corpus}
            len(continued.lineage.base.ids)  # mapped while the store is open
            return continued
        finally:
            store.close()


@pytest.fixture
def asker(tmp_path: Path) -> Asker:
    return Asker(tmp_path / "asker")


def ids_of(lineage: Lineage) -> Ids:
    return Ids.joined([lineage.base.ids, *(step.ids for step in lineage.steps)])


def is_shared(continued: Continued) -> bool:
    return continued.shared is not None and continued.shared.digest == continued.lineage.digest


def cloned(repo: Repo, name: str, *options: str) -> Repo:
    path = repo.path.parent / name
    repo.git("clone", "--quiet", *options, f"file://{repo.path}", str(path))
    return Repo(path)


def text(lines: int, seed: int = 0) -> str:
    chance = random.Random(seed)
    return "".join(f"line {chance.randrange(1000)}\n" for _ in range(lines))


def edited(before: str, seed: int) -> str:
    lines = before.splitlines(keepends=True)
    lines[seed % len(lines)] = f"edited {seed}\n"
    return "".join(lines)


def grow(repo: Repo, commits: int, seed: int = 0) -> list[str]:
    """Commits that edit, add, delete and rename; their ids."""
    chance = random.Random(seed)
    made = []
    for number in range(commits):
        names = sorted(set(repo.tracked()) - {"anchor"})
        match chance.randrange(6) if len(names) > 3 else 0:
            case 0:
                repo.write(f"new{seed}-{number}", text(30, seed * 1000 + number))
            case 1:
                repo.git("rm", "--quiet", chance.choice(names))
            case 2:
                repo.git("mv", chance.choice(names), f"moved{seed}-{number}")
            case _:
                for name in chance.sample(names, 2):
                    path = repo.path / name
                    path.write_text(edited(path.read_text(), number))
        made.append(repo.commit())
    return made


def anchored(repo: Repo, holds: bool = True, **files: str) -> str:
    """A commit that is an anchor, or is none."""
    for number in range(100):
        commit = repo.commit(anchor=f"{number}\n", **files)
        if continuing.RULE.holds(commit) is holds:
            return commit
        _, *parents = repo.git("rev-list", "--parents", "--max-count=1", commit).split()
        repo.git(*(("reset", "--soft", *parents) if parents else ("update-ref", "-d", "HEAD")))
    raise AssertionError("no such commit")


def test_who_asked_at_every_commit_and_who_never_did_get_the_same(
    repo: Repo, asker: Asker, tmp_path: Path
) -> None:
    repo.commit(**{f"f{number}": text(60, number) for number in range(6)})
    commits = grow(repo, 30)
    repo.git("checkout", "--quiet", "-b", "side", commits[20])
    grow(repo, 3, seed=2)
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", "-X", "ours", "side")
    repo.git("revert", "--no-edit", commits[-1])
    commits = repo.git("rev-list", "--first-parent", "--reverse", "HEAD").split()
    assert len(commits) == 33
    bases = set()
    for number, commit in enumerate(commits):
        repo.git("checkout", "--quiet", "--detach", commit)
        walked = asker.ask(repo.path)
        assert is_shared(walked)
        bases.add(walked.lineage.base.digest)
        if number % 5 == 2 or number == 32:
            colleague = cloned(repo, f"clone{number}")
            colleague.git("checkout", "--quiet", commit)
            fresh = Asker(tmp_path / f"other{number}").ask(colleague.path)
            assert fresh.lineage.digest == walked.lineage.digest
            assert ids_of(fresh.lineage) == ids_of(walked.lineage)
    assert len(bases) > 2
    assert asker.said == []


def test_a_rebased_branch_goes_on_from_the_shared_anchor(repo: Repo, asker: Asker) -> None:
    anchored(repo, a=text(300), b=text(300, 1))
    anchored(repo, holds=False, a=edited(text(300), 1))
    fork = asker.ask(repo.path).lineage
    repo.git("checkout", "--quiet", "-b", "side")
    repo.git("checkout", "--quiet", "main")
    anchored(repo, holds=False, b=edited(text(300, 1), 2))
    main = asker.ask(repo.path).lineage
    repo.git("checkout", "--quiet", "side")
    anchored(repo, holds=False, c="c\n")
    side = asker.ask(repo.path).lineage
    assert main.base.digest == side.base.digest == fork.base.digest
    assert main.steps[: len(fork.steps)] == side.steps[: len(fork.steps)] == fork.steps
    repo.git("rebase", "--quiet", "-X", "theirs", "main")
    rebased = asker.ask(repo.path)
    assert is_shared(rebased)
    assert rebased.lineage.steps[: len(main.steps)] == main.steps


def test_uncommitted_work_follows_the_shared_lineage_and_goes_again(
    repo: Repo, asker: Asker
) -> None:
    anchored(repo, a=text(300), b=text(300, 1))
    clean = asker.ask(repo.path)
    assert is_shared(clean)
    repo.write("a", edited(text(300), 7))
    repo.write("fresh", "new\n")
    dirty = asker.ask(repo.path)
    assert not is_shared(dirty)
    assert dirty.shared == clean.lineage
    assert dirty.lineage.base.digest == clean.lineage.base.digest
    assert len(dirty.lineage.steps) == len(clean.lineage.steps) + 1
    assert asker.ask(repo.path).lineage == dirty.lineage
    repo.write("b", edited(text(300, 1), 3))
    more = asker.ask(repo.path).lineage
    assert more.steps[:-1] == dirty.lineage.steps
    repo.git("checkout", "--quiet", ".")
    (repo.path / "fresh").unlink()
    assert asker.ask(repo.path).lineage == clean.lineage


def test_committing_work_as_it_is_keeps_the_prefix_to_the_token(repo: Repo, asker: Asker) -> None:
    anchored(repo, a=text(300), b=text(300, 1), gone="gone\n")
    asker.ask(repo.path)
    for attempt in range(100):
        repo.write("a", edited(text(300), attempt))
        (repo.path / "gone").unlink(missing_ok=True)
        repo.write("sub/new", "new\n")
        dirty = asker.ask(repo.path).lineage
        if not continuing.RULE.holds(repo.commit()):
            break
        repo.git("reset", "--quiet", "--hard", "HEAD~1")
    committed = asker.ask(repo.path)
    assert is_shared(committed)
    assert ids_of(committed.lineage) == ids_of(dirty)
    assert committed.lineage.digest == dirty.digest


def test_a_shallow_clone_has_its_own_base_and_says_so(repo: Repo, asker: Asker) -> None:
    anchored(repo, a=text(300))
    for number in range(3):
        anchored(repo, holds=False, a=edited(text(300), number))
    shallow = cloned(repo, "shallow", "--depth", "2")
    own = asker.ask(shallow.path)
    assert own.shared is None
    assert "git fetch --unshallow" in asker.said[0]
    shallow.write("a", edited(text(300), 9))
    assert asker.ask(shallow.path).lineage.base.digest == own.lineage.base.digest
    shallow.git("checkout", "--quiet", ".")
    shallow.git("fetch", "--quiet", "--unshallow")
    assert is_shared(asker.ask(shallow.path))


def test_housekeeping_of_git_changes_nothing(repo: Repo, asker: Asker, tmp_path: Path) -> None:
    repo.commit(**{f"f{number}": text(60, number) for number in range(4)})
    grow(repo, 6)
    before = asker.ask(repo.path).lineage
    repo.git("gc", "--quiet", "--aggressive", "--prune=now")
    repo.git("pack-refs", "--all")
    assert asker.ask(repo.path).lineage == before
    assert Asker(tmp_path / "other").ask(repo.path).lineage == before
    repo.git("checkout", "--quiet", "--detach")
    assert asker.ask(repo.path).lineage == before


def test_a_plain_folder_goes_on_over_its_own_base(asker: Asker, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(text(300, ord(name)))
    first = asker.ask(folder)
    assert first.shared is None
    (folder / "b").write_text(edited(text(300, ord("b")), 5))
    (folder / "d").write_text("new\n")
    second = asker.ask(folder)
    (folder / "a").unlink()
    third = asker.ask(folder)
    lineages = [continued.lineage for continued in (first, second, third)]
    assert [len(lineage.steps) for lineage in lineages] == [0, 1, 2]
    assert len({lineage.base.digest for lineage in lineages}) == 1
    assert third.lineage.steps[0] == second.lineage.steps[0]
    assert asker.ask(folder).lineage == third.lineage
    assert asker.ask(folder, anew=True).lineage.steps == ()
    (folder / "c").write_text("other\n" * 300)
    (folder / "b").write_text("other\n" * 300)
    cut = asker.ask(folder).lineage
    assert cut.steps == ()


def test_another_process_goes_on_too(asker: Asker, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a").write_text(text(300))
    asker.ask(folder)
    (folder / "a").write_text(edited(text(300), 1))
    here = asker.ask(folder).lineage
    command = [sys.executable, "-c", ANOTHER, str(asker.folder), str(folder)]
    tests = Path(__file__).parent.parent
    run = subprocess.run(command, cwd=tests, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == here.digest.hex(), run.stderr


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize("part", ["manifest", "ids", "texts", None])
def test_a_base_that_is_damaged_or_gone_is_made_anew(
    repo: Repo, asker: Asker, git: bool, part: str | None
) -> None:
    anchored(repo, a=text(300), b=text(200, 1))
    anchored(repo, holds=False, a=edited(text(300), 1))
    if not git:
        (repo.path / ".git").rename(repo.path.parent / "away")
    before = asker.ask(repo.path).lineage
    (base,) = (asker.folder / "data" / "bases").iterdir()
    if part is None:
        store = Store.open(asker.folder / "data")
        store.thaw(before.base.digest)
        store.close()
    else:
        data = (base / part).read_bytes()
        (base / part).write_bytes(data[: len(data) // 2 - 1])
    again = asker.ask(repo.path)
    assert again.lineage.digest == before.digest
    repo.write("b", edited(text(200, 1), 3))
    asker.ask(repo.path)
    (repo.path / "a").unlink()
    assert ids_of(asker.ask(repo.path).lineage).data
