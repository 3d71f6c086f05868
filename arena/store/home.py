"""How a file gets to where it is kept: whole or not at all, and never outside."""

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from arena.errors import ArenaError

_STALE_SECONDS = 3600.0
"""A temporary file this old was left by a crash: no write takes so long."""

_CAUSES = {
    errno.ENOSPC: "the disk is full; free some space there",
    errno.EDQUOT: "your disk quota is used up; free some space there",
    errno.EROFS: "the disk is read-only; make it writable",
    errno.EACCES: "permission denied; allow writing there",
    errno.EPERM: "permission denied; allow writing there",
    errno.ENOTDIR: "a part of that path is a file, not a folder; move that file away",
}


def inside(root: Path, name: str) -> Path:
    """`root / name`, for a name from a user or a file: parts separated by `/`, none of them special.

    Raises ArenaError when the name is empty or unprintable, or would leave `root`, also by a symbolic link.
    """
    parts = name.split("/")
    plain = name.isprintable() and "\\" not in name and not any(part in ("", ".", "..") for part in parts)
    path = root.joinpath(*parts) if plain else root
    if not plain or not path.resolve().is_relative_to(root.resolve()):
        raise ArenaError(f"the name {name!r} does not stay inside {root}; use a plain name")
    return path


def make_folder(folder: Path) -> Path:
    """`folder`, which exists afterwards. Raises ArenaError where it cannot be made."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole and on the disk when this returns; at every moment before, what was
    there is there. Makes the folder. Raises ArenaError when the disk is full, read-only or closed to us."""
    make_folder(path.parent)
    _sweep(path.parent)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}.tmp"
    with writing(path.parent):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut (Windows needs no such thing, and has none)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError inside into an ArenaError that names `path` and says what to do."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        cause = _CAUSES.get(number, f"{os.strerror(number) if number else error}; mend that")
        raise ArenaError(
            f"cannot write in {path}: {cause}, or set ARENA_SAVES to a folder you can write in"
        ) from error


@cache
def _sweep(folder: Path) -> None:
    """Remove what writes that a crash cut short left in `folder`; once a process is often enough."""
    now = time.time()
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if entry.name.startswith(".") and entry.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if now - entry.stat().st_mtime > _STALE_SECONDS:
                        Path(entry.path).unlink()
