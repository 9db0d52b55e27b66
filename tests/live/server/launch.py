"""Starts SGLang's server on a machine without a GPU; its arguments are SGLang's own.

Here may live: the order in which SGLang is prepared and started. What is replaced in SGLang is in
`cpu_shims.py`. It runs inside SGLang's virtual environment and is started by `running.py`.

SGLang's worker processes start by running the top level of this file again: what stands outside
the `__main__` part reaches them too.
"""

# These are in SGLang's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import os
import sys
from pathlib import Path

os.environ.setdefault("SGLANG_USE_CPU_ENGINE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).parent / "stubs"))

import cpu_shims
import lifeline

TORCHVISION = cpu_shims.define_torchvision_ops()
cpu_shims.patch_sglang_on_import()


if __name__ == "__main__":
    lifeline.hold()

    from sglang.launch_server import run_server
    from sglang.srt.plugins import load_plugins
    from sglang.srt.server_args import prepare_server_args
    from sglang.srt.utils import kill_process_tree

    load_plugins()
    arguments = prepare_server_args(sys.argv[1:])
    try:
        run_server(arguments)
    finally:
        kill_process_tree(os.getpid(), include_parent=False)
