"""From what the user says to a launch: hardware, refusals with reasons, the server's own word."""

import os
import sys
from pathlib import Path

import pytest

from longctx.api.flag_checking import checked, interpreter_of
from longctx.api.hardware import gpus_here
from longctx.api.serving import Said, check_flags, planned
from longctx.errors import BudgetError, UsageError
from longctx.serving import Flag, Process

GIB = 1 << 30


def program(folder: Path, name: str, body: str) -> Path:
    """A stand-in for a program, first on the PATH."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder


def smi(folder: Path, *lines: str, code: int = 0) -> None:
    program(folder, "nvidia-smi", f"print({chr(10).join(lines)!r})\nraise SystemExit({code})")


def words_of(said: Said) -> list[str]:
    launch, _ = planned(said)
    return [str(word[0]) for word in launch.servers[0].words]


def value(words: list[str], flag: str) -> str:
    return words[words.index(flag) + 1]


def test_the_machines_own_gpus_are_taken(on_path: Path) -> None:
    smi(on_path, *["NVIDIA H200, 143771"] * 4)
    assert gpus_here() == (("NVIDIA H200", 143_771 << 20),) * 4
    assert value(words_of(Said("flash")), "--tp-size") == "4"


@pytest.mark.parametrize(
    ("lines", "code"), [(("No devices were found",), 0), (("NVIDIA H200, 143771",), 9), ((), 0)]
)
def test_a_driver_that_tells_nothing_is_no_gpu(
    on_path: Path, lines: tuple[str, ...], code: int
) -> None:
    smi(on_path, *lines, code=code)
    assert gpus_here() == ()
    with pytest.raises(UsageError, match="--gpus"):
        planned(Said("flash"))


def test_what_does_not_fit_is_refused_with_the_arithmetic_and_what_does() -> None:
    with pytest.raises(BudgetError) as error:
        planned(Said("pro", gpus="8xH100"))
    told = str(error.value)
    assert "does not fit 8x H100 80GB" in told
    assert "893 GB over 8" in told
    assert "short by" in told
    assert "16x H100 80GB (2 machines)" in told
    launch, fit = planned(Said("pro", gpus="8xH100"), anyway=True)
    assert fit is not None
    assert not fit.holds
    assert launch.servers


def test_what_the_servers_do_not_run_on_is_refused_however_much_there_is() -> None:
    with pytest.raises(BudgetError, match="Ampere"):
        planned(Said("flash", gpus="16xA100"))
    # llama.cpp runs on anything that has the memory.
    said = Said("flash", path="x.gguf", engine="llamacpp", gpus="4xA100", window=65_536)
    assert value(words_of(said), "--ctx-size") == "65536"


def test_the_chunk_leaves_other_prefixes_windows_alone() -> None:
    # Weights leave little: a small pool takes a smaller chunk.
    words = words_of(Said("pro", gpus="16x77GB", window=65_536))
    launch, fit = planned(Said("pro", gpus="16x77GB", window=65_536))
    assert fit is not None
    assert int(value(words, "--chunked-prefill-size")) * 4 <= fit.window_pool
    assert launch.nodes == 2


def test_replicas_share_the_gpus_and_a_router_stands_before_them() -> None:
    launch, _ = planned(Said("flash", gpus="8xH200", replicas=2))
    assert [(each.first, each.gpus, each.port) for each in launch.servers] == [
        (0, 4, 30_001),
        (4, 4, 30_002),
    ]
    assert launch.router is not None
    assert launch.port == 30_000
    apart, _ = planned(Said("flash", gpus="8xH200", replicas=2, routed=False))
    assert apart.router is None
    assert [each.port for each in apart.servers] == [30_000, 30_001]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said(), "--model"),
        (Said("flash", gpus="4xH200", window=2_000_000), "1,048,576"),
        (Said("flash", gpus="6xH200", replicas=4), "evenly"),
        (Said("flash", gpus="8xH200", nodes=2, replicas=2), "one server over several"),
        (Said("flash", gpus="8xH200", nodes=3), "equal parts"),
        (Said("flash", gpus="2x8xH200", nodes=2), "leave --nodes out"),
        (Said("flash", engine="llamacpp", gpus="4xH100"), "GGUF"),
        (Said("flash", engine="vllm", gpus="8xH200", replicas=2), "--no-router"),
        (Said("flash", engine="vllm", gpus="8xH200", key="MY_KEY"), "VLLM_API_KEY"),
        (Said("flash", gpus="8xH200", key="sk-abc"), "not the key itself"),
        (Said("flash", path="a\nb", gpus="8xH200"), "control"),
    ],
)
def test_what_cannot_be_is_said(said: Said, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        planned(said)


def test_a_split_gguf_weighs_all_of_its_parts(tmp_path: Path) -> None:
    for number in (1, 2):
        part = tmp_path / f"v4-0000{number}-of-00002.gguf"
        with part.open("wb") as file:
            file.truncate(60 * GIB)  # sparse
    first = str(tmp_path / "v4-00001-of-00002.gguf")
    _, fit = planned(Said("flash", path=first, engine="llamacpp", gpus="2xH100", window=65_536))
    assert fit is not None
    assert fit.weights == 60 * GIB


def test_a_model_of_ones_own_gets_no_flags_of_v4() -> None:
    words = words_of(Said(path="/models/Own-Model", gpus="none"))
    assert value(words, "--served-model-name") == "own-model"
    assert not {"--page-size", "--tp-size", "--tool-call-parser"} & set(words)


PARSER = """
import argparse
class ServerArgs:
    @staticmethod
    def add_cli_args(parser):
        parser.add_argument("--model-path", required=True)
        parser.add_argument("--kv-cache-report", action="store_true")
        parser.add_argument("--policy", choices=["a", "b"])
"""


@pytest.fixture
def double(tmp_path: Path) -> str:
    """An interpreter with a double of the sglang package, of version 9.9."""
    package = tmp_path / "site" / "sglang" / "srt"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("print('noise of an import')\n")
    (package / "__init__.py").write_text("")
    (package / "server_args.py").write_text(PARSER)
    info = tmp_path / "site" / "sglang-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sglang\nVersion: 9.9\n")
    body = (
        "import os, sys\n"
        f"env = os.environ | {{'PYTHONPATH': {str(tmp_path / 'site')!r}}}\n"
        "os.execve(sys.executable, [sys.executable, *sys.argv[1:]], env)"
    )
    return str(program(tmp_path, "python-of-it", body))


def process(*flags: Flag) -> Process:
    return Process("server", ("sglang", "serve"), (Flag("--model-path", ("m",)), *flags), 1)


def test_a_renamed_flag_is_found(double: str) -> None:
    found = checked("sglang", process(Flag("--enable-cache-report")), double)
    assert found is not None
    assert found.version == "9.9"
    assert found.unknown == (("--enable-cache-report", "--kv-cache-report"),)


def test_an_abbreviation_is_no_flag(double: str) -> None:
    found = checked("sglang", process(Flag("--kv-cache")), double)
    assert found is not None
    assert [flag for flag, _ in found.unknown] == ["--kv-cache"]


def test_a_wrong_value_is_found(double: str) -> None:
    found = checked("sglang", process(Flag("--policy", ("c",))), double)
    assert found is not None
    assert "invalid choice: 'c'" in found.complaint
    fine = checked("sglang", process(Flag("--policy", ("b",))), double)
    assert fine is not None
    assert fine.fine


def test_a_command_that_the_server_refuses_is_an_error(double: str) -> None:
    launch, _ = planned(Said("flash", gpus="4xH200", python=double))
    with pytest.raises(UsageError, match=r"sglang 9\.9.*--enable-cache-report \(is it --kv-"):
        check_flags(launch, double, lambda line: None)


def test_a_server_that_is_not_here_is_not_asked(on_path: Path) -> None:
    said: list[str] = []
    launch, _ = planned(Said("flash", engine="llamacpp", path="x.gguf", gpus="4xH200"))
    check_flags(launch, "", said.append)
    assert said == ["flags not checked: llamacpp is not installed here"]
    # One that breaks tells nothing.
    assert (
        checked("sglang", process(), str(program(on_path, "broken", "raise SystemExit(1)"))) is None
    )


def test_llama_server_is_asked_for_its_help(on_path: Path) -> None:
    helps = "--model FNAME  --alias, -a  --host --port --ctx-size N --parallel --jinja --metrics"
    program(
        on_path,
        "llama-server",
        "import sys\nprint('version: 9001 (abc)' if '--version' in sys.argv else "
        f"{helps + ' --n-gpu-layers --split-mode'!r})",
    )
    launch, _ = planned(Said("flash", engine="llamacpp", path="x.gguf", gpus="4xH200"))
    found = checked("llamacpp", launch.servers[0])
    assert found is not None
    assert found.unknown == (("--slots", ""),)
    assert found.version.startswith("9001")


def test_the_interpreter_is_that_of_the_command(
    on_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert interpreter_of("sglang") == ""
    program(on_path, "sglang", "")
    assert interpreter_of("sglang") == sys.executable
    (on_path / "sglang").write_text("#!/bin/sh\nexec something\n")
    assert interpreter_of("sglang") == ""
