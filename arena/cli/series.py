"""A headless series of matches, each kept before it is reported."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.cli.output import StatusLine, announce, time_left
from arena.errors import UsageError
from arena.games.processes import cores
from arena.matches.match import series
from arena.matches.player import Player
from arena.store.keeping import keep
from arena.store.records import MatchResult, Option
from arena.tournaments.lots import Going
from arena.tournaments.series import play_series


@dataclass(frozen=True, slots=True)
class Played:
    """A match that is kept, and who of the series' players sat where."""

    result: MatchResult
    order: tuple[int, ...]


@dataclass(slots=True)
class Tally:
    """How one of the series' players did."""

    name: str
    id: str
    wins: int = 0
    draws: int = 0
    losses: int = 0
    forfeits: int = 0
    total: float = 0.0


def play_and_keep(
    game_id: str,
    names: Sequence[str],
    players: Sequence[Player],
    games: int,
    seed: int,
    options: Mapping[str, Option],
    workers: int | None = None,
) -> Iterator[Played]:
    """Play `games` matches, with progress on stderr, and keep each in its turn; yields it when it is safely
    kept. What takes longer than a moment is played by `workers` processes, one a core where that is None.

    Raises UsageError before anything is played when such a match cannot be.
    """
    for player in players:
        if player.identity.kind == "human":
            raise UsageError(
                "a person cannot play where nothing is drawn; add --window or --terminal, or use `arena play`"
            )
    announce(game_id)
    status = Progress(games)
    played = play_series(
        game_id,
        names,
        players,
        series(game_id, len(players), games, seed),
        options,
        workers=cores() if workers is None else workers,
        tell=status.show,
    )
    with contextlib.closing(played):
        try:
            for replay, order in played:
                status.clear()
                result = keep(replay)
                status.count(result)
                yield Played(result, order)
        finally:
            status.clear()


class Progress:
    """How far a series is, on stderr."""

    def __init__(self, games: int) -> None:
        self._games, self._began = games, time.monotonic()
        self._line = StatusLine()
        self._done, self._ticks = 0, 0

    def count(self, result: MatchResult) -> None:
        """One more has been played."""
        self._done += 1
        self._ticks += result.ticks

    def show(self, going: Going) -> None:
        """Of the matches that are being played, and the time left: by how long the matches so far took, or at
        most by how long one can take."""
        ticks, longest = list(going.ticks.values()), going.longest
        beside = f", {len(ticks)} being played" if len(ticks) > 1 else ""
        text = f"{self._done}/{self._games} matches{beside}"
        text += f", tick {max(ticks, default=0):,}" + (f" of at most {longest:,}" if longest else "")
        usual = self._ticks / self._done if self._done else longest
        done = self._done + sum(min(each / usual, 1.0) for each in ticks if usual)
        if done:
            left = time_left(time.monotonic() - self._began, min(done, self._games), self._games)
            text += f", {left}" if self._done else f", at most {left}"
        self._line.show(text)

    def clear(self) -> None:
        self._line.clear()


def tally(players: Sequence[Player], played: Sequence[Played]) -> list[Tally]:
    """Wins, draws, losses and scores of every player of a series.

    A win is a first place that one has alone, or with one's team; a draw is a shared one. One player alone
    does neither.
    """
    tallies = [Tally(player.identity.name, player.identity.id) for player in players]
    for match in played:
        winners = match.result.winners
        for seat, index in zip(match.result.seats, match.order, strict=True):
            mine = tallies[index]
            mine.total += seat.score
            mine.forfeits += seat.forfeit is not None
            if seat not in winners:
                mine.losses += 1
            elif not match.result.won:
                mine.draws += 1
            elif len(players) > 1:
                mine.wins += 1
    return tallies
