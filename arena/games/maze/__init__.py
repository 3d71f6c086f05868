"""Mazes: an engine of our own, any number of worlds at once, one file a game.

Importing this compiles nothing; `make` and `vector` load the game that is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arena.games.maze.game import MazeGame
    from arena.games.maze.practice_env import MazePractice
    from arena.games.maze.restorable import MazeSimulator
    from arena.games.maze.rules import Options
    from arena.games.maze.vector_env import MazeVectorEnv


def options_of(game_id: str, given: dict[str, Any], levels: str = "train") -> "Options":
    """Raises UsageError for one that makes no sense."""
    from arena.games.maze.rules import Options

    name = game_id.removeprefix("maze/")
    rules = import_module(f"arena.games.maze.{name}").RULES
    return Options.of(name, rules, given, levels=levels)


def make(game_id: str, **options: Any) -> "MazeGame":
    """One world for a match, on held-out levels unless `levels="train"`.

    Options: seats, size (odd; tiles a side), layout (a name of `LAYOUTS`, or "mixed"), levels, observation
    ("planes", "grid" or "picture"). Raises UsageError for one that makes no sense.
    """
    from arena.games.maze.game import MazeGame

    return MazeGame(options_of(game_id, options, "held-out"))


def vector(game_id: str, num_envs: int, seed: int, *, threads: int = 1, **options: Any) -> "MazeVectorEnv":
    """Worlds for training, on training levels unless `levels="held-out"`; `threads` share the worlds."""
    from arena.games.maze.vector_env import MazeVectorEnv

    return MazeVectorEnv(options_of(game_id, options), num_envs, seed, threads=threads)


def simulator(game_id: str, seed: int, **options: Any) -> "MazeSimulator":
    """As it is explored: the level of `seed`, one of training's unless `levels="held-out"`."""
    from arena.errors import UsageError
    from arena.games.maze.game import MazeGame
    from arena.games.maze.restorable import MazeSimulator

    game = MazeGame(options_of(game_id, options))
    if game.spec.seats > 1:
        raise UsageError(f"{game_id} cannot be explored: others play in it")
    return MazeSimulator(game, lambda: game.reset(seed), longest=int(game.settings.max_steps))


def practice(game_id: str, num_envs: int, seed: int, *, threads: int = 1, **options: Any) -> "MazePractice":
    """Worlds for training, as `vector` makes them, of which demonstrations can be found."""
    from arena.errors import UsageError
    from arena.games.maze.practice_env import MazePractice

    if options_of(game_id, options).seats > 1:
        raise UsageError(f"{game_id} cannot be explored: others play in it")
    return MazePractice(game_id, options, num_envs, seed, threads=threads)


def preparing(game_id: str) -> str | None:
    """What the first use of a game has to wait for, in words for a person; None where nothing."""
    from arena.games.maze.kernel import is_compiled

    if is_compiled(game_id.removeprefix("maze/")):
        return None
    return f"compiling {game_id}, this once: about half a minute"
