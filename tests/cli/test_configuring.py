"""Which settings hold, where each comes from, and the user's own file."""

import json
import stat
import tomllib
from pathlib import Path

import pytest
from cli.process import run

USERS = """# mine
base_url = "http://me:s3cret@gpu:30000"  # the box
profile = "pro"
api_key = "s3cret"
"""


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """The user's own file."""
    place = tmp_path / ".config" / "longctx" / "longctx.toml"
    place.parent.mkdir(parents=True)
    place.write_text(USERS)
    return place


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "case").mkdir(parents=True)
    return folder


def settings(
    *words: str, home: Path, cwd: Path, env: dict[str, str]
) -> dict[str, dict[str, object]]:
    done = run("config", "show", *words, "--json", home=home, cwd=cwd, env=env)
    assert done.code == 0, done.err
    assert "s3cret" not in done.out + done.err
    return {each["name"]: each for each in json.loads(done.out)["settings"]}


def test_each_setting_says_where_it_comes_from(users: Path, work: Path, tmp_path: Path) -> None:
    (work / "longctx.toml").write_text('profile = "flash"\nbudget = 5000\n')
    env = {"LONGCTX_BUDGET": "6000", "LONGCTX_THINK": "low", "LONGCTX_PASSWORD": "s3cret"}
    found = settings("--think", "high", home=tmp_path, cwd=work, env=env)
    said = {name: (each["value"], each["from"]) for name, each in found.items()}
    assert said["base_url"] == ("http://gpu:30000", "user file")
    assert said["profile"] == ("flash", "project file")
    assert said["budget"] == (6000, "environment")
    assert said["think"] == ("high", "flag")
    assert said["engine"] == ("auto", "default")
    assert said["api_key"] == (None, "user file")
    assert found["api_key"]["set"] is found["passwords"]["set"] is True
    assert found["base_url"]["place"] == str(users)
    assert found["budget"]["place"] == "LONGCTX_BUDGET"
    assert {n for n, each in found.items() if each["secret"]} == {
        "api_key",
        "passwords",
        "base_url",
    }


def test_as_text_no_secret_is_shown(users: Path, work: Path, tmp_path: Path) -> None:
    done = run("config", home=tmp_path, cwd=work)
    assert done.code == 0, done.err
    assert "s3cret" not in done.out + done.err
    rows = {line.split()[0]: line for line in done.out.splitlines() if line}
    assert rows["api_key"].split()[1:4] == ["set", "user", "file"]
    assert "http://gpu:30000 (with a login)" in rows["base_url"]
    assert str(users) in done.out


def test_a_file_in_a_source_is_not_said_to_hold(work: Path, tmp_path: Path) -> None:
    (work / "longctx.toml").write_text("budget = 5000\n")
    alone = settings("case", home=tmp_path, cwd=work, env={})
    assert alone["budget"]["from"] == "project file"
    within = settings(".", home=tmp_path, cwd=work, env={})
    assert (within["budget"]["value"], within["budget"]["from"]) == (None, "default")


def test_a_setting_is_set_and_unset_and_comments_stay(
    users: Path, work: Path, tmp_path: Path
) -> None:
    def config(*words: str, stdin: str = "") -> None:
        done = run("config", *words, home=tmp_path, cwd=work, stdin=stdin)
        assert done.code == 0, done.err
        assert "n3w" not in done.out + done.err

    config("set", "exclude", "*.svg", "*.lock")
    config("set", "answer-reserve", "4096")
    config("set", "core", "0.3")
    config("set", "api_key", "-", stdin="n3w\n")
    config("unset", "profile")
    text = users.read_text()
    assert text.startswith("# mine\n")
    assert "# the box" in text
    assert tomllib.loads(text) == {
        "base_url": "http://me:s3cret@gpu:30000",
        "api_key": "n3w",
        "exclude": ["*.svg", "*.lock"],
        "answer_reserve": 4096,
        "core": 0.3,
    }


def test_a_new_file_is_for_the_user_alone(work: Path, tmp_path: Path) -> None:
    assert run("config", "set", "ocr", "true", home=tmp_path, cwd=work).code == 0
    place = Path(run("config", "path", home=tmp_path, cwd=work).out.strip())
    assert place.read_text() == "ocr = true\n"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_what_wins_over_a_new_setting_is_told(work: Path, tmp_path: Path) -> None:
    (work / "longctx.toml").write_text("budget = 5000\n")
    env = {"LONGCTX_BUDGET": "6000"}
    done = run("config", "set", "budget", "7000", home=tmp_path, cwd=work, env=env)
    assert "LONGCTX_BUDGET in the environment wins" in done.err
    assert f"{work / 'longctx.toml'} wins over it here" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "profle", "pro"], "near: profile"),
        (["set", "profile", "max"], "profile: 'max' is not one of 'flash', 'pro'"),
        (["set", "budget", "many"], "budget: 'many' is not a valid integer"),
        (["set", "budget", "1", "2"], "budget takes one value"),
        (["set", "api_key", "s3cret"], "give api_key on standard input"),
        (["unset", "budget"], "does not set budget"),
        (["unset", "profle"], "near: profile"),
    ],
)
def test_a_wrong_change_is_refused(
    users: Path, work: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    done = run("config", *words, home=tmp_path, cwd=work)
    assert done.code == 2
    assert said in done.err
    assert "s3cret" not in done.err
    assert users.read_text() == USERS


def test_a_broken_file_is_not_written_over(users: Path, work: Path, tmp_path: Path) -> None:
    users.write_text("= broken\n")
    done = run("config", "set", "budget", "5", home=tmp_path, cwd=work)
    assert done.code == 2
    assert "not TOML" in done.err
    assert users.read_text() == "= broken\n"
