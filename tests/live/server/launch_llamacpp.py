"""Starts llama.cpp's server as xllamacpp ships it. It runs inside the server's own environment.

Its arguments are few of llama-server's own, with the same names and defaults. As in llama-server,
without `--parallel` there are four slots that share one memory.
"""

# These are in the server's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import argparse
import threading

import lifeline

UNTOLD = 4


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias", default="tiny")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--ctx-size", type=int, default=65_536)
    parser.add_argument("--parallel", type=int)
    parser.add_argument("--batch-size", type=int, default=2048)
    parser.add_argument("--slot-save-path")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    lifeline.hold()

    import xllamacpp

    told = arguments()
    params = xllamacpp.CommonParams()
    params.model.path = told.model
    params.model_alias = {told.alias}
    params.hostnames = [told.host]
    params.port = told.port
    params.n_ctx = told.ctx_size
    params.n_parallel = told.parallel or UNTOLD
    params.kv_unified = told.parallel is None
    params.n_batch = told.batch_size
    params.cpuparams.n_threads = told.threads
    params.endpoint_slots = params.endpoint_props = True
    params.warmup = False
    if told.slot_save_path:
        params.slot_save_path = told.slot_save_path.rstrip("/") + "/"
    server = xllamacpp.Server(params)
    threading.Event().wait()
