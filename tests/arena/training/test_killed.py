"""A run that is killed at any moment, any number of times, loses no checkpoint that was complete, and learns
the same as one that never was, bit for bit."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena.store import checkpoints, runs
from arena.training.run import Event, train
from arena.training.settings import Settings

from .test_exactness import identity, settings_of

KILLS = int(os.environ.get("ARENA_TEST_KILLS", "10"))
"""Of each run."""

FOREVER = 10**7
"""Steps: no run ends before it is killed."""

NURSERY = """
import contextlib, json, os, sys
from arena.store import runs
from arena.training.__main__ import main

runs.LARGE = int(sys.argv[3])
commands = os.dup(0)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
saves, os.environ["ARENA_SAVES"] = os.environ["ARENA_SAVES"], sys.argv[2]
with contextlib.redirect_stdout(None):
    main([*json.loads(sys.argv[1]), "--steps", "300"])  # loads and compiles what is only loaded when needed
os.environ["ARENA_SAVES"] = saves
for line in os.fdopen(commands):
    arguments, told = json.loads(line)
    child = os.fork()
    if child == 0:
        os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os._exit(main(arguments))
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""A process that has loaded all that trainings need, and becomes one whenever it is asked to: so that a
hundred of them start in seconds."""


class Nursery:
    """Trainings, one after another, each in a process of its own."""

    def __init__(self, folder: Path, arguments: Sequence[str], large: int) -> None:
        self._told = folder / "told"
        self.seconds = 0.0
        """How long the first of them took to make a checkpoint, on this machine, as busy as it is."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY, json.dumps(arguments), str(folder / "elsewhere"), str(large)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def _say(self, arguments: Sequence[str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([arguments, str(self._told)]) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def killed(self, arguments: Sequence[str], share: float) -> list[dict[str, Any]]:
        """Start `python -m arena.training` with `arguments`, and kill it after a share of `seconds`; the
        first of all when it has made a checkpoint. Returns what it told until then."""
        self._told.unlink(missing_ok=True)
        self._say(arguments)
        child = self._hear()
        began = time.monotonic()
        if self.seconds:
            time.sleep(share * self.seconds)
        else:
            while not self._told.exists() or '"saved"' not in self._told.read_text():
                time.sleep(0.01)
            self.seconds = time.monotonic() - began
        os.kill(child, signal.SIGKILL)
        status = self._hear()
        told = self._told.read_text().splitlines(keepends=True) if self._told.exists() else []
        assert os.WTERMSIG(status) == signal.SIGKILL, told[-1:]
        return [json.loads(line) for line in told if line.endswith("\n")]

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)


class Uninterrupted:
    """The same run, never stopped: what it kept after each of its iterations."""

    def __init__(self, which: str) -> None:
        self._events: Iterator[Event] = train(replace(settings_of(which, FOREVER), checkpoint_seconds=0))
        self.run = next(self._events).run
        self.kept: dict[int, Any] = {}

    def at(self, step: int) -> Any:
        """`identity` of the run when it was at `step`; None where it never was."""
        while not self.kept or max(self.kept) < step:
            event = next(event for event in self._events if event.event == "saved")
            self.kept[event.step] = identity(runs.find(event.run))
        return self.kept.get(step)

    def close(self) -> None:
        self._events.close()  # type: ignore[attr-defined]


def arguments_of(which: str) -> list[str]:
    settings = settings_of(which, FOREVER)
    given: Mapping[str, Mapping[str, object]] = {"--set": settings.overrides, "--option": settings.options}
    pairs = [word for flag, values in given.items() for k, v in values.items() for word in (flag, f"{k}={v}")]
    return ["--agent", settings.agent, "--game", settings.game, "--steps", str(FOREVER), *pairs]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that becomes another is Unix's")
@pytest.mark.timeout(120 + 10 * KILLS)
@pytest.mark.parametrize(
    ("which", "large", "latest"),
    [
        ("ppo on a maze", runs.LARGE, 2),
        ("dqn on CartPole", 0, 2),
        ("go-explore in a maze", runs.LARGE, 4),  # its explorers' processes take their time to start
    ],
)
def test_a_run_that_is_killed_again_and_again_learns_the_same_as_one_that_never_was(
    which: str, large: int, latest: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moments are drawn: while environments are made, a checkpoint is read, it learns, or one is written
    or cleared away, which after every iteration is most of the time. What is `large` is let go of in all
    checkpoints but the latest."""
    uninterrupted, chance = Uninterrupted(which), random.Random(which)
    arguments, kept, learned = arguments_of(which), -1, 0
    nursery = Nursery(tmp_path, arguments, large)
    with contextlib.closing(nursery), contextlib.closing(uninterrupted):
        for _ in range(KILLS):
            told = nursery.killed([*arguments, "--checkpoint-seconds", "0"], chance.uniform(0, latest))
            assert not [event for event in told if event["event"] == "error"], told[-1]
            learned += any(event["event"] == "progress" for event in told)
            [run] = [run for run in runs.runs() if run.id != uninterrupted.run] or [None]
            if run is None:
                continue
            assert run.state == "stopped"
            arguments = ["--resume", run.id]
            if run.checkpoint is None:
                continue
            saved = [event["step"] for event in told if event["event"] == "saved"]
            step = int(run.checkpoint.name)
            assert step >= max([kept, *saved]), "a checkpoint that was complete is gone"
            assert identity(run) == uninterrupted.at(step)
            checkpoints.resume(run.checkpoint)  # its files are what was written
            for older in run.checkpoints[:-1]:
                checkpoints.load_agent(older)
            seen = [int(line["step"]) for line in run.metrics() if line["step"] <= step]
            assert seen == [at for at in sorted(uninterrupted.kept) if at <= step]
            kept = step
    assert learned >= KILLS / 5 and kept > 0
    # The last of them may have been killed before they cleared away: who goes on does.
    monkeypatch.setattr(runs, "LARGE", large)
    going_on = train(Settings(resume=run.id, checkpoint_seconds=0))
    assert any(event.event == "saved" for event in going_on)
    going_on.close()  # type: ignore[attr-defined]
    older = runs.find(run.id).checkpoints[:-1]
    assert large or not any(checkpoints.read_meta(folder).state for folder in older)
