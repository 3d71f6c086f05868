"""A headless series of matches, each kept before it is reported."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.cli.output import StatusLine, announce, time_left
from arena.errors import UsageError
from arena.matches.match import Match, series
from arena.matches.player import Player
from arena.store.keeping import keep
from arena.store.records import MatchResult, Option

_STATUS_EVERY = 64
"""Ticks between two looks at the clock."""


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


def play_series(
    game_id: str, players: Sequence[Player], games: int, seed: int, options: Mapping[str, Option]
) -> Iterator[Played]:
    """Play and keep `games` matches, with progress on stderr; yields each when it is safely kept.

    Raises UsageError before anything is played when such a match cannot be.
    """
    for player in players:
        if player.identity.kind == "human":
            raise UsageError(
                "a person cannot play where nothing is drawn; add --window or --terminal, or use `arena play`"
            )
    announce(game_id)
    status = StatusLine()
    began = time.monotonic()
    for done, pairing in enumerate(series(game_id, len(players), games, seed)):
        match = Match(game_id, [players[i] for i in pairing.order], pairing.seed, options)
        longest = max(game.spec.max_ticks or 0 for game in match.games)
        try:
            while not match.finished:
                match.tick()
                if match.ticks % _STATUS_EVERY == 0:
                    status.show(_progress(done, games, match.ticks, longest, time.monotonic() - began))
            result = keep(match.replay())
        finally:
            match.close()
            status.clear()
        yield Played(result, pairing.order)


def _progress(done: int, games: int, ticks: int, longest: int, elapsed: float) -> str:
    """How far the series is, and the time left: by the matches so far, or at most by the first's length."""
    text = f"{done}/{games} matches, tick {ticks:,}" + (f" of at most {longest:,}" if longest else "")
    if done:
        return f"{text}, {time_left(elapsed, done, games)}"
    return f"{text}, at most {time_left(elapsed, ticks / longest, games)}" if longest else text


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
