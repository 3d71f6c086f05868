"""Several runs are compared for people and for programs by the same figures."""

import json
from typing import Any

import pytest

from arena import cli
from arena.store import runs
from arena.training.run import train
from arena.training.settings import Settings


def run(agent: str, seed: int, last: float, *, state: Any = "done", group: str = "", **config: Any) -> str:
    """A run that came to `last`. Returns its id."""
    opened = runs.create(
        agent=agent,
        game="maze/run",
        options={},
        seed=seed,
        config={"total_steps": 1000, "num_envs": 4, **config},
        group=group,
    )
    for step in range(100, 1001, 100):
        opened.log(step, step / 10, {"charts/episodic_return": last * step / 1000})
    opened.end(state, "learning diverged" if state == "failed" else "")
    return opened.id


def test_a_group_is_shown_with_its_intervals_its_curve_and_what_was_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for seed, last in enumerate([0.2, 0.4, 0.6, 0.8]):
        run("ppo", seed, last, group="together")
    failed = run("ppo", 4, 0.0, state="failed", group="together")
    assert cli.run(["runs", "together"]) == 0
    said = capsys.readouterr()
    assert f"left out: {failed}, failed at step 1,000 of 1,000: learning diverged" in said.err
    assert "Of fewer than 5 seeds" in said.err
    header, columns, row, *rest = said.out.splitlines()
    assert header == "maze/run: the last 100 training episodes of each run, over seeds with 95% intervals"
    assert columns.split() == ["AGENT", "MEASURE", "MEAN", "IQM", "SEEDS"]
    assert row.split()[:3] == ["ppo", "return", "0.5"] and row.split()[-1] == "4"
    curve = rest[3:]
    assert [line.split()[0] for line in curve[-10:]] == [f"{step:,}" for step in range(100, 1001, 100)]
    assert all(line.count("●") == 1 for line in curve[-10:])
    assert max(map(len, said.out.splitlines())) <= 90


def test_of_runs_that_explored_it_is_told_what_they_found(capsys: pytest.CaptureFixture[str]) -> None:
    overrides = {"num_envs": "1", "explorations": "10"}
    for seed in range(2):
        list(train(Settings("go-explore", "maze/run", 900, seed, overrides=overrides, options={"size": 7})))
    ids = [run.id for run in runs.runs()]
    assert cli.run(["runs", *ids]) == 0
    said = capsys.readouterr()
    header, _, row, *rest = said.out.splitlines()
    assert header == "maze/run: the best that exploring found in each run, over seeds with 95% intervals"
    assert row.split()[:3] == ["go-explore", "best", "score"] and row.split()[-1] == "2"
    assert "maze/run by go-explore: best score against steps" in rest[1]
    assert "promote" not in said.err


def test_a_group_is_not_promoted_but_its_runs_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (run("ppo", seed, 0.5, group="together") for seed in range(2))
    assert cli.run(["promote", "together"]) == 2
    assert f"together is a group of several runs; name one of them: {one}, {other}" in capsys.readouterr().err


def test_the_list_of_runs_names_those_that_were_trained_together(capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(2):
        run("ppo", seed, 0.5, group="together")
    run("ppo", 2, 0.5, group="together", state="stopped")
    run("ppo", 3, 0.5)
    assert cli.run(["runs"]) == 0
    said = capsys.readouterr().err
    assert said.count("together") == 4 and "together, 3 runs, 2 done; `arena runs together`" in said


def test_two_settings_are_told_apart_and_which_is_better(capsys: pytest.CaptureFixture[str]) -> None:
    one = [run("ppo", seed, 0.5 + seed / 10, learning_rate=0.1) for seed in range(3)]
    other = [run("ppo", seed, 0.1 + seed / 10, learning_rate=0.2) for seed in range(3)]
    assert cli.run(["runs", *one, *other]) == 0
    shown = capsys.readouterr().out
    assert "ppo learning_rate=0.1" in shown and "ppo learning_rate=0.2" in shown
    assert "P(ppo learning_rate=0.1 is better than ppo learning_rate=0.2) by its return: 100%" in shown
    assert cli.run(["runs", *one, *other, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [setting["name"] for setting in report["settings"]] == [
        "ppo learning_rate=0.1",
        "ppo learning_rate=0.2",
    ]
    assert report["settings"][0]["final"]["return"]["values"] == pytest.approx([0.5, 0.6, 0.7])
    assert report["better"][0]["probability"] == 1.0
    assert report["left_out"] == []


def test_where_none_is_done_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    stopped, other = run("ppo", 0, 0.5, state="stopped"), run("ppo", 1, 0.5, state="stopped")
    assert cli.run(["runs", stopped]) == 0
    said = capsys.readouterr()
    assert stopped in said.out and "stopped" in said.out and other not in said.out
    assert "of finished runs" in said.err
    assert cli.run(["runs", stopped, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"][0]["run"] == stopped
    assert cli.run(["runs", "no-such-run"]) == 2
    assert "no run is called 'no-such-run'" in capsys.readouterr().err


def test_a_run_alone_has_no_interval(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["runs", run("ppo", 0, 0.5)]) == 0
    assert "[" not in capsys.readouterr().out
