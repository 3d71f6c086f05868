"""Keeping a match that has ended."""

from arena.store import replays
from arena.store.database import Database
from arena.store.records import MatchResult, Placing, Replay


def keep(replay: Replay, placing: Placing | None = None) -> MatchResult:
    """Keep the replay, then the match, with its place in a tournament where it has one. When this returns
    all are on the disk, whatever happens next; had it been cut short, there is at most a replay too many, of
    a match that nobody was told of.

    Raises ArenaError where they cannot be written.
    """
    replays.save(replay)
    with Database.open() as database:
        database.add(replay.result, placing)
    return replay.result
