"""A run that is stopped and resumed ends as one that never was: with the same weights, bit for bit."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
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
DQN_PICTURES = {**DQN, "frame_stack": 4, "buffer_size": 600, "bfloat16": "false"}
RAINBOW = {**DQN, "atoms": 11}
GO_EXPLORE = {"num_envs": 2, "explorations": 10, "explore_steps": 15, "cells": "dynamic", "fit_every": 500}
ROBUSTIFY = {**PPO, "demonstrations": 2, "imitation_epochs": 4, "explore_steps": 3000}

SETTINGS: Mapping[str, tuple[str, Sequence[str], Mapping[str, Any]]] = {
    "ppo on a maze": ("ppo", ("maze/run", "--option", "size=7"), PPO),
    "dqn on a maze": ("dqn", ("maze/run", "--option", "size=7"), DQN),
    "ppo on CartPole": ("ppo", ("gym/CartPole-v1",), PPO),
    "dqn on CartPole": ("dqn", ("gym/CartPole-v1",), DQN),
    "rainbow on CartPole": ("rainbow", ("gym/CartPole-v1",), RAINBOW),
    "go-explore in a maze": ("go-explore", ("maze/run", "--option", "size=7"), GO_EXPLORE),
    "robustify in a maze": ("robustify", ("maze/run", "--option", "size=7"), ROBUSTIFY),
    "ppo against its past in a maze": ("ppo", ("maze/coins", "--opponents", "past"), PPO),
    "ppo against its past on a console": ("ppo", ("versus/surround",), {**PPO, "num_envs": 3}),
    "dqn against itself on a console": ("dqn", ("versus/warlords", "--opponents", "self"), DQN_PICTURES),
}

STOPS: Mapping[str, tuple[int, int, int]] = {"robustify in a maze": (1, 6500, 8000)}
"""At which steps it is stopped, and where it ends: its exploring alone takes 6,000."""


def identity(run: runs.Run) -> tuple[int, str, dict[str, str]]:
    """Where a run is, the SHA-256 of its weights, and those of all else that it would go on with."""
    assert run.checkpoint is not None
    meta = checkpoints.read_meta(run.checkpoint)
    return meta.step, meta.files["weights.safetensors"], dict(meta.files)


def settings_of(which: str, steps: int) -> Settings:
    agent, (game, *rest), config = SETTINGS[which]
    options: dict[str, Option] = {"size": 7} if game == "maze/run" else {}
    overrides = {name: str(value) for name, value in config.items()}
    opponents = rest[-1] if "--opponents" in rest else ""
    return Settings(agent, game, steps=steps, options=options, overrides=overrides, opponents=opponents)


@pytest.mark.parametrize("which", SETTINGS)
def test_a_run_that_was_stopped_twice_ends_with_the_same_weights(which: str) -> None:
    *stops, end = STOPS.get(which, (400, 1000, 1500))
    *_, last = train(settings_of(which, end))
    whole = identity(runs.find(last.run))
    settings = settings_of(which, end)
    for step in stops:
        stop = Stop()
        for event in train(settings, stop):
            if event.event == "progress" and event.step >= step:
                stop.set()
        assert event.event == "stopped"
        settings = Settings(resume=event.run)
    *_, last = train(settings)
    assert (last.event, last.run) == ("finished", event.run)
    assert identity(runs.find(last.run)) == whole


@pytest.mark.parametrize(("which", "steps"), [("ppo on a maze", 15_000), ("dqn on CartPole", 3000)])
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
