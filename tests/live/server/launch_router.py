"""Starts sglang-router; its arguments are its own. It runs inside the router's own environment."""

# These are in the router's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import sys

import lifeline

if __name__ == "__main__":
    lifeline.hold()

    from sglang_router.launch_router import launch_router, parse_router_args

    launch_router(parse_router_args(sys.argv[1:]))
