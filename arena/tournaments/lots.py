"""Playing a lot: what a worker does, on this machine or another."""

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from arena.errors import ArenaError
from arena.matches import roster
from arena.matches.foreign import ForeignPlayer, Limits
from arena.matches.match import Match
from arena.matches.player import AgentPlayer, Player
from arena.matches.together import Together
from arena.store.records import Identity, Option, Place, Replay
from arena.tournaments.tournament import Lot

WORD_EVERY = 0.5
"""Seconds after which a worker says how far it is."""


@dataclass(frozen=True, slots=True)
class Role:
    """Who an entrant is at a game, for whoever has to seat it."""

    name: str
    identity: Identity
    folder: Path | None
    """Where its agent lies, if it is one."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all lots of a tournament, or of a series."""

    games: tuple[str, ...]
    options: Mapping[str, Option]
    roles: tuple[tuple[Role, ...], ...]
    """Of each entrant, at each game."""
    limits: Limits = field(default_factory=Limits)
    """Of players that are somebody else's."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A match has ended."""

    place: Place
    replay: Replay


@dataclass(frozen=True, slots=True)
class Going:
    """Matches that are being played."""

    ticks: Mapping[Place, int]
    """How many each has."""
    longest: int
    """Ticks that a match can have; 0 where there is no limit."""


class Cast:
    """The players, each loaded when it is first needed."""

    def __init__(self, job: Job, loaded: Mapping[tuple[int, int], Player] | None = None) -> None:
        """`loaded` are here already, by their numbers and those of their games."""
        self.job = job
        self._kept = dict(loaded or {})

    def player(self, entrant: int, game: int) -> Player:
        """The one of which others are made. Raises ArenaError where it cannot be loaded."""
        found = self._kept.get((entrant, game))
        if found is None:
            role = self.job.roles[entrant][game]
            named = str(role.folder) if role.folder is not None else role.name
            job = self.job
            found = roster.resolve(named, job.games[game], options=job.options, limits=job.limits)
            if role.folder is None:
                check_entered(role.name, role.identity, found)
            found.identity = role.identity
            self._kept[entrant, game] = found
        return found

    def seated(self, entrant: int, game: int) -> Player:
        """One to sit in a match beside others of the same entrant."""
        found = self.player(entrant, game)
        if type(found) is AgentPlayer:
            return AgentPlayer(found.identity, found.agent, greedy=found.greedy, needs=found.needs)
        if is_alone(found):
            return found
        return type(found)()  # a built-in player

    def close(self) -> None:
        """End the processes of those who have one."""
        for player in self._kept.values():
            if isinstance(player, ForeignPlayer):
                player.close()


def check_entered(name: str, entered: Identity, player: Player) -> None:
    """Raises ArenaError where a name means another player now than when it entered: a file that was written
    anew, a package that was updated, a champion where there was none."""
    if player.identity.id != entered.id:
        raise ArenaError(
            f"{name} is another player now than the one that entered; put that one back, or begin anew"
        )


def is_alone(player: Player) -> bool:
    """Whether its matches are played one after the other: it has a process, or thinks for seconds."""
    return player.deliberates or isinstance(player, ForeignPlayer)


def play(cast: Cast, lot: Lot, done: Collection[Place]) -> Iterator[Ended | Going]:
    """Play a lot, but for what is `done`; tells of each match as it ends, and now and then how far all are.

    Raises ArenaError where a player cannot be loaded, and at the end for the first match that is void.
    """
    taken: dict[int, int] = {}
    """Rows of each agent, by its `id`."""
    rows: dict[Place, list[int]] = {}
    matches: dict[Place, Match] = {}
    void: dict[Place, ArenaError] = {}
    try:
        for task in lot.tasks:
            agents = [getattr(cast.player(one, lot.game), "agent", None) for one in task.order]
            rows[task.place] = []
            for agent in agents:
                rows[task.place].append(taken.get(id(agent), 0))
                taken[id(agent)] = taken.get(id(agent), 0) + 1
            if task.place not in done:
                players = [cast.seated(one, lot.game) for one in task.order]
                job = cast.job
                matches[task.place] = Match(job.games[lot.game], players, task.seed, job.options)
        together = Together(matches, rows, taken)
        told, longest = 0.0, max((_longest(match) for match in matches.values()), default=0)
        while together.playing:
            for place in together.advance():
                with contextlib.closing(matches.pop(place)) as match:
                    try:
                        replay = match.replay()
                    except ArenaError as error:
                        void[place] = error
                    else:
                        yield Ended(place, replay)
            if time.monotonic() - told > WORD_EVERY:
                told = time.monotonic()
                yield Going({place: match.ticks for place, match in together.playing.items()}, longest)
        if void:
            raise void[min(void)]
    finally:
        for match in matches.values():
            match.close()


def _longest(match: Match) -> int:
    return max(game.spec.max_ticks or 0 for game in match.games)
