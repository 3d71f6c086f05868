"""Bugs of ours: their tracebacks go to a file, and people get one line."""

import traceback
from datetime import datetime
from pathlib import Path

from arena import places

LOG = "errors.log"
"""In `saves()`."""

LONGEST_LOG = 1 << 18
"""Bytes; a longer log starts anew."""


def write_down(error: BaseException) -> Path | None:
    """Add `error` with its traceback to the log. Returns the log, None where nothing can be written."""
    log = places.saves() / LOG
    text = "".join(traceback.format_exception(error))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        fresh = not log.exists() or log.stat().st_size > LONGEST_LOG
        with log.open("w" if fresh else "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now().isoformat(timespec='seconds')}\n{text}\n")
    except OSError:
        return None
    return log


def in_a_line(error: BaseException) -> str:
    """`error`, which nobody expected, for the person it happened to; its traceback is written down."""
    log = write_down(error)
    kept = (
        f"this is a bug of the arena; its traceback is in {log}"
        if log
        else "its traceback could not be written to saves/ either; `arena doctor` says more"
    )
    return f"an unexpected {type(error).__name__}: {' '.join(str(error).split())} ({kept})"
