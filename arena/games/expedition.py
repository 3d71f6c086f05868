"""Simulators at work for Go-Explore: each in a process of its own, which may crash.

Explorations are handed out in order, a few at a time, to whoever has none. What comes of one depends on its
start alone, so it does not matter who makes it, nor whether it has to be made again because an emulator took
its process down.
"""

import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from typing import Any

import gymnasium

from agents.exploring import Chart, Exploration, Find, Known, Start
from arena.errors import ArenaError
from arena.games import catalog
from arena.games.explorers import PATIENCE, TRIALS, Worker

AHEAD = 2
"""Explorations that a worker has been given: one to make, one to go on with at once."""

SLOW = 100.0
"""Actions a second that any machine plays, on the way back to where an exploration begins."""


class Expedition:
    """Workers that explore one game. Raises as `catalog.simulator`."""

    def __init__(self, game_id: str, workers: int, seed: int, options: Mapping[str, Any]) -> None:
        self._made = game_id, seed, dict(options)
        catalog.simulator(game_id, seed, **options).close()  # what cannot be is refused here, not in a worker
        envs = catalog.vector(game_id, 1, seed, **options)
        self.single_observation_space: gymnasium.Space[Any] = envs.single_observation_space
        self.single_action_space: gymnasium.Space[Any] = envs.single_action_space
        envs.close()
        self.num_envs = workers
        self._chart: Chart | None = None
        self._known: dict[bytes, Known] = {}
        self._lost: dict[int, int] = {}
        """Workers lost over each exploration of this batch, by its number."""
        self.losses = 0
        """Workers lost so far."""
        self._workers: list[Worker] = []
        try:
            while len(self._workers) < workers:
                self._workers.append(self._hire())
        except BaseException:
            self.close()
            raise

    def begin(self, chart: Chart) -> Find:
        """From now on explore so; nothing is known yet. Returns the start. Raises ArenaError where the game
        cannot be explored so."""
        self._chart, self._known = None, {}  # who is hired meanwhile is asked as the others are
        found = [self._ask(number, "begin", chart) for number in range(self.num_envs)]
        self._chart = chart
        start: Find = found[0]
        return start

    def hear(self, news: Sequence[Known]) -> None:
        """These cells are now known so."""
        self._known.update((known.cell, known) for known in news)
        for number, worker in enumerate(self._workers):
            try:
                worker.send("hear", news)
            except OSError:
                self._replace(number)

    def explore(self, starts: Sequence[Start]) -> list[Exploration]:
        """What comes of each, in their order. Raises ArenaError where one takes down worker after worker."""
        waiting = deque(starts)
        done: dict[int, Exploration] = {}
        self._lost = {}
        while len(done) < len(starts):
            for number, worker in enumerate(self._workers):
                while waiting and len(worker.tasks) < AHEAD:
                    try:
                        worker.explore(waiting[0])
                    except OSError:
                        self._replace(number)
                        worker = self._workers[number]
                        continue
                    waiting.popleft()
            ready = wait([worker.connection for worker in self._workers if worker.tasks], timeout=1.0)
            for number, worker in enumerate(self._workers):
                if worker.connection in ready:
                    try:
                        exploration: Exploration = worker.receive()
                    except (EOFError, OSError):
                        self._replace(number)
                        continue
                    worker.tasks.popleft()
                    done[exploration.number] = exploration
                elif (
                    worker.tasks
                    and time.monotonic() - worker.heard > PATIENCE + len(worker.tasks[0].way) / SLOW
                ):
                    self._replace(number)
        return [done[start.number] for start in starts]

    def replay(self, actions: bytes) -> float:
        """The score of a whole trajectory, played from the start."""
        score: float = self._ask(0, "replay", actions)
        return score

    def close(self) -> None:
        for worker in self._workers:
            worker.dismiss()
        self._workers = []

    def _ask(self, number: int, what: str, content: Any) -> Any:
        """What a worker answers to a question that is no exploration."""
        for _ in range(TRIALS):
            worker = self._workers[number]
            with contextlib.suppress(EOFError, OSError):
                worker.send(what, content)
                if worker.connection.poll(
                    PATIENCE + len(bytes(content)) / SLOW if what == "replay" else PATIENCE
                ):
                    return worker.receive()
            self._replace(number)
        raise ArenaError(f"{self._made[0]} cannot be explored: {TRIALS} emulators ended one after another")

    def _hire(self) -> "Worker":
        """A worker who knows what the others do. Raises ArenaError where it ends as soon as it has begun."""
        worker = Worker(*self._made)
        if self._chart is not None:
            try:
                worker.send("begin", self._chart)
                worker.receive()
                worker.send("hear", list(self._known.values()))
            except (EOFError, OSError) as error:
                worker.dismiss()
                raise ArenaError(
                    f"{self._made[0]} cannot be explored on: its emulator ended as soon as it had begun"
                ) from error
        return worker

    def _replace(self, number: int) -> None:
        """Another worker in place of one that crashed or hangs, with its explorations."""
        lost = self._workers[number]
        lost.dismiss()
        self.losses += 1
        self._workers[number] = self._hire()
        if lost.tasks:
            first = lost.tasks[0].number
            self._lost[first] = self._lost.get(first, 0) + 1
            if self._lost[first] >= TRIALS:
                raise ArenaError(
                    f"{self._made[0]}: the emulator ended {TRIALS} times in the same exploration; what was "
                    "found until the last checkpoint is kept"
                )
        for start in lost.tasks:
            self._workers[number].explore(start)
