"""What a run that plays against its own past remembers of it: weights, one file a snapshot, in its folder."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from arena.errors import ArenaError
from arena.store import home

FOLDER = "pool"


def _file(run: Path, step: int) -> Path:
    return run / FOLDER / f"{step:012}.safetensors"


def keep(run: Path, step: int, weights: Mapping[str, NDArray[Any]]) -> None:
    """Remember `weights` as of `step`, in half precision. Raises ArenaError where they cannot be written."""
    home.make_folder(run / FOLDER)
    halved = {
        name: array.astype(np.float16) if array.dtype == np.float32 else array
        for name, array in weights.items()
    }
    home.write_atomically(_file(run, step), save(halved))


def steps(run: Path) -> list[int]:
    """Of the snapshots, oldest first."""
    found = []
    for path in (run / FOLDER).glob("*.safetensors"):
        with contextlib.suppress(ValueError):
            found.append(int(path.stem))
    return sorted(found)


def weights(run: Path, step: int) -> dict[str, NDArray[Any]]:
    """The weights of a snapshot, as they play. Raises ArenaError where it is not there or damaged."""
    path = _file(run, step)
    try:
        return {name: array.astype(np.float32) for name, array in load(path.read_bytes()).items()}
    except (OSError, SafetensorError) as error:
        raise ArenaError(f"{path} cannot be read: {error}") from error


def forget_after(run: Path, step: int) -> None:
    """Snapshots of later steps are those of a future that a run which goes on from `step` does not have."""
    for later in steps(run):
        if later > step:
            _file(run, later).unlink(missing_ok=True)
