"""Runs trained together are those runs one by one; one that fails ends no other; all stop together."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from arena import cli
from arena.errors import UsageError
from arena.store import run_upkeep, runs
from arena.store.runs import OpenRun, Run
from arena.training import group
from arena.training.group import Group, Member, Said
from arena.training.run import check, train
from arena.training.settings import Settings
from arena.training.stopping import Stop

from .test_exactness import PPO, identity, settings_of

GOING_ON = Settings(device="cpu")
"""How runs that are there already go on."""


@pytest.fixture(autouse=True)
def single_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a training in this process, so that weights can be compared bit for bit."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def new(count: int, steps: int = 600) -> list[Run]:
    settings = settings_of("ppo on CartPole", steps)
    config, origin = check(settings)
    return group.create(settings, range(5, 5 + count), asdict(config), origin)


def alone(seed: int, steps: int = 600) -> Any:
    """What a run of that seed comes to where it is the only one."""
    settings = settings_of("ppo on CartPole", steps)
    *_, last = train(
        Settings(settings.agent, settings.game, steps=steps, seed=seed, overrides=settings.overrides)
    )
    return identity(runs.find(last.run))


def test_a_new_group_is_of_ordinary_runs_not_yet_begun() -> None:
    members = new(3)
    assert [run.seed for run in members] == [5, 6, 7]
    assert [run.state for run in members] == ["stopped"] * 3
    assert len({run.group for run in members}) == 1
    assert runs.of_group(members[0].group) == [runs.find(run.id) for run in members]
    others = new(3)
    assert others[0].group != members[0].group, "made in the same minute"
    assert runs.of_group("") == [] == runs.of_group("no-such-group")


def test_each_run_of_a_group_learns_what_it_would_alone_and_one_that_fails_ends_no_other() -> None:
    members = new(2)
    held = OpenRun(members[1].folder)  # somebody else trains it
    together = Group(members, GOING_ON, at_once=2)
    said = list(together.train(Stop()))
    held.close()
    assert [member.state for member in together.members] == ["done", "failed"]
    assert "being trained by another process" in together.members[1].why
    found = runs.find(members[0].id)
    assert found.state == "done" and identity(found) == alone(5)
    assert not (found.folder / group.ERRORS).exists(), "nothing was said on stderr"
    kinds = [one.event["event"] for one in said if one.member.run == found.id]
    assert kinds[0] == "started" and kinds[-2:] == ["finished", "done"] and "progress" in kinds

    again = Group(runs.of_group(members[0].group), GOING_ON, at_once=2)
    assert [member.state for member in again.members] == ["done", "waiting"]
    assert {one.member.seed for one in again.train(Stop())} == {6}
    assert identity(runs.find(members[1].id)) == alone(6)


def test_a_run_that_is_deleted_while_it_waits_ends_no_other() -> None:
    members = new(2)
    group = Group(members, GOING_ON, 1)
    for said in group.train(Stop()):
        if said.event["event"] == "started":
            run_upkeep.delete(runs.find(members[1].id))
    assert [member.state for member in group.members] == ["done", "failed"]
    assert members[1].id in group.members[1].why


def test_a_group_goes_on_in_the_environments_it_began_with(capsys: pytest.CaptureFixture[str]) -> None:
    name = new(2)[0].group
    assert cli.run(["train", "--resume", name, "--option", "size=9"]) == 2
    assert "leave --envs and --option out" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_whose_process_is_killed_is_named_with_the_reason() -> None:
    together = Group(new(2, steps=10**7), GOING_ON, at_once=2)
    stop, killed, learning = Stop(), set(), set()
    for one in together.train(stop):
        if one.event["event"] == "progress":
            learning.add(one.member.seed)
        if learning == {5, 6} and not killed:
            process = runs.trainer(runs.find(together.members[0].run))
            assert process is not None
            os.kill(process, signal.SIGKILL)
            killed.add(process)
        if one.event["event"] == "failed":
            stop.set()
    assert [member.state for member in together.members] == ["failed", "stopped"]
    assert "signal 9" in together.members[0].why
    assert runs.find(together.members[1].run).checkpoint is not None


def test_an_iteration_that_is_given_up_stops_all_with_a_checkpoint() -> None:
    together = Group(new(2, steps=10**7), GOING_ON, at_once=2)
    said: Iterator[Said] = together.train(Stop())
    seen: set[int] = set()
    for one in said:
        if one.event["event"] == "progress":
            seen.add(one.member.seed)
        if len(seen) == 2:
            break
    said.close()  # type: ignore[attr-defined]
    for member in together.members:
        run = runs.find(member.run)
        assert (member.state, run.state) == ("stopped", "stopped")
        assert run.checkpoint is not None


@pytest.mark.timeout(900)  # six processes, one after another where the machine is busy
def test_arena_train_seeds_is_stopped_by_ctrl_c_and_resumed_and_reports(
    saves: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = [word for name, value in PPO.items() for word in ("--set", f"{name}={value}")]
    command = ["train", "ppo", "gym/CartPole-v1", "--seeds", "2", "--seed", "5", "--steps", "5000", *sets]
    process = subprocess.Popen(
        [sys.executable, "-m", "arena", *command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            process.send_signal(signal.SIGINT)
            break
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 130, errors
    *events, report = map(json.loads, out.splitlines())
    assert {event["seed"] for event in events} <= {5, 6}
    told = [run["seed"] for run in report["left_out"]]
    told += [run["seed"] for setting in report["settings"] for run in setting["runs"]]
    assert report["event"] == "report" and sorted(told) == [5, 6]
    name = report["group"]
    assert f"arena train --resume {name}" in errors
    assert len(runs.of_group(name)) == 2

    assert cli.run(["train", "--resume", name, "--device", "cpu", "--at-once", "1"]) == 0
    shown = capsys.readouterr()
    assert "the last 100 training episodes of each run" in shown.out
    assert "return against steps" in shown.out and "5,000" in shown.out
    assert f"arena runs {name}" in shown.err
    assert [identity(run) for run in runs.of_group(name)] == [alone(5, 5000), alone(6, 5000)]

    capsys.readouterr()
    assert cli.run(["runs", name, "--json"]) == 0
    [setting] = json.loads(capsys.readouterr().out)["settings"]
    assert setting["measured"] == "mean of the last 100 training episodes of each run"
    assert [run["seed"] for run in setting["runs"]] == [5, 6]
    final, curve = setting["final"]["return"], setting["curves"]["return"]
    assert final["iqm_interval"][0] <= final["iqm"] <= final["iqm_interval"][1]
    assert (curve[-1]["step"], curve[-1]["iqm"]) == (5000, final["iqm"])


def test_what_cannot_be_learned_makes_no_runs() -> None:
    for settings in (
        Settings("ppo", "maze/run", options={"sise": 7}),
        Settings("ppo", "maze/run", overrides={"epochs": "0"}),
        Settings("pop", "maze/run"),
    ):
        with pytest.raises(UsageError):
            check(settings)
    assert runs.runs() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("ppo maze/run --seeds 1", "--seeds"),
        ("ppo maze/run --at-once 2", "--seeds N"),
        ("ppo maze/run --seeds 2 --watch", "--watch"),
        ("ppo maze/run --seeds 2 --option sise=7", "sise"),
        (f"ppo maze/run --seeds 2 --seed {2**63 - 1}", "seed"),
        ("--resume no-such-group --seeds 2", "leave --seeds out"),
        ("--resume no-such-group", "no-such-group"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_makes_no_runs(
    arguments: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["train", *arguments.split()]) == 2
    errors = capsys.readouterr().err.strip()
    assert says in errors and "\n" not in errors
    assert runs.runs() == []


def member(state: Any, step: int, rate: float | None = None) -> Member:
    return Member("r", 0, state, step, 1000, steps_per_second=rate)


@pytest.mark.parametrize(
    ("members", "at_once", "seconds"),
    [
        ([member("running", 500, 100.0)], 1, 5),
        ([member("running", 500, 100.0), member("running", 0, 50.0)], 2, 20),
        ([member("running", 500, 100.0), member("waiting", 0)], 1, 15),
        ([member("running", 500, 100.0), member("running", 500, 100.0), member("waiting", 0)], 2, 15),
        ([member("running", 0, 100.0), member("done", 1000), member("failed", 3)], 2, 10),
        ([member("running", 0), member("waiting", 0)], 2, None),
    ],
)
def test_the_time_left_is_that_of_all(members: list[Member], at_once: int, seconds: float | None) -> None:
    together = Group(new(2), GOING_ON, at_once)
    together.members = members
    assert together.seconds_left == seconds
