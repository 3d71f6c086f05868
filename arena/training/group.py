"""Several runs that differ by their seed, each in a process of its own, some of them at once.

Each is an ordinary run, that can be watched, resumed and promoted. What they have in common is the name of
their group, by which all that is unfinished goes on.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from arena.errors import ArenaError
from arena.games import catalog
from arena.games.processes import cores
from arena.store import runs
from arena.store.runs import Run
from arena.training.origins import Origin
from arena.training.settings import Settings, opponents_of
from arena.training.stopping import Stop

ERRORS = "stderr.txt"
"""In a run's folder: what its process said beside its events."""


@dataclass(slots=True)
class Member:
    """One run of a group, as it is now."""

    run: str
    seed: int
    state: Literal["waiting", "running", "done", "stopped", "failed"]
    step: int
    total_steps: int
    why: str = ""
    """Why it failed."""
    metrics: dict[str, float] = field(default_factory=dict)
    """The latest."""
    steps_per_second: float | None = None
    preparing: str = ""
    """What it has to wait for first, if anything."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member's process has told: see `arena.training.run.Event`."""

    member: Member
    event: Mapping[str, Any]


def create(
    settings: Settings, seeds: Sequence[int], config: Mapping[str, Any], origin: Origin | None = None
) -> list[Run]:
    """A new group of runs, none of them begun; `config` and `origin` are what `arena.training.run.check` made
    of `settings`. Raises ArenaError where they cannot be written."""
    group = _new_name(settings.agent, settings.game, len(seeds))
    told = origin.told() if origin else None
    found = []
    for seed in seeds:
        opened = runs.create(
            agent=settings.agent,
            game=settings.game,
            options=settings.options,
            seed=seed,
            config=config,
            origin=told,
            group=group,
            opponents=opponents_of(settings),
        )
        if origin:
            origin.keep(opened.folder)
        found.append(opened.read())
        opened.close()
    return [replace(run, state="stopped") for run in found]


def _new_name(agent: str, game: str, count: int) -> str:
    """For a group of so many runs; none has it yet."""
    name = "-".join([agent, *game.split("/"), f"x{count}", datetime.now().strftime("%m%d-%H%M")])
    taken = {run.group for run in runs.runs()}
    tried = (name if n == 1 else f"{name}-{n}" for n in range(1, len(taken) + 2))
    return next(group for group in tried if group not in taken)


class Group:
    """Runs of which those that are not done are trained, at most `at_once` of them at the same time."""

    def __init__(self, members: Sequence[Run], settings: Settings, at_once: int) -> None:
        """`settings` says how all of them go on: the device, and what `arena train --resume` may change."""
        steps = settings.steps
        self.members = [
            Member(
                run=run.id,
                seed=run.seed,
                state="done" if run.state == "done" and (steps or 0) <= run.total_steps else "waiting",
                step=run.step,
                total_steps=steps or run.total_steps,
                metrics={k: v for k, v in run.latest.items() if k not in ("step", "seconds")},
            )
            for run in members
        ]
        self.at_once = at_once
        self._game = members[0].game
        self._settings = settings

    @property
    def seconds_left(self) -> float | None:
        """Until all are done: each goes as fast as those that run do now, and as many at once as may."""
        rates = [m.steps_per_second for m in self.members if m.state == "running" and m.steps_per_second]
        if not rates:
            return None
        rate = sum(rates) / len(rates)
        busy = [0.0] * self.at_once
        for member in self._unfinished("running") + self._unfinished("waiting"):
            left = max(0, member.total_steps - member.step) / (member.steps_per_second or rate)
            busy[busy.index(min(busy))] += left
        return max(busy)

    @property
    def steps_per_second(self) -> float:
        """Of all that run."""
        return sum(m.steps_per_second or 0.0 for m in self.members if m.state == "running")

    def _unfinished(self, state: str) -> list[Member]:
        return [member for member in self.members if member.state == state]

    def train(self, stop: Stop) -> Iterator[Said]:
        """Train all to their ends, or until `stop` is set or the iterator is closed: each is kept then, to be
        resumed. One that fails does not end the others."""
        told: queue.Queue[tuple[Member, dict[str, Any] | None]] = queue.Queue()
        running: dict[str, _Training] = {}
        asked = False
        # What the first compiles is there for the others.
        alone = catalog.preparing(self._game) is not None
        stop.learning = True  # signals ask us; how each training is interrupted is its own affair
        try:
            while running or (self._unfinished("waiting") and not stop.is_set()):
                while len(running) < (1 if alone else self.at_once) and not stop.is_set():
                    if not (waiting := self._unfinished("waiting")):
                        break
                    member = waiting[0]
                    try:
                        training = _Training(member, self._arguments(member), self._threads(), told)
                    except (ArenaError, OSError) as error:  # its run was renamed or deleted meanwhile
                        member.state, member.why = "failed", str(error)
                        yield Said(member, {"event": "failed", "run": member.run, "step": member.step})
                        continue
                    running[member.run] = training
                    member.state = "running"
                if stop.is_set() and not asked:
                    asked = True
                    for training in running.values():
                        training.quit()
                if not running:
                    continue
                try:
                    member, event = told.get(timeout=0.2)
                except queue.Empty:
                    continue
                if event is None:
                    running.pop(member.run).end()
                    alone = alone and catalog.preparing(self._game) is not None
                    yield Said(member, {"event": member.state, "run": member.run, "step": member.step})
                else:
                    _take(member, event)
                    alone = alone and event["event"] != "progress"
                    yield Said(member, event)
            for member in self._unfinished("waiting"):
                member.state = "stopped"
        finally:
            for training in running.values():
                training.quit()
            for training in running.values():
                training.end()

    def _arguments(self, member: Member) -> list[str]:
        settings = self._settings
        arguments = ["--resume", member.run, "--device", settings.device]
        if settings.steps is not None:
            arguments += ["--steps", str(settings.steps)]
        for name, value in settings.overrides.items():
            arguments += ["--set", f"{name}={value}"]
        return [*arguments, "--tensorboard"] if settings.tensorboard else arguments

    def _threads(self) -> int:
        """Several small networks learn faster with a core each than each with all cores in turn."""
        return max(1, cores() // self.at_once)


def _take(member: Member, event: Mapping[str, Any]) -> None:
    """What an event says of its run."""
    member.step = event.get("step", member.step)
    member.total_steps = event.get("total_steps", member.total_steps)
    match event["event"]:
        case "started":
            member.preparing = event["about"].get("preparing", "")
        case "progress":
            member.preparing = ""
            member.metrics |= event.get("metrics", {})
            member.steps_per_second = event.get("steps_per_second")
        case "error":
            member.why = event["message"]


class _Training:
    """A process that trains one run."""

    def __init__(self, member: Member, arguments: list[str], threads: int, told: queue.Queue[Any]) -> None:
        self._member = member
        self._errors = runs.find(member.run).folder / ERRORS
        root = str(Path(__file__).resolve().parents[2])
        path = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "arena.training", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={
                    "OMP_NUM_THREADS": str(threads),
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
                },
                start_new_session=True,  # Ctrl-C reaches it through us, as "quit"
            )
        self._thread = threading.Thread(target=self._listen, args=(told,), daemon=True)
        self._thread.start()

    def _listen(self, told: queue.Queue[Any]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):  # a library's chatter
                event = json.loads(line)
                if isinstance(event, dict) and "event" in event:
                    told.put((self._member, event))
        told.put((self._member, None))

    def quit(self) -> None:
        """Ask it to stop, with a checkpoint."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(b"quit\n")
            self._process.stdin.flush()

    def end(self) -> None:
        """Wait for its end, and say how it ended."""
        try:
            self._process.wait()
        except BaseException:  # the person at the keyboard does not wait; what was kept is kept
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._thread.join(1)
            self._settle()

    def _settle(self) -> None:
        member, code = self._member, self._process.poll()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        member.steps_per_second, member.preparing = None, ""
        run = None
        with contextlib.suppress(ArenaError):  # somebody has removed its folder meanwhile
            run = runs.find(member.run)
        last = self._last_line()
        if code and not member.why:
            died = f"signal {-code}" if code < 0 else f"exit code {code}"
            member.why = f"its process ended unexpectedly ({died}{f': {last}' if last else ''})"
        if run is not None and run.state == "done":
            member.state, member.step = "done", run.step
        else:
            member.state = "failed" if code else "stopped"

    def _last_line(self) -> str:
        """Of what it said on stderr; a file in which there is nothing is removed."""
        try:
            lines = self._errors.read_text(encoding="utf-8", errors="replace").split("\n")
            if not any(lines):
                self._errors.unlink()
        except OSError:
            return ""
        return next((" ".join(line.split())[:200] for line in reversed(lines) if line.strip()), "")
