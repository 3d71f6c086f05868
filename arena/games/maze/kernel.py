"""How the maze kernels are compiled: once a machine, again only when their source changes."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def _cache_folder() -> Path:
    """A folder of its own for this very source text.

    Numba checks only the file that holds a function, not those of the functions it calls, so a cache that
    outlives an edit of `world.py` would go on running the old moves.
    """
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=6)
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    for parent in (
        Path(__file__).parent / "__pycache__",
        Path(tempfile.gettempdir()) / f"arena-{os.getuid()}",
    ):
        folder = parent / f"kernels-{digest.hexdigest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="arena-kernels-"))


setattr(numba.config, "CACHE_DIR", str(_cache_folder()))  # noqa: B010 - numba sets its settings the same way


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` for the processor: no Python objects, no interpreter lock, cached on disk."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True)(function))
