"""How a player's rating came to be what it is: refitted to the log as it stood after each of its matches."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from arena.store.database import Database
from arena.store.outcomes import Outcomes, Pair, counted
from arena.tournaments.ratings import fit_counts

FITS = 60
"""At most so many points: each is a fit of everything before it."""


@dataclass(frozen=True, slots=True)
class Point:
    """A player's rating at one time."""

    matches: int
    """Rated matches that it had played by then."""
    when: datetime
    """When the last of them ended, UTC."""
    rating: float
    error: float
    """The 95% interval is `rating` ± this."""


def history(game: str, player: str, most: int = FITS) -> list[Point]:
    """The rating of `player` (an id) at `game` after its matches, evenly chosen where there are more than
    `most`; the last point is its rating now. Empty without a rated match.

    Raises ArenaError where the log cannot be read.
    """
    with Database.open() as log:
        matches = [kept for kept in reversed(log.matches(game)) if kept.result.rated]
    played = [at for at, kept in enumerate(matches) if any(s.player.id == player for s in kept.result.seats)]
    steps = min(len(played), most) - 1
    chosen = sorted({round(i * (len(played) - 1) / max(steps, 1)) for i in range(steps + 1)})
    counts: defaultdict[Pair, Outcomes] = defaultdict(Outcomes)
    points, added = [], 0
    for number in chosen:
        # the last point knows what came after the player's own last match, too: so does the leaderboard
        upto = len(matches) if number == chosen[-1] else played[number] + 1
        for pair, more in counted(kept.result for kept in matches[added:upto]).items():
            so_far = counts[pair]
            counts[pair] = Outcomes(
                so_far.wins + more.wins, so_far.draws + more.draws, so_far.losses + more.losses
            )
        added = upto
        ratings = fit_counts(counts)
        at = ratings.players.index(player)
        points.append(
            Point(number + 1, matches[played[number]].ended, float(ratings.values[at]), ratings.error(at))
        )
    return points
