"""Who plays the lots: a Ray cluster, of one machine or of many.

Each worker is a Ray actor with one processor and one thread, and is asked for one word after the other, as
`lots.play` has them. The agents lie on this machine only: their files are sent, and checked where they
arrive. All else has to be on the cluster's machines already: the arena in the same version, a user's own
ROMs, and other people's players.
"""

import contextlib
import functools
import importlib
import importlib.util
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from arena.errors import ArenaError
from arena.games.processes import as_a_worker, ignore_interrupts
from arena.matches.player import Player
from arena.store import checkpoints
from arena.store.checkpoint_files import META
from arena.store.records import Place
from arena.tournaments.engines import Failed, Left, Lost, Word, silence
from arena.tournaments.lots import Cast, Job, play
from arena.tournaments.tournament import Lot

AHEAD = 4
"""Words that a worker has ready while nobody has listened to it yet, so that it does not wait."""

STARTS = 3
"""How often in a row a worker may fail to start."""

REACHED_IN = 5.0
"""Seconds in which a cluster must answer at its address; Ray alone tries for minutes."""

ROOM = 1 << 28
"""Bytes of memory that a cluster of this machine has for what is sent, beside the agents."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Files = dict[str, bytes]
"""What is in an agent's folder."""


def check_installed() -> None:
    """Raises ArenaError where Ray is not."""
    if importlib.util.find_spec("ray") is None:
        raise ArenaError("the engine ray needs Ray, which is not installed: `pip install ray`")


class OnRay:
    """Workers on the Ray cluster at `address`; without one, on a cluster of this machine that is begun now,
    hears nobody from outside, and ends with `close`.

    Raises ArenaError where Ray is not installed, no cluster is reached, or an agent cannot be read.
    """

    def __init__(self, job: Job, workers: int, address: str | None) -> None:
        self._queue: deque[tuple[Lot, frozenset[Place]]] = deque()
        self._most, self._silence = workers, silence(job)
        self._workers: list[Worker] = []
        self._failed_starts = 0
        self._opened = contextlib.ExitStack()
        agents = _agents(job)
        size = sum(len(content) for files in agents.values() for content in files.values())
        try:
            if address in (None, "local"):
                self._ray, folder = self._opened.enter_context(_cluster(workers, ROOM + 2 * size))
            else:
                self._ray, folder = self._opened.enter_context(_connected(str(address)))
            sent = {role: self._ray.put(files) for role, files in agents.items()}
            self._job = self._ray.put((job, sent, folder))
            self._actor = self._ray.remote(
                num_cpus=1, max_restarts=0, max_task_retries=0, runtime_env={"env_vars": ONE_THREAD}
            )(Actor)
        except BaseException:
            with _undisturbed():
                self._opened.close()
            raise

    def submit(self, lot: Lot, done: Collection[Place]) -> None:
        self._queue.append((lot, frozenset(done)))
        self._feed()

    def _feed(self) -> None:
        """Lots for those who have none. Others are asked for where there may be more; they get theirs when
        they have started, as a cluster may have no place for them yet."""
        for worker in self._workers:
            if self._queue and worker.pid and worker.lot is None:
                worker.give(*self._queue.popleft())
        starting = sum(not worker.pid for worker in self._workers)
        for _ in range(min(len(self._queue) - starting, self._most - len(self._workers))):
            self._workers.append(Worker(self._actor.remote(self._job)))

    def words(self, seconds: float) -> list[Word]:
        found: list[Word] = []
        awaited = [worker.asked[0] for worker in self._workers if worker.asked]
        if awaited:
            self._ray.wait(awaited, timeout=seconds)
            awaited, _ = self._ray.wait(awaited, num_returns=len(awaited), timeout=0)
        ready = set(awaited)
        for worker in list(self._workers):
            if worker.asked and worker.asked[0] in ready:
                found += self._hear(worker)
            elif worker.lot is not None and time.monotonic() - worker.heard > self._silence:
                found += self._dismiss(worker)
        self._feed()
        return found

    def _hear(self, worker: "Worker") -> list[Word]:
        worker.heard = time.monotonic()
        try:
            word = self._ray.get(worker.asked.popleft())
        except self._ray.exceptions.RayError as error:
            if not worker.pid:
                self._failed_starts += 1
            lost = self._dismiss(worker)
            return lost if self._failed_starts < STARTS else [Failed(_why_no_start(error))]
        if not worker.pid:
            worker.pid, there = word
            self._failed_starts = 0
            different = _different(there)
            return [Failed(different)] if different else []
        if not isinstance(word, Word):
            return self._dismiss(worker)
        if isinstance(word, Left):
            worker.lot = None
            worker.asked.clear()
        else:
            worker.ask()
        return [word]

    def _dismiss(self, worker: "Worker") -> list[Word]:
        self._workers.remove(worker)
        self._end(worker)
        return [] if worker.lot is None else [Lost(worker.lot)]

    def _end(self, worker: "Worker") -> None:
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._ray.kill(worker.actor)

    @property
    def processes(self) -> list[int]:
        """The ids of the workers' processes, on whichever machines they are."""
        return [worker.pid for worker in self._workers if worker.pid]

    def close(self) -> None:
        with _undisturbed(), self._opened:
            for worker in self._workers:
                self._end(worker)
            self._workers.clear()


class Worker:
    """An actor that plays, from outside."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.pid = 0
        """Of its process; 0 until it has started."""
        self.lot: Lot | None = None
        self.heard = time.monotonic()
        self.asked: deque[Any] = deque([actor.greet.remote()])
        """Answers that are to come, in their order."""

    def give(self, lot: Lot, done: frozenset[Place]) -> None:
        self.lot, self.heard = lot, time.monotonic()
        self.actor.begin.remote(lot, done)
        self.asked.clear()
        for _ in range(AHEAD):
            self.ask()

    def ask(self) -> None:
        self.asked.append(self.actor.word.remote())


class Actor:
    """A worker, from inside. What it is asked, it does one after the other."""

    def __init__(self, given: tuple[Job, Mapping[tuple[int, int], Any], str | None]) -> None:
        ignore_interrupts()
        importlib.import_module("agents.cores")  # takes seconds, in which no agent's files should lie about
        self._cast = SentCast(*given)
        self._words: Iterator[Word] = iter(())

    def greet(self) -> tuple[int, dict[str, str]]:
        """Its process, and what it plays with."""
        return os.getpid(), checkpoints.versions()

    def begin(self, lot: Lot, done: frozenset[Place]) -> None:
        self._words = self._play(lot, done)

    def _play(self, lot: Lot, done: frozenset[Place]) -> Iterator[Word]:
        try:
            yield from play(self._cast, lot, done)
        except ArenaError as error:
            yield Failed(str(error))
        yield Left(lot)

    def word(self) -> Word | None:
        """What there is to tell next; None where all has been told."""
        return next(self._words, None)


class SentCast(Cast):
    """Players whose agents were sent here. Their files are on the disk only while they are read, as
    a worker that is killed leaves what it has written."""

    def __init__(self, job: Job, sent: Mapping[tuple[int, int], Any], folder: str | None) -> None:
        """`sent` has references to the files of each agent, by its entrant and game; `folder` is where they
        are written for a moment, the system's for that by default."""
        super().__init__(job)
        self._sent, self._folder = sent, folder

    def player(self, entrant: int, game: int) -> Player:
        if (entrant, game) not in self._sent or (entrant, game) in self._kept:
            return super().player(entrant, game)
        files: Files = importlib.import_module("ray").get(self._sent[entrant, game])
        with tempfile.TemporaryDirectory(prefix="arena-", dir=self._folder) as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            roles = [list(of_entrant) for of_entrant in self.job.roles]
            roles[entrant][game] = replace(roles[entrant][game], folder=Path(folder))
            self.job = replace(self.job, roles=tuple(map(tuple, roles)))
            return super().player(entrant, game)


def _agents(job: Job) -> dict[tuple[int, int], Files]:
    """The files of all agents, by entrant and game."""
    found: dict[tuple[int, int], Files] = {}
    for entrant, roles in enumerate(job.roles):
        for game, role in enumerate(roles):
            if role.folder is None:
                continue
            names = [META, *checkpoints.read_meta(role.folder).files]
            try:
                found[entrant, game] = {name: (role.folder / name).read_bytes() for name in names}
            except OSError as error:
                raise ArenaError(f"the agent in {role.folder} cannot be read: {error.strerror}") from error
    return found


def _different(there: Mapping[str, str]) -> str:
    """What is not the same here and where it is played, as then the results might not be."""
    here = checkpoints.versions()
    for package in here:
        if package != "python" and there.get(package, here[package]) != here[package]:
            return (
                f"the Ray cluster plays with {package} {there[package]}, and this machine has "
                f"{here[package]}; install the same there"
            )
    return ""


def _why_no_start(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    missing = next((line for line in lines if line.startswith("ModuleNotFoundError")), None)
    why = missing or (lines or [type(error).__name__])[-1]
    return (
        f"no worker starts on the Ray cluster ({why[:200]}); its machines need the arena, as this one has it"
    )


# Clusters


@contextlib.contextmanager
def _cluster(workers: int, room: int) -> Iterator[tuple[Any, str | None]]:
    """One of this machine, for this process alone; yields Ray's module, and a folder that goes with it."""
    # Where the system's folder for that has a long name, sockets in it could not be opened.
    root = "/tmp" if os.name == "posix" else None
    folder = tempfile.mkdtemp(prefix="arena-ray-", dir=root)
    ours = {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # without other machines it listens on the loopback only
        "RAY_AUTH_MODE": "token",  # and to nobody else who works on this one
        "RAY_AUTH_TOKEN": _token(),
    }
    try:
        with _begun(
            "no Ray cluster can be started on this machine; --engine local plays without",
            ours,
            address="local",
            num_cpus=workers,
            object_store_memory=room,
            include_dashboard=False,
            _temp_dir=folder,
        ) as ray:
            yield ray, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[tuple[Any, str | None]]:
    """The one at an address; yields Ray's module."""
    advice = "start one with `ray start --head`, or leave --address out to play on this machine"
    place = urlsplit(address if "://" in address else f"ray://{address}")
    try:
        host, port = place.hostname, place.port
    except ValueError:
        host, port = None, None
    if address != "auto":
        if not host or not port:
            raise ArenaError(f"'{address}' is no address of a Ray cluster: write HOST:PORT, or auto")
        try:
            socket.create_connection((host, port), REACHED_IN).close()
        except OSError as error:
            raise ArenaError(f"no Ray cluster answers at {address} ({error}); {advice}") from error
    with _begun(f"no Ray cluster can be used at {address}; {advice}", {}, address=address) as ray:
        yield ray, None


@contextlib.contextmanager
def _begun(failing: str, environment: Mapping[str, str], **how: Any) -> Iterator[Any]:
    """Ray at work, until it is left. It writes nothing to this terminal and tells nobody of its use.

    Raises ArenaError, which says that it is `failing` and why, where it is.
    """
    logger = logging.getLogger("ray")
    level = logger.level
    with _set_in_environment({"RAY_USAGE_STATS_ENABLED": "0", **environment}), _ended_in_order():
        check_installed()
        ray = importlib.import_module("ray")
        logger.setLevel(logging.CRITICAL)
        try:
            with as_a_worker(), warnings.catch_warnings(), _ended_in_order():
                warnings.simplefilter("ignore")
                try:
                    ray.init(log_to_driver=False, configure_logging=False, **how)
                except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
                    raise ArenaError(f"{failing} ({str(error).strip().partition(chr(10))[0]})") from error
            yield ray
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ray.shutdown()
            logger.setLevel(level)


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Within, who is asked to end by a signal does so by an exception, and so stops what it has started. Ray
    sets handlers of its own, of which nothing stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C is not heard within."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _set_in_environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@functools.cache
def _token() -> str:
    """What whoever talks to the cluster of this process has to know; Ray reads it once in a process."""
    return secrets.token_hex(32)
