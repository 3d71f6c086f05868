"""Who is how strong, and how sure that is: Bradley-Terry, fitted to the whole match log of one game.

The model (Bradley & Terry 1952; Elo scale): with ratings r_i and the first seat's advantage a in a shared
world, player i comes before player j with probability

    p = 1 / (1 + 10 ** (-(r_i - r_j + a) / 400))        a = 0 but where i has the first seat

The ratings are the maximum of the posterior. A draw is half a win and half a loss; a finish of k players is
all its pairs, each weighted 1 / (k - 1), so that a match weighs as much for each of its players whatever
their number. Gaussian priors keep it finite where somebody won all or lost all, and pools that never met
comparable by what we believe before any match. The errors are those of the Gaussian at the maximum
(Laplace's approximation). The fit does not depend on the order of the matches, to the last bit.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from arena.store.database import Database
from arena.store.outcomes import Outcomes, Pair, counted
from arena.store.records import Identity, MatchResult

PRIOR_SD = 350.0
"""Of a rating: two players of whom nothing is known are likely within 1,000 of each other."""

ADVANTAGE_PRIOR_SD = 100.0
"""Of the first seat's advantage: in chess it is 35, and here seats are meant to be fair."""

ANCHOR = "builtin:random"
"""Whose rating is 0 by definition, where it has played."""

PROVISIONAL = 10
"""With fewer matches a rating is provisional."""

_SCALE = math.log(10) / 400
_SIGMAS = 1.959964
"""Standard deviations each side that hold 95% of a Gaussian."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Of n players, in the order of their ids."""

    players: tuple[str, ...]
    anchor: str | None
    """The player at 0 by definition; None where it has not played: then 0 is the mean of the prior."""
    values: NDArray[np.float64]
    """(n,): Elo scale, relative to the anchor."""
    covariance: NDArray[np.float64]
    """(n, n): of `values`, so the anchor's row and column are 0."""
    advantage: tuple[float, float] | None
    """Of the first seat of a shared world, with its 95% error; None where no world was shared."""

    def error(self, player: int) -> float:
        """Half the width of the 95% interval around a player's value."""
        return _SIGMAS * math.sqrt(max(self.covariance[player, player], 0.0))

    def superiority(self, player: int, other: int) -> float:
        """How likely it is, given the matches, that `player` is the stronger of two."""
        c = self.covariance
        sd = math.sqrt(max(c[player, player] + c[other, other] - 2 * c[player, other], 0.0))
        difference = float(self.values[player] - self.values[other])
        return 0.5 * (1 + math.erf(difference / (sd * math.sqrt(2)))) if sd else 0.5


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a leaderboard."""

    player: Identity
    rating: float
    error: float
    """The 95% interval is `rating` ± this; 0 for `random`, which is 0 by definition."""
    matches: int
    wins: int
    """Came first, alone."""
    draws: int
    losses: int
    last: datetime
    """When its last rated match here ended, UTC."""
    provisional: bool
    superiority: float | None
    """How likely it is stronger than the next below; None for the last."""


def leaderboard(game: str) -> list[Standing]:
    """Everyone with a rated match at `game`, best first. Raises ArenaError where the log cannot be read."""
    with Database.open() as log:
        return _standings(log, game)


def leaderboards() -> dict[str, list[Standing]]:
    """The leaderboard of every game with a rated match."""
    with Database.open() as log:
        boards = {game: _standings(log, game) for game in log.games()}
    return {game: standings for game, standings in boards.items() if standings}


def fit(matches: Iterable[MatchResult]) -> Ratings:
    """The ratings of everyone with a rated match in `matches`, which are all at one game."""
    return fit_counts(counted(matches))


def fit_counts(counts: Mapping[Pair, Outcomes]) -> Ratings:
    """The ratings of everyone in `counts`: what rated matches at one game say, added up."""
    pairs = sorted(counts)
    players = sorted({player for pair in pairs for player in (pair.first, pair.second)})
    number = {player: index for index, player in enumerate(players)}
    design = _Design(
        first=np.array([number[pair.first] for pair in pairs], np.intp),
        second=np.array([number[pair.second] for pair in pairs], np.intp),
        advantage=np.array([float(pair.advantage) for pair in pairs]),
        won=np.array([(counts[p].wins + counts[p].draws / 2) / (p.players - 1) for p in pairs]),
        lost=np.array([(counts[p].losses + counts[p].draws / 2) / (p.players - 1) for p in pairs]),
        precision=np.array([PRIOR_SD**-2] * len(players) + [ADVANTAGE_PRIOR_SD**-2]),
    )
    estimate, covariance = _maximum(design)
    n = len(players)
    shared = bool(design.advantage.any())
    advantage = (float(estimate[n]), _SIGMAS * math.sqrt(covariance[n, n])) if shared else None
    anchor = ANCHOR if ANCHOR in number else None
    relative = np.eye(n)
    if anchor is not None:
        relative[:, number[anchor]] -= 1.0
    return Ratings(
        players=tuple(players),
        anchor=anchor,
        values=relative @ estimate[:n],
        covariance=relative @ covariance[:n, :n] @ relative.T,
        advantage=advantage,
    )


@dataclass(frozen=True, slots=True)
class _Design:
    """The log of a game as arrays: m pairs of n players. The parameters are (n + 1,): the ratings, then the
    first seat's advantage."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    advantage: NDArray[np.float64]
    """1 where the first of the pair had the first seat, else 0."""
    won: NDArray[np.float64]
    """(m,): weighted matches that the first of the pair won, with half of those drawn."""
    lost: NDArray[np.float64]
    precision: NDArray[np.float64]
    """(n + 1,): 1 / variance of the priors."""

    def lead(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,): what the first of each pair is ahead of the second, in natural units."""
        lead: NDArray[np.float64] = _SCALE * (x[self.first] - x[self.second] + self.advantage * x[-1])
        return lead

    def log_posterior(self, x: NDArray[np.float64]) -> float:
        lead = self.lead(x)
        likelihood = -self.won * np.logaddexp(0, -lead) - self.lost * np.logaddexp(0, lead)
        return float(likelihood.sum() - 0.5 * (self.precision * x * x).sum())

    def gradient(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        p = _probability(self.lead(x))
        surprise = _SCALE * (self.won * (1 - p) - self.lost * p)
        gradient = -self.precision * x
        np.add.at(gradient, self.first, surprise)
        np.subtract.at(gradient, self.second, surprise)
        gradient[-1] += (surprise * self.advantage).sum()
        return gradient

    def information(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n + 1, n + 1): minus the Hessian of the log posterior."""
        p = _probability(self.lead(x))
        weight = _SCALE**2 * (self.won + self.lost) * p * (1 - p)
        information = np.diag(self.precision)
        last = np.full_like(self.first, len(x) - 1)
        terms = ((self.first, 1.0), (self.second, -1.0), (last, self.advantage))
        for row, a in terms:
            for column, b in terms:
                np.add.at(information, (row, column), weight * a * b)
        return information


def _maximum(design: _Design) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the posterior is greatest, and its covariance there. It is strictly concave, so Newton's method,
    with steps halved while they overshoot, reaches the one maximum from anywhere."""
    x: NDArray[np.float64] = np.zeros(len(design.precision))
    height = design.log_posterior(x)
    for _ in range(100):
        step = np.linalg.solve(design.information(x), design.gradient(x))
        if np.abs(step).max() < 1e-7:
            break
        while (reached := design.log_posterior(x + step)) < height and np.abs(step).max() > 1e-7:
            step /= 2
        x, height = x + step, reached
    return x, np.linalg.inv(design.information(x)).astype(np.float64)


def _probability(lead: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0, -lead))


def _standings(log: Database, game: str) -> list[Standing]:
    ratings = fit_counts(log.pairs(game))
    tallies = {tally.player.id: tally for tally in log.tallies(game)}
    order = sorted(range(len(ratings.players)), key=lambda i: (-ratings.values[i], ratings.players[i]))
    standings = []
    for place, index in enumerate(order):
        tally = tallies[ratings.players[index]]
        below = order[place + 1] if place + 1 < len(order) else None
        standings.append(
            Standing(
                player=tally.player,
                rating=float(ratings.values[index]),
                error=ratings.error(index),
                matches=tally.matches,
                wins=tally.wins,
                draws=tally.draws,
                losses=tally.losses,
                last=tally.last,
                provisional=tally.matches < PROVISIONAL,
                superiority=None if below is None else ratings.superiority(index, below),
            )
        )
    return standings
