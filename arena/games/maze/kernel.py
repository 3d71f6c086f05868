"""How the maze kernels are compiled: once a machine, again only when their source changes."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

from arena import places

P = ParamSpec("P")
R = TypeVar("R")


def _cache_folder() -> Path:
    """A folder of its own for this very source text.

    Numba checks only the file that holds a function, not those of the functions it calls, so a cache that
    outlives an edit of `world.py` would go on running the old moves.
    """
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=6)
    for source in sorted(Path(__file__).parent.glob("*.py")):
        text = source.read_bytes()
        if b"maze.kernel" in text or b"numba" in text:  # kernels, and the instructions they are made of
            digest.update(text)
    for parent in (Path(__file__).parent / "__pycache__", places.saves() / "kernels"):
        folder = parent / f"kernels-{digest.hexdigest()}"
        try:
            for outdated in () if folder.exists() else parent.glob("kernels-*"):
                shutil.rmtree(outdated, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="arena-kernels-"))


FOLDER = _cache_folder()
IS_KEPT = FOLDER.name.startswith("kernels-")
"""Whether it is found again at the next start."""
setattr(numba.config, "CACHE_DIR", str(FOLDER))  # noqa: B010 - numba sets its settings the same way


def is_compiled(name: str) -> bool:
    """Whether the kernels of the game `name` have been compiled for this machine."""
    return any(FOLDER.glob(f"*/{name}.work-*.nbc"))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` for the processor: no Python objects, no interpreter lock, cached on disk."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True)(function))


def template(function: Callable[P, R]) -> Callable[P, R]:
    """A part of a kernel that takes other kernels: it becomes part of whichever kernel calls it, since a
    kernel that is handed others cannot be cached."""
    return cast("Callable[P, R]", numba.njit(nogil=True, inline="always")(function))
