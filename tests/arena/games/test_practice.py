"""Levels explored by several processes: as by one, whatever becomes of them."""

import os
import signal
from typing import Any

import pytest

from agents.demonstrations import Scouted
from agents.go_explore import Config
from agents.presets import PRESETS
from arena.errors import ArenaError, UsageError
from arena.games import catalog, practice
from arena.games.explorers import Worker
from arena.games.practice import scouted
from arena.games.scouting import scout

OPTIONS = {"size": 9}


def alone(seeds: list[int], steps: int) -> list[Scouted]:
    config = Config(**{**PRESETS["go-explore"]["maze"], "total_steps": steps})
    told = [list(scout("maze/vault", OPTIONS, seed, config))[-1] for seed in seeds]
    return [one for one in told if one is not None]


def test_what_comes_of_levels_does_not_depend_on_who_explores_them_nor_on_who_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds = [4, 9, 5]
    expected = alone(seeds, 30_000)
    assert sum(one.demonstration is not None for one in expected) >= 1
    hired: list[Worker] = []

    class Mortal(Worker):
        def __init__(self, *made: Any) -> None:
            super().__init__(*made)
            hired.append(self)

    monkeypatch.setattr(practice, "Worker", Mortal)
    found, lost = [], False
    for told in scouted("maze/vault", OPTIONS, seeds, 30_000, workers=2):
        if told is not None:
            found.append(told)
        elif not lost and len(hired) == 2 and hired[0].process.pid is not None:
            lost = True
            os.kill(hired[0].process.pid, signal.SIGKILL)
    assert found == expected
    assert len(hired) == 3
    assert all(worker.connection.closed for worker in hired), "nobody is left behind"


def test_who_takes_down_worker_after_worker_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deadly(Worker):
        def send(self, what: str, content: Any) -> None:
            self.process.kill()
            self.process.join()
            super().send(what, content)

    monkeypatch.setattr(practice, "Worker", Deadly)
    with pytest.raises(ArenaError, match="the explorer of level 7 ended 3 times"):
        list(scouted("maze/vault", OPTIONS, [7], 1_000, workers=1))


def test_a_worker_without_a_word_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    hired: list[Worker] = []

    class Silent(Worker):
        def __init__(self, *made: Any) -> None:
            super().__init__(*made)
            hired.append(self)
            monkeypatch.setattr(practice, "PATIENCE", 0.5 if len(hired) == 1 else 60.0)

        def send(self, what: str, content: Any) -> None:
            if len(hired) > 1:
                super().send(what, content)

    monkeypatch.setattr(practice, "Worker", Silent)
    [told] = [told for told in scouted("maze/vault", OPTIONS, [7], 300, workers=1) if told is not None]
    assert told.steps == 300 and len(hired) == 2


@pytest.mark.parametrize(
    ("game", "what"),
    [
        ("gym/CartPole-v1", "has no demonstrations to learn from"),
        ("maze/race", "others play in it"),
        ("atari/qbert", "does not come back exactly"),
    ],
)
def test_what_cannot_be_practised_is_refused(game: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        catalog.practice(game, 4, 0)
