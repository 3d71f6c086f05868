"""Players that are somebody else's, found by what is written of them: none of their code is run for that.

`entry:NAME` is a Python entry point that an installed distribution has in the group `arena.players`:

    [project.entry-points."arena.players"]
    wanderer = "my_package.players:Wanderer"

It names a factory, which is called once a match, with these by name, and in time perhaps with more of them:

    class Wanderer:
        def __init__(self, *, game, actions, observation_shape, seed, **more): ...
        def act(self, observation) -> int: ...

`game` is the game's id, `actions` the names of its actions, in order, `observation_shape` that of the numpy
array which `act` is given at every decision, and `seed` a whole number to draw all chance from. `act` answers
the number of an action, 0 being the first. The player sees what the arena's own agents see, and nothing else.

`sb3:FILE.zip` is a model that Stable-Baselines3 has saved, and `sb3:dqn:FILE.zip` one whose file does not
tell by which algorithm (`arena.matches.stable_baselines`).
"""

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.errors import ArenaError, UsageError
from arena.store.records import Identity

if TYPE_CHECKING:
    from arena.matches.stable_baselines import Model

GROUP = "arena.players"
ENTRY, MODEL = "entry:", "sb3:"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A player that there is, not loaded yet."""

    name: str
    """As on the command line."""
    identity: Identity
    load: Mapping[str, Any]
    """JSON: what its process is told to load."""
    model: "Model | None" = None


def is_foreign(name: str) -> bool:
    """Whether a player's name says that it is somebody else's."""
    return name.startswith((ENTRY, MODEL))


def find(name: str) -> Foreign:
    """The player of a name that `is_foreign`.

    Raises UsageError where there is none, naming the nearest; ArenaError where it cannot be used.
    """
    return _entry(name) if name.startswith(ENTRY) else _model(name)


def installed() -> dict[str, list[Foreign]]:
    """Every entry point by its player's name: one for each distribution that has it, and so one, unless two
    of them have chosen the same name.

    Raises ArenaError where what is installed cannot be read.
    """
    found: dict[str, list[Foreign]] = {}
    try:
        for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
            found.setdefault(f"{ENTRY}{point.name}", []).append(_of(point))
    except Exception as error:  # what a distribution has written into its own files may be anything
        raise ArenaError(f"the entry points of what is installed cannot be read: {error}") from error
    return {name: same for name, same in found.items() if name.isprintable()}


def clash(same: list[Foreign]) -> str:
    """Why none of several players of one name can be meant."""
    each = ", ".join(one.identity.detail for one in same)
    return f"several have this name ({each}): keep one of them installed"


def _of(point: metadata.EntryPoint) -> Foreign:
    dist = point.dist
    of, version = (dist.name, dist.version) if dist is not None else ("", "")
    content = json.dumps([GROUP, point.name, point.value, of, version]).encode()
    name = f"{ENTRY}{point.name}"
    identity = Identity(
        f"agent:{hashlib.sha256(content).hexdigest()}", name, "agent", f"{point.value} of {of} {version}"
    )
    return Foreign(name, identity, {"kind": "entry", "name": point.name, "value": point.value})


def _entry(name: str) -> Foreign:
    there = installed()
    same = there.get(name)
    if same is None:
        near = difflib.get_close_matches(name, there, n=3, cutoff=0.5)
        hint = f" (did you mean {' or '.join(near)}?)" if near else ""
        every = f"there are {', '.join(there)}" if there else "none is installed"
        raise UsageError(f"no player is called '{name}'{hint}; of the entry points in {GROUP} {every}")
    if len(same) > 1:
        raise UsageError(f"{name}: {clash(same)}")
    return same[0]


def _model(name: str) -> Foreign:
    from arena.matches import stable_baselines as sb3

    written = name.removeprefix(MODEL)
    first, colon, rest = written.partition(":")
    algorithm, file = (first, rest) if colon and first in sb3.ALGORITHMS else (None, written)
    if not file:
        raise UsageError(f"'{name}' names no file; write sb3:PATH.zip")
    model = sb3.read(Path(file).expanduser().absolute(), algorithm)
    module = sb3.ALGORITHMS[model.algorithm].partition(":")[0]
    if find_spec(module) is None:
        package = module.replace("_", "-")
        raise ArenaError(f"{name} needs {package}, which is not installed: `pip install {package}`")
    stem = "".join(c for c in model.path.stem if c.isprintable())
    identity = Identity(
        f"agent:{model.sha256}",
        f"{MODEL}{stem}",
        "agent",
        f"Stable-Baselines3 model, {sb3.ALGORITHMS[model.algorithm].partition(':')[2]}",
    )
    load = {
        "kind": "sb3",
        "path": str(model.path),
        "sha256": model.sha256,
        "model": sb3.ALGORITHMS[model.algorithm],
    }
    return Foreign(name, identity, load, model)
