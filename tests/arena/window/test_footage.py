"""A film of watching shows a match at its true speed, with what was asked for over it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from arena.errors import UsageError
from arena.store import replays
from arena.window import footage, thrift
from arena.window.session import Setup
from tests.arena.window.learners import Learning


@pytest.fixture(autouse=True)
def polite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thrift, "stand_back", lambda: None)
    monkeypatch.setattr(footage, "SIZES", {".mp4": (480, 300), ".gif": (320, 200)})


def setup(learning: Learning) -> Setup:
    return Setup("maze/run", (learning.id,), seed=7, options={"size": 9}, kept=False, endless=True)


def pictures(path: Path) -> list[np.ndarray]:
    video, found = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        found.append(read[1])
    return found


@pytest.mark.parametrize("kind", [".mp4", ".gif"])
def test_a_film_is_as_long_as_asked_and_leaves_nothing_else(tmp_path: Path, kind: str) -> None:
    learning = Learning().checkpoint(10).end()
    path, told = tmp_path / f"a{kind}", []
    footage.export(setup(learning), path, seconds=1.0, progress=told.append)
    assert told[0] == 0.0, "it is told while it waits for the board, too"
    told = told[told.count(0.0) :]
    rate = 30 if kind == ".mp4" else 20
    assert len(told) == pytest.approx((1 + footage.HOLD) * rate, abs=1)
    assert told == sorted(told) and told[-1] == 1.0
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [path.name] and replays.ids() == []
    if kind == ".mp4":
        shown = pictures(path)
        assert len(shown) == len(told) and shown[0].shape == (300, 480, 3)


def test_what_is_to_be_shown_lies_over_the_board_from_the_first_move_on(tmp_path: Path) -> None:
    learning = Learning().checkpoint(10).end()
    films = []
    for show in (None, "values"):
        path = tmp_path / f"{show}.mp4"
        footage.export(setup(learning), path, seconds=0.5, show=show)  # type: ignore[arg-type]
        films.append(pictures(path)[10][40:260, 20:220].astype(int))
    assert np.abs(films[0] - films[1]).mean() > 5


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    learning = Learning().checkpoint(10).end()
    with pytest.raises(UsageError, match=r"ends in .mp4 or .gif, and 'a.avi' does not"):
        footage.export(setup(learning), tmp_path / "a.avi", seconds=1)
    blind = Setup("maze/run", ("pathfinder",), kept=False, endless=True)
    with pytest.raises(UsageError, match="--show values: over this board can be shown nothing"):
        footage.export(blind, tmp_path / "a.mp4", seconds=1, show="values")
    assert list(tmp_path.glob("a.*")) == []
