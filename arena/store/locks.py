"""Who works in a folder: a file that its process keeps locked, and that the system lets go of with it."""

import contextlib
import os
import platform
import sys
import time
from pathlib import Path
from typing import IO

from arena.errors import ArenaError
from arena.store import home


def hold(path: Path, refusal: str) -> IO[bytes]:
    """The file at `path`, locked until it is closed. Raises ArenaError, with `refusal`, where another process
    has it, and where it cannot be written."""
    with home.writing(path.parent):
        file = path.open("ab", buffering=0)  # no full disk at its close
    for _ in range(20):  # whoever looks whether it is held holds it for an instant
        if _try(file, shared=False):
            break
        time.sleep(0.05)
    else:
        file.close()
        raise ArenaError(refusal)
    with contextlib.suppress(OSError):  # a courtesy to others: they can ask the process to stop
        file.truncate(0)
        file.write(f"{os.getpid()} {platform.node()}".encode())
        file.flush()
    return file


def is_held(path: Path) -> bool:
    """Whether a process has it."""
    try:
        with path.open("rb") as file:
            return not _try(file, shared=True)
    except OSError:
        return False


def holder(path: Path) -> int | None:
    """The process on this machine that has it; None where there is none, or it cannot be told."""
    with contextlib.suppress(OSError, ValueError):
        number, _, machine = path.read_text().partition(" ")
        if machine == platform.node() and is_held(path):
            return int(number)
    return None


if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes], *, shared: bool) -> bool:
        """Lock the file until it is closed; False where another process has it."""
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(file: IO[bytes], *, shared: bool) -> bool:
        """Lock the file until it is closed; False where another process has it."""
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
