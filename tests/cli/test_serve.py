"""`longctx serve` for people: the command on stdout, the arithmetic on stderr, files as named."""

import json
from pathlib import Path

import pytest
from cli.process import run


def test_the_command_is_all_that_stdout_gets(tmp_path: Path) -> None:
    done = run("serve", "flash", "--gpus", "4xH200", "--no-check", home=tmp_path)
    assert done.code == 0
    command = [line for line in done.out.splitlines() if line and not line.startswith("#")]
    assert command[0] == "sglang serve \\"
    assert "fits 4x H200 141GB" in done.err
    assert "tokens of prefixes stay warm" in done.err


def test_the_reason_for_what_is_off_stands_in_the_output(tmp_path: Path) -> None:
    done = run("serve", "pro", "--gpus", "8xB200", "--no-check", home=tmp_path)
    assert "# HiCache stays off" in done.out
    assert "--enable-hierarchical-cache" not in done.out
    command = [line for line in done.out.splitlines() if not line.startswith("#")]
    assert "--allow-auto-truncate" not in " ".join(command)


def test_what_does_not_fit_is_exit_4_and_no_command(tmp_path: Path) -> None:
    done = run("serve", "flash", "--gpus", "2x4090", home=tmp_path)
    assert (done.code, done.out) == (4, "")
    assert "short by" in done.err
    assert run("serve", "flash", "--gpus", "2x4090", "--anyway", home=tmp_path).code == 0


def test_json_holds_every_word(tmp_path: Path) -> None:
    words = ["serve", "flash", "--gpus", "8xH200", "--replicas", "2", "--key-env", "K", "--json"]
    told = json.loads(run(*words, "--no-check", home=tmp_path).out)
    assert [each["name"] for each in told["processes"]] == ["server-0", "server-1", "router"]
    assert told["processes"][1]["gpus"] == [4, 5, 6, 7]
    assert told["processes"][0]["words"][-2:] == ["--api-key", "${K}"]
    assert told["fit"]["holds"] is True


@pytest.mark.parametrize("form", ["--compose", "--slurm", "--kubernetes", "--systemd"])
def test_a_file_gets_what_stdout_would(form: str, tmp_path: Path) -> None:
    words = ["serve", "flash", "--gpus", "4xH200", form, "--no-check"]
    shown = run(*words, home=tmp_path)
    assert shown.code == 0
    file = tmp_path / "out"
    assert run(*words, "-o", file, home=tmp_path).out == ""
    assert file.read_text("utf-8") == shown.out


def test_several_units_go_into_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "units"
    words = ["serve", "flash", "--gpus", "8xH200", "--replicas", "2", "--systemd"]
    assert run(*words, "-o", folder, "--no-check", home=tmp_path).code == 0
    assert sorted(path.suffix for path in folder.iterdir()) == [*[".service"] * 3, ".target"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["falsh"], "flash or pro"),
        (["flash"], "--gpus"),
        ([], "--model"),
        (["flash", "--gpus", "4xH200", "--engine", "llamacpp"], "GGUF"),
    ],
)
def test_what_is_missing_is_said(words: list[str], told: str, tmp_path: Path) -> None:
    done = run("serve", *words, home=tmp_path, env={"PATH": "/usr/bin:/bin"})
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_run_says_what_is_not_installed(tmp_path: Path) -> None:
    words = ["serve", "flash", "--gpus", "4xH200", "--run", "--no-check"]
    done = run(*words, home=tmp_path, env={"PATH": "/usr/bin:/bin"})
    assert done.code == 2
    assert "sglang is not installed here" in done.err
