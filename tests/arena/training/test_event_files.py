"""TensorBoard reads back what a run has written, once each step, also where it went back to a checkpoint."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from arena.errors import ArenaError, UsageError
from arena.store import runs
from arena.training import event_files
from arena.training.event_files import EventFile
from arena.training.run import Event, train
from arena.training.settings import Settings
from arena.training.stopping import Stop

TINY = {"num_envs": "2", "num_steps": "16", "epochs": "1", "minibatches": "2", "hidden_size": "8"}


def cartpole(**more: object) -> Settings:
    return Settings("ppo", "gym/CartPole-v1", steps=320, overrides=TINY, tensorboard=True, **more)  # type: ignore[arg-type]


def curves(run: Path) -> dict[str, list[tuple[int, float]]]:
    """By name, (step, value) in the order in which TensorBoard shows them."""
    accumulator = EventAccumulator(str(run / event_files.FOLDER), size_guidance={"scalars": 0})
    accumulator.Reload()
    names = accumulator.Tags()["scalars"]
    return {name: [(e.step, e.value) for e in accumulator.Scalars(name)] for name in names}


def expected(run_id: str) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for line in runs.find(run_id).metrics():
        for name, value in line.items():
            if name not in ("step", "seconds"):
                found.setdefault(name, []).append((int(line["step"]), pytest.approx(value, rel=1e-6)))  # type: ignore[arg-type]
    return found


def test_tensorboard_shows_every_metric_of_a_run_and_its_settings() -> None:
    *_, last = train(cartpole())
    folder = runs.find(last.run).folder
    shown = curves(folder)
    assert shown == expected(last.run)
    assert len(shown["losses/value_loss"]) >= 10
    accumulator = EventAccumulator(str(folder / event_files.FOLDER))
    accumulator.Reload()
    [text] = accumulator.Tensors("run/text_summary")
    written = text.tensor_proto.string_val[0].decode()
    assert "|game|gym/CartPole-v1|" in written and "|num_envs|2|" in written


def until(events: Iterator[Event], step: int) -> None:
    """Take events until one of `step` or later, and then no more."""
    for event in events:
        if event.event == "progress" and event.step >= step:
            break
    events.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("asked_again", [True, False])
def test_a_run_that_goes_back_to_a_checkpoint_shows_each_step_once(asked_again: bool) -> None:
    until(train(cartpole(checkpoint_seconds=0)), 128)
    [run] = runs.runs()
    assert len(run.checkpoints) >= 3
    for later in run.checkpoints[1:]:  # as if it had been killed soon after the first checkpoint
        later.rename(later.with_name(f".{later.name}.tmp"))
    *_, last = train(Settings(resume=run.id, tensorboard=asked_again))
    assert (last.event, last.run) == ("finished", run.id)
    assert len(list((run.folder / event_files.FOLDER).iterdir())) == 2
    shown = curves(run.folder)
    steps = [step for step, _ in shown["losses/value_loss"]]
    assert steps == sorted(set(steps)) and steps[-1] == last.step
    assert shown == expected(run.id)


def test_a_run_that_is_stopped_and_resumed_shows_every_step_once() -> None:
    stop = Stop()
    for event in train(cartpole(), stop):
        if event.event == "progress" and event.step >= 96:
            stop.set()
    *_, last = train(Settings(resume=event.run))
    assert curves(runs.find(last.run).folder) == expected(last.run)


def test_a_run_that_was_begun_without_can_go_on_with() -> None:
    until(train(Settings("ppo", "gym/CartPole-v1", steps=320, overrides=TINY)), 96)
    [run] = runs.runs()
    assert not (run.folder / event_files.FOLDER).exists()
    *_, _last = train(Settings(resume=run.id, tensorboard=True))
    later = {name: [(s, v) for s, v in row if s > run.step] for name, row in expected(run.id).items()}
    assert curves(run.folder) == {name: row for name, row in later.items() if row}


def test_a_record_that_a_crash_tore_hides_none_that_came_after(tmp_path: Path) -> None:
    one = EventFile(tmp_path, 0, {})
    for step in (10, 20):
        one.add(step, {"x": step / 10})
    one.close()
    [path] = (tmp_path / event_files.FOLDER).iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    other = EventFile(tmp_path, 10, {})
    other.add(20, {"x": 7.0})
    other.close()
    assert curves(tmp_path) == {"x": [(10, 1.0), (20, 7.0)]}


def test_without_the_package_it_is_said_before_anything_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, last = train(cartpole())
    monkeypatch.setattr(event_files, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install tensorboard$"):
        next(train(cartpole()))
    assert len(runs.runs()) == 1
    with pytest.raises(
        UsageError, match=r"pip install tensorboard, or remove .*tensorboard to go on without"
    ):
        next(train(Settings(resume=last.run, steps=640)))
    assert runs.find(last.run).state != "running"


def test_a_full_disk_stops_the_run_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    events = train(cartpole(checkpoint_seconds=0))
    for event in events:
        if event.event == "saved":
            break

    def full(self: object, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tensorboard.summary.writer.record_writer.RecordWriter.write", full)
    with pytest.raises(ArenaError, match="disk is full"):
        list(events)
    run = runs.find(event.run)
    assert run.state == "failed" and run.checkpoint is not None


def test_a_training_without_it_does_not_load_it(saves: Path) -> None:
    program = (
        "import sys\nfrom arena.training.__main__ import main\n"
        "code = main(['--agent', 'ppo', '--game', 'gym/CartPole-v1', '--steps', '64', '--set', 'num_envs=2',"
        " '--set', 'num_steps=16'])\n"
        "print('tensorboard' in sys.modules, code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    *events, last = done.stdout.splitlines()
    assert last == "False 0"
    assert json.loads(events[-1])["event"] == "finished"
