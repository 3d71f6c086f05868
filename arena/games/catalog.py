"""Every game by id, as plain data: importing this loads no emulator, no compiler, no window.

Adding a game is one file and one line here.
"""

import ast
import difflib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.errors import ArenaError, UsageError

if TYPE_CHECKING:
    import gymnasium

    from arena.games.game import Game
    from arena.games.restorable import Restorable

FAMILIES = {"maze": "Mazes", "atari": "Atari · 1 seat", "versus": "Atari · versus", "gym": "Gymnasium"}
"""The part of an id before the slash, and what people see for it."""

MOST_PLAYERS = 4
"""Of a match."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about a game before it is made."""

    id: str
    title: str
    summary: str
    """One line: what it is about."""
    seats: tuple[int, ...]
    """How many may sit in one world; (1,) means that several players play copies of it (a duel)."""
    module: str
    """Where `make(id, **options)` and `vector(id, num_envs, seed, **options)` are."""
    rules: str
    """The module that tells the rules: by its docstring, or of several games by its function `rules`."""
    pathfinder: bool = False
    """Whether the built-in player `pathfinder` knows the way."""
    restorable: bool = False
    """Whether it can be put back at once to where it was, and then is exactly there."""
    size: int | None = None
    """Tiles a side, unless the option `size` says otherwise; None where there is no such option."""
    sizes: range = range(0)
    """What that option can be."""
    together: bool = False
    """Whether all play for one score: nobody wins, and nobody is rated."""
    teams: int = 0
    """Where more play than so many, those in every so many-th seat are one team, with one score; 0 where
    everybody plays for themselves."""
    yardstick: str | None = None
    """A game with one seat whose agents see and do the same in the first seat of this one."""
    missing: str | None = None
    """Why the game cannot be played here, in words for a person; None where it can."""

    @property
    def players(self) -> tuple[int, ...]:
        """How many a match may have: one for each seat, or, where there is one, for each copy of the game."""
        return tuple(range(1, MOST_PLAYERS + 1)) if self.seats == (1,) else self.seats

    @property
    def seats_in_words(self) -> str:
        """How many seats one world may have: `2`, `2 to 4`, `2 or 4`."""
        least, most = self.seats[0], self.seats[-1]
        if least == most:
            return str(least)
        whole = len(self.seats) == most - least + 1
        return f"{least} to {most}" if whole and most - least > 1 else " or ".join(map(str, self.seats))

    def check_players(self, count: int, *, seated: str = "") -> None:
        """Raises UsageError where a match cannot have so many players: `seated` says whence they are so many,
        where they were not simply named."""
        if count not in self.players:
            wanted = "1 to 4" if self.seats == (1,) else self.seats_in_words
            named = seated or f"{count} {'was' if count == 1 else 'were'} named"
            raise UsageError(f"{self.id} is for {wanted} players, and {named}")

    @property
    def emulated(self) -> bool:
        """Whether it is a cartridge in an emulator: sixty ticks a second, and sticky actions."""
        return self.family in ("atari", "versus")

    @property
    def family(self) -> str:
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        return self.id.partition("/")[2]


def _maze(name: str, size: int, summary: str, seats: tuple[int, ...] = (1,), smallest: int = 7) -> Entry:
    return Entry(
        id=f"maze/{name}",
        title=name.title(),
        summary=summary,
        seats=seats,
        module="arena.games.maze",
        rules=f"arena.games.maze.{name}",
        pathfinder=True,
        restorable=True,
        size=size,
        sizes=range(smallest, 64, 2 if seats == (1,) else 4),  # fair to all needs a cell in the middle
    )


MAZES = (
    _maze("run", 15, "Reach the exit, by the shortest way you can find."),
    _maze("vault", 25, "Find the gem behind chained doors; each needs the key of its colour.", smallest=9),
    _maze("windy", 15, "Cross the lava while the wind pushes and the floor is slippery."),
    _maze("race", 19, "Be first at the exit, which is as far from everyone.", seats=(2, 3, 4), smallest=11),
    _maze("tag", 15, "Catch, then run: roles are swapped at half-time.", seats=(2,)),
    _maze("coins", 15, "Pick up more coins than the others.", seats=(2, 3, 4), smallest=11),
)


@cache
def entries() -> tuple[Entry, ...]:
    """Every game that is known by name, family by family."""
    from arena.games.gym_listing import gym_entries  # found by asking the installation, so not at import
    from arena.games.roms import atari_entries
    from arena.games.versus_list import versus_entries

    return MAZES + atari_entries() + versus_entries() + gym_entries()


def find(game_id: str) -> Entry:
    """The entry of `game_id`; any `gym/<environment id>` has one.

    Raises UsageError, naming the nearest ids, for a game that is not known, and ArenaError for a ROM of the
    user's that cannot be played.
    """
    for entry in entries():
        if entry.id == game_id:
            return entry
    if game_id.startswith("gym/"):
        from arena.games.gym_listing import gym_entry

        return gym_entry(game_id)
    if game_id.startswith("atari/"):
        from arena.games.roms import rom_problems

        for file, problem in rom_problems():
            if game_id == f"atari/{file.stem}":
                raise ArenaError(f"the ROM {file} cannot be played: {problem}")
    raise UsageError(f"no game is called '{game_id}'{_nearest(game_id)}; `arena games` lists them all")


def _nearest(game_id: str) -> str:
    ids = [entry.id for entry in entries()]
    near = difflib.get_close_matches(game_id, ids, n=3, cutoff=0.6)
    near += [i for i in ids if i.partition("/")[2] == game_id.lower() and i not in near]
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def rules(entry: Entry) -> str:
    """The rules for people: of Gymnasium's environments and of cartridges for several those that are kept for
    each, of other games the docstring of the module that makes them, read without importing it."""
    if entry.family in ("gym", "versus"):
        told: str = import_module(entry.rules).rules(entry)
        return told
    return docstring(entry.rules) or entry.summary


def docstring(module: str) -> str:
    """Of a module, read without importing it; empty where there is none."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    return ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""


def make(game_id: str, **options: Any) -> "Game":
    """A new game. Raises UsageError for an unknown id or option, ArenaError where it cannot work here."""
    entry = find(game_id)
    game: Game = import_module(entry.module).make(entry.id, **options)
    return game


def preparing(game_id: str) -> str | None:
    """What making a game on this machine will have to wait for, in words for a person; None where nothing."""
    entry = find(game_id)
    if entry.family != "maze":
        return None
    words: str | None = import_module(entry.module).preparing(entry.id)
    return words


def vector(
    game_id: str, num_envs: int, seed: int, **options: Any
) -> "gymnasium.vector.VectorEnv[Any, Any, Any]":
    """The training-time view: `num_envs` slots, each one seat of one world. Raises as `make`."""
    entry = find(game_id)
    envs: gymnasium.vector.VectorEnv[Any, Any, Any] = import_module(entry.module).vector(
        entry.id, num_envs, seed, **options
    )
    return envs


def simulator(game_id: str, seed: int, **options: Any) -> "Restorable":
    """The view of those who explore: the game as it begins with `seed`, to be put back at will. Raises as
    `make`, and UsageError for a game that cannot be put back."""
    entry = find(game_id)
    made = getattr(import_module(entry.module), "simulator", None)
    if made is None:
        raise UsageError(
            f"{game_id} cannot be explored: it cannot be put back to where it was; mazes and Atari games can"
        )
    simulator: Restorable = made(entry.id, seed, **options)
    return simulator


def practice(
    game_id: str, num_envs: int, seed: int, **options: Any
) -> "gymnasium.vector.VectorEnv[Any, Any, Any]":
    """The view of those who learn from demonstrations: see `agents.robustify.Practice`. Raises as
    `simulator`."""
    entry = find(game_id)
    made = getattr(import_module(entry.module), "practice", None)
    if made is None:
        raise UsageError(
            f"{game_id} has no demonstrations to learn from: it cannot be put back to where it was; mazes "
            "and Atari games can"
        )
    envs: gymnasium.vector.VectorEnv[Any, Any, Any] = made(entry.id, num_envs, seed, **options)
    return envs
