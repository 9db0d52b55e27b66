"""Starts vLLM's server; its arguments are its own. It runs inside the server's own environment."""

# These are in vLLM's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import lifeline

if __name__ == "__main__":
    lifeline.hold()

    import runpy

    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__")
