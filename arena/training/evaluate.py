"""How strong an agent is: measured on levels it has never seen, with error bars.

What is measured depends on the game. A maze for one: the share of held-out levels solved, every level
played once. A game for several: the share of matches won against `random`, with seats swapped, a draw
being half. Any other: the game's own score, in Atari over whole games as they are usually measured (all
lives, half an hour at most), else as in a match.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from agents.agent import Agent
from arena.errors import ArenaError
from arena.games import catalog
from arena.matches.match import Match, series
from arena.matches.player import AgentPlayer, Player, RandomPlayer
from arena.store.records import Identity, Option
from arena.training.estimates import Estimate, bootstrap, mean, wilson

AT_ONCE = 250
"""Mazes of each seat that are played together."""

CONSOLES = 20
"""Atari games that are played together."""

TELL_STEPS = 20
"""Of the consoles, after which it is told how far they are, though none has ended its game."""


@dataclass(frozen=True, slots=True)
class Done:
    """How far a measurement is."""

    ended: int
    games: int
    left: float | None
    """What there is still to do, as a multiple of what has been done; None while that cannot be told."""


Progress = Callable[[Done], None]
"""Is told at the beginning, and whenever more is done."""


def untold(done: Done) -> None:
    """Nobody asks how far it is."""


def evenly(ended: int, games: int) -> Done:
    """How far it is where the games that are left take as long as those that have ended."""
    return Done(ended, games, (games - ended) / ended if ended else None)


Measure = Literal["solved", "won", "score"]
"""Share of levels solved, share of matches won (a draw is half), or the game's own score."""


@dataclass(frozen=True, slots=True)
class Strength:
    """What was measured, in how many games."""

    measure: Measure
    games: int
    estimate: Estimate
    score: Estimate
    """The game's own score, whatever the measure."""

    def __str__(self) -> str:
        e = self.estimate
        if self.measure == "score":
            return f"scores {e.mean:,.1f} [{e.low:,.1f}, {e.high:,.1f}] in {self.games} games"
        rate = f"{e.mean:.1%} [{e.low:.1%}, {e.high:.1%}]"
        if self.measure == "won":
            return f"wins {rate} of {self.games} matches against random"
        return f"solves {rate} of {self.games} held-out levels"


def measure_of(game: str, options: Mapping[str, Option]) -> Measure:
    """By what the strength of an agent is told at a game."""
    entry = catalog.find(game)
    if entry.together:
        return "score"
    if int(options.get("seats", entry.seats[0])) > 1:
        return "won"
    return "solved" if entry.family == "maze" else "score"


def strength(
    agent: Agent | None,
    game: str,
    *,
    games: int,
    seed: int,
    greedy: bool = True,
    options: dict[str, Option] | None = None,
    progress: Progress = untold,
) -> Strength:
    """Measure `agent`, or the player `random` for None. Deterministic given the seed.

    `greedy` is whether it plays its best action or draws from its policy.
    """
    entry = catalog.find(game)
    options = options or {}
    seats, measure = int(options.get("seats", entry.seats[0])), measure_of(game, options)
    progress(evenly(0, games))
    if entry.family in ("maze", "versus"):
        own, random = _policy(agent, greedy, game), _policy(None, True, game)
    if entry.family == "maze":
        mazes = play_mazes(game, own, random, games, seed, options, progress)
        rate = wilson(float(mazes.solved.sum() if seats == 1 else mazes.shares.sum()), games)
        return Strength(measure, games, rate, bootstrap([mazes.scores], mean, seed))
    if entry.family == "versus":
        scores, shares = play_versus(game, own, random, games, seed, options, progress)
        score = bootstrap([scores], mean, seed)
        told = score if entry.together else wilson(float(shares.sum()), games)
        return Strength(measure, games, told, score)
    if entry.family == "atari":
        scores = play_atari(game, agent, greedy, games, seed, options, progress)
        score = bootstrap([scores], mean, seed)
        return Strength(measure, games, score, score)
    players = [_player(agent, greedy), *(RandomPlayer() for _ in range(seats - 1))]
    scores, shares = play_matches(game, players, games, seed, options, progress)
    score = bootstrap([scores], mean, seed)
    if seats == 1:
        return Strength(measure, games, score, score)
    return Strength(measure, games, wilson(float(shares.sum()), games), score)


def against(
    agent: Agent,
    other: Agent,
    game: str,
    *,
    games: int,
    seed: int,
    greedy: tuple[bool, bool],
    options: dict[str, Option] | None = None,
    progress: Progress = untold,
) -> Estimate:
    """The share of matches that `agent` wins against `other`, at a console or in mazes, from every seat; a
    draw is half. `greedy` is whether each plays its best action."""
    progress(evenly(0, games))
    own, others = _policy(agent, greedy[0], game), _policy(other, greedy[1], game)
    if catalog.find(game).family == "maze":
        shares = play_mazes(game, own, others, games, seed, options or {}, progress).shares
    else:
        _, shares = play_versus(game, own, others, games, seed, options or {}, progress)
    return wilson(float(shares.sum()), games)


def play_versus(
    game: str,
    player: "Policy",
    others: "Policy",
    games: int,
    seed: int,
    options: dict[str, Option],
    progress: Progress = untold,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(games,) scores of `player`, and the share of the others whom it came before, those beside it by half,
    in matches at consoles, many at once. `others` have the seats that it leaves; it takes every seat in turn.

    How many each console plays is settled beforehand, as with `play_atari`.
    """
    count, seats = min(games, CONSOLES), int(options.get("seats", catalog.find(game).seats[0]))
    quota = _quotas(games, count)
    envs: Any = catalog.vector(game, count * seats, seed, **options)
    rng, consoles = np.random.default_rng(seed), np.arange(count)
    mine = np.zeros(count * seats, np.bool_)
    mine[consoles * seats + consoles % seats] = True
    found: list[tuple[float, float]] = []
    actions = np.zeros(count * seats, np.int64)
    try:
        observations, _ = envs.reset()
        while quota.any():
            actions[mine] = player(observations[mine], rng)
            actions[~mine] = others(observations[~mine], rng)
            observations, _, _, _, infos = envs.step(actions)
            if not infos:
                continue
            scores = infos["episode"]["score"].reshape(count, seats)
            for console in np.flatnonzero(infos["_episode"][::seats] & (quota > 0)):
                quota[console] -= 1
                own = scores[console][console % seats]
                ahead = np.sign(own - np.delete(scores[console], console % seats))
                found.append((own, (ahead.mean() + 1) / 2))
            progress(evenly(len(found), games))
    finally:
        envs.close()
    table = np.array(found, np.float64)
    return table[:, 0], table[:, 1]


def _quotas(games: int, count: int) -> NDArray[np.int64]:
    """How many of `games` each of `count` consoles plays."""
    quota = np.full(count, games // count)
    quota[: games % count] += 1
    return quota


def play_matches(
    game: str,
    players: Sequence[Player],
    games: int,
    seed: int,
    options: dict[str, Option],
    progress: Progress = untold,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(games,) scores of the first player, and its share of each win. Raises ArenaError when it forfeits."""
    scores, shares = np.zeros(games), np.zeros(games)
    without_seats = {name: value for name, value in options.items() if name != "seats"}
    for index, pairing in enumerate(series(game, len(players), games, seed)):
        match = Match(game, [players[who] for who in pairing.order], pairing.seed, without_seats)
        try:
            result = match.play()
        finally:
            match.close()
        seat = result.seats[pairing.order.index(0)]
        if seat.forfeit is not None:
            raise ArenaError(f"{game}: the agent cannot play it ({seat.forfeit})")
        scores[index] = seat.score
        shares[index] = (seat.place == 1) / len(result.winners)
        progress(evenly(index + 1, games))
    return scores, shares


def play_atari(
    game: str,
    agent: Agent | None,
    greedy: bool,
    games: int,
    seed: int,
    options: dict[str, Option],
    progress: Progress = untold,
) -> NDArray[np.float64]:
    """(games,) scores of whole games, all lives and half an hour at most, many at once.

    How many each emulator plays is settled beforehand: of whatever ends first, the short ones would be more.
    """
    count = min(games, CONSOLES)
    quota = _quotas(games, count)
    envs: Any = catalog.vector(
        game, count, seed, **{**options, "episodic_life": False, "reward_clipping": False}
    )
    actions, rng = int(envs.single_action_space.n), np.random.default_rng(seed)
    scores: list[list[float]] = [[] for _ in range(count)]
    lasted, lengths, steps = np.zeros(count), list[float](), 0
    try:
        observations, _ = envs.reset()
        while quota.any():
            if agent is None:
                chosen = rng.integers(actions, size=count)
            else:
                chosen = agent.act(observations, rng=None if greedy else rng)
            observations, _, _, _, infos = envs.step(chosen)
            steps, lasted = steps + 1, lasted + 1
            ended = np.flatnonzero(infos.get("_episode", ()))
            for slot in ended:
                if quota[slot]:
                    quota[slot] -= 1
                    scores[slot].append(float(infos["episode"]["r"][slot]))
                    lengths.append(lasted[slot])
                lasted[slot] = 0
            if len(ended) or steps % TELL_STEPS == 0:
                left = _steps_left(quota, lasted, float(np.mean(lengths))) if lengths else None
                progress(Done(games - int(quota.sum()), games, left and left / steps))
    finally:
        envs.close()
    return np.concatenate([np.array(played) for played in scores])


def _steps_left(quota: NDArray[np.int64], lasted: NDArray[np.float64], usual: float) -> float | None:
    """Until the last of the consoles has played all of its games: they play side by side, so that the one
    with the most to play tells. `usual` is the length of a game; None where the last games are longer than
    that already, and may end at any time.
    """
    if not quota.any():
        return 0.0
    still = (quota - 1) * usual + np.maximum(usual - lasted, 0)
    return float(still[quota > 0].max()) or None


Policy = Callable[[NDArray[Any], np.random.Generator], NDArray[np.int64]]
"""(B, *observation) and a generator -> (B,) actions."""


@dataclass(frozen=True, slots=True)
class Mazes:
    """What the measured player made of each of N mazes."""

    scores: NDArray[np.float64]
    """(N,): its score."""
    solved: NDArray[np.bool_]
    """(N,): whether its return was positive."""
    shares: NDArray[np.float64]
    """(N,): its share of the win: 1 alone, 1/k with k others as good, 0 behind."""


def play_mazes(
    game: str,
    player: Policy,
    others: Policy,
    games: int,
    seed: int,
    options: dict[str, Option],
    progress: Progress = untold,
) -> Mazes:
    """`games` held-out mazes, many at once. Where several play, `others` fill the seats that `player` leaves,
    and it takes every seat in turn: worlds 0 to seats - 1 are one level, and so on."""
    seats = int(options.get("seats", catalog.find(game).seats[0]))
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.integers(2**62, size=-(-games // seats)), seats)[:games]
    parts = []
    for first in range(0, games, AT_ONCE * seats):
        part = levels[first : first + AT_ONCE * seats]
        told = partial(_tell_of_part, progress, first, games)
        parts.append(_play_at_once(game, player, others, part, rng, options, told))
    return Mazes(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _tell_of_part(progress: Progress, before: int, games: int, ended: int) -> None:
    progress(evenly(before + ended, games))


def _play_at_once(
    game: str,
    player: Policy,
    others: Policy,
    levels: NDArray[np.int64],
    rng: np.random.Generator,
    options: dict[str, Option],
    progress: Callable[[int], None],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    seats = int(options.get("seats", catalog.find(game).seats[0]))
    count = len(levels)
    envs: Any = catalog.vector(game, count * seats, 0, **{**options, "levels": "held-out"})
    worlds = np.arange(count)
    mine = np.zeros(count * seats, dtype=bool)
    mine[worlds * seats + worlds % seats] = True
    scores, solved = np.zeros((count, seats)), np.zeros((count, seats), dtype=bool)
    playing = np.ones(count, dtype=bool)
    actions = np.zeros(count * seats, np.int64)
    try:
        observations, _ = envs.reset(options={"levels": levels})
        while playing.any():
            actions[mine] = player(observations[mine], rng)
            if seats > 1:
                actions[~mine] = others(observations[~mine], rng)
            observations, _, _, _, infos = envs.step(actions)
            if infos:
                ended = infos["_episode"].reshape(count, seats)[:, 0] & playing
                scores[ended] = infos["episode"]["score"].reshape(count, seats)[ended]
                solved[ended] = infos["episode"]["solved"].reshape(count, seats)[ended]
                playing &= ~ended
                progress(count - int(playing.sum()))
    finally:
        envs.close()
    best = scores == scores.max(axis=1, keepdims=True)
    shares = (best / best.sum(axis=1, keepdims=True)).reshape(-1)[mine]
    return scores.reshape(-1)[mine], solved.reshape(-1)[mine], shares


def _policy(agent: Agent | None, greedy: bool, game: str) -> Policy:
    """`agent`'s, or the uniformly random one for None."""
    if agent is None:
        made = catalog.make(game)
        made.close()
        actions = len(made.spec.actions)
        return lambda observations, rng: rng.integers(actions, size=len(observations))
    return lambda observations, rng: agent.act(observations, rng=None if greedy else rng)


def _player(agent: Agent | None, greedy: bool) -> Player:
    if agent is None:
        return RandomPlayer()
    name = "greedy" if greedy else "sampled"
    return AgentPlayer(Identity(f"agent:{name}", name, "agent"), agent, greedy=greedy)
