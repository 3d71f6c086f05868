"""How the latest episodes went, for curves and for people."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Episodes:
    """The latest episodes, as the environments tell of them or else as they are added up here."""

    LATEST = 100
    TOLD = ("r", "l", "score", "solved")
    """What `infos["episode"]` may hold: return and length, and some games' own score and success."""
    NAMES = ("charts/episodic_return", "charts/episodic_length", "charts/episodic_score", "charts/solved")
    PATIENCE = 30_000
    """Steps for which a first episode is waited for: a game of Atari takes 27,000 at most."""

    def __init__(self, num_envs: int) -> None:
        self.num_envs = num_envs
        self.told = False
        """Whether `infos["episode"]` tells of episodes: where a life ends one, only the game knows."""
        self._finished: deque[tuple[float, ...]] = deque(maxlen=max(self.LATEST, 2 * num_envs))
        self.begin()

    def begin(self) -> None:
        """New episodes start everywhere."""
        self.returns = np.zeros(self.num_envs)
        self.lengths = np.zeros(self.num_envs, dtype=np.int64)
        self.first = np.ones(self.num_envs, dtype=np.bool_)
        """Which environments are still in their first episode. While some are, mostly short episodes have
        ended, and where to be quick is to be good, as in a maze, the means of those would be too rosy."""

    def add(
        self,
        rewards: NDArray[Any],
        ended: NDArray[np.bool_],
        resetting: NDArray[np.bool_],
        infos: Any,
        slots: slice = slice(None),
    ) -> None:
        """Count one step of the environments in `slots`; those that are `resetting` took none."""
        self.returns[slots] += np.where(resetting, 0.0, rewards)
        self.lengths[slots] += ~resetting
        over = np.flatnonzero(ended)
        if "episode" in infos:
            if not self.told:
                self.told = True
                self._finished.clear()
                self.first[:] = True
            over = np.flatnonzero(infos.get("_episode", ended))
            told = [infos["episode"].get(name) for name in self.TOLD]
            columns = [[np.nan] * len(over) if column is None else column[over] for column in told]
            self._finished.extend(tuple(map(float, row)) for row in zip(*columns, strict=True))
            self.first[slots][over] = False
        elif not self.told:
            returns, lengths = self.returns[slots][over], self.lengths[slots][over]
            counted = zip(returns.tolist(), lengths.tolist(), strict=True)
            self._finished.extend((total, length, np.nan, np.nan) for total, length in counted)
            self.first[slots][over] = False
        self.returns[slots][ended] = 0.0
        self.lengths[slots][ended] = 0

    def metrics(self) -> dict[str, float]:
        """Means over the latest episodes; nothing before every environment has ended one."""
        if not self._finished or (self.first & (self.lengths < self.PATIENCE)).any():
            return {}
        means = np.mean(self._finished, axis=0).tolist()
        return {name: mean for name, mean in zip(self.NAMES, means, strict=True) if not np.isnan(mean)}

    def finished(self) -> NDArray[np.float64]:
        """(K, 4): a row an episode, oldest first, in the order of `TOLD`; NaN where games do not say."""
        return np.array(self._finished, dtype=np.float64).reshape(-1, len(self.TOLD))

    def restore(self, finished: NDArray[np.float64], *, told: bool) -> None:
        """Take over what `finished` returned."""
        self.told = told
        self._finished.clear()
        self._finished.extend(tuple(row) for row in finished.tolist())
