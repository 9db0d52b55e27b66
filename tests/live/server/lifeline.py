"""A server must not outlive whoever started it: what every launcher here starts with.

Standard library only; it runs inside the servers' virtual environments.
"""

import os
import signal
import threading


def hold() -> None:
    """End the whole process group once standard input ends, a pipe that nobody writes to."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    os.read(0, 1)  # not through sys.stdin: its lock would spoil an ordinary end
    os.killpg(0, signal.SIGKILL)
