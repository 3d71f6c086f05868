"""Registers the mazes with one seat with Gymnasium:

    import arena.games.registration
    gymnasium.make("arena/MazeRun-v0")

or, without the import, `gymnasium.make("arena.games.registration:arena/MazeRun-v0")`. Importing the arena
alone registers nothing, because that would load Gymnasium wherever a command line merely lists games.
"""

from gymnasium.envs.registration import register, registry

from arena.games.catalog import MAZES


def environment_id(name: str) -> str:
    """`run` -> `arena/MazeRun-v0`."""
    return f"arena/Maze{name.title()}-v0"


for _entry in MAZES:
    if _entry.seats == (1,) and environment_id(_entry.name) not in registry:
        register(
            id=environment_id(_entry.name),
            entry_point="arena.games.maze.env:MazeEnv",
            vector_entry_point="arena.games.maze.env:vector_env",
            kwargs={"name": _entry.name},
        )
