"""A replay played again, and the proof that it is the same match."""

from arena.errors import ArenaError
from arena.matches.match import DIGEST_EVERY, Match
from arena.matches.player import Player
from arena.store.records import Identity, Replay


class Recorded(Player):
    """Who sat there; the record has the actions."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    def act(self) -> int:
        raise NotImplementedError("a recorded player's actions are asked of the playback")


class Playback(Match):
    """A match whose actions and forfeits come from a record, in any tick it has been rewound to."""

    def __init__(self, replay: Replay) -> None:
        result = replay.result
        self.recorded = replay
        super().__init__(
            result.game, [Recorded(seat.player) for seat in result.seats], result.seed, result.options
        )
        self._forfeit_after_the_last()

    def tick(self) -> None:
        super().tick()
        self._forfeit_after_the_last()

    def _ask(self, seat: int) -> int:
        recorded = self.recorded
        if self.ticks >= recorded.result.ticks or recorded.forfeits.get(seat, self.ticks + 1) <= self.ticks:
            self._forfeit(seat)
            return self.place(seat)[0].spec.idle_action
        return recorded.actions[self.ticks * len(self.players) + seat]

    def _forfeit_after_the_last(self) -> None:
        """Who left between two ticks ended the match: no tick follows in which to say so."""
        if self.ticks == self.recorded.result.ticks:
            for seat, tick in self.recorded.forfeits.items():
                if tick == self.ticks:
                    self._forfeit(seat)

    def _forfeit(self, seat: int) -> None:
        self.forfeit(seat, self.recorded.result.seats[seat].forfeit or "the record ends here")


def playback(replay: Replay) -> Playback:
    """The match of a replay, to be played again. Close it.

    Raises ArenaError where it cannot be: its game is not here, or does not know its options or its actions.
    """
    result = replay.result
    try:
        match = Playback(replay)
    except (ArenaError, ValueError, TypeError) as error:  # its options may be a stranger's
        raise ArenaError(f"match {result.id[:8]} cannot be played here: {error}") from error
    actions = len(match.games[0].spec.actions)
    if replay.actions and max(replay.actions) >= actions:
        match.close()
        raise ArenaError(
            f"match {result.id[:8]} cannot be played here: it has action {max(replay.actions)}, and"
            f" {result.game} has {actions}; it was made by another version of the game"
        )
    return match


def verify(replay: Replay) -> None:
    """Play all of it again and compare every digest and the result.

    Raises ArenaError that names the first ticks that differ, or where it cannot be played here.
    """
    match = playback(replay)
    try:
        _compare(match, replay)
    finally:
        match.close()


def _compare(match: Match, replay: Replay) -> None:
    expected = replay.result
    name, since = f"match {expected.id[:8]}", 0
    for digest in replay.digests:
        until = min(since + DIGEST_EVERY, expected.ticks)
        while match.ticks < until and not match.finished:
            match.tick()
        if match.ticks < until:
            raise ArenaError(
                f"{name} is not the same here: it ends at tick {match.ticks}, not {expected.ticks}"
            )
        if match.digest() != digest:
            raise ArenaError(
                f"{name} is not the same here: it differs between ticks {since} and {until}, which another"
                " version of the game or another machine can cause"
            )
        since = until
    if not match.finished:
        raise ArenaError(f"{name} is not the same here: it does not end at tick {expected.ticks}")
    result = match.result()
    if result != expected or result.id != expected.id:
        raise ArenaError(f"{name} is not the same here: its result is another")
