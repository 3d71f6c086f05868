"""Who is still champion: the log keeps what a player was when it last played."""

from collections.abc import Collection
from dataclasses import replace

from arena.store import checkpoints
from arena.store.records import Identity

CHAMPION = "champion"
"""How the detail of a champion begins; what follows is parted by a comma."""


def holders() -> frozenset[str]:
    """The ids of all champions that there are now."""
    return frozenset(f"agent:{meta.digest}" for meta in checkpoints.champions())


def today(player: Identity, champions: Collection[str]) -> Identity:
    """`player` as it is called where those are the champions: who was one and is no more has `(former)`
    behind its name, which its successor has too."""
    if player.kind != "agent" or player.detail.partition(",")[0] != CHAMPION or player.id in champions:
        return player
    return replace(player, name=f"{player.name} (former)", detail=f"former {player.detail}")
