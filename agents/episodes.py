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
    SOLVED = "charts/solved"
    NAMES = ("charts/episodic_return", "charts/episodic_length", "charts/episodic_score", SOLVED)

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
        """Which environments are still in their first episode. While some are, only short episodes have
        ended, and those are the solved ones: the share of them would be too rosy."""

    def add(
        self, rewards: NDArray[Any], ended: NDArray[np.bool_], resetting: NDArray[np.bool_], infos: Any
    ) -> None:
        """Count one step of every environment; those that are `resetting` took none."""
        self.returns += np.where(resetting, 0.0, rewards)
        self.lengths += ~resetting
        if "episode" in infos:
            if not self.told:
                self.told = True
                self._finished.clear()
            slots = np.flatnonzero(infos.get("_episode", ended))
            told = [infos["episode"].get(name) for name in self.TOLD]
            columns = [[np.nan] * len(slots) if column is None else column[slots] for column in told]
            self._finished.extend(tuple(map(float, row)) for row in zip(*columns, strict=True))
        elif not self.told:
            slots = np.flatnonzero(ended)
            counted = zip(self.returns[slots].tolist(), self.lengths[slots].tolist(), strict=True)
            self._finished.extend((total, length, np.nan, np.nan) for total, length in counted)
        self.first[ended] = False
        self.returns[ended] = 0.0
        self.lengths[ended] = 0

    def metrics(self) -> dict[str, float]:
        """Means over the latest episodes; nothing before the first has ended, and no share of solved ones
        before every environment has ended one."""
        means = np.mean(self._finished, axis=0).tolist() if self._finished else []
        told = {name: mean for name, mean in zip(self.NAMES, means, strict=False) if not np.isnan(mean)}
        if self.first.any():
            told.pop(self.SOLVED, None)
        return told

    def finished(self) -> NDArray[np.float64]:
        """(K, 4): a row an episode, oldest first, in the order of `TOLD`; NaN where games do not say."""
        return np.array(self._finished, dtype=np.float64).reshape(-1, len(self.TOLD))

    def restore(self, finished: NDArray[np.float64], *, told: bool) -> None:
        """Take over what `finished` returned."""
        self.told = told
        self._finished.clear()
        self._finished.extend(tuple(row) for row in finished.tolist())
