"""Running servers and routers for the live tests: started, awaited, and surely ended.

Here may live: how a server is started for each variant and how its life is bound to the caller's.
Standard library only: the tests' environment has no SGLang.

    with running_sglang() as server:
        ...  # server.base_url

For people: `python tests/live/server/running.py --variant dsv4 --port 30000`, until Ctrl-C.
Arguments after `--` go to SGLang.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

ENCODED_BY_DEEPSEEK = ("--tool-call-parser", "deepseekv4", "--reasoning-parser", "deepseek-v4")
"""The flags of a real V4 deployment. The first of them makes SGLang render messages with DeepSeek's
own encoder, for whatever model; the second finds the reasoning in the answer by token id."""

VARIANTS: dict[str, tuple[str, ...]] = {
    "dsv4": ENCODED_BY_DEEPSEEK,
    "jinja": ("--reasoning-parser", "deepseek-v4"),
    "swa": ENCODED_BY_DEEPSEEK,
}

COMMON = (
    *("--device", "cpu", "--attention-backend", "torch_native"),
    *("--context-length", "1048576"),
    "--sleep-on-idle",  # else an idle scheduler spins a core
    *("--max-running-requests", "8"),  # else a table for the whole context and many requests: 9 GB
    *("--max-total-tokens", "400000"),
)


class ServerFailed(RuntimeError):
    """The server could not be installed or did not become ready."""


@dataclass(frozen=True)
class Server:
    base_url: str
    """Without the `/v1`."""
    process: subprocess.Popen[bytes]
    """The leader of the server's process group."""
    log_path: Path

    def kill(self) -> None:
        """End the whole server at once, as a crash would; nothing happens if it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_sglang(
    variant: str = "dsv4",
    extra_args: Sequence[str] = (),
    port: int | None = None,
    *,
    model_name: str = "tiny",
    cache_report: bool = True,
    ranks: int = 1,
    ready_within_s: float = 240,
) -> Iterator[Server]:
    """A ready server; of a flag given twice SGLang takes the last, so `extra_args` win."""
    made = _installed("--variant", variant)
    flags = [
        *("--model-path", made["model"]),
        *("--served-model-name", model_name),
        *COMMON,
        *(("--enable-cache-report",) if cache_report else ()),
        *VARIANTS[variant],
        *(("--dp-size", str(ranks)) if ranks > 1 else ()),
        *extra_args,
    ]
    environment = _environment()
    if ranks > 1:  # else SGLang insists on a NUMA node for each
        cores = [str(rank % (os.cpu_count() or 1)) for rank in range(ranks)]
        environment["SGLANG_CPU_OMP_THREADS_BIND"] = "|".join(cores)
    # /health answers 503 until the model has generated its first token.
    with _running(
        [made["python"], str(HERE / "launch.py"), *flags],
        f"sglang-{variant}",
        "/health",
        port,
        ready_within_s,
        environment,
    ) as server:
        yield server


@contextmanager
def running_vllm(extra_args: Sequence[str] = (), ready_within_s: float = 600) -> Iterator[Server]:
    """A ready vLLM with DeepSeek's own chat encoding; of a flag given twice it takes the last."""
    made = _installed("--vllm")
    flags = [
        *("--model", made["model"]),
        *("--served-model-name", "tiny"),
        *("--tokenizer-mode", "deepseek_v4"),
        *("--reasoning-parser", "deepseek_v4"),
        *("--max-model-len", "400000"),
        *("--max-num-seqs", "8"),
        *("--max-num-batched-tokens", "4096"),
        "--enable-prompt-tokens-details",
        "--enforce-eager",
        *extra_args,
    ]
    quiet = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    with _running(
        [made["python"], str(HERE / "launch_vllm.py"), *flags],
        "vllm",
        "/health",
        None,
        ready_within_s,
        # In developers' mode the cache can be emptied.
        _environment() | quiet | {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_SERVER_DEV_MODE": "1"},
    ) as server:
        yield server


@contextmanager
def running_llamacpp(
    extra_args: Sequence[str] = (), port: int | None = None, ready_within_s: float = 60
) -> Iterator[Server]:
    """A ready llama-server: four slots that share their memory, unless told otherwise."""
    made = _installed("--llamacpp")
    with _running(
        [made["python"], str(HERE / "launch_llamacpp.py"), "--model", made["model"], *extra_args],
        "llamacpp",
        "/health",
        port,
        ready_within_s,
        _environment(),
    ) as server:
        yield server


@contextmanager
def running_router(
    workers: Sequence[Server], extra_args: Sequence[str] = (), ready_within_s: float = 60
) -> Iterator[Server]:
    """A ready router before these workers."""
    flags = [
        *("--worker-urls", *(worker.base_url for worker in workers)),
        *("--policy", "cache_aware"),
        *("--prometheus-port", str(_free_port(0))),
        *extra_args,
    ]
    # /health answers before the workers are registered.
    with _running(
        [_installed("--router")["python"], str(HERE / "launch_router.py"), *flags],
        "router",
        "/readiness",
        None,
        ready_within_s,
        _environment(),
    ) as server:
        yield server


@contextmanager
def _running(
    command: Sequence[str],
    name: str,
    ready_page: str,
    port: int | None,
    ready_within_s: float,
    environment: dict[str, str],
) -> Iterator[Server]:
    """The command with a host and a port, until the block ends."""
    port = _free_port(port or 0)
    descriptor, log_path = tempfile.mkstemp(prefix=f"{name}-", suffix=".log")
    with os.fdopen(descriptor, "wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.PIPE,  # its end tells the server that we are gone, however we went
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, Path(log_path))
    try:
        _wait_until_ready(server, ready_page, ready_within_s)
        yield server
    finally:
        server.kill()
        if process.stdin is not None:
            process.stdin.close()


def _installed(*what: str) -> dict[str, str]:
    command = [sys.executable, str(HERE / "install.py"), *what]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        raise ServerFailed(f"{command} failed, see standard error")
    paths: dict[str, str] = json.loads(result.stdout)
    return paths


def _free_port(wanted: int) -> int:
    """The wanted port, or any for 0; somebody else's server there would look like a ready one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise ServerFailed(f"port {wanted} is taken: {error.strerror}") from error
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    # Neither the tests' Python settings nor somebody's for a server may change what is tested.
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SGLANG_", "VLLM_"))}


def _wait_until_ready(server: Server, page: str, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        with suppress(OSError), urllib.request.urlopen(server.base_url + page, timeout=10):
            return
        time.sleep(0.25)
    code = server.process.poll()
    happened = f"not ready in {within_s:g} s" if code is None else f"ended with status {code}"
    end = server.log_path.read_text(errors="replace").splitlines()[-40:]
    raise ServerFailed(f"the server {happened}; end of {server.log_path}:\n" + "\n".join(end))


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the live tests' SGLang server.")
    parser.add_argument("--variant", choices=VARIANTS, default="dsv4")
    parser.add_argument("--port", type=int, default=30000)
    parser.add_argument("--model-name", default="tiny")
    parser.add_argument("extra_args", nargs="*", help="after --: arguments for SGLang")
    args = parser.parse_args()
    with running_sglang(
        args.variant, args.extra_args, args.port, model_name=args.model_name
    ) as server:
        sys.stdout.write(f"{server.base_url} is ready; log: {server.log_path}; Ctrl-C ends it\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.process.wait()


if __name__ == "__main__":
    main()
