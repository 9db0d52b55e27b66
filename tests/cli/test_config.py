"""Where settings come from, and which file is never believed."""

from pathlib import Path

import pytest
from cli.process import SAMPLES, Words, run

CONTRACT = SAMPLES / "contract"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder to work in that holds a source and is none itself."""
    source = tmp_path / "work" / "case"
    source.mkdir(parents=True)
    (source / "lease.txt").write_text("The term ends on 31 May 2031.\n")
    return tmp_path / "work"


def test_a_file_in_the_current_folder_is_read(work: Path, tmp_path: Path) -> None:
    (work / "longctx.toml").write_text('base_url = "http://127.0.0.1:9"\n')
    done = run("ask", "case", "when does the term end?", home=tmp_path, cwd=work)
    assert done.code == 1
    assert "no answer from http://127.0.0.1:9" in done.err


def test_a_file_inside_the_source_is_never_believed(work: Path, tmp_path: Path) -> None:
    (work / "case" / "longctx.toml").write_text('base_url = "http://127.0.0.1:9"\n')
    done = run("ask", ".", "when does the term end?", home=tmp_path, cwd=work / "case")
    assert done.code == 0
    assert "not trusted and not read" in done.err
    assert "31 May 2031" in done.out
    elsewhere = run("ask", "case", "when does the term end?", home=tmp_path, cwd=work)
    assert elsewhere.code == 0


def test_a_file_named_by_the_user_is_believed(work: Path, tmp_path: Path) -> None:
    config = work / "case" / "longctx.toml"
    config.write_text('base_url = "http://127.0.0.1:9"\n')
    words: Words = ["ask", ".", "when?", "--config", config]
    assert run(*words, home=tmp_path, cwd=work / "case").code == 1


def test_nearer_wins(work: Path, tmp_path: Path) -> None:
    (work / "longctx.toml").write_text('base_url = "http://127.0.0.1:9"\n')
    far = {"LONGCTX_BASE_URL": "http://127.0.0.1:8"}
    done = run("ask", "case", "when?", home=tmp_path, cwd=work, env=far)
    assert "127.0.0.1:8" in done.err
    flag = ["--base-url", "http://127.0.0.1:7"]
    done = run("ask", "case", "when?", *flag, home=tmp_path, cwd=work, env=far)
    assert "127.0.0.1:7" in done.err


def test_the_users_own_file(work: Path, tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "longctx"
    folder.mkdir(parents=True)
    (folder / "longctx.toml").write_text('exclude = ["lease.txt"]\n')
    done = run("ask", "case", "when does the term end?", home=tmp_path, cwd=work)
    assert done.code == 3
    assert "excluded by a pattern" in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 'red'", "no setting is called 'colour'"),
        ("base-url = 'http://h'", "no setting is called 'base-url'; near: base_url"),
        ("budget = 'big'", "budget cannot be 'big': it is a whole number"),
        ("budget = true", "budget cannot be True"),
        ("profile = 'max'", "'max' is not one of 'flash', 'pro'"),
        ("= 3", "not TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_mistake(
    work: Path, tmp_path: Path, text: str, said: str
) -> None:
    (work / "longctx.toml").write_text(text)
    done = run("ask", "case", "when?", home=tmp_path, cwd=work)
    assert done.code == 2
    assert said in done.err


def test_the_key_is_never_shown(work: Path, tmp_path: Path) -> None:
    (work / "longctx.toml").write_text('base_url = "http://127.0.0.1:9"\napi_key = "s3cret"\n')
    for words in (["ask", "case", "when?"], ["doctor", "--json"], ["doctor"]):
        done = run(*words, home=tmp_path, cwd=work)
        assert done.code == 1
        assert "s3cret" not in done.out + done.err


@pytest.mark.parametrize(
    "text",
    ["api_key = ['s3cret']", "base_url = ['http://me:s3cret@h']", "api_key = 53\nx = 's3cret'"],
)
def test_a_wrong_value_that_may_be_a_secret_is_not_repeated(
    work: Path, tmp_path: Path, text: str
) -> None:
    (work / "longctx.toml").write_text(text + "\n")
    done = run("ask", "case", "when?", home=tmp_path, cwd=work)
    assert done.code == 2
    assert "cannot be what it is set to" in done.err
    assert "s3cret" not in done.out + done.err


def test_a_login_in_the_servers_url_is_never_shown(work: Path, tmp_path: Path) -> None:
    env = {"LONGCTX_BASE_URL": "http://me:s3cret@127.0.0.1:9"}
    for words in (["ask", "case", "when?"], ["doctor"], ["doctor", "--json"], ["config"]):
        done = run(*words, home=tmp_path, cwd=work, env=env)
        assert "127.0.0.1:9" in done.out + done.err
        assert "s3cret" not in done.out + done.err


def test_no_secret_is_kept(work: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    env = {
        "LONGCTX_API_KEY": "s3cret",
        "LONGCTX_PASSWORD": "s3cret",
        "LONGCTX_BASE_URL": "http://me:s3cret@127.0.0.1:9",
        "LONGCTX_ENGINE": "extractive",
    }
    for words in (["ask", "case", "when does the term end?"], ["pack", "case", "--report"]):
        done = run(*words, home=home, cwd=work, env=env)
        assert done.code == 0, done.err
        assert "s3cret" not in done.out + done.err
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"s3cret" in path.read_bytes()]
