"""A run learns, can be stopped at any moment, and goes on as if it never had been."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from arena.errors import ArenaError, UsageError
from arena.store import checkpoints, runs
from arena.training.__main__ import main
from arena.training.run import Event, _check_losses, train
from arena.training.settings import Settings
from arena.training.stopping import Stop, stop_on_signals

TINY = {
    "num_envs": "8",
    "num_steps": "16",
    "epochs": "1",
    "minibatches": "2",
    "hidden_size": "16",
    "total_steps": "1000",
}


def maze(**more: Any) -> Settings:
    return Settings("ppo", "maze/run", options={"size": 7}, overrides=TINY, **more)


def until(events: Iterator[Event], count: int) -> Iterator[Event]:
    """The first events, up to the `count`th progress."""
    seen = 0
    for event in events:
        yield event
        seen += event.event == "progress"
        if seen == count:
            return


def test_a_run_starts_reports_saves_and_finishes() -> None:
    events = list(train(maze()))
    kinds = [event.event for event in events]
    assert kinds[0] == "started"
    assert kinds[-2:] == ["saved", "finished"]
    assert set(kinds[1:-2]) == {"progress"}
    assert events[0].about["config"]["hidden_size"] == 16
    steps = [event.step for event in events]
    assert steps == sorted(steps)
    assert steps[-1] >= 1000
    assert all(event.seconds_left is not None for event in events[1:-2])
    run = runs.find(events[0].run)
    assert (run.state, run.step, run.total_steps) == ("done", steps[-1], 1000)
    assert run.checkpoint is not None
    agent, meta = checkpoints.load_agent(run.checkpoint)
    assert (meta.game, meta.options, meta.step) == ("maze/run", {"size": 7}, steps[-1])
    assert agent.act(np.zeros((1, *meta.observation_space["shape"]), np.uint8)).shape == (1,)
    assert [m["step"] for m in run.metrics()] == [e.step for e in events if e.event == "progress"]


def test_a_maze_run_that_is_stopped_and_resumed_ends_with_the_same_weights_bit_for_bit() -> None:
    *_, whole = train(maze())
    stop = Stop()
    for event in train(maze(), stop):
        if event.event == "progress" and event.step >= 300:
            stop.set()
    assert event.event == "stopped"
    assert runs.find(event.run).state == "stopped"
    *_, last = train(Settings(resume=event.run))
    assert (last.event, last.run, last.step) == ("finished", event.run, whole.step)
    folders = [runs.find(run).checkpoint for run in (whole.run, last.run)]
    one, other = (load_file(f"{folder}/weights.safetensors") for folder in folders)
    assert all(np.array_equal(one[name], other[name]) for name in one)
    steps = [[m["step"] for m in runs.find(run).metrics()] for run in (whole.run, last.run)]
    assert steps[0] == steps[1]


def test_a_run_whose_iteration_is_given_up_is_kept_as_it_was() -> None:
    events = train(maze())
    *_, event = until(events, 3)
    events.close()  # type: ignore[attr-defined]
    run = runs.find(event.run)
    assert run.state == "stopped"
    assert run.checkpoint is not None
    assert int(run.checkpoint.name) == event.step


def test_a_run_that_lost_what_came_after_its_checkpoint_goes_on_from_there() -> None:
    events = train(maze(checkpoint_seconds=0))
    *_, event = until(events, 4)
    events.close()  # type: ignore[attr-defined]
    run = runs.find(event.run)
    for path in run.checkpoints[1:]:  # as a crash right after the first checkpoint would leave it
        path.rename(path.with_name(f".{path.name}.tmp"))
    first = int(run.checkpoints[0].name)
    started, progress = until(train(Settings(resume=run.id)), 1)
    assert started.step == first
    assert progress.step > first
    assert [m["step"] for m in runs.find(run.id).metrics()][:2] == [first, progress.step]


def stopped() -> str:
    """The id of a run with a checkpoint."""
    events = train(maze())
    *_, event = until(events, 2)
    events.close()  # type: ignore[attr-defined]
    return event.run


def test_a_setting_that_does_not_fit_what_was_learned_is_refused_and_not_kept() -> None:
    run = stopped()
    with pytest.raises(ArenaError, match="does not fit"):
        list(train(Settings(resume=run, overrides={"hidden_size": "17"})))
    assert runs.find(run).config["hidden_size"] == 16
    *_, last = train(Settings(resume=run, steps=600))
    assert (last.event, runs.find(run).total_steps) == ("finished", 600)
    with pytest.raises(ArenaError, match="does not fit"):
        list(train(Settings(resume=run, overrides={"hidden_size": "17"})))
    assert runs.find(run).state == "done"


@pytest.mark.parametrize("change", [{"envs": 4}, {"overrides": {"num_envs": "4"}}, {"options": {"size": 9}}])
def test_a_run_goes_on_in_the_environments_it_began_with(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="environments it began with"):
        list(train(Settings(resume=stopped(), **change)))


def test_a_run_that_was_stopped_before_its_first_checkpoint_starts_again() -> None:
    opened = runs.create(
        agent="ppo", game="maze/run", options={"size": 7}, seed=0, config={"total_steps": 100, "num_envs": 2}
    )
    opened.close()
    *_, last = train(Settings(resume=opened.id))
    assert (last.event, last.run) == ("finished", opened.id)


def test_a_finished_run_can_be_given_more_steps() -> None:
    *_, last = train(maze())
    *_, more = train(Settings(resume=last.run, steps=2000))
    assert (more.event, more.total_steps) == ("finished", 2000)
    assert more.step >= 2000
    assert more.seconds > last.seconds
    assert runs.find(last.run).total_steps == 2000


def test_learning_that_diverges_keeps_the_last_good_checkpoint() -> None:
    *_, saved, _ = train(maze())
    with pytest.raises(ArenaError, match=r"diverged.*last good checkpoint.*--set learning_rate="):
        list(
            train(
                Settings(resume=saved.run, steps=5000, overrides={"learning_rate": "1e38", "anneal": "false"})
            )
        )
    run = runs.find(saved.run)
    assert run.state == "failed"
    assert "diverged" in run.why
    assert run.checkpoint is not None
    agent, _ = checkpoints.load_agent(run.checkpoint)
    assert all(np.isfinite(w).all() for w in agent.weights().values())


@pytest.mark.parametrize("agent", ["ppo", "dqn", "rainbow"])
def test_learning_that_explodes_from_the_start_is_told_and_what_to_do(agent: str) -> None:
    small = {"num_envs": "4", "hidden_size": "8", "learning_rate": "1e6"}
    if agent != "ppo":
        small |= {"learning_starts": "50", "report_steps": "200", "epsilon_steps": "200"}
    with pytest.raises(ArenaError) as refused:
        list(train(Settings(agent, "gym/CartPole-v1", steps=20_000, overrides=small)))
    assert re.search(
        r"diverged: losses/\w+.* no checkpoint yet: .*--set learning_rate=0\.000", str(refused.value)
    )
    [run] = runs.runs()
    assert run.state == "failed" and "diverged" in run.why and run.checkpoint is None
    assert all(np.isfinite(value) for line in run.metrics() for value in line.values())


def test_a_loss_that_grows_beyond_all_bounds_is_divergence_though_it_is_finite() -> None:
    """But the share of variance explained has no lower bound: next to no variance is no divergence."""
    _check_losses({"losses/value_loss": 1e11, "losses/explained_variance": -1e20, "charts/SPS": 1e20})
    for value in (1e13, -1e13, float("nan"), float("inf")):
        with pytest.raises(
            FloatingPointError,
            match=r"learning diverged: losses/value_loss (grew to 1e\+13|grew to -1e\+13|became)",
        ):
            _check_losses({"losses/value_loss": value})


def test_a_buffer_of_another_size_is_refused_in_words() -> None:
    small = {"num_envs": "2", "buffer_size": "100", "learning_starts": "10", "report_steps": "50"}
    *_, last = train(Settings("dqn", "gym/CartPole-v1", steps=300, overrides=small))
    with pytest.raises(ArenaError, match="holds 100 entries, and buffer_size now makes room for 200"):
        list(train(Settings(resume=last.run, steps=600, overrides={"buffer_size": "200"})))
    assert runs.find(last.run).config["buffer_size"] == 100


def test_a_run_is_stopped_before_its_first_iteration_where_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As while kernels compile: nothing is lost, so nothing is waited for."""
    stop = Stop()

    def asked(*_: Any) -> None:
        signal.raise_signal(signal.SIGTERM)

    with stop_on_signals(stop):
        events = train(maze(), stop)
        assert next(events).event == "started"
        with monkeypatch.context() as compiling:
            compiling.setattr("agents.ppo.PPO.begin", asked)
            [last] = events
    assert (last.event, last.step) == ("stopped", 0)
    run = runs.find(last.run)
    assert (run.state, run.checkpoint) == ("stopped", None)
    *_, last = train(Settings(resume=run.id))
    assert last.event == "finished"


def test_one_run_is_not_trained_twice_at_once() -> None:
    events = train(maze())
    event = next(events)
    with pytest.raises(ArenaError, match="another process"):
        next(train(Settings(resume=event.run)))
    events.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings("pop", "maze/run"), "no agent"),
        (Settings("ppo", "maze/rum"), "maze/run"),
        (Settings("ppo", "maze/run", device="tpu"), "not 'tpu'"),
        (Settings("ppo", "maze/run", options={"sise": 7}), "sise"),
        (Settings(resume="ppo-maze-run-s0"), "no run is called"),
    ],
)
def test_settings_that_make_no_sense_start_no_run(settings: Settings, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        next(train(settings))
    assert runs.runs() == []


def test_a_damaged_checkpoint_is_told_and_the_run_is_let_go_of() -> None:
    *_, last = train(maze())
    folder = runs.find(last.run).checkpoint
    assert folder is not None
    (folder / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(ArenaError, match="damaged"):
        next(train(Settings(resume=last.run, steps=9999)))
    assert runs.find(last.run).state != "running"


# The child process


def child(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "arena.training", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, **more)


FOREVER = ["--agent", "ppo", "--game", "gym/CartPole-v1", "--steps", "1e9"]


@pytest.mark.parametrize("how", ["quit", "end of stdin", "SIGINT", "SIGTERM", "stdout closed"])
def test_a_child_stops_with_a_checkpoint(how: str) -> None:
    process = child(*FOREVER, stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    started = json.loads(process.stdout.readline())
    assert started["event"] == "started"
    assert json.loads(process.stdout.readline())["event"] == "progress"
    match how:
        case "quit":
            process.stdin.write("quit\n")
            process.stdin.flush()
        case "end of stdin":
            process.stdin.close()
        case "stdout closed":
            process.stdout.close()
        case _:
            process.send_signal(getattr(signal, how))
    if how != "stdout closed":
        last = [json.loads(line) for line in process.stdout][-2:]
        assert [event["event"] for event in last] == ["saved", "stopped"]
        process.stdout.close()
    assert process.wait(timeout=60) == 0
    if how != "end of stdin":
        process.stdin.close()
    run = runs.find(started["run"])
    assert run.state == "stopped"
    assert run.checkpoint is not None


def test_a_child_that_is_killed_leaves_a_run_that_can_be_resumed() -> None:
    process = child(*FOREVER, "--checkpoint-seconds", "0", stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    events = map(json.loads, process.stdout)
    run_id = next(event for event in events if event["event"] == "saved")["run"]
    next(event for event in events if event["event"] == "saved")
    process.kill()
    process.wait()
    process.stdout.close()
    run = runs.find(run_id)
    assert run.state == "stopped"
    assert run.checkpoint is not None
    again = train(Settings(resume=run_id))
    assert next(again).step == int(run.checkpoint.name)
    again.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--agent", "ppo", "--game", "maze/rum"], 2), ([], 2), (["--steps", "many"], 2), (["--set", "x"], 2)],
)
def test_a_child_says_what_is_wrong_in_one_event(arguments: list[str], code: int) -> None:
    process = child(*arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err == ""
    [event] = map(json.loads, out.splitlines())
    assert event["event"] == "error"
    assert event["message"]


def test_a_run_cannot_be_told_to_end_before_where_it_is() -> None:
    for event in train(maze()):
        if event.event == "progress" and event.step >= 300:
            break
    run = runs.find(event.run)
    with pytest.raises(UsageError, match=f"has taken {run.step:,} steps already"):
        list(train(Settings(resume=run.id, steps=100)))
    assert runs.find(run.id).total_steps == 1000 and runs.find(run.id).state == "stopped"


@pytest.mark.parametrize(("asked", "code"), [(True, 0), (False, 1)])
def test_a_child_that_is_told_to_quit_in_the_middle_of_an_import_has_not_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: bool, code: int
) -> None:
    def broken(settings: Settings, stop: Stop) -> Iterator[Event]:
        if asked:
            stop.set()
        raise AttributeError("module 'numpy' has no attribute 'logical_or'")

    monkeypatch.setattr("arena.training.run.train", broken)
    assert main(["--agent", "ppo", "--game", "maze/run"]) == code
    assert ("logical_or" in capsys.readouterr().out) == bool(code)
