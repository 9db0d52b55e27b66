"""`python -m longctx` is the command."""

import sys
from pathlib import Path

# Python puts the current folder first, and libraries try optional imports (diskcache: django). Run
# inside an untrusted repository, that would import the repository's own modules.
if sys.path and Path(sys.path[0] or ".").resolve() == Path.cwd():
    del sys.path[0]

from longctx.cli import main

if __name__ == "__main__":
    main()
