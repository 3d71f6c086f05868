"""Is one player better than another? A sequential test, which stops as soon as the answer is known.

H0 says that the Elo difference is `elo0` or less, H1 that it is `elo1` or more. Where players share a world,
both matches of a seed, one from either seat, are one round: a pair, with 0, ½, 1, 1½ or 2 points. Its two
matches need not be independent. In a duel there are no seats to swap, and a match is a round of its own.

The test is the generalized SPRT. The log-likelihood ratio (LLR) is that of the likeliest distributions of
points whose mean is what H1 and H0 say (Van den Bergh, "A practical introduction to the GSPRT"; the
distributions are Proposition 1.1 of his "Maximum likelihood estimation for multinomial distributions with a
given expectation"). It ends at Wald's bounds (1945), log(beta / (1 - alpha)) and log((1 - beta) / alpha).

The estimates beside it are those of a number of rounds that was fixed before. After an early stop the Elo
difference leans a little away from the middle between `elo0` and `elo1`, as in every sequential test, so that
its 95% interval holds the truth about 90% of the time there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.store.outcomes import Outcomes

Verdict = Literal["better", "not better"]
"""H1, or H0."""

MOST_ELO = 2_000.0
"""Of `elo0` and `elo1`, either way: a hundred thousand to one."""

LEAST_GAP = 1.0
"""Elo between the two: what is nearer takes more matches than anybody plays."""

REPEATS = 20
"""After so many rounds more, each the same as the first, nothing new is expected."""

_EMPTY = 1e-3
"""Rounds that an outcome without one counts for, so that no likelihood is zero (fishtest's `regularize`)."""

_HALF = 0.5
"""Of a round, added to all won and to all lost for the estimates. It takes most of the bias from a logarithm
of odds, and keeps it finite (Haldane 1956; Anscombe 1956)."""

_BISECTIONS = 60
"""Until a double tells no more apart."""

_SIGMAS = 1.959964
"""Standard deviations each side that hold 95% of a Gaussian."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how often the answer may be wrong."""

    elo0: float = 0.0
    """H0: the first player is stronger by this or less. Elo, as on the leaderboard."""
    elo1: float = 50.0
    """H1: it is stronger by this or more. 50 is 57% of the points."""
    alpha: float = 0.05
    """How often H1 is taken at most where H0 is true."""
    beta: float = 0.05
    """How often H0 is taken at most where H1 is true."""

    def __post_init__(self) -> None:
        """Raises UsageError for what cannot be tested."""
        for name, elo in (("elo0", self.elo0), ("elo1", self.elo1)):
            if not abs(elo) <= MOST_ELO:  # nor is it a number, perhaps
                raise UsageError(f"{name}={elo:g}: an Elo difference from -2,000 to 2,000 is wanted")
        if self.elo1 - self.elo0 < LEAST_GAP - 1e-9:  # 1.9 - 0.9 is a little less
            raise UsageError(
                f"elo0={self.elo0:g} and elo1={self.elo1:g}: elo1 must be greater, by {LEAST_GAP:g} or more"
            )
        for name, rate in (("alpha", self.alpha), ("beta", self.beta)):
            if not 0 < rate < 0.5:
                raise UsageError(f"{name}={rate:g}: how often to err is above 0 and below 0.5, such as 0.05")

    @property
    def lower(self) -> float:
        """The LLR at which H0 is taken."""
        return math.log(self.beta / (1 - self.alpha))

    @property
    def upper(self) -> float:
        """The LLR at which H1 is taken."""
        return math.log((1 - self.beta) / self.alpha)


@dataclass(slots=True)
class Evidence:
    """What has been played: every round by its points, and how many were different.

    Rounds that are equal all count: chance brings each as often as it does, and to count a repeated one once
    would favour what is rare. But while all are the same nothing is by chance, and all count as one.
    """

    matches: int
    """Of a round: 2, or 1 in a duel."""
    points: list[int] = field(init=False)
    """How many rounds had 0, ½, ... points."""
    played: Outcomes = field(init=False, default=Outcomes())
    """Matches of these rounds, as the first player saw them."""
    seen: set[bytes] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.points = [0] * (2 * self.matches + 1)

    def add(self, points: Sequence[float], moves: bytes) -> None:
        """One round: the first player's points of each match (0, ½ or 1), and what is equal only where all
        moves and scores are equal."""
        self.points[round(2 * sum(points))] += 1
        before = self.played
        self.played = Outcomes(
            before.wins + points.count(1), before.draws + points.count(0.5), before.losses + points.count(0)
        )
        self.seen.add(moves)

    @property
    def rounds(self) -> int:
        return sum(self.points)

    @property
    def alike(self) -> bool:
        """Whether there were several, all the same."""
        return self.rounds > 1 and len(self.seen) == 1

    @property
    def exhausted(self) -> bool:
        """Whether more would be the same again."""
        return self.alike and self.rounds > REPEATS

    @property
    def counted(self) -> list[int]:
        """`points`, without what says nothing new."""
        return [min(count, 1) for count in self.points] if self.alike else list(self.points)

    @property
    def outcomes(self) -> Outcomes:
        """The matches of what is counted."""
        if not self.alike:
            return self.played
        of = self.played
        return Outcomes(of.wins // self.rounds, of.draws // self.rounds, of.losses // self.rounds)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rounds say."""

    verdict: Verdict | None
    """None where it is not known yet."""
    llr: float
    elo: float
    """How much stronger the first player is. Elo."""
    error: float
    """The 95% interval is `elo` ± this."""
    superiority: float
    """How likely the first is the stronger one (LOS)."""
    fixed: int
    """Rounds of the test of fixed size that errs as rarely."""


def weigh(points: Sequence[int], question: Question) -> Finding:
    """What so many rounds of 0, ½, ... points say. All of it is finite, whatever they are.

    Elo is that of the mean score, 400 log10(s / (1 - s)), with the error of the mean (delta method). LOS is
    that of a Gaussian mean whose spread is taken around equal scores, so that it holds for few rounds and for
    those that were all won. The size of a fixed test is ((z(alpha) + z(beta)) sd / (s1 - s0)) ** 2, for the
    one-sided test of the mean of rounds with the standard deviation that was observed.
    """
    llr = float(log_likelihood_ratio(np.array(points), question))
    counts = np.array(points, np.float64)
    counts[[0, -1]] += _HALF
    scores = np.linspace(0, 1, len(counts))
    number = counts.sum()
    mean = float(counts @ scores / number)
    variance = float(counts @ (scores - mean) ** 2 / number)
    sd = math.sqrt(variance / number)
    spread = float(counts @ (scores - 0.5) ** 2 / number)
    reach = _NORMAL.inv_cdf(question.alpha) + _NORMAL.inv_cdf(question.beta)
    apart = score(question.elo1) - score(question.elo0)
    return Finding(
        verdict="better" if llr >= question.upper else "not better" if llr <= question.lower else None,
        llr=llr,
        elo=400 * math.log10(mean / (1 - mean)),
        error=_SIGMAS * sd * 400 / (math.log(10) * mean * (1 - mean)),
        superiority=_NORMAL.cdf((mean - 0.5) / math.sqrt(spread / number)),
        fixed=math.ceil(reach**2 * variance / apart**2),
    )


def score(elo: float) -> float:
    """The part of the points that is expected of who is stronger by `elo`, between 0 and 1."""
    return float(1 / (1 + 10 ** (-elo / 400)))


def log_likelihood_ratio(points: NDArray[np.integer], question: Question) -> NDArray[np.float64]:
    """(..., k) rounds of 0, ½, ... points -> (...): LLR of `elo1` against `elo0`; 0 where there are none."""
    observed = np.where(points > 0, points, _EMPTY)
    ratio = _log_likelihood(observed, score(question.elo1)) - _log_likelihood(observed, score(question.elo0))
    return np.where(points.any(axis=-1), ratio, 0.0)


def _log_likelihood(observed: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """(..., k) -> (...): of the likeliest distribution of k scores from 0 to 1 with that mean.

    With frequencies f it is p = f / (1 + t (score - mean)), where t solves sum p (score - mean) = 0. The sum
    falls all the way between the poles of the best and the worst score.
    """
    away = np.linspace(0, 1, observed.shape[-1]) - mean
    frequency = observed / observed.sum(axis=-1, keepdims=True)
    low = np.full((*observed.shape[:-1], 1), -1 / (1 - mean))
    high = np.full_like(low, 1 / mean)
    for _ in range(_BISECTIONS):
        t = (low + high) / 2
        above = (frequency * away / (1 + t * away)).sum(axis=-1, keepdims=True) > 0
        low, high = np.where(above, t, low), np.where(above, high, t)
    likelihood: NDArray[np.float64] = (observed * np.log(frequency / (1 + t * away))).sum(axis=-1)
    return likelihood
