"""Stands in for SGLang's compiled kernels, which have no build for a CPU without AMX.

SGLang imports many names from here and, on the torch_native path, calls none of them: every name
imports, and a call says which kernel was missing instead of computing something wrong.
"""

from collections.abc import Callable
from typing import Any, NoReturn

__version__ = "0.4.10"


def __getattr__(name: str) -> Callable[..., NoReturn]:
    if name.startswith("__"):
        raise AttributeError(name)

    def missing(*args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(f"sgl_kernel.{name}: no compiled kernels on this machine")

    return missing
