"""The film of an archive that grows."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from agents import atlas
from arena.errors import ArenaError, UsageError
from arena.store import runs
from arena.training.run import train
from arena.training.settings import Settings
from arena.window import map_film
from arena.window.map_film import Growing
from arena.window.session import Setup


def explored() -> runs.Run:
    overrides = {"explorations": "5", "num_envs": "1"}
    *_, last = train(Settings("go-explore", "maze/vault", 6_000, options={"size": 9}, overrides=overrides))
    return runs.find(last.run)


@pytest.fixture
def growing() -> Iterator[Growing]:
    run = explored()
    session = Growing(Setup(run.game, (run.id,), seed=run.seed, kept=False, endless=True))
    yield session
    session.close()


def test_it_grows_from_the_start_to_all_that_was_found(growing: Growing) -> None:
    growing.wait(lambda done: None)
    counts, rooms, steps = [], [], []
    for share in (0.0, 0.2, 0.5, 0.9, 1.0):
        growing.grow(share)
        assert growing.atlas is not None
        counts.append(len(growing.atlas.xs))
        rooms.append(len(growing.atlas.ways))
        steps.append(growing.following.story.step)
        lit = [room for room, picture in growing.surveyor.survey.screens.items() if picture.any()]
        assert set(lit) == set(growing.atlas.rooms.tolist()) - {-1}
        assert bool(growing.surveyor.survey.route) == (share == 1.0), "the way is shown when it is known"
        assert (f"{counts[-1]:,}", "cells") in growing.figures()
    assert counts == sorted(counts) and counts[0] == 1 < counts[2] < counts[-1]
    assert rooms[0] == 1 < rooms[-1]
    assert steps == sorted(steps) and steps[-1] == growing.following.run.step
    assert growing.following.story.curves[0].steps[-1] == steps[-1]


def test_a_film_is_as_long_as_was_said_and_ends_with_the_whole_map(tmp_path: Path) -> None:
    told: list[float] = []
    path = tmp_path / "map.gif"
    assert map_film.export(explored(), path, seconds=1.0, progress=told.append) == "GIF"
    video = cv2.VideoCapture(str(path))
    pictures = []
    while True:
        there, picture = video.read()
        if not there:
            break
        pictures.append(picture.astype(int))
    assert 13 <= len(pictures) <= 20, "pictures that are the same may be one"
    assert pictures[0].shape == (500, 800, 3)
    assert told == sorted(told) and told[-1] == 1.0
    left = slice(0, 500)
    changed = [np.abs(picture[:, left] - pictures[-1][:, left]).mean() for picture in pictures]
    assert changed[0] > 1 and changed[-1] == 0


def test_what_cannot_be_filmed_is_refused(
    tmp_path: Path, growing: Growing, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = growing.following.run
    with pytest.raises(UsageError, match="a film ends in"):
        map_film.export(run, tmp_path / "map.avi", seconds=1.0)
    read = atlas.read
    monkeypatch.setattr(
        "arena.window.exploring.read", lambda arrays: read({k: v for k, v in arrays.items() if k != "born"})
    )
    with pytest.raises(ArenaError, match="did not keep when its cells were found"):
        growing.wait(lambda done: None)
