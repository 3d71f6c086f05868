"""Gymnasium's environments that the arena lists, as plain data; any other can be named all the same."""

from functools import cache
from importlib.util import find_spec

from arena.games.catalog import Entry

BOX2D = "it needs Box2D: pip install swig, then pip install 'gymnasium[box2d]'"
MINIGRID = "it needs MiniGrid: pip install minigrid"

GYMNASIUM = (
    ("CartPole-v1", "Cart Pole", "Keep the pole upright by pushing the cart left and right."),
    ("MountainCar-v0", "Mountain Car", "Swing the weak car up the hill."),
    ("Acrobot-v1", "Acrobot", "Swing the two-link arm up to the line."),
    ("LunarLander-v3", "Lunar Lander", "Land between the flags, softly, with three engines."),
    ("FrozenLake-v1", "Frozen Lake", "Cross the slippery ice to the gift, around the holes."),
    ("FrozenLake8x8-v1", "Frozen Lake 8x8", "The same, on a larger lake."),
    ("CliffWalking-v1", "Cliff Walking", "Walk along the cliff, and not over it."),
    ("Taxi-v4", "Taxi", "Pick the passenger up and set them down where they want to be."),
    ("Blackjack-v1", "Blackjack", "Nearer to 21 than the dealer, and not over."),
)
"""(environment, title, what it is about)."""

MINIGRIDS = (
    ("Empty-8x8-v0", "Empty Room", "Walk to the green square."),
    ("FourRooms-v0", "Four Rooms", "Find the green square in one of four rooms."),
    ("DoorKey-5x5-v0", "Door and Key 5x5", "Fetch the key, open the door, reach the green square."),
    ("DoorKey-8x8-v0", "Door and Key 8x8", "Fetch the key, open the door, reach the green square."),
    ("MultiRoom-N2-S4-v0", "Two Rooms", "Through the door to the green square."),
    ("MultiRoom-N6-v0", "Six Rooms", "Through five doors to the green square."),
    ("SimpleCrossingS9N1-v0", "Crossing", "Find the gap in the wall."),
    ("LavaCrossingS9N1-v0", "Lava Crossing", "Find the gap in the lava."),
    ("LavaGapS7-v0", "Lava Gap", "One gap in a river of lava."),
    ("Dynamic-Obstacles-8x8-v0", "Moving Obstacles", "Reach the green square past moving balls."),
    ("Unlock-v0", "Unlock", "Fetch the key and open the door."),
    ("UnlockPickup-v0", "Unlock and Pick Up", "Open the door and pick up the box behind it."),
    ("KeyCorridorS3R1-v0", "Key Corridor", "Find the key behind a door, and the ball behind another."),
    ("MemoryS7-v0", "Memory", "Remember what you saw, and choose its twin."),
    ("RedBlueDoors-6x6-v0", "Red and Blue Doors", "Open the red door, then the blue one."),
)
"""The same for MiniGrid, less "MiniGrid-". Those whose goal is told in words alone are left out: agents
here do not read."""


@cache
def _installed(package: str) -> bool:
    return find_spec(package) is not None


def _missing(environment: str) -> str | None:
    """What `environment` needs that is not installed."""
    if environment.startswith(("LunarLander", "BipedalWalker", "CarRacing")) and not _installed("Box2D"):
        return BOX2D
    if environment.startswith("MiniGrid-") and not _installed("minigrid"):
        return MINIGRID
    return None


def _entry(environment: str, title: str, summary: str) -> Entry:
    return Entry(
        id=f"gym/{environment}",
        title=title,
        summary=summary,
        seats=(1,),
        module="arena.games.gym",
        rules="arena.games.gym_rules",
        missing=_missing(environment),
    )


def gym_entries() -> tuple[Entry, ...]:
    """The catalog's lines for Gymnasium; MiniGrid's where it is installed."""
    minigrids = MINIGRIDS if _installed("minigrid") else ()
    return tuple(_entry(*line) for line in GYMNASIUM) + tuple(
        _entry(f"MiniGrid-{name}", title, summary) for name, title, summary in minigrids
    )


def gym_entry(game_id: str) -> Entry:
    """The line of any `gym/<environment id>`, known or not: whether there is one, `make` finds out."""
    for entry in gym_entries():
        if entry.id == game_id:
            return entry
    environment = game_id.removeprefix("gym/")
    return _entry(environment, environment, "A Gymnasium environment.")
