"""A run's folder says what it is at every moment, through crashes, and to one trainer at a time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from arena.errors import ArenaError, UsageError
from arena.store import checkpoints, runs


def new(seed: int = 1, total_steps: int = 1000) -> runs.OpenRun:
    return runs.create(
        agent="ppo", game="maze/run", options={}, seed=seed, config={"total_steps": total_steps}
    )


def checkpoint(run: runs.OpenRun, step: int) -> Path:
    folder = run.checkpoint(step)
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text("{}")
    return folder


def test_runs_that_start_at_once_have_different_ids() -> None:
    opened = [new() for _ in range(5)]
    assert len({run.id for run in opened}) == 5
    assert all(run.id.startswith("ppo-maze-run-s1-") for run in opened)
    for run in opened:
        run.close()


def test_a_run_tells_how_far_it_is() -> None:
    run = new()
    assert (run.read().state, run.read().step, run.read().checkpoint) == ("running", 0, None)
    run.log(64, 1.5, {"charts/SPS": 40.0})
    run.log(128, 3.0, {"charts/SPS": 41.0})
    checkpoint(run, 64)
    latest = checkpoint(run, 128)
    found = runs.find(run.id)
    assert (found.step, found.total_steps, found.checkpoint) == (128, 1000, latest)
    assert [line["step"] for line in found.metrics()] == [64, 128]
    assert found.latest == {"step": 128, "seconds": 3.0, "charts/SPS": 41.0}
    run.end("done")
    assert runs.find(run.id).state == "done"


@pytest.mark.parametrize("status", ["[]", "null", '"done"', "{", ""])
def test_a_status_that_is_damaged_hides_no_run(status: str) -> None:
    run = new()
    run.end("done")
    (run.folder / "status.json").write_text(status)
    assert runs.find(run.id).state == "stopped" and len(runs.runs()) == 1


@pytest.mark.parametrize("field", ["agent", "game", "options", "seed", "config"])
def test_a_description_with_something_else_in_a_field_is_damaged(field: str) -> None:
    run = new()
    run.close()
    path = run.folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: ["x"]}))
    with pytest.raises(ArenaError, match="damaged"):
        runs.read_run(run.folder)
    assert runs.runs() == []


@pytest.mark.parametrize(
    "line",
    [
        '{"step": "x", "seconds": 1}',
        '{"step": NaN, "seconds": 1}',
        f'{{"step": 1{"0" * 400}, "seconds": 1}}',
        "[1]",
        "7",
    ],
    ids=["words", "nan", "beyond-floats", "list", "number"],
)
def test_a_line_of_metrics_that_is_none_is_left_out(line: str) -> None:
    run = new()
    run.log(64, 1.5, {"charts/SPS": 40.0})
    run.close()
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write(line + "\n")
    found = runs.find(run.id)
    assert (found.step, len(found.metrics())) == (64, 1)


def test_a_run_whose_time_names_no_zone_is_listed_with_the_others() -> None:
    one, other = new(), new()
    path = other.folder / "config.json"
    described = json.loads(path.read_text())
    path.write_text(json.dumps({**described, "created": "2020-01-01T00:00:00"}))
    assert [run.id for run in runs.runs()] == [one.id, other.id]
    one.close()
    other.close()


def test_a_line_that_a_crash_tore_is_left_out() -> None:
    run = new()
    run.log(64, 1.5, {"charts/SPS": 40.0})
    run.close()
    with (run.folder / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step": 128, "seco')
    found = runs.find(run.id)
    assert (found.step, len(found.metrics())) == (64, 1)


def test_metrics_after_the_checkpoint_that_is_gone_on_from_are_forgotten() -> None:
    run = new()
    for step in (64, 128, 192):
        run.log(step, step / 10, {})
    run.close()
    again = runs.OpenRun(run.folder)
    assert again.rewind(128) == 12.8
    again.log(192, 20.0, {})
    assert [(m["step"], m["seconds"]) for m in again.read().metrics()] == [
        (64, 6.4),
        (128, 12.8),
        (192, 20.0),
    ]
    again.close()


def test_a_run_is_trained_by_one_process_at_a_time() -> None:
    run = new()
    with pytest.raises(ArenaError, match="another process"):
        runs.OpenRun(run.folder)
    run.close()
    runs.OpenRun(run.folder).close()


def test_a_killed_trainer_leaves_its_run_stopped_and_free() -> None:
    program = (
        "import os, signal; from arena.store import runs; "
        "run = runs.create(agent='ppo', game='maze/run', options={}, seed=1, config={'total_steps': 10}); "
        "print(run.id, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        run_id = child.stdout.readline().strip()
        assert runs.find(run_id).state == "running"
        child.kill()
        child.wait()
    found = runs.find(run_id)
    assert found.state == "stopped"
    runs.OpenRun(found.folder).close()


def test_why_a_run_failed_is_told_until_it_goes_on() -> None:
    run = new()
    run.end("failed", "learning diverged")
    found = runs.find(run.id)
    assert (found.state, found.why) == ("failed", "learning diverged")
    again = runs.OpenRun(run.folder)
    again.rewind(0)
    again.close()
    assert (runs.find(run.id).state, runs.find(run.id).why) == ("stopped", "")


def test_a_run_that_was_opened_but_not_gone_on_with_is_what_it_was() -> None:
    run = new()
    run.end("done")
    runs.OpenRun(run.folder).close()
    assert runs.find(run.id).state == "done"


def test_the_latest_checkpoints_and_one_of_each_tenth_stay() -> None:
    run = new(total_steps=1000)
    for step in range(50, 1001, 50):
        checkpoint(run, step)
        run.prune()
    kept = [int(path.name) for path in run.read().checkpoints]
    assert kept == [100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000]
    run.close()


def kept(run: runs.OpenRun, step: int, state: int) -> Path:
    """A checkpoint of a learner, with so many bytes that only going on needs."""
    folder = run.checkpoint(step)
    folder.mkdir(parents=True)
    state_file, weights = "state/buffer/pictures.npy", "weights.safetensors"
    described = {
        "format": 1,
        "agent": "dqn",
        "game": "maze/run",
        "options": {},
        "config": {},
        "step": step,
        "seed": 0,
        "observation_space": {},
        "action_space": {},
        "greedy": True,
        "card": {},
        "versions": {},
        "files": {weights: "0", state_file: "0"},
        "state": {"step": step},
    }
    (folder / "meta.json").write_text(json.dumps(described))
    (folder / weights).write_bytes(b"weights")
    (folder / state_file).parent.mkdir(parents=True)
    with (folder / state_file).open("wb") as file:
        file.truncate(state)
    return folder


@pytest.mark.parametrize(("state", "stays"), [(runs.LARGE // 2, True), (runs.LARGE + 1, False)])
def test_only_the_latest_checkpoint_keeps_a_large_replay_buffer(state: int, stays: bool) -> None:
    run = new(total_steps=1000)
    for step in (100, 200, 300):
        kept(run, step, state)
        run.prune()
    folders = run.read().checkpoints
    assert [int(folder.name) for folder in folders] == [100, 200, 300]
    assert [checkpoints.size_of_state(folder) == state for folder in folders] == [stays, stays, True]
    assert [bool(checkpoints.read_meta(folder).state) for folder in folders] == [stays, stays, True]
    run.close()


def test_a_checkpoint_whose_replacement_was_cut_short_between_two_renames_is_put_back() -> None:
    run = new()
    checkpoint(run, 64)
    latest = checkpoint(run, 128)
    latest.rename(latest.with_name(".128.0123abcd.old"))
    checkpoint(run, 192).rename(latest.with_name(".128.0123abcd.tmp"))
    run.close()
    again = runs.OpenRun(run.folder)
    assert [path.name for path in again.read().checkpoints] == ["64", "128"]
    assert not list((run.folder / "checkpoints").glob(".*"))
    again.close()


def test_a_checkpoint_that_is_not_whole_is_not_seen() -> None:
    run = new()
    checkpoint(run, 64)
    run.checkpoint(128).mkdir()
    (run.folder / "checkpoints" / ".192.abcd.tmp").mkdir()
    assert [path.name for path in run.read().checkpoints] == ["64"]
    run.close()
    runs.OpenRun(run.folder).close()
    assert not (run.folder / "checkpoints" / ".192.abcd.tmp").exists()


def test_an_unknown_run_offers_the_nearest() -> None:
    run = new()
    run.close()
    with pytest.raises(UsageError, match=f"did you mean {run.id}"):
        runs.find(run.id.replace("maze", "mze"))
    for name in ("..", "../../etc", "", "a/../../b"):
        with pytest.raises(ArenaError):
            runs.find(name)


def test_what_is_no_run_is_passed_over(saves: Path) -> None:
    new().close()
    (saves / "runs" / "stray").mkdir()
    (saves / "runs" / "broken").mkdir()
    (saves / "runs" / "broken" / "config.json").write_text('{"agent": "ppo"')
    (saves / "runs" / "odd").mkdir()
    (saves / "runs" / "odd" / "config.json").write_text(json.dumps([1]))
    assert len(runs.runs()) == 1


def test_the_newest_run_comes_first() -> None:
    first, second = new(), new()
    assert [run.id for run in runs.runs()] == [second.id, first.id]
    first.close()
    second.close()


def test_a_place_that_cannot_be_written_is_told(saves: Path) -> None:
    saves.mkdir()
    (saves / "runs").write_text("a file, not a folder")
    with pytest.raises(ArenaError, match="cannot write"):
        new()


def test_a_full_disk_is_told_and_harms_nothing() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("only Linux has a disk that is always full")
    run = new()
    run.log(64, 1.0, {})
    assert run._metrics is not None
    run._metrics.close()
    with Path("/dev/full").open("wb", buffering=0) as full:
        run._metrics = full
        with pytest.raises(ArenaError, match="disk is full"):
            run.log(128, 2.0, {})
    run.close()
    assert runs.find(run.id).step == 64
