"""Who stands where in a tournament, and against whom it got there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from arena.store.outcomes import Outcomes, Pair
from arena.tournaments.ratings import ANCHOR, fit_counts
from arena.tournaments.tournament import Played, Tournament

Score = tuple[int, int, int]
"""Wins, draws, losses."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entrant."""

    entrant: int
    name: str
    place: int
    """1 is best; equals share one."""
    points: float
    played: int
    """Matches that count."""
    score: Score
    """Of each match against each opponent in it; who is of one's team is none."""
    by_game: tuple[tuple[float, int], ...]
    """At each of the games: points, of how many matches that count; without byes."""
    forfeits: int
    byes: int
    buchholz: float
    """The points of the opponents, an encounter each."""
    sonneborn_berger: float
    """The points of the opponents, each by the share of points that was taken from them."""
    out: int | None
    """In a knockout: the round in which it was put out."""
    rating: float | None
    """Elo scale, fitted to this tournament alone; None without a match."""
    error: float
    """The 95% interval is `rating` ± this; 0 for `random`, which is 0 by definition."""


@dataclass(frozen=True, slots=True)
class Standings:
    lines: tuple[Line, ...]
    """Best first."""
    cross: Mapping[tuple[int, int], Score]
    """(entrant, opponent) -> how it did."""
    duplicates: int
    """Matches that were another's twin, and did not count."""
    anchored: bool
    """Whether ratings are relative to `random`, or to the mean."""


def standings(tournament: Tournament) -> Standings:
    """As far as it has been played. A round-robin and a gauntlet are decided by points, then
    Sonneborn-Berger, then wins; Swiss by points, then Buchholz, then Sonneborn-Berger; a knockout by how far
    one came."""
    plan, format = tournament.plan, tournament.format
    numbers = range(len(plan.entrants))
    played = tournament.played()
    tallies = {number: _Tally(by_game=[[0.0, 0] for _ in plan.games]) for number in numbers}
    cross: dict[tuple[int, int], list[int]] = {}
    for at, encounters in enumerate(tournament.rounds):
        for number, (encounter, outcome) in enumerate(
            zip(encounters, tournament.outcomes(at, played), strict=True)
        ):
            if len(encounter) == 1:
                if not format.decides:
                    tallies[encounter[0]].byes += 1
                    tallies[encounter[0]].points += outcome[0]
                continue
            counted = [one for one in played.get((at, number), []) if not one.duplicate]
            for entrant, gained in zip(encounter, outcome, strict=True):
                tally = tallies[entrant]
                tally.points += gained
                tally.matches += len(counted)
                share = gained / len(counted) if counted else 0.0
                tally.met += [(other, share) for other in encounter if other != entrant and counted]
            for one in counted:
                _count(one, tallies, cross)
            if format.decides and tournament.settled(at):
                tallies[encounter[1 if outcome[0] >= outcome[1] else 0]].lost.append(at)
    ratings, anchored = _ratings(tournament, played)
    scores: dict[int, list[Sequence[int]]] = {number: [] for number in numbers}
    for (entrant, _), score in cross.items():
        scores[entrant].append(score)
    lines = [_line(tournament, number, tallies, scores[number], ratings.get(number)) for number in numbers]
    keys = {line.entrant: _key(tournament, line) for line in lines}
    order = sorted(lines, key=lambda line: (keys[line.entrant], line.entrant))
    ranked = [keys[line.entrant] for line in order]
    return Standings(
        lines=tuple(replace(line, place=1 + ranked.index(keys[line.entrant])) for line in order),
        cross={pair: (wins, draws, losses) for pair, (wins, draws, losses) in sorted(cross.items())},
        duplicates=sum(one.duplicate for found in played.values() for one in found),
        anchored=anchored,
    )


@dataclass(slots=True)
class _Tally:
    by_game: list[list[float]]
    points: float = 0.0
    matches: int = 0
    byes: int = 0
    forfeits: int = 0
    met: list[tuple[int, float]] = field(default_factory=list)
    """Opponents, an encounter each, and the share of its points that was taken."""
    lost: list[int] = field(default_factory=list)
    """In a knockout: rounds that were lost."""


def _count(one: Played, tallies: Mapping[int, _Tally], cross: dict[tuple[int, int], list[int]]) -> None:
    """Who came before whom in a match, what it brought, and who forfeited it."""
    seats = list(zip(one.order, one.result.seats, strict=True))
    for entrant, points in zip(one.order, one.points, strict=True):
        at_game = tallies[entrant].by_game[one.place.game]
        at_game[0] += points
        at_game[1] += 1
    for at, (entrant, seat) in enumerate(seats):
        tallies[entrant].forfeits += seat.forfeit is not None
        for beside, (other, theirs) in enumerate(seats):
            if other != entrant and not one.result.mates(at, beside):
                score = cross.setdefault((entrant, other), [0, 0, 0])
                better = (theirs.place > seat.place) - (theirs.place < seat.place)
                score[1 - better if one.result.winners else 2] += 1  # who forfeit together both lose


def _line(
    tournament: Tournament,
    number: int,
    tallies: Mapping[int, _Tally],
    scores: Sequence[Sequence[int]],
    rating: tuple[float, float] | None,
) -> Line:
    tally, lives = tallies[number], tournament.format.lives
    return Line(
        entrant=number,
        name=tournament.plan.entrants[number].name,
        place=0,
        points=tally.points,
        played=tally.matches,
        score=(sum(s[0] for s in scores), sum(s[1] for s in scores), sum(s[2] for s in scores)),
        by_game=tuple((points, int(matches)) for points, matches in tally.by_game),
        forfeits=tally.forfeits,
        byes=tally.byes,
        buchholz=sum(tallies[other].points for other, _ in tally.met),
        sonneborn_berger=sum(tallies[other].points * share for other, share in tally.met),
        out=tally.lost[lives - 1] if lives and len(tally.lost) >= lives else None,
        rating=None if rating is None else rating[0],
        error=0.0 if rating is None else rating[1],
    )


def _key(tournament: Tournament, line: Line) -> tuple[float, ...]:
    """Less is better."""
    if tournament.format.decides:
        return (-math.inf if line.out is None else -line.out,)
    if tournament.format.name == "gauntlet":
        # All others have met the first alone: better than it is who took more than half from it.
        return (-round(line.points / line.played, 6) if line.entrant and line.played else -0.5,)
    breaks = (
        (line.buchholz, line.sonneborn_berger)
        if tournament.format.name == "swiss"
        else (line.sonneborn_berger, line.score[0])
    )
    return tuple(-round(value, 6) for value in (line.points, *breaks))


def _ratings(
    tournament: Tournament, played: Mapping[tuple[int, int], Sequence[Played]]
) -> tuple[dict[int, tuple[float, float]], bool]:
    """(entrant -> rating and its 95% error, whether `random` is at 0), by all games together."""
    ids = {
        number: ANCHOR if entrant.identities[0].id == ANCHOR else f"{number:06}"
        for number, entrant in enumerate(tournament.plan.entrants)
    }
    counts: dict[Pair, Outcomes] = {}
    for one in (one for found in played.values() for one in found if not one.duplicate):
        if not one.result.winners:  # all have forfeited, which says nothing of who is stronger
            continue
        seats = list(zip(one.order, one.result.seats, strict=True))
        for (at, (entrant, seat)), (beside, (other, theirs)) in combinations(enumerate(seats), 2):
            if one.result.mates(at, beside):
                continue
            advantage = one.result.shared and at == 0
            better = (theirs.place > seat.place) - (theirs.place < seat.place)
            if not advantage and ids[other] < ids[entrant]:
                entrant, other, better = other, entrant, -better
            pair = Pair(ids[entrant], ids[other], advantage, len(seats))
            so_far = counts.get(pair, Outcomes())
            counts[pair] = Outcomes(
                so_far.wins + (better > 0), so_far.draws + (better == 0), so_far.losses + (better < 0)
            )
    if not counts:
        return {}, False
    fitted = fit_counts(counts)
    known = {player: index for index, player in enumerate(fitted.players)}
    found = {
        number: (float(fitted.values[known[name]]), fitted.error(known[name]))
        for number, name in ids.items()
        if name in known
    }
    return found, fitted.anchor is not None
