"""A process that explores a game with a simulator of its own, and may crash; from outside and from inside."""

import contextlib
import multiprocessing
import time
from collections import deque
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from agents.exploring import Explorer, Start
from arena.errors import ArenaError
from arena.games import catalog
from arena.games.processes import as_a_worker, ignore_interrupts
from arena.games.scouting import scout

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

PATIENCE = 60.0
"""Seconds without a word after which a worker is taken to hang."""

TRIALS = 3
"""Workers that may be lost over one task."""


class Worker:
    """One process, from outside."""

    def __init__(self, game_id: str, seed: int, options: Mapping[str, Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, inside = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_work, args=(inside, game_id, seed, options), name="explorer", daemon=True
        )
        with as_a_worker():
            self.process.start()
        inside.close()
        self.tasks: deque[Start] = deque()
        """What it has been given to explore, in order."""
        self.heard = time.monotonic()

    def send(self, what: str, content: Any) -> None:
        self.connection.send((what, content))

    def explore(self, start: Start) -> None:
        if not self.tasks:
            self.heard = time.monotonic()
        self.connection.send(("explore", start))
        self.tasks.append(start)

    def receive(self) -> Any:
        """Raises EOFError or OSError where it has crashed, and what it raised itself as ArenaError."""
        fine, content = self.connection.recv()
        self.heard = time.monotonic()
        if not fine:
            raise ArenaError(content)
        return content

    def dismiss(self) -> None:
        """End it, if that has not been done."""
        if not self.connection.closed:
            self.connection.close()
            self.process.kill()
            self.process.join()
            self.process.close()


def _work(connection: Connection, game_id: str, seed: int, options: Mapping[str, Any]) -> None:
    """One process, from inside: answers until its employer is gone."""
    ignore_interrupts()
    try:
        simulator = catalog.simulator(game_id, seed, **options)
        while True:
            what, content = connection.recv()
            if what == "begin":
                explorer = Explorer(simulator, content)
                answer: Any = explorer.begin()
            elif what == "hear":
                explorer.hear(content)
                continue
            elif what == "explore":
                answer = explorer.explore(content)
            elif what == "scout":
                for answer in scout(game_id, options, *content):
                    connection.send((True, answer))
                continue
            else:
                answer = explorer.replay(content)
            connection.send((True, answer))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        told = isinstance(error, (ArenaError, NotImplementedError))
        what = (
            str(error) if told else f"an explorer failed with an unexpected {type(error).__name__}: {error}"
        )
        with contextlib.suppress(OSError):
            connection.send((False, what))
