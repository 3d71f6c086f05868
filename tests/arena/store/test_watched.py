"""A training and its watchers share a folder and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from agents.ppo import PPO, Config
from arena.errors import ArenaError
from arena.store import runs, watched

CONFIG = Config(total_steps=1000, num_envs=2, hidden_size=8)


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched, "time", clock)
    return clock


def spaces() -> Any:
    return gymnasium.spaces.Box(0, 255, (3, 7, 7), np.uint8), gymnasium.spaces.Discrete(6)


def learner(seed: int = 1, step: int = 0) -> PPO:
    ppo = PPO(*spaces(), CONFIG, seed=seed)
    ppo.step = step
    return ppo


@pytest.fixture
def opened() -> Iterator[runs.OpenRun]:
    config = {"total_steps": 1000, "num_envs": 2, "hidden_size": 8}
    opened = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config=config)
    yield opened
    opened.close()


def live(opened: runs.OpenRun) -> Path:
    return opened.folder / watched.LIVE


def test_nothing_is_written_while_nobody_asks(opened: runs.OpenRun, clock: Clock) -> None:
    outlet = watched.Outlet(opened.folder)
    for _ in range(10):
        clock.now += 5
        outlet.offer(learner(), spaces())
    assert not live(opened).exists() and watched.newest(opened.read()) is None


def test_who_asks_gets_the_weights_of_now_within_seconds_and_again(
    opened: runs.OpenRun, clock: Clock
) -> None:
    outlet = watched.Outlet(opened.folder)
    outlet.offer(learner(), spaces())
    watched.ask(opened.folder)
    clock.now += watched.EVERY + 0.1
    outlet.offer(learner(step=10), spaces())
    mark = watched.newest(opened.read())
    assert mark is not None
    first = watched.read(mark)
    assert first.step == 10
    clock.now += watched.EVERY + 0.1
    outlet.offer(learner(seed=2, step=20), spaces())
    later = watched.newest(opened.read())
    assert later is not None and later != mark
    second = watched.read(later)
    assert second.step == 20 and second.digest != first.digest
    seen = np.random.default_rng(1).integers(0, 256, (5, 3, 7, 7)).astype(np.uint8)
    agent = watched.build(opened.read(), second)
    assert np.array_equal(agent.inspect(seen).actions, learner(seed=2).inspect(seen).actions)
    assert agent.step == 20


def test_who_asks_no_more_costs_no_more(opened: runs.OpenRun, clock: Clock) -> None:
    outlet = watched.Outlet(opened.folder)
    watched.ask(opened.folder)
    clock.now += 1
    outlet.offer(learner(), spaces())
    assert live(opened).exists()
    live(opened).unlink()
    clock.now += watched.FRESH + 1
    outlet.offer(learner(), spaces())
    assert not live(opened).exists()
    (opened.folder / watched.ASKED).unlink()
    watched.ask(opened.folder)
    clock.now += watched.EVERY + 1
    outlet.offer(learner(), spaces())
    assert live(opened).exists()


def test_at_most_a_small_share_of_the_time_is_spent(
    opened: runs.OpenRun, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet, spent = watched.Outlet(opened.folder), 0.0

    def slowly(*_: Any) -> None:
        nonlocal spent
        spent += 0.5
        clock.now += 0.5

    monkeypatch.setattr(watched, "_leave", slowly)
    began = clock.now
    for _ in range(6000):
        (opened.folder / watched.ASKED).unlink(missing_ok=True)
        watched.ask(opened.folder)
        clock.now += 0.1
        outlet.offer(learner(), spaces())
    assert 1.0 <= spent <= 1.5 * watched.SHARE * (clock.now - began)


def test_what_an_earlier_training_left_is_not_taken_for_this_ones(opened: runs.OpenRun, clock: Clock) -> None:
    live(opened).write_bytes(b"old")
    (opened.folder / f".{watched.LIVE}.torn").write_bytes(b"torn")
    watched.ask(opened.folder)
    watched.Outlet(opened.folder)
    assert {path.name for path in opened.folder.iterdir()} == {"config.json", "lock"}


def test_a_folder_that_is_gone_stops_no_training(clock: Clock, tmp_path: Path) -> None:
    outlet = watched.Outlet(tmp_path / "gone")
    watched.ask(tmp_path / "gone")
    outlet.offer(learner(), spaces())
    outlet.close()


def test_the_disk_being_full_stops_no_training(
    opened: runs.OpenRun, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = watched.Outlet(opened.folder)
    watched.ask(opened.folder)
    tried = []

    def full(path: Path, _: bytes) -> int:
        tried.append(path)
        raise OSError(28, "full")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_bytes", full)
        clock.now += 5
        outlet.offer(learner(), spaces())
    assert len(tried) == 1
    assert not live(opened).exists()
    clock.now += 5
    outlet.offer(learner(step=10), spaces())
    mark = watched.newest(opened.read())
    assert mark is not None
    assert watched.read(mark).step == 10


@pytest.mark.parametrize("cut", [0, 7, 8, 40, 300, -1])
def test_half_a_file_is_told_from_a_whole_one(opened: runs.OpenRun, clock: Clock, cut: int) -> None:
    outlet = watched.Outlet(opened.folder)
    watched.ask(opened.folder)
    clock.now += 5
    outlet.offer(learner(), spaces())
    live(opened).write_bytes(live(opened).read_bytes()[:cut])
    mark = watched.newest(opened.read())
    assert mark is not None
    with pytest.raises(ArenaError, match="damaged"):
        watched.read(mark)


def test_weights_of_another_shape_do_not_fit(opened: runs.OpenRun, clock: Clock) -> None:
    weights = watched.Weights(
        1, {"nothing": np.zeros(3)}, ({"shape": [3, 7, 7], "dtype": "uint8"}, {"n": 6, "start": 0}), ""
    )
    with pytest.raises(ArenaError, match="does not fit this arena's ppo"):
        watched.build(opened.read(), weights)
