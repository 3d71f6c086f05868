"""A run that is stopped or killed, at any moment and any number of times, ends as one that never was: with
the same weights, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from arena import cli
from arena.store import checkpoints, runs
from arena.store.records import Option
from arena.training.run import train
from arena.training.settings import Settings
from arena.training.stopping import Stop

PPO = {"num_envs": 8, "num_steps": 16, "epochs": 1, "minibatches": 2, "hidden_size": 16}
DQN = {
    "num_envs": 4,
    "report_steps": 100,
    "buffer_size": 3000,
    "learning_starts": 200,
    "batch_size": 16,
    "target_every": 150,
    "train_every": 4,
    "epsilon_steps": 1500,
    "hidden_size": 16,
}
RAINBOW = {**DQN, "atoms": 11}

SETTINGS: Mapping[str, tuple[str, Sequence[str], Mapping[str, Any]]] = {
    "ppo on a maze": ("ppo", ("maze/run", "--option", "size=7"), PPO),
    "dqn on a maze": ("dqn", ("maze/run", "--option", "size=7"), DQN),
    "ppo on CartPole": ("ppo", ("gym/CartPole-v1",), PPO),
    "dqn on CartPole": ("dqn", ("gym/CartPole-v1",), DQN),
    "rainbow on CartPole": ("rainbow", ("gym/CartPole-v1",), RAINBOW),
}


def begin(which: str, steps: int) -> list[str]:
    """What `python -m arena.training` is told to begin with."""
    agent, game, config = SETTINGS[which]
    sets = [word for name, value in config.items() for word in ("--set", f"{name}={value}")]
    return ["--agent", agent, "--game", *game, "--steps", str(steps), *sets]


def child(arguments: Sequence[str], seconds: float = 0) -> subprocess.Popen[str]:
    """A training that makes a checkpoint every so many seconds, or after every iteration."""
    command = [sys.executable, "-m", "arena.training", *arguments, "--checkpoint-seconds", str(seconds)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment
    )


def identity(run: runs.Run) -> tuple[int, str, dict[str, str]]:
    """Where a run is, the SHA-256 of its weights, and those of all else that it would go on with."""
    assert run.checkpoint is not None
    meta = checkpoints.read_meta(run.checkpoint)
    return meta.step, meta.files["weights.safetensors"], dict(meta.files)


def uninterrupted(which: str, steps: int) -> tuple[int, str, dict[str, str]]:
    process = child(begin(which, steps), seconds=1000)
    out, _ = process.communicate(timeout=120)
    events = [json.loads(line) for line in out.splitlines()]
    assert events[-1]["event"] == "finished", events[-1]
    return identity(runs.find(events[-1]["run"]))


def settings_of(which: str, steps: int) -> Settings:
    agent, (game, *_), config = SETTINGS[which]
    options: dict[str, Option] = {"size": 7} if game.startswith("maze/") else {}
    overrides = {name: str(value) for name, value in config.items()}
    return Settings(agent, game, steps=steps, options=options, overrides=overrides)


@pytest.mark.parametrize("which", SETTINGS)
def test_a_run_that_was_stopped_twice_ends_with_the_same_weights(which: str) -> None:
    *_, last = train(settings_of(which, 1500))
    whole = identity(runs.find(last.run))
    settings = settings_of(which, 1500)
    for step in (400, 1000):
        stop = Stop()
        for event in train(settings, stop):
            if event.event == "progress" and event.step >= step:
                stop.set()
        assert event.event == "stopped"
        settings = Settings(resume=event.run)
    *_, last = train(settings)
    assert (last.event, last.run) == ("finished", event.run)
    assert identity(runs.find(last.run)) == whole


@pytest.mark.parametrize(("which", "steps"), [("ppo on a maze", 40_000), ("dqn on CartPole", 3000)])
def test_arena_train_stopped_by_ctrl_c_and_resumed_ends_with_the_same_weights(which: str, steps: int) -> None:
    agent, (game, *options), config = SETTINGS[which]
    *_, last = train(settings_of(which, steps))
    whole = identity(runs.find(last.run))
    sets = [word for name, value in config.items() for word in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "arena", "train", agent, game, *options, *sets, "--steps", str(steps)]
    process = subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            process.send_signal(signal.SIGINT)
            break
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    event = json.loads(out.splitlines()[-1])
    assert event["event"] == "stopped" and event["step"] < steps
    assert f"arena train --resume {event['run']}" in errors
    assert cli.run(["train", "--resume", event["run"]]) == 0
    assert identity(runs.find(event["run"])) == whole


@pytest.mark.parametrize("which", ["ppo on a maze", "dqn on CartPole"])
def test_a_run_that_is_resumed_and_let_go_of_at_once_loses_nothing(which: str) -> None:
    settings = settings_of(which, 2000)
    *_, last = train(settings)
    whole = identity(runs.find(last.run))
    events = train(settings)
    for event in events:
        if event.event == "progress" and event.step >= 1000:
            break
    events.close()  # type: ignore[attr-defined]
    kept = identity(runs.find(event.run))
    for _ in range(2):
        again = train(Settings(resume=event.run))
        assert next(again).event == "started"
        again.close()  # type: ignore[attr-defined]
        assert identity(runs.find(event.run)) == kept
    *_, last = train(Settings(resume=event.run))
    assert identity(runs.find(event.run)) == whole


KILLS = int(os.environ.get("ARENA_TEST_KILLS", "12"))
"""Of each run. 100 take about a quarter of an hour: ARENA_TEST_KILLS=100."""


@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * KILLS)
@pytest.mark.parametrize("which", ["ppo on a maze", "dqn on CartPole"])
def test_a_run_that_is_killed_again_and_again_loses_no_checkpoint_and_ends_with_the_same_weights(
    which: str, saves: Path
) -> None:
    """SIGKILL at any moment: while the interpreter starts, a checkpoint is read, it learns, or one is
    written, which after every iteration is most of the time."""
    steps = 600 * KILLS if which.startswith("ppo") else 250 * KILLS
    whole = uninterrupted(which, steps)
    [first] = runs.runs()
    chance = random.Random(which)
    arguments, kept = begin(which, steps), -1
    killed = {"before it learned": 0, "later": 0}
    while sum(killed.values()) < KILLS:
        process = child(arguments)
        assert process.stdout is not None
        begun = None
        if chance.random() < 0.85:  # otherwise it is killed at any moment of its start
            begun = json.loads(process.stdout.readline())
            assert begun["event"] == "started", begun
        time.sleep(chance.uniform(0, 0.5 if begun else 3.0))
        process.kill()
        told = [json.loads(line) for line in process.stdout if line.endswith("\n")]
        process.stdout.close()
        assert process.wait(timeout=60) == -signal.SIGKILL, "it ended before it was killed: more steps"
        later = any(event["event"] == "progress" for event in told)
        killed["later" if later else "before it learned"] += 1
        others = [run for run in runs.runs() if run.id != first.id]
        if not others:
            continue
        [run] = others
        if run.checkpoint is not None:
            meta = checkpoints.read_meta(run.checkpoint)
            saved = [event["step"] for event in told if event["event"] == "saved"]
            assert meta.step >= max([kept, *saved]), "a checkpoint that was complete is gone"
            checkpoints.resume(run.checkpoint)  # all its files are what was written
            kept = meta.step
            if begun is not None:
                assert begun["step"] <= kept
        arguments = ["--resume", run.id]
    assert killed["later"] >= KILLS / 2, killed
    process = child(arguments, seconds=1000)
    out, _ = process.communicate(timeout=300)
    assert json.loads(out.splitlines()[-1])["event"] == "finished"
    assert identity(runs.find(run.id)) == whole
    assert not list((saves / "runs" / run.id / "checkpoints").glob(".*"))
