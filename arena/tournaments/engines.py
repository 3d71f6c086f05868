"""Who plays the lots: processes on this machine."""

import contextlib
import multiprocessing
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Protocol

from arena.errors import ArenaError
from arena.games import catalog
from arena.games.processes import as_a_worker, ignore_interrupts
from arena.matches.foreign_names import is_foreign
from arena.store.records import Place
from arena.tournaments.lots import Cast, Ended, Going, Job, play
from arena.tournaments.tournament import Lot

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

SILENCE = 180.0
"""Seconds without a word after which a worker is taken to hang. A planner thinks for some seconds at a time;
what players of somebody else's may take comes on top."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Whoever played a lot is gone: it crashed, hung or was killed."""

    lot: Lot


@dataclass(frozen=True, slots=True)
class Left:
    """A lot has been played to its end."""

    lot: Lot


@dataclass(frozen=True, slots=True)
class Failed:
    """A lot cannot be played to its end, and why."""

    why: str
    lot: Lot | None = None
    """None where it is not for a lot alone."""


Word = Ended | Going | Left | Lost | Failed


def silence(job: Job) -> float:
    """Seconds without a word after which a worker that plays it is taken to hang. All that sit in a match may
    have to be loaded, to sit down and to make up their minds, one after the other."""
    theirs = sum(any(is_foreign(role.name) for role in roles) for roles in job.roles)
    each = 2 * job.limits.starting + max(job.limits.starting, job.limits.seconds)
    return SILENCE + min(theirs, catalog.MOST_PLAYERS) * each


class Engine(Protocol):
    """Takes lots, and tells what becomes of them."""

    def submit(self, lot: Lot, done: Collection[Place]) -> None:
        """Play what is not `done` of a lot, as soon as somebody is free."""

    def words(self, seconds: float) -> list[Word]:
        """What there is to tell, after at most so long."""

    def close(self) -> None:
        """Stop everything."""


class Local:
    """Worker processes of this machine, each with one thread."""

    def __init__(self, job: Job, workers: int) -> None:
        self._job, self._silence = job, silence(job)
        self._queue: deque[tuple[Lot, frozenset[Place]]] = deque()
        self._most = workers
        self._workers: list[Worker] = []

    def submit(self, lot: Lot, done: Collection[Place]) -> None:
        self._queue.append((lot, frozenset(done)))
        self._feed()

    def _feed(self) -> None:
        """Lots for those who have none; another worker, where all are busy and there may be more."""
        while self._queue:
            idle = next((worker for worker in self._workers if worker.lot is None), None)
            if idle is None and len(self._workers) < self._most:
                idle = Worker(self._job)
                self._workers.append(idle)
            if idle is None:
                return
            idle.give(*self._queue.popleft())

    def words(self, seconds: float) -> list[Word]:
        found: list[Word] = []
        ready = set(wait([worker.connection for worker in self._workers], seconds))
        for worker in list(self._workers):
            try:
                while worker.connection in ready and worker.connection.poll(0):
                    word = worker.connection.recv()
                    worker.heard = time.monotonic()
                    if isinstance(word, Left):
                        worker.lot = None
                    found.append(word)
            except (EOFError, OSError):
                found += self._dismiss(worker)
                continue
            if worker.lot is not None and time.monotonic() - worker.heard > self._silence:
                found += self._dismiss(worker)
        self._feed()
        return found

    def _dismiss(self, worker: "Worker") -> list[Word]:
        self._workers.remove(worker)
        worker.close()
        return [] if worker.lot is None else [Lost(worker.lot)]

    @property
    def processes(self) -> list[int]:
        """The ids of the workers' processes."""
        return [worker.process.pid or 0 for worker in self._workers]

    def close(self) -> None:
        for worker in self._workers:
            worker.close()
        self._workers.clear()


class Worker:
    """A process that plays, from outside."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, inside = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_work, args=(inside, job), name="matches")
        self.lot: Lot | None = None
        self.heard = time.monotonic()
        with as_a_worker():
            self.process.start()
        inside.close()

    def give(self, lot: Lot, done: frozenset[Place]) -> None:
        self.lot, self.heard = lot, time.monotonic()
        with contextlib.suppress(OSError):  # it is gone, which is heard soon
            self.connection.send((lot, done))

    def close(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()


def _work(connection: Connection, job: Job) -> None:
    """A worker, from inside: it plays until its employer is gone."""
    ignore_interrupts()
    cast = Cast(job)
    try:
        while True:
            lot, done = connection.recv()
            try:
                for word in play(cast, lot, done):
                    connection.send(word)
            except ArenaError as error:
                connection.send(Failed(str(error), lot))
            connection.send(Left(lot))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    finally:
        cast.close()
