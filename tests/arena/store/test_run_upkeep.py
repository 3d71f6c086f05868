"""Runs are renamed and deleted, never under the hands of who trains them; who that is can be told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.catalog import AGENTS
from arena.errors import ArenaError
from arena.matches.player import BUILT_IN
from arena.store import run_upkeep, runs

TRAINER = (
    "import sys, time\n"
    "from arena.store import runs\n"
    "run = runs.create(agent='ppo', game='maze/run', options={}, seed=1, config={'total_steps': 9})\n"
    "run.log(5, 1.0, {})\n"
    "print(run.id, flush=True)\n"
    "sys.stdin.read()\n"
)


def new() -> runs.OpenRun:
    return runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 9})


def ended() -> runs.Run:
    run = new()
    run.log(9, 1.0, {"charts/SPS": 9.0})
    run.end("done")
    return run.read()


def test_a_run_gets_another_name_and_keeps_all_it_has() -> None:
    run = ended()
    assert run_upkeep.rename(run, " my-best ") == "my-best"
    (found,) = runs.runs()
    assert (found.id, found.step, found.state) == ("my-best", 9, "done")


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "two words", "ä", "x" * 81])
def test_what_is_no_name_is_refused(name: str) -> None:
    run = ended()
    with pytest.raises(ArenaError, match="no name for a run"):
        run_upkeep.rename(run, name)
    assert [found.id for found in runs.runs()] == [run.id]


def test_a_name_that_is_taken_is_refused() -> None:
    run, other = ended(), ended()
    with pytest.raises(ArenaError, match="already"):
        run_upkeep.rename(run, other.id)
    assert len(runs.runs()) == 2


@pytest.mark.parametrize("name", ["human", *BUILT_IN, *AGENTS])
def test_the_name_of_a_player_is_refused(name: str) -> None:
    run = ended()
    with pytest.raises(ArenaError, match=f"'{name}' is a player's name"):
        run_upkeep.rename(run, name)
    assert [found.id for found in runs.runs()] == [run.id]


def test_the_name_of_a_group_is_refused() -> None:
    run = ended()
    config = {"total_steps": 9}
    runs.create(agent="ppo", game="maze/run", options={}, seed=2, config=config, group="three-seeds").close()
    with pytest.raises(ArenaError, match="'three-seeds' is the name of a group"):
        run_upkeep.rename(run, "three-seeds")
    assert run.folder.exists()


def test_a_deleted_run_is_gone_with_all_it_had() -> None:
    run, other = ended(), ended()
    assert run_upkeep.size(run) > 0
    run_upkeep.delete(run)
    assert not run.folder.exists()
    assert [found.id for found in runs.runs()] == [other.id]


def test_a_run_in_training_is_neither_renamed_nor_deleted() -> None:
    open_run = new()
    run = open_run.read()
    for change in (lambda: run_upkeep.delete(run), lambda: run_upkeep.rename(run, "other")):
        with pytest.raises(ArenaError, match="being trained by another process"):
            change()
    assert runs.find(run.id).state == "running"
    open_run.close()


def test_who_trains_a_run_can_be_told_while_it_does_and_that_it_was_killed_afterwards() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINER],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    run = runs.find(process.stdout.readline().strip())
    assert (run.state, runs.trainer(run), run.why) == ("running", process.pid, "")
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    after = runs.find(run.id)
    assert (after.state, runs.trainer(after), after.why) == ("stopped", None, runs.CUT_SHORT)


def test_a_run_of_a_machine_with_another_name_has_no_trainer_here() -> None:
    open_run = new()
    run = open_run.read()
    assert runs.trainer(run) == os.getpid()
    (run.folder / "lock").write_text(f"{os.getpid()} another-machine")
    assert runs.trainer(run) is None
    (run.folder / "lock").write_text("")
    assert runs.trainer(run) is None
    open_run.close()


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot be limited there")
def test_a_disk_without_room_for_one_byte_is_no_reason_not_to_open_or_close_a_run() -> None:
    import resource

    run = ended()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        runs.OpenRun(run.folder).close()
        run_upkeep.delete(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert runs.runs() == []
