"""What a game's screens look like, and where trajectories lead on them: played again beside the drawing."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agents.atlas import Atlas
from agents.exploring import NOWHERE, Spot

if TYPE_CHECKING:
    from arena.games.restorable import Restorable
    from arena.store.runs import Run


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of the screens now."""

    size: tuple[int, int] = (1, 1)
    """(height, width) in the pixels that spots count in."""
    screens: Mapping[int, NDArray[np.uint8]] = field(default_factory=dict)
    """(H, W, 3), as a person sees it, of every room that was played for, in the order of finding."""
    positions: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    """Column and row of each of them on the game's own map, where there is one."""
    route: tuple[Spot, ...] = ()
    """Where the best trajectory leads."""


class Surveyor:
    """Plays ways again in a thread of its own, only what is new."""

    def __init__(self, run: "Run") -> None:
        self.survey = Survey()
        self.failed = ""
        """Why the game cannot be played here; empty where it can."""
        self._run = run
        self._wanted: Atlas | None = None
        self._wake, self._left = threading.Event(), threading.Event()
        threading.Thread(target=self._work, name="surveyor", daemon=True).start()

    def look(self, atlas: Atlas) -> None:
        """What is on `atlas` is wanted."""
        self._wanted = atlas
        self._wake.set()

    def close(self) -> None:
        self._left.set()
        self._wake.set()

    def _work(self) -> None:
        from arena.errors import ArenaError

        try:
            self._survey()
        except ArenaError as error:
            self.failed = str(error)
        except Exception as error:  # a thread's failure would be heard by nobody
            told = " ".join(str(error).split())
            self.failed = f"run {self._run.id} cannot be played again: {type(error).__name__}: {told:.200}"

    def _survey(self) -> None:
        from arena.games import catalog

        run = self._run
        simulator = catalog.simulator(run.game, run.seed, **run.options)
        simulator.reset()
        height, width = simulator.picture().shape
        self.survey = Survey((height, width))
        trajectory = None
        while not self._left.is_set():
            self._wake.wait()
            self._wake.clear()
            atlas = self._wanted
            if atlas is None or self._left.is_set():
                continue
            anew = atlas.trajectory != trajectory
            if anew:
                trajectory = atlas.trajectory
                self._publish(route=tuple(self._spots(simulator, trajectory)))
            # Where no rooms are known, one screen stands for all of them.
            ways = atlas.ways or {NOWHERE.room: atlas.trajectory}
            for room, way in sorted(ways.items(), key=lambda item: len(item[1])):
                known = room in self.survey.screens and not (anew and room == NOWHERE.room)
                if not known and not self._left.is_set():
                    self._picture(simulator, room, way)
        simulator.close()

    def _spots(self, simulator: "Restorable", actions: bytes) -> list[Spot]:
        simulator.reset()
        spots = [simulator.spot()]
        for action in actions:
            _, over = simulator.step(action)
            spots.append(simulator.spot())
            if over or self._left.is_set():
                break
        return spots

    def _picture(self, simulator: "Restorable", room: int, way: bytes) -> None:
        self._spots(simulator, way)
        position = simulator.position(room)
        positions = self.survey.positions if position is None else {**self.survey.positions, room: position}
        self._publish(screens={**self.survey.screens, room: simulator.frame()}, positions=positions)

    def _publish(self, **news: object) -> None:
        from dataclasses import replace

        self.survey = replace(self.survey, **news)  # type: ignore[arg-type]
