"""A checkpoint's files: written whole or not at all, and read only where they are what was written.

Large arrays go to the disk and come from it a piece at a time: a replay buffer of some gigabytes is kept and
gone on with in next to no memory beside its own.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from arena.errors import ArenaError
from arena.store import home

META = "meta.json"

IN_MEMORY = 1 << 24
"""An array's file of at most so many bytes is read at once; a larger one stays on the disk."""

_LEFT = re.compile(r"\.(.+)\.[0-9a-f]{8}\.old")
"""The name under which a folder waits while the one that replaces it takes its place."""


def write(
    folder: Path,
    files: Mapping[str, bytes | NDArray[Any]],
    describe: Callable[[Mapping[str, str]], Mapping[str, Any]],
) -> None:
    """A folder of `files` by name, arrays as .npy, and of the `META` that `describe` makes of the SHA-256 of
    each. It is written under another name and renamed when all of it is on the disk.

    Raises ArenaError where it cannot be written; what was in `folder` before is then still there.
    """
    home.make_folder(folder.parent)
    token = secrets.token_hex(4)
    temporary, old = (folder.parent / f".{folder.name}.{token}.{end}" for end in ("tmp", "old"))
    with home.writing(folder.parent):
        try:
            temporary.mkdir()
            digests = {name: _put(temporary / name, content) for name, content in sorted(files.items())}
            _put(temporary / META, json.dumps(describe(digests), indent=1).encode())
            for inner in {temporary, *(parent for name in files for parent in _folders(temporary, name))}:
                home.sync_folder(inner)
            if folder.exists():
                folder.rename(old)
            temporary.rename(folder)
            home.sync_folder(folder.parent)
            for path in left(folder):
                shutil.rmtree(path, ignore_errors=True)
        except BaseException:
            if old.exists() and not folder.exists():
                old.rename(folder)
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def last_whole(folder: Path) -> Path:
    """`folder`, or what a write left of it that was cut short between its two renames."""
    whole = [folder, *left(folder)] if not (folder / META).exists() else [folder]
    return next((path for path in whole if (path / META).exists()), folder)


def left(folder: Path) -> list[Path]:
    """What stood at `folder` before writes that were cut short, or are not done yet; newest first."""
    with contextlib.suppress(OSError):
        found = [path for path in folder.parent.iterdir() if replaced(path) == folder]
        return sorted(found, key=lambda path: path.stat().st_ctime, reverse=True)
    return []


def replaced(path: Path) -> Path | None:
    """The folder that stood at its own name before `path` was put aside for a new one; None for any other."""
    match = _LEFT.fullmatch(path.name)
    return path.with_name(match[1]) if match else None


def read(folder: Path, name: str, digest: str) -> bytes:
    """A file, if it is the one that was written. Raises ArenaError where it is not, or is missing."""
    with _opened(folder, name) as file:
        data = file.read()
    _check(folder, name, hashlib.sha256(data).hexdigest(), digest)
    return data


def read_array(folder: Path, name: str, digest: str) -> NDArray[Any]:
    """An array's file; a large one as a view of the file, read-only, to be copied from before it goes.

    Raises ArenaError as `read`, and ValueError for what is no array.
    """
    with _opened(folder, name) as file:
        if os.fstat(file.fileno()).st_size > IN_MEMORY:
            _check(folder, name, hashlib.file_digest(file, "sha256").hexdigest(), digest)
            mapped: NDArray[Any] = np.load(folder / name, mmap_mode="r", allow_pickle=False)
            return mapped
    array: NDArray[Any] = np.load(io.BytesIO(read(folder, name, digest)), allow_pickle=False)
    return array


@contextlib.contextmanager
def _opened(folder: Path, name: str) -> Iterator[io.BufferedReader]:
    try:
        with (folder / name).open("rb") as file:
            yield file
    except FileNotFoundError:
        raise ArenaError(f"{folder} is damaged: {name} is missing; use another checkpoint") from None
    except OSError as error:
        raise ArenaError(f"{folder / name} cannot be read: {error.strerror}") from error


def _check(folder: Path, name: str, found: str, expected: str) -> None:
    if found != expected:
        path = folder / name
        raise ArenaError(f"{path} is damaged: it is not the file that was saved; use another checkpoint")


def _put(path: Path, content: bytes | NDArray[Any]) -> str:
    """Write a file and wait until it is on the disk. Returns its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        hashed = _Hashed(file)
        if isinstance(content, bytes):
            hashed.write(content)
        else:
            np.lib.format.write_array(hashed, content, allow_pickle=False)  # 16 MiB at a time
        file.flush()
        os.fsync(file.fileno())
    return hashed.sha256.hexdigest()


class _Hashed:
    """A file that is being written, and the hash of what has been."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sha256 = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return self.file.write(data)


def _folders(root: Path, name: str) -> list[Path]:
    """Those between `root` and the file `name` in it."""
    return [root / parent for parent in Path(name).parents][:-1]
