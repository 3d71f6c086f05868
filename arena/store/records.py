"""What is kept of a match: plain data that every room above understands."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from arena.errors import UsageError

Option = str | int | float | bool
"""What a game's option may be: JSON, so that a replay can carry it."""

Kind = Literal["human", "builtin", "agent"]

LARGEST_SEED = 2**31 - 1
"""Of a match, a series or a run: emulators read 31 bits, so there a larger one would be another's twin."""

_NAMESPACE = uuid.UUID("6f0b6f0e-9f0b-5a55-9d0c-0a7e4a3b1c55")


def check_seed(seed: int) -> None:
    """Raises UsageError for a seed that is none."""
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageError(f"the seed {seed}: a seed is a whole number from 0 to {LARGEST_SEED}")


def in_figures(score: float) -> str:
    """A score without a tail of zeros: 3, 0.25, 1,204."""
    return f"{round(score, 2) + 0.0:,.2f}".rstrip("0").rstrip(".")  # + 0.0: there is no -0


def share_in_figures(points: float, matches: int) -> str:
    """Points out of so many matches, 2.5/4; nothing where there were none."""
    return f"{in_figures(points)}/{matches}" if matches else ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sat there, as the leaderboard knows them."""

    id: str
    """`human:<name>`, `builtin:<name>`, or `agent:<digest of frozen weights and config>`."""
    name: str
    """What people read."""
    kind: Kind
    detail: str = ""
    """What an agent is: `champion`, `run ppo-maze-run-3 at step 1,200,000`, ..."""


@dataclass(frozen=True, slots=True)
class SeatResult:
    player: Identity
    score: float
    place: int
    """1 is best; who shares a place has drawn."""
    forfeit: str | None = None
    """Why the player lost without playing on: what it raised or answered, or that it left."""


@dataclass(frozen=True)
class MatchResult:
    """A finished match. Equal matches (same players, game, seed and moves) have equal ids: playing a
    deterministic game again brings no new knowledge, and is not counted twice."""

    game: str
    options: Mapping[str, Option]
    seed: int
    seats: tuple[SeatResult, ...]
    ticks: int
    digest: str
    """Hex of the final digest of the match: every move and the last state went into it."""

    @cached_property
    def id(self) -> str:
        """The match's UUID, derived from what was played, and by whom."""
        content = json.dumps(
            [
                self.game,
                sorted(self.options.items()),
                self.seed,
                self.digest,
                [(s.player.id, s.forfeit is not None) for s in self.seats],
            ]
        )
        return str(uuid.uuid5(_NAMESPACE, content))

    @property
    def winners(self) -> tuple[SeatResult, ...]:
        """Who came first; nobody where all forfeited."""
        return tuple(seat for seat in self.seats if seat.place == 1 and seat.forfeit is None)

    def mates(self, seat: int, other: int) -> bool:
        """Whether two seats are of one team, which wins or loses as one."""
        teams = self.options.get("teams")
        return isinstance(teams, int) and teams > 0 and seat % teams == other % teams

    @property
    def won(self) -> bool:
        """Whether one came before all others, or one team did."""
        first = [seat for seat, one in enumerate(self.seats) if one.place == 1 and one.forfeit is None]
        return bool(first) and all(seat == first[0] or self.mates(seat, first[0]) for seat in first)

    @property
    def drawn(self) -> bool:
        """Nobody came before anybody, and not because all forfeited."""
        return len(self.seats) > 1 and len(self.winners) == len(self.seats)

    @property
    def shared(self) -> bool:
        """Whether the players shared one world (versus): the match loop made it with that many seats."""
        return "seats" in self.options

    @property
    def rated(self) -> bool:
        """Whether it says who is stronger: two different players at least, not for one score of all, none of
        them slowed down, and somebody who played on."""
        apart = len({seat.player.id for seat in self.seats}) > 1
        fair = not self.options.get("together") and not self.options.get("reaction_ms")
        return apart and fair and bool(self.winners)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a match belongs in its tournament."""

    round: int
    encounter: int
    """In its round."""
    game: int
    """Of those that are played, counted from 0."""
    pair: int
    """Matches of a pair are on one seed."""
    turn: int
    """By how many seats the entrants have moved on."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A match's place in a tournament."""

    tournament: str
    place: Place
    moves: str
    """Hex: equal for matches of the same players, in the same seats, with the same moves and scores."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Enough to play a match again exactly, and to prove that it is the same."""

    result: MatchResult
    actions: bytes
    """(ticks, seats) uint8, row by row: the action of every seat at every tick."""
    digests: tuple[str, ...]
    """Hex digest of the state after every `DIGEST_EVERY` ticks, then of the last."""
    forfeits: Mapping[int, int]
    """Seat -> tick at which it forfeited."""

    @property
    def moves(self) -> str:
        """Hex digest of who sat where and did what, whatever the seed was: a game without chance, played by
        players without chance, is the same match again."""
        seats = [(seat.player.id, seat.score, seat.place) for seat in self.result.seats]
        content = json.dumps([self.result.game, sorted(self.result.options.items()), seats])
        return hashlib.blake2b(self.actions, digest_size=16, key=_digest(content)).hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=32).digest()
