"""Every run there is, looked at again and again: what has ended and not changed since is not read twice."""

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from arena import places
from arena.errors import ArenaError

if TYPE_CHECKING:
    from arena.store.runs import Run

_known: "dict[str, tuple[int, Run | None]]" = {}
"""By folder: when it was changed last, and the run as it was read then; None for what is no run."""
_looking = threading.Lock()


def runs() -> "list[Run]":
    """The runs: those in training first, then the newest.

    Whoever goes on with a run that has ended renames a file in its folder, which changes the folder's time.
    A run in training is read anew each time.
    """
    from arena.store.runs import read_run

    with _looking:
        found: dict[str, tuple[int, Run | None]] = {}
        for path, changed in _folders(places.saves() / "runs"):
            before = _known.get(path)
            if before is not None and before[0] == changed and not _trained(before[1]):
                found[path] = before
                continue
            try:
                found[path] = changed, read_run(Path(path))
            except ArenaError:
                found[path] = changed, None
        _known.clear()
        _known.update(found)
    there = [run for _, run in found.values() if run is not None]
    return sorted(there, key=lambda run: (run.state == "running", run.created, run.id), reverse=True)


def _trained(run: "Run | None") -> bool:
    return run is not None and run.state == "running"


def _folders(root: Path) -> list[tuple[str, int]]:
    found = []
    try:
        with os.scandir(root) as entries:
            for entry in entries:
                try:
                    if entry.is_dir():
                        found.append((entry.path, entry.stat().st_mtime_ns))
                except OSError:  # deleted while we looked
                    continue
    except OSError:  # no run has been made here yet
        pass
    return found
