"""The bytes of every format, and that shells, YAML readers and systemd read them as meant.

To accept a change on purpose: `python tests/serving/test_serving_formats.py`, then read the diff.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from longctx.api.serving import Said, planned
from longctx.serving import Launch, Process, Var, compose, kubernetes, shell, slurm, systemd

GOLDEN = Path(__file__).parent / "golden"
ONE = Said("flash", gpus="4xH200")
KEYED = Said("flash", gpus="4xH200", key="SGLANG_API_KEY")
SEVERAL = Said("flash", gpus="8xH200", replicas=2, key="SGLANG_API_KEY")
APART = Said("flash", gpus="8xH200", replicas=2, routed=False)
SPANNING = Said("pro", gpus="8xH100", nodes=2, key="SGLANG_API_KEY")
VLLM = Said("flash", engine="vllm", gpus="4xB200", key="VLLM_API_KEY")
GGUF = Said("flash", path="v4-flash.gguf", engine="llamacpp", gpus="4xRTX PRO 6000", window=65_536)
HOSTILE = 'it\'s a "model" $HOME $(id) `id` %h \\ ${X} é # & ; | name'


def units(launch: Launch) -> str:
    return "".join(f"# file: {name}\n{text}\n" for name, text in systemd.units(launch).items())


MADE = {
    "one.sh": (shell.script, ONE),
    "several.sh": (shell.script, SEVERAL),
    "apart.sh": (shell.script, APART),
    "spanning.sh": (shell.script, SPANNING),
    "vllm.sh": (shell.script, VLLM),
    "llamacpp.sh": (shell.script, GGUF),
    "keyed.compose.yaml": (compose.text, KEYED),
    "several.compose.yaml": (compose.text, SEVERAL),
    "vllm.compose.yaml": (compose.text, VLLM),
    "keyed.service": (units, KEYED),
    "several.service": (units, SEVERAL),
    "spanning.service": (units, SPANNING),
    "one.sbatch": (slurm.text, ONE),
    "several.sbatch": (slurm.text, SEVERAL),
    "spanning.sbatch": (slurm.text, SPANNING),
    "keyed.k8s.yaml": (kubernetes.text, KEYED),
    "several.k8s.yaml": (kubernetes.text, SEVERAL),
    "spanning.k8s.yaml": (kubernetes.text, SPANNING),
}


def text_of(name: str) -> str:
    written, said = MADE[name]
    return written(planned(said)[0])


@pytest.mark.parametrize("name", MADE)
def test_the_format_has_not_changed(name: str) -> None:
    assert text_of(name) == (GOLDEN / name).read_text("utf-8")


@pytest.mark.parametrize("name", MADE)
def test_no_key_is_ever_written(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SGLANG_API_KEY", "VLLM_API_KEY"):
        monkeypatch.setenv(variable, "s3cret-key")
    assert "s3cret-key" not in text_of(name)


@pytest.mark.parametrize("name", [name for name in MADE if name.endswith((".sh", ".sbatch"))])
def test_a_shell_can_read_it(name: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text_of(name), text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def ran(text: str, folder: Path, **env: str) -> list[list[str]]:
    """The commands that a script starts, told by stand-ins for them on the PATH."""
    for name in ("sglang", "python3", "srun", "scontrol"):
        program = folder / name
        program.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            "gpus = os.environ.get('CUDA_VISIBLE_DEVICES', '')\n"
            f"name = {name!r}\n"
            "if name == 'scontrol': print('node1\\nnode2'); sys.exit()\n"
            "if name == 'srun': os.execvp(sys.argv[2], sys.argv[2:])\n"
            f"with open({str(folder / 'started')!r}, 'a') as file:\n"
            "    file.write(json.dumps([gpus, name, *sys.argv[1:]]) + '\\n')\n"
        )
        program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", text],
        env={"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), **env},
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,  # a script with several processes ends its whole group
    )
    started = folder / "started"
    lines = started.read_text().splitlines() if started.exists() else []
    assert lines or done.returncode, done.stderr
    return [json.loads(line) for line in lines]


def test_every_word_reaches_the_server(tmp_path: Path) -> None:
    launch, _ = planned(Said("flash", path=HOSTILE, gpus="4xH200", extra=("--x", "a b", "")))
    (started,) = ran(shell.script(launch), tmp_path)
    assert started[1:4] == ["sglang", "serve", "--model-path"]
    assert started[4] == HOSTILE
    assert started[-3:] == ["--x", "a b", ""]


def test_a_script_stops_where_its_key_is_not_set(tmp_path: Path) -> None:
    launch, _ = planned(KEYED)
    assert ran(shell.script(launch), tmp_path) == []
    (started,) = ran(shell.script(launch), tmp_path, SGLANG_API_KEY="a 'b")
    assert started[-2:] == ["--api-key", "a 'b"]


def test_slurm_gives_each_machine_its_rank(tmp_path: Path) -> None:
    said = Said("pro", path=HOSTILE, gpus="8xH100", nodes=2)
    env = {"SLURM_JOB_NODELIST": "node[1-2]", "SLURM_NODEID": "1"}
    (started,) = ran(slurm.text(planned(said)[0]), tmp_path, **env)
    assert started[4] == HOSTILE
    assert started[started.index("--node-rank") + 1] == "1"
    assert started[started.index("--dist-init-addr") + 1] == "node1:20000"


def documents(text: str) -> list[dict[str, object]]:
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all(text))


def words(process: Process) -> list[str]:
    """The command, a variable as ${NAME}."""
    return [
        "".join(f"${{{piece.name}}}" if isinstance(piece, Var) else piece for piece in word)
        for word in process.words
    ]


@pytest.mark.parametrize("said", [KEYED, SEVERAL, VLLM, Said("flash", HOSTILE, gpus="4xH200")])
def test_compose_is_yaml_that_says_the_same(said: Said) -> None:
    launch, _ = planned(said)
    (found,) = documents(compose.text(launch))
    services = found["services"]
    assert isinstance(services, dict)
    assert list(services) == [process.name for process in launch.processes]
    for process in launch.processes:
        entrypoint = services[process.name]["entrypoint"]
        read = [word.replace(":?set SGLANG_API_KEY}", "}") for word in entrypoint]
        # compose halves a doubled dollar; a variable it fills in.
        assert [word.replace("$$", "$") for word in read] == words(process)
        if process.gpus:
            (device,) = services[process.name]["deploy"]["resources"]["reservations"]["devices"]
            assert len(device["device_ids"]) == process.gpus


@pytest.mark.parametrize("said", [KEYED, SEVERAL, SPANNING, Said("flash", HOSTILE, gpus="4xH200")])
def test_kubernetes_is_yaml_that_says_the_same(said: Said) -> None:
    launch, _ = planned(said)
    found = documents(kubernetes.text(launch))
    (pods,) = (each for each in found if each["kind"] == "StatefulSet")
    spec = pods["spec"]
    assert isinstance(spec, dict)
    (container,) = spec["template"]["spec"]["containers"]
    assert spec["replicas"] == max(launch.nodes, len(launch.servers))
    assert container["resources"]["limits"]["nvidia.com/gpu"] == launch.servers[0].gpus
    command = [word.replace("$$(", "$(") for word in container["command"]]
    if launch.nodes == 1:
        expected = [
            word.replace("${SGLANG_API_KEY}", "$(SGLANG_API_KEY)")
            for word in words(launch.servers[0])
        ]
        assert command == expected
    else:
        assert command[:2] == ["bash", "-euc"]
        assert (
            f"exec {' '.join(shell.word(word) for word in launch.servers[0].words)}" in command[2]
        )
    names = [each["metadata"]["name"] for each in found]  # type: ignore[index]
    assert len(set(map(str, zip(names, (each["kind"] for each in found), strict=True)))) == len(
        found
    )
    if launch.router is not None:
        (router,) = (each for each in found if each["kind"] == "Deployment")
        assert json.dumps(router).count(f"{launch.name}-peers:") == len(launch.servers)


SYSTEMD = shutil.which("systemd-analyze")


@pytest.mark.skipif(SYSTEMD is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("said", [KEYED, SEVERAL, SPANNING, Said("flash", HOSTILE, gpus="4xH200")])
def test_systemd_accepts_the_units(said: Said, tmp_path: Path) -> None:
    files = systemd.units(planned(said)[0])
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in files)],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    ours = [line for line in done.stderr.splitlines() if "longctx" in line]
    assert not ours, ours


def test_systemd_words_hold_what_they_should() -> None:
    assert systemd.word(("plain-1.2/x",)) == "plain-1.2/x"
    assert systemd.word(("a b",)) == '"a b"'
    assert systemd.word(('50% of "$x" \\',)) == '"50%% of \\"$$x\\" \\\\"'
    assert systemd.word((Var("HEAD_ADDRESS"), ":20000")) == "${HEAD_ADDRESS}:20000"


if __name__ == "__main__":
    for each in MADE:
        (GOLDEN / each).write_text(text_of(each), "utf-8")
