"""Explorers in processes: as one, whatever becomes of them."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from agents.exploring import Start
from agents.go_explore import Config, GoExplore
from arena.errors import ArenaError
from arena.games import expedition
from arena.games.expedition import Expedition

OPTIONS = {"size": 9}


@pytest.fixture
def alone() -> Iterator[Expedition]:
    made = Expedition("maze/vault", 1, 0, OPTIONS)
    yield made
    made.close()


class Deadly(bytes):
    """Ends the process that is given it."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


def learner(envs: Expedition, total_steps: int = 6_000) -> GoExplore:
    config = Config(
        total_steps=total_steps, explorations=40, explore_steps=30, repeat=0.5, cell_width=9, cell_height=9
    )
    return GoExplore(envs.single_observation_space, envs.single_action_space, config, seed=4)


def archive(envs: Expedition, lose: int | None = None) -> list[tuple[object, ...]]:
    """What is found; worker 0 is killed before iteration `lose`."""
    learning = learner(envs)
    for number, _ in enumerate(learning.learn(envs)):
        if number == lose:
            process = envs._workers[0].process
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
    found = learning.archive
    return [
        (*cell, found.actions(n), found.seen[n], found.chosen[n], found.snapshots[n])
        for n, cell in enumerate(found.known())
    ]


def test_the_archive_does_not_depend_on_how_many_explore_nor_on_who_is_lost(alone: Expedition) -> None:
    expected = archive(alone)
    assert len(expected) > 30
    several = Expedition("maze/vault", 3, 0, OPTIONS)
    try:
        assert archive(several) == expected
        assert archive(several, lose=1) == expected
        assert several.losses == 1
    finally:
        several.close()


def test_atari_is_explored_by_several(alone: Expedition) -> None:
    several = Expedition("atari/montezuma_revenge", 2, 0, {})
    try:
        config = Config(total_steps=1_500, explorations=8)
        found = []
        for _ in range(2):
            learning = GoExplore(several.single_observation_space, several.single_action_space, config)
            *_, last = learning.learn(several)
            found.append(learning.archive.known())
        assert found[0] == found[1] and len(found[0]) > 10
        assert last.metrics["explore/rooms"] == 1
    finally:
        several.close()


def test_one_that_hangs_is_replaced(alone: Expedition, monkeypatch: pytest.MonkeyPatch) -> None:
    learning = learner(alone, 2_000)
    steps = learning.learn(alone)
    next(steps)
    process = alone._workers[0].process
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    monkeypatch.setattr(expedition, "PATIENCE", 2.0)
    for _ in steps:
        pass
    assert alone.losses >= 1 and learning.step >= 2_000


def test_what_takes_down_one_after_another_is_told(alone: Expedition) -> None:
    alone.begin(learner(alone).chart)
    with pytest.raises(ArenaError, match="the emulator ended 3 times in the same exploration"):
        alone.explore([Start(0, Deadly(), b"", 0.0, 0, (1,))])
    assert alone.explore([Start(0, None, b"", 0.0, 0, (1,))]), "others are explored all the same"


def test_what_fails_in_a_process_is_told_without_a_traceback(
    alone: Expedition, capfd: pytest.CaptureFixture[str]
) -> None:
    alone.begin(learner(alone).chart)
    with pytest.raises(ArenaError, match="an explorer failed with an unexpected error"):
        alone.explore([Start(0, b"no snapshot at all", b"", 0.0, 0, (1,))])
    assert capfd.readouterr() == ("", "")


def test_no_process_is_left_behind() -> None:
    made = Expedition("maze/run", 2, 0, OPTIONS)
    processes = [worker.process for worker in made._workers]
    numbers = [process.pid for process in processes]
    made.close()
    for number in numbers:
        assert number is not None
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)
