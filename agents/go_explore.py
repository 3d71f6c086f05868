"""Go-Explore: first return, then explore (Ecoffet et al. 2019, arXiv 1901.10995; 2021, Nature 590, 580-586).

    archive <- the cell of the start
    repeat
        choose cells from the archive, rather those that were seen seldom
        from each: restore the simulator's state there, then act at random for a while
        for every cell on the way: if it is new, or reached with a higher score or by fewer actions,
            remember how it was reached

It solves what rewards so seldom that acting at random never finds a reward from the start, and it asks for a
simulator that can be put back. Nothing else is known to it: cells are shrunk pictures (`cells.py`).
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

from agents import limits
from agents.agent import Insight, Learner, Progress, State
from agents.archive import Archive
from agents.atlas import drawn, read
from agents.cells import Shape, Shrinking, fitting, unpacked_picture
from agents.exploring import END, Chart, Exploration, Explorer, Find, Known, Simulator, Start
from agents.trajectories import START, packed, unpacked

CELLS = ("picture", "dynamic", "knowledge")


@dataclass(frozen=True, slots=True)
class Config:
    """What can be chosen. The defaults are the paper's, for Montezuma's Revenge without domain knowledge."""

    total_steps: int = 5_000_000
    """Actions after which exploring is over; in Atari each is four frames."""
    num_envs: int = 2
    """Simulators that explore at the same time, each in a process of its own. What is found does not depend
    on how many there are."""
    explorations: int = 100
    """Explorations between two selections of cells."""
    explore_steps: int = 100
    """Actions of an exploration at most."""
    repeat: float = 0.95
    """The probability that an action is taken again."""
    one_life: bool = True
    """Whether an exploration ends with a life that is lost, as with the game: after it the game begins where
    it began, and every place would be there once for each life."""
    cells: Literal["picture", "dynamic", "knowledge"] = "picture"
    """What tells cells apart: a shrunk picture, one whose size is found from what has been seen, or what the
    arena knows of the game (position, room, keys), which is domain knowledge."""
    cell_width: int = 11
    """Pixels of the shrunk picture, at first if it is dynamic."""
    cell_height: int = 8
    """Pixels of the shrunk picture, at first if it is dynamic."""
    cell_depth: int = 8
    """Its shades, at first if it is dynamic."""
    fit_every: int = 1_000_000
    """Actions between two searches for a better size, where it is dynamic."""
    pictures: int = 1_000
    """The latest pictures by which sizes are judged, one an exploration."""

    def __post_init__(self) -> None:
        counts = (
            *("total_steps", "num_envs", "explorations", "explore_steps", "cell_width", "cell_height"),
            *("cell_depth", "fit_every", "pictures"),
        )
        limits.check(self, counts=counts, shares=("repeat",))
        if self.cell_depth > 255:
            raise ValueError(f"cell_depth is {self.cell_depth}; a grey pixel has 255 shades at most")
        if self.cells not in CELLS:
            raise ValueError(f"cells is '{self.cells}'; it must be one of {', '.join(CELLS)}")


class Expedition(Protocol):
    """Simulators at work: what Go-Explore learns from, in place of environments."""

    def begin(self, chart: Chart) -> Find:
        """From now on explore so; nothing is known yet. Returns the start."""

    def hear(self, news: Sequence[Known]) -> None:
        """These cells are now known so."""

    def explore(self, starts: Sequence[Start]) -> list[Exploration]:
        """What comes of each, in their order."""

    def replay(self, actions: bytes) -> float:
        """The score of a whole trajectory, played from the start."""


class Alone:
    """An expedition of one simulator, in this process."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def begin(self, chart: Chart) -> Find:
        self.explorer = Explorer(self.simulator, chart)
        return self.explorer.begin()

    def hear(self, news: Sequence[Known]) -> None:
        self.explorer.hear(news)

    def explore(self, starts: Sequence[Start]) -> list[Exploration]:
        return [self.explorer.explore(start) for start in starts]

    def replay(self, actions: bytes) -> float:
        return self.explorer.replay(actions)


class GoExplore(Learner):
    """The first phase: exploring. What it has learned is its archive, and it has no policy."""

    learns_in: ClassVar[Literal["environments", "simulators", "practice"]] = "simulators"
    config_type: ClassVar[type[Any]] = Config
    config: Config

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        action_space: gymnasium.Space[Any],
        config: Config | None = None,
        *,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        self.config = config or Config()
        self.seed, self.step = seed, 0
        self.rng = np.random.default_rng(seed)
        self.archive = Archive()
        self.shape = Shape(self.config.cell_width, self.config.cell_height, self.config.cell_depth)
        self.batches = 0
        self.record = 0.0
        """The highest score of which a trajectory has been played again from the start."""
        self.trajectory = b""
        """That trajectory's actions."""
        self.latest: list[int] = []
        """The cells from which the last explorations set out."""
        self.pictures: deque[bytes] = deque(maxlen=self.config.pictures)
        """Where cells are dynamic: what was seen lately."""
        self.fitted = 0
        """When a size was last searched for."""
        self._loaded: Mapping[str, NDArray[Any]] = drawn(self.archive, b"", [])

    def learn(self, envs: Any) -> Iterator[Progress]:
        """Explore with the simulators of an `Expedition`, a batch an iteration, until `config.total_steps`.

        Raises RuntimeError where a trajectory does not give again the score that it gave.
        """
        expedition: Expedition = envs
        start = expedition.begin(self.chart)
        if not len(self.archive):
            self.archive.put(start, START)
        expedition.hear(self.archive.known())
        while self.step < self.config.total_steps:
            began, before = time.perf_counter(), self.step
            found = self._explore(expedition)
            exploring = time.perf_counter() - began
            self._verify(expedition)
            if self.config.cells == "dynamic" and self.step - self.fitted >= self.config.fit_every:
                self._fit(expedition)
            seconds = time.perf_counter() - began
            if self.step == before:  # every cell there is lies at the longest that a game can be
                return
            yield Progress(
                self.step,
                self._metrics(found)
                | {"charts/SPS": (self.step - before) / seconds}
                | {"time/explore": exploring, "time/other": seconds - exploring},
            )

    @property
    def chart(self) -> Chart:
        config = self.config
        shape = None if config.cells == "knowledge" else self.shape
        return Chart(shape, config.explore_steps, config.repeat, config.cells == "dynamic", config.one_life)

    def _explore(self, expedition: Expedition) -> int:
        """Choose cells, explore from each, and take over what was found, in the order they were chosen.
        Returns how many cells are new or bettered."""
        archive, config = self.archive, self.config
        left = -(-(config.total_steps - self.step) // config.explore_steps)
        numbers = archive.select(min(config.explorations, left), self.rng)
        self.latest = sorted(set(numbers))
        origins = [archive.set_out(number) for number in numbers]
        starts = [
            Start(
                place,
                *archive.way(number),
                archive.scores[number],
                int(archive.lengths[number]),
                (self.seed, self.batches, place),
            )
            for place, number in enumerate(numbers)
        ]
        explorations = expedition.explore(starts)
        news: dict[bytes, Known] = {}
        for number, origin, exploration in zip(numbers, origins, explorations, strict=True):
            if exploration.home is not None and archive.places[number] == origin:
                archive.snapshots[number] = exploration.home
            news.update((known.cell, known) for known in archive.merge(origin, exploration, self.step))
            self.step += len(exploration.actions)
            if exploration.picture is not None:
                self.pictures.append(exploration.picture)
        expedition.hear(list(news.values()))
        self.batches += 1
        return len(news)

    def _verify(self, expedition: Expedition) -> None:
        """Play the best trajectory again from the start before anybody hears of it."""
        best = self.archive.best()
        score, actions = self.archive.scores[best], self.archive.actions(best)
        if score <= self.record:
            return
        played = expedition.replay(actions)
        if played != score:
            raise RuntimeError(
                f"a trajectory of {len(actions):,} actions scored {score:g}, and {played:g} when it was "
                "played again from the start: this game cannot be put back exactly"
            )
        self.record, self.trajectory = score, actions

    def _fit(self, expedition: Expedition) -> None:
        """Find a better size for cells, and tell those of the archive apart anew."""
        if not self.pictures:
            return
        self.fitted = self.step
        shape = fitting([unpacked_picture(picture) for picture in self.pictures], self.rng, self.shape)
        if shape == self.shape:
            return
        self.shape = shape
        # A dynamic archive has a picture of every cell but the end, of which there is none.
        pictures = [unpacked_picture(picture) if picture else None for picture in self.archive.pictures]
        shrink = Shrinking(unpacked_picture(self.pictures[0]).shape, shape)
        self.latest = []
        self.archive = self.archive.renamed([END if p is None else shrink(p) for p in pictures])
        expedition.begin(self.chart)
        expedition.hear(self.archive.known())

    def _metrics(self, found: int) -> dict[str, float]:
        archive = self.archive
        metrics = {
            "charts/best_score": self.record,
            "charts/best_length": float(len(self.trajectory)),
            "explore/cells": float(len(archive)),
            "explore/found": float(found),
            "explore/longest": float(archive.lengths.array.max()),
        }
        if rooms := len(archive.rooms_found()):
            metrics["explore/rooms"] = float(rooms)
        return metrics

    def _kind(self) -> list[str | int]:
        """What tells the archive's cells apart, which nothing may change in it."""
        config = self.config
        return [config.cells, config.cell_width, config.cell_height, config.cell_depth]

    # Acting: exploring leaves trajectories, and no policy

    def act(self, observations: NDArray[Any], *, rng: np.random.Generator | None = None) -> NDArray[np.int64]:
        raise NotImplementedError("Go-Explore has explored, and has no policy to play by")

    def inspect(self, observations: NDArray[Any]) -> Insight:
        raise NotImplementedError("Go-Explore has explored, and has no policy to look into")

    def weights(self) -> dict[str, NDArray[Any]]:
        """What there is to look at and to learn from: see `agents.atlas`."""
        if not len(self.archive):
            return dict(self._loaded)
        return drawn(self.archive, self.trajectory, self.latest)

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Nothing is played or explored by them; they are only handed on."""
        read(weights)
        self._loaded = weights

    # Keeping

    def state(self) -> State:
        tensors: dict[str, NDArray[Any]] = {
            f"archive/{name}": array for name, array in self.archive.state().items()
        }
        tensors["trajectory"] = np.frombuffer(self.trajectory, np.uint8)
        tensors["pictures"], tensors["picture_ends"] = packed(self.pictures)
        tensors["latest"] = np.array(self.latest, np.int64)
        values = {
            "step": self.step,
            "batches": self.batches,
            "record": self.record,
            "fitted": self.fitted,
            "cells": self._kind(),
            "shape": [self.shape.width, self.shape.height, self.shape.depth],
            "rng": self.rng.bit_generator.state,
        }
        return State(tensors, values)

    def restore(self, state: State) -> None:
        """Raises ValueError or KeyError when the state is not Go-Explore's, or of other cells than it has."""
        values, prefix = state.values, "archive/"
        if list(values["cells"]) != self._kind():
            kept, wanted = (" ".join(map(str, kind)) for kind in (values["cells"], self._kind()))
            raise ValueError(f"its archive has cells by {kept}, and they cannot become cells by {wanted}")
        self.archive = Archive.of(
            {n.removeprefix(prefix): array for n, array in state.tensors.items() if n.startswith(prefix)}
        )
        self.trajectory = np.array(state.tensors["trajectory"], np.uint8).tobytes()
        self.pictures.extend(unpacked(state.tensors["pictures"], state.tensors["picture_ends"]))
        self.latest = state.tensors["latest"].tolist()
        self.step, self.batches, self.fitted = (int(values[n]) for n in ("step", "batches", "fitted"))
        self.record, self.shape = float(values["record"]), Shape(*map(int, values["shape"]))
        self.rng.bit_generator.state = values["rng"]
