"""A measurement is kept with its run, and believed only as far as it was written by us."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from arena.store import runs
from arena.training.evaluate import Done, Strength
from arena.training.measurements import FILE, Measurements


@pytest.fixture
def folder() -> Path:
    """A run's."""
    opened = runs.create(agent="ppo", game="gym/CartPole-v1", options={}, seed=0, config={"total_steps": 100})
    opened.close()
    return opened.folder


def measured(folder: Path, seed: int = 1) -> tuple[Strength, bool]:
    """How strong random is, and whether it had to play for that."""
    told: list[Done] = []
    kept = Measurements(folder, "gym/CartPole-v1", {})
    return kept.strength(None, "", games=4, seed=seed, progress=told.append), bool(told)


def test_the_same_is_measured_once(folder: Path) -> None:
    first, played = measured(folder)
    assert played
    assert measured(folder) == (first, False)
    other, played = measured(folder, seed=2)
    assert played and other != first
    assert measured(folder) == (first, False), "both are kept"


@pytest.mark.parametrize(
    "change",
    [
        lambda told: [],
        lambda told: dict.fromkeys(told, 3),
        lambda told: {key: one | {"measure": "luck"} for key, one in told.items()},
        lambda told: {key: one | {"games": "many"} for key, one in told.items()},
        lambda told: {key: one | {"score": {"mean": 1}} for key, one in told.items()},
        lambda told: {
            key: one | {"estimate": {"mean": float("nan"), "low": 0, "high": 1}} for key, one in told.items()
        },
        lambda told: {
            key: one | {"estimate": {"mean": "1", "low": 0, "high": 1}} for key, one in told.items()
        },
    ],
)
def test_what_is_not_as_we_wrote_it_is_measured_anew(folder: Path, change: Any) -> None:
    first, _ = measured(folder)
    path = folder / FILE
    path.write_text(json.dumps(change(json.loads(path.read_bytes()))))
    assert measured(folder) == (first, True)
    path.write_text("{")
    assert measured(folder) == (first, True)
    assert measured(folder) == (first, False)


def test_a_run_that_is_deleted_while_it_is_measured_does_not_come_back(folder: Path) -> None:
    kept = Measurements(folder, "gym/CartPole-v1", {})
    kept.strength(None, "", games=2, seed=1, progress=lambda _: shutil.rmtree(folder, ignore_errors=True))
    assert not folder.exists()
