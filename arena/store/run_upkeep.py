"""Runs are named anew, and deleted: both only while nobody trains them."""

import contextlib
import shutil

from agents.catalog import AGENTS
from arena import places
from arena.errors import ArenaError
from arena.store import home
from arena.store.runs import OpenRun, Run, runs

PLAYERS = ("human", "random", "noop", "pathfinder", *AGENTS)
"""Names that mean a player already: a run of that name could not be named as one."""


def check_name(name: str) -> str:
    """`name` as a run's id. Raises ArenaError where it cannot be one, or is taken."""
    plain = name.strip()
    if not plain or plain.startswith(".") or len(plain) > LONGEST or not all(map(_fits, plain)):
        raise ArenaError(f"'{name}' is no name for a run; use letters, digits, - and _, {LONGEST} at most")
    if plain in PLAYERS:
        raise ArenaError(f"'{plain}' is a player's name; choose another for the run")
    if any(run.group == plain for run in runs()):
        raise ArenaError(f"'{plain}' is the name of a group of runs; choose another for this one")
    if (places.saves() / "runs" / plain).exists():
        raise ArenaError(f"there is a run '{plain}' already; choose another name")
    return plain


LONGEST = 80


def _fits(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "-_.")


def rename(run: Run, name: str) -> str:
    """Give `run` the id `name`, and return it. Raises ArenaError where the name cannot be one, or is taken,
    or the run is being trained."""
    name = check_name(name)
    with contextlib.closing(OpenRun(run.folder)), home.writing(run.folder):
        run.folder.rename(run.folder.with_name(name))
    return name


def delete(run: Run) -> None:
    """Remove `run` with its checkpoints and metrics. Raises ArenaError where it is being trained.

    Its description goes first: from then on it is no run, whatever is left of it. A champion that it became
    stays, which is a copy.
    """
    with contextlib.closing(OpenRun(run.folder)), home.writing(run.folder):
        (run.folder / "config.json").unlink()
    shutil.rmtree(run.folder, ignore_errors=True)


def size(run: Run) -> int:
    """Bytes that `run` takes on the disk."""
    total = 0
    for path in run.folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total
