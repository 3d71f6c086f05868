"""Words for people about a match: results, ratings, clocks, keys; and the same as events for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.agent import Insight
from arena.games.game import GameSpec
from arena.matches.match import Match
from arena.store.records import MatchResult, SeatResult, in_figures
from arena.window import theme
from arena.window.theme import Colour

if TYPE_CHECKING:
    from arena.window.following import Story

FULL_SCREEN_KEY = ("F11", "full screen")
PICTURE_KEY = ("F12", "a picture of the window, to keep")
COMMON_KEYS: list[tuple[str, str]] = [
    ("P", "pause"),
    ("+  -", "faster, slower"),
    FULL_SCREEN_KEY,
    PICTURE_KEY,
    ("H", "these keys"),
    ("Esc", "leave"),
]
SEEK_KEYS = [("left right", "5 seconds back, or on"), ("Home End", "to the start, or the end")]
INSIGHT_KEY = ("I", "what the agents think")
VIEW_KEY = ("V", "what each sees, or all of it")
SOUND_KEY = ("M", "sound")
SALIENCY_KEY = ("S", "what mattered for its choice, its value")
MAP_KEY = ("O", "over the maze: values, visits")
SEAT_KEY = ("1 to 4", "whose map it is")
NEXT_KEY = ("N", "the next level or game at once")
RAIL_KEY = ("L", "how it learns, beside the board")

NO_THOUGHTS = "I: nobody here tells what they think"
NO_FOG = "V: there is no fog here"
FOG_STAYS = "V: the fog stays while you play"
NO_SOUND = "M: there is no sound here"
NO_SPEAKER = "M: nothing here can play sound"
NOT_SLOWER = "-: a match that counts is not played slower"
"""What keys say that cannot act."""


PART = "   "
"""Between parts of what stands beside a player's name: the last are left out where there is no room."""


def ever_shorter(state: str) -> Iterator[str]:
    """What stands beside a name: all of it, then ever fewer of its parts."""
    parts = state.split(PART)
    for count in range(len(parts), 0, -1):
        yield PART.join(parts[:count])


def from_the_left(spec: GameSpec, seats: Sequence[int]) -> list[int]:
    """Seats in the order in which they play on the screen, as far as their places say so."""

    def order(seat: int) -> int:
        words = spec.places[seat] if spec.places else ""
        return ("right" in words) - ("left" in words)

    return sorted(seats, key=order)


class Strength(NamedTuple):
    """A rating and its 95% error bar."""

    rating: float
    error: float

    def __str__(self) -> str:
        return f"{self.rating:.0f} ±{self.error:.0f}" if self.error else f"{self.rating:.0f}"


def strengths(game_id: str) -> dict[str, Strength]:
    """The ratings of everyone who has played `game_id`, by identity."""
    from arena.tournaments.ratings import leaderboard

    return {s.player.id: Strength(s.rating, s.error) for s in leaderboard(game_id)}


@dataclass(frozen=True, slots=True)
class Card:
    """The result of a match, as it is shown."""

    headline: str
    winner: int | None
    """The seat that won alone."""
    changes: tuple[str, ...]
    """What it did to the rating of each seat's player; empty where it did nothing."""
    note: str = ""


def state_of_run(story: "Story") -> tuple[str, Colour]:
    """What a run does now, in a word, and the word's colour."""
    return {
        "running": ("training", theme.GOOD),
        "done": ("finished", theme.MUTED),
        "stopped": ("stopped", theme.MUTED),
        "failed": ("failed", theme.BAD),
        "gone": ("deleted", theme.BAD),
    }[story.state]


def steps(number: float) -> str:
    """A count of steps as people say it: `950`, `12.5 k`, `1.24 M`."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f}"


def ago(seconds: float) -> str:
    """`6 s ago`, `2 min ago`, `3 h ago`."""
    if seconds < 100:
        return f"{seconds:.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 6000 else f"{seconds / 3600:.0f} h ago"


def what_bars_mean(thought: Insight) -> str:
    return "action probabilities" if thought.kind == "probability" else "action values"


def clock(seconds: float) -> str:
    """`1:23`, or `1:02:03` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def speed(times: float) -> str:
    return f"x{times:g}"


def terms(match: Match) -> str:
    """On what terms people and agents meet at a console, where both do, or agents are slowed down: how often
    they decide, how late they act, and whether the console ignores some of what anybody does. Else empty."""
    kinds = {player.identity.kind for player in match.players}
    spec = match.games[0].spec
    late = match.options.get("reaction_ms", 0)
    at_a_console = {"human", "agent"} <= kinds and spec.ticks_per_decision > 1
    if not at_a_console and not late:
        return ""
    every = 1000 * spec.ticks_per_decision / spec.tick_rate
    sticky = match.options.get("sticky", 0)
    told = f"agents decide every {every:.0f} ms" + (f", act {late} ms later" if late else " and act at once")
    return told + (f"; {sticky:.0%} of all actions are ignored" if sticky else "")


def headline(result: MatchResult) -> str:
    """Who won, and by how much."""
    seats = result.seats
    if len(seats) == 1:
        only = seats[0]
        return f"{only.player.name}: {only.forfeit}" if only.forfeit else f"{in_figures(only.score)} points"
    if result.options.get("together"):
        return f"Together: {in_figures(seats[0].score)} points"
    if result.drawn:
        return f"A draw at {in_figures(seats[0].score)}"
    winners = result.winners
    if not winners:
        return "Nobody wins: all have left"
    if len(winners) > 1:
        names = list(dict.fromkeys(winner.player.name for winner in winners))
        if not result.won:
            return f"{' and '.join(names)} share the win"
        beaten = [seat.score for seat in seats if seat not in winners and not seat.forfeit]
        how = f", {in_figures(winners[0].score)} to {in_figures(max(beaten))}" if beaten else " by forfeit"
        return f"{' and '.join(names)} {'win' if len(names) > 1 else 'wins'}{how}"
    best = winners[0]
    others = [seat for seat in seats if seat is not best]
    if all(other.forfeit for other in others):
        return f"{best.player.name} wins by forfeit"
    runner_up = max(other.score for other in others if not other.forfeit)
    return f"{best.player.name} wins, {in_figures(best.score)} to {in_figures(runner_up)}"


def card(
    result: MatchResult, before: Mapping[str, Strength], after: Mapping[str, Strength], kept: bool
) -> Card:
    """What stands on the screen at the end."""
    changes = tuple(_change(seat.player.id, before, after) for seat in result.seats)
    winners = [seat for seat, one in enumerate(result.seats) if one.place == 1]
    alone = winners[0] if len(winners) == 1 and len(result.seats) > 1 else None
    reasons = [f"{s.player.name} {s.forfeit}" for s in result.seats if s.forfeit and len(result.seats) > 1]
    note = "; ".join(reasons) if reasons else "" if kept else "not rated"
    if result.options.get("together"):
        note = note or "not rated: all play for one score"
    elif result.options.get("reaction_ms"):
        note = note or "not rated: agents were slowed down"
    return Card(headline(result), alone, changes, note)


def state(match: Match, seat: int, known: Mapping[str, Strength], card: Card | None) -> str:
    """What stands beside a player's name: its rating, or that it plays no more, or what it is; at the end
    what the match did to its rating."""
    identity = match.players[seat].identity
    if card is not None and card.changes[seat]:
        return f"forfeit   {card.changes[seat]}" if seat in match.forfeits else card.changes[seat]
    if seat in match.forfeits:
        return "forfeit"
    if not match.playing(seat) and not match.finished:
        return "finished"
    return str(known[identity.id]) if identity.id in known else identity.detail


def bars(thought: Insight) -> NDArray[np.float64]:
    """(A,) lengths from 0 to 1: probabilities as they are, values between the least and the greatest."""
    numbers: NDArray[np.float64] = np.nan_to_num(thought.actions[0].astype(np.float64))
    if thought.kind == "probability":
        return np.clip(numbers, 0.0, 1.0)
    spread = float(numbers.max() - numbers.min())
    lengths: NDArray[np.float64] = (numbers - numbers.min()) / (spread or 1.0)
    return lengths


def _change(player: str, before: Mapping[str, Strength], after: Mapping[str, Strength]) -> str:
    if player not in after:
        return ""
    now = after[player]
    if player not in before or round(before[player].rating) == round(now.rating):
        return str(now)
    return f"{now} ({now.rating - before[player].rating:+.0f})"


def event(
    result: MatchResult, before: Mapping[str, Strength], after: Mapping[str, Strength]
) -> dict[str, Any]:
    """The `result` event of the child protocol."""

    def rating(ratings: Mapping[str, Strength], seat: SeatResult) -> dict[str, float] | None:
        known = ratings.get(seat.player.id)
        return None if known is None else {"rating": round(known.rating, 1), "error": round(known.error, 1)}

    return {
        "event": "result",
        "match": result.id,
        "game": result.game,
        "seed": result.seed,
        "ticks": result.ticks,
        "headline": headline(result),
        "seats": [
            {
                "name": seat.player.name,
                "player": seat.player.id,
                "score": seat.score,
                "place": seat.place,
                "forfeit": seat.forfeit,
                "before": rating(before, seat),
                "after": rating(after, seat),
            }
            for seat in result.seats
        ],
    }
