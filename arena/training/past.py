"""Playing against oneself: as one is now, and as one was.

Half of a learner's slots are games in which it has all the seats. In the others it has one, and the rest are
held by snapshots of its earlier self, mostly recent ones; which seat it has is shared out evenly. Who only
ever meets its latest self can go round in circles, unlearning what it no longer needs (Bansal et al. 2018,
arXiv 1710.03748, section 4.2, "opponent sampling").

Games against the past also tell how strong each snapshot is: every one that ends counts for the snapshot that
is taken next, against the one it met. Ratings are fitted to all of them, as on the leaderboard; the first
snapshot is 0.
"""

import json
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from agents.agent import Agent, Learner, Progress
from agents.catalog import load
from arena.errors import ArenaError
from arena.games import catalog
from arena.store import pools
from arena.store.outcomes import Outcomes, Pair
from arena.tournaments.ratings import fit_counts

SNAPSHOTS = 20
"""Of a whole run, beside the first."""

FADES = 0.8
"""How much less likely a snapshot is to be met than the one that was taken after it."""

LATEST = 100
"""Games against the past of which it is told how they went."""

OPPONENTS = 2
"""Snapshots that are met at the same time: each thinks by itself, which costs more than thinking together."""

Build = Callable[[Mapping[str, NDArray[Any]]], Agent]
"""An agent of the learner's kind, with these weights."""


class AgainstThePast(gymnasium.vector.VectorEnv[NDArray[Any], NDArray[Any], NDArray[Any]]):
    """`num_envs` slots of one learner in games of several seats."""

    def __init__(
        self,
        make: "Callable[[int], gymnasium.vector.VectorEnv[Any, Any, Any]]",
        seats: int,
        num_envs: int,
        build: Build,
        *,
        every: int,
        seed: int,
        together: bool = False,
    ) -> None:
        """`make` gives environments of so many slots, `seats` of a game side by side; a snapshot is kept
        after `every` steps. Where all play `together` for one score, nobody is ahead of anybody.

        Raises ValueError where there are too few slots for a game against oneself and one against the past.
        """
        if num_envs < seats + 1:
            raise ValueError(
                f"against its past it needs {seats + 1} environments at least, not {num_envs} (--envs)"
            )
        alone = max(num_envs // 2 // seats, 1)
        self._games = alone + num_envs - alone * seats
        self._envs = envs = make(self._games * seats)
        self.seats, self.num_envs = seats, num_envs
        self.metadata = envs.metadata
        self.single_observation_space = envs.single_observation_space
        self.single_action_space = envs.single_action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        held = np.zeros((self._games, seats), np.bool_)
        held[:alone] = True
        self._seat = (np.arange(self._games) - alone) % seats
        """That the learner has where it has one."""
        held[np.arange(alone, self._games), self._seat[alone:]] = True
        self._own = held.reshape(-1)
        self._against = list(range(alone, self._games))
        """Games against the past."""
        self._foe = np.zeros(self._games, np.int64)
        """Whom each is played against, by its place in the pool."""
        self._build, self._every, self._together = build, every, together
        self._agents: dict[int, Agent] = {}
        self._rng = np.random.default_rng([seed, 1])
        self._met = np.zeros(OPPONENTS, np.int64)
        """Who is met now."""
        self.pool: list[int] = []
        """The steps of the snapshots."""
        self._results = np.zeros((0, 0, 2, 3), np.int64)
        """(who, met whom, whether who had the first seat, came before it or beside it or after it)."""
        self._latest: deque[tuple[float, float]] = deque(maxlen=LATEST)
        """Of games against the past: the margin, and 1 for a win, 0 for a loss, half for a draw."""
        self._rating: tuple[float, float] | None = None
        """Of the latest snapshot, and its 95% error."""
        self._seen: NDArray[Any] = np.zeros(0)
        self._ended: NDArray[np.bool_] = np.zeros(self._games * seats, np.bool_)

    def settle(self, folder: Path, step: int = -1) -> None:
        """Snapshots lie in the run's `folder`; those up to `step`, from which it goes on, are taken up. There
        are none where it begins."""
        self._folder = folder
        pools.forget_after(folder, step)
        self.pool = pools.steps(folder)
        self._grow()

    def remember(self, learner: Learner) -> None:
        """Take a snapshot if it is time to."""
        if self.pool and learner.step < self.pool[-1] + self._every:
            return
        pools.keep(self._folder, learner.step, learner.weights())
        self.pool.append(learner.step)
        self._rating = self._rated()
        self._grow()
        self._meet()

    def figures(self) -> dict[str, float]:
        """How it does against its past."""
        figures: dict[str, float] = {}
        if self._together:
            return figures
        if self._latest:
            margin, won = np.mean(self._latest, axis=0).tolist()
            figures = {"selfplay/won": won, "selfplay/margin": margin}
        if self._rating:
            figures |= {"selfplay/rating": self._rating[0], "selfplay/rating_error": self._rating[1]}
        return figures

    def _grow(self) -> None:
        """Room for the results of the snapshot that comes next."""
        size = len(self.pool) + 1
        results = np.zeros((size, size, 2, 3), np.int64)
        before = len(self._results)
        results[:before, :before] = self._results[:size, :size]
        self._results = results

    def _meet(self) -> None:
        """Choose whom to meet from now on, mostly of late."""
        count = len(self.pool)
        weights = np.power(FADES, np.arange(count - 1, -1, -1.0))
        self._met = self._rng.choice(count, size=OPPONENTS, p=weights / weights.sum()).astype(np.int64)
        self._agents = {place: agent for place, agent in self._agents.items() if place in self._busy}

    @property
    def _busy(self) -> set[int]:
        """Snapshots that are needed."""
        return {*self._met.tolist(), *self._foe[self._against].tolist()}

    def _agent(self, place: int) -> Agent:
        if place not in self._agents:
            self._agents[place] = self._build(pools.weights(self._folder, self.pool[place]))
        return self._agents[place]

    def _rated(self) -> tuple[float, float] | None:
        """The rating of the snapshot that was taken last, and its 95% error; None where it has met nobody."""
        counts: dict[Pair, Outcomes] = {}
        for who, whom, first in zip(*np.nonzero(self._results.sum(axis=3)), strict=True):
            wins, draws, losses = self._results[who, whom, first].tolist()
            # Of more than two, who met whom says nothing of the first seat: each pair counts by itself.
            pair = Pair(_name(who), _name(whom), self.seats == 2, self.seats)
            outcomes = Outcomes(wins, draws, losses)
            if self.seats == 2 and not first:
                pair, outcomes = Pair(_name(whom), _name(who), True, 2), Outcomes(losses, draws, wins)
            known = counts.get(pair, Outcomes())
            counts[pair] = Outcomes(
                known.wins + outcomes.wins, known.draws + outcomes.draws, known.losses + outcomes.losses
            )
        latest = len(self.pool) - 1
        if not counts or not any(_name(latest) in (pair.first, pair.second) for pair in counts):
            return None
        ratings = fit_counts(counts)
        places = {player: index for index, player in enumerate(ratings.players)}
        relative = np.zeros(len(places))
        relative[places[_name(latest)]] = 1.0
        if _name(0) in places:
            relative[places[_name(0)]] -= 1.0
        variance = float(relative @ ratings.covariance @ relative)
        return float(relative @ ratings.values), 1.96 * math.sqrt(max(variance, 0.0))

    # Playing

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        self._seen, _ = self._envs.reset(seed=seed, options=options)  # type: ignore[arg-type]
        self._ended[:] = False
        for game in self._against:
            self._begin(game)
        return self._seen[self._own], {}

    def _begin(self, game: int) -> None:
        self._foe[game] = self._met[(game - self._against[0]) // self.seats % OPPONENTS]

    def step(self, actions: NDArray[Any]) -> Any:
        self.step_async(actions)
        return self.step_wait()

    def step_async(self, actions: NDArray[Any]) -> None:
        """Begin a step: the past thinks, then all act."""
        self._acting = np.zeros(self._games * self.seats, np.int64)
        self._acting[self._own] = actions
        foes = np.repeat(self._foe, self.seats)
        for place in np.unique(self._foe[self._against]).tolist() if self.pool else ():
            slots = np.flatnonzero(~self._own & (foes == place))
            self._acting[slots] = self._agent(place).act(self._seen[slots], rng=self._rng)
        if hasattr(self._envs, "step_async"):
            self._envs.step_async(self._acting)

    def step_wait(self) -> Any:
        wait = getattr(self._envs, "step_wait", None)
        self._seen, rewards, terminated, truncated, infos = wait() if wait else self._envs.step(self._acting)
        for game in self._against:
            if self._ended[game * self.seats]:  # at this step the next one began
                self._begin(game)
        self._ended = terminated | truncated
        told: dict[str, Any] = {}
        if "episode" in infos:
            told = self._told(infos)
        own = self._own
        return self._seen[own], rewards[own], terminated[own], truncated[own], told

    def _told(self, infos: Mapping[str, Any]) -> dict[str, Any]:
        """Count what has ended against the past; what the learner's own slots are told."""
        scores = infos["episode"]["score"].reshape(self._games, self.seats)
        for game in self._against:
            if infos["_episode"][game * self.seats]:
                seat = int(self._seat[game])
                leads = scores[game][seat] - np.delete(scores[game], seat)
                for ahead in np.sign(leads).astype(int).tolist():
                    self._results[len(self.pool), self._foe[game], int(seat == 0), 1 - ahead] += 1
                self._latest.append((float(leads.mean()), float((np.sign(leads).mean() + 1) / 2)))
        own = self._own
        episode = {name: column[own] for name, column in infos["episode"].items()}
        return {"episode": episode, "_episode": infos["_episode"][own]}

    # Keeping

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to go on exactly but the snapshots, which lie in the run's folder."""
        rng = json.dumps(self._rng.bit_generator.state).encode()
        state = {f"games/{name}": array for name, array in self._envs.get_state().items()}  # type: ignore[attr-defined]
        return state | {
            "foe": self._foe.copy(),
            "met": self._met.copy(),
            "results": self._results.copy(),
            "ended": self._ended.copy(),
            "latest": np.array(self._latest, np.float64).reshape(-1, 2),
            "rating": np.array(self._rating or (), np.float64),
            "seen": self._seen.copy(),
            "rng": np.frombuffer(rng, np.uint8).copy(),
        }

    def set_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to what `get_state` returned. Raises ValueError where it does not fit."""
        size, count = len(self.pool) + 1, len(self.pool)
        shapes = {"foe": self._foe.shape, "met": self._met.shape, "results": (size, size, 2, 3)}
        for name, shape in shapes.items():
            if name not in state or state[name].shape != shape:
                raise ValueError(f"the state of games against the past does not fit: {name}")
        if max(state["foe"].max(), state["met"].max()) >= max(count, 1):
            raise ArenaError(f"a snapshot of its past is missing in {self._folder}")
        prefix = "games/"
        self._envs.set_state(  # type: ignore[attr-defined]
            {name.removeprefix(prefix): a for name, a in state.items() if name.startswith(prefix)}
        )
        self._foe, self._met = np.array(state["foe"]), np.array(state["met"])
        self._results, self._ended = np.array(state["results"]), np.array(state["ended"], np.bool_)
        self._seen = np.array(state["seen"])
        self._latest.extend(tuple(row) for row in state["latest"].tolist())
        rating = state["rating"].tolist()
        self._rating = (rating[0], rating[1]) if rating else None
        self._rng.bit_generator.state = json.loads(np.array(state["rng"], np.uint8).tobytes())

    def close_extras(self, **kwargs: Any) -> None:
        self._envs.close()


def environments(
    agent: str, game: str, config: Any, seed: int, options: Mapping[str, Any], device: str
) -> AgainstThePast:
    """For a learner, who is to be `settle`d in its run's folder. Raises as `catalog.vector`."""
    seats = int(options.get("seats", catalog.find(game).seats[0]))

    def build(weights: Mapping[str, NDArray[Any]]) -> Agent:
        snapshot = load(agent)(envs.single_observation_space, envs.single_action_space, config, device=device)
        snapshot.load_weights(weights)
        return snapshot

    envs = AgainstThePast(
        lambda count: catalog.vector(game, count, seed, **options),
        seats,
        config.num_envs,
        build,
        every=max(config.total_steps // SNAPSHOTS, 1),
        seed=seed,
        together=catalog.find(game).together,
    )
    return envs


def told(envs: Any, learner: Learner, progress: Progress) -> Progress:
    """What an iteration brought, with figures of the pool where its games are against the past."""
    if not isinstance(envs, AgainstThePast):
        return progress
    envs.remember(learner)
    return replace(progress, metrics={**progress.metrics, **envs.figures()})


def remember(envs: Any, learner: Learner) -> None:
    """Begin with a snapshot where there is none: games against the past need one."""
    if isinstance(envs, AgainstThePast) and not envs.pool:
        envs.remember(learner)


def _name(place: int) -> str:
    return f"{place:06}"
