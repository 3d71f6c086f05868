"""A player that is somebody else's, in a process of its own, with limits on its time and memory.

Nothing that it does reaches this process: it is asked over pipes in plain data (the other side is
`arena.matches.foreign_process`), and whatever goes wrong there is an ArenaError here, by which it forfeits
the match and nobody else loses anything. For the next match its process is then started anew.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from arena.errors import ArenaError
from arena.games.game import Game
from arena.matches.foreign_names import Foreign
from arena.matches.foreign_process import frame, read_frame
from arena.matches.player import Player
from arena.store.records import Option

_LOOK = 0.05
"""Seconds between two looks at its memory while it thinks."""

_COUNT = 1.0
"""Seconds between two looks for processes that it has begun itself: that takes some milliseconds."""

_LONGEST_ANSWER = 1 << 16
"""Bytes."""

_SAID = 2048
"""Bytes of what it has printed that are kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a player of somebody else's may take."""

    seconds: float = 5.0
    """For a decision."""
    megabytes: float = 2048.0
    """Of memory that it holds, with the processes that it has begun."""
    starting: float = 60.0
    """Seconds to be loaded, to sit down at a match, and for the first decision of all."""


class ForeignPlayer(Player):
    """Asked once every `ticks_per_decision` ticks, with what an agent in its seat would see; its action is
    held between. It has no thoughts to be shown."""

    def __init__(
        self, found: Foreign, limits: Limits | None = None, needs: Mapping[str, Option] | None = None
    ) -> None:
        """Starts nothing yet: its process begins with its first match."""
        self.identity, self.needs = found.identity, needs or {}
        self._load, self.limits = found.load, limits or Limits()
        self._process: Process | None = None

    def begin(self, game: Game, seat: int, seed: int) -> None:
        """Raises ArenaError where it does not get ready."""
        super().begin(game, seat, seed)
        self.ticks, self.action = 0, game.spec.idle_action
        if self._process is not None and not self._process.lives:
            self.close()
        if self._process is None:
            self._process = Process(self._load, self.limits)
        observation = game.observe(seat)
        self._process.ask(
            {
                "begin": {
                    "game": game.spec.id,
                    "actions": list(game.spec.actions),
                    "observation_shape": list(observation.shape),
                    "observation_dtype": observation.dtype.str,
                    "seed": seed,
                }
            },
            self.limits.starting,
        )

    def act(self) -> int:
        """Raises ArenaError where no action comes back in time."""
        if self.ticks % self.game.spec.ticks_per_decision == 0:
            self.action = self.game.meant(self.seat, self._chosen())
        self.ticks += 1
        return self.action

    def _chosen(self) -> int:
        if self._process is None:
            raise ArenaError("its process has ended")
        observation = self.game.observe(self.seat)
        seen = {"dtype": observation.dtype.str, "shape": list(observation.shape)}
        limits, process = self.limits, self._process
        seconds = limits.seconds if process.warm else max(limits.starting, limits.seconds)
        answer = process.ask({"observation": seen}, seconds, observation.tobytes())
        process.warm = True
        if "nonsense" in answer:
            raise ArenaError(f"answered {answer['nonsense']}, which is no action's number")
        action, count = answer.get("action"), len(self.game.spec.actions)
        if isinstance(action, bool) or not isinstance(action, int):
            process.end()
            raise ArenaError("its process sent a message that makes no sense")
        if not 0 <= action < count:
            raise ArenaError(f"answered action {action}, and there are {count} (0 is the first)")
        return action

    def close(self) -> None:
        """End its process; the next match begins a new one. It also ends when the player is forgotten."""
        if self._process is not None:
            self._process.end()
            self._process = None


class Process:
    """Somebody else's code at work."""

    def __init__(self, load: Mapping[str, Any], limits: Limits) -> None:
        """Starts it, and waits until it has loaded the player. Raises ArenaError where it does not."""
        self._limits, self.warm = limits, False
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "arena.matches.foreign_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is not for it, and it ends with all that it has begun
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ArenaError(f"no process can be started for it: {error.strerror or error}") from error
        child = self._child
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[dict[str, Any] | str] = queue.SimpleQueue()
        self._said: deque[int] = deque(maxlen=_SAID)
        self.end = weakref.finalize(self, _end, child, self._requests)
        # Threads, since a pipe cannot be waited for with a time limit everywhere. They do not know of `self`.
        pipes = child.stdin, child.stdout, self._requests, self._answers
        threading.Thread(target=_converse, args=pipes, daemon=True).start()
        self._listener = threading.Thread(target=_listen, args=(child.stderr, self._said), daemon=True)
        self._listener.start()
        self._looked = self._counted = 0.0
        self._others = 0
        patience = max(limits.seconds, limits.starting) + 10
        self.ask({"load": dict(load), "patience": patience}, limits.starting)

    @property
    def lives(self) -> bool:
        return self.end.alive and self._child.poll() is None

    def ask(self, message: Mapping[str, Any], seconds: float, body: bytes = b"") -> dict[str, Any]:
        """Its answer. Raises ArenaError, and ends it, where none comes within `seconds`, it takes too much
        memory, or it fails."""
        try:
            return self._ask(frame(message, body), seconds)
        except BaseException:  # with Ctrl-C too: its answer would be taken for that to the next question
            self.end()
            raise

    def _ask(self, request: bytes, seconds: float) -> dict[str, Any]:
        self._requests.put(request)
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            try:
                answer = self._answers.get(timeout=max(min(_LOOK, left), 0.0))
            except queue.Empty:
                self._look()
                if left <= 0:
                    raise ArenaError(f"did not answer within {seconds:g} s") from None
                continue
            self._look()
            if isinstance(answer, str):
                raise ArenaError(answer or self._last_words())
            if "error" in answer:
                raise ArenaError(f"its process ended: {answer['error']}")
            return answer

    def _look(self) -> None:
        """Raises ArenaError where it has too much memory."""
        now = time.monotonic()
        if now < self._looked + _LOOK:
            return
        self._looked = now
        with contextlib.suppress(psutil.Error):  # it has ended, which is told in another way
            it = psutil.Process(self._child.pid)
            if now >= self._counted + _COUNT:
                self._counted, self._others = now, sum(map(_held, it.children(recursive=True)))
            if _held(it) + self._others > self._limits.megabytes * 1e6:
                raise ArenaError(f"used more than {self._limits.megabytes:,.0f} MB of memory")

    def _last_words(self) -> str:
        """Why it has ended, as far as can be told."""
        try:
            code = self._child.wait(2.0)
        except subprocess.TimeoutExpired:
            return "its process stopped listening"
        self._listener.join(0.5)
        lines = bytes(self._said).decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        how = f"exit code {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                how = f"killed by {signal.Signals(-code).name}"
        return f"its process ended: {how}" + (f", {last.strip()}" if last else "")


def _environment() -> dict[str, str]:
    """Ours, able to import what we import; one thread to compute with, and sets in the same order always."""
    root = str(Path(__file__).resolve().parents[2])
    path = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {
        **os.environ,
        **dict.fromkeys((*threads, "NUMBA_NUM_THREADS"), "1"),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "PYTHONHASHSEED": "0",
        "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    }


def _held(process: psutil.Process) -> int:
    """Bytes of memory; of address space a process may well reserve more than it ever uses."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _converse(
    into: BinaryIO,
    out: BinaryIO,
    requests: "queue.SimpleQueue[bytes | None]",
    answers: "queue.SimpleQueue[dict[str, Any] | str]",
) -> None:
    """Take requests to the process and its answers back, until one of the two is gone. What is wrong with an
    answer comes in its place, and "" at the end."""
    wrong = ""
    with contextlib.suppress(OSError), into, out:
        while (request := requests.get()) is not None:
            try:
                into.write(request)
                into.flush()
                read = read_frame(out, _LONGEST_ANSWER)
            except (ValueError, RecursionError):
                wrong = "its process sent a message that makes no sense"
                break
            if read is None:
                break
            answers.put(read[0])
    answers.put(wrong)


def _listen(errors: BinaryIO, said: "deque[int]") -> None:
    """Keep the end of what it prints."""
    with contextlib.suppress(OSError), errors:
        while part := os.read(errors.fileno(), 1 << 16):
            said.extend(part[-_SAID:])


def _end(child: "subprocess.Popen[bytes]", requests: "queue.SimpleQueue[bytes | None]") -> None:
    """Kill a process, and those that it has begun."""
    requests.put(None)
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(child.pid).children(recursive=True)
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    for other in family:
        with contextlib.suppress(psutil.Error):
            other.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(10.0)
