"""Whoever watches a training gets its weights while it goes on, and leaves no trace in it."""

import pytest
from safetensors.numpy import load_file

from arena.store import runs, watched
from arena.training.run import train
from tests.arena.training.test_run import maze


def test_a_training_that_is_watched_leaves_its_weights_and_takes_them_away_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched, "EVERY", 0.0)
    monkeypatch.setattr(watched, "SHARE", 1e9)
    seen = []
    for event in train(maze()):
        run = runs.find(event.run)
        watched.ask(run.folder)
        mark = watched.newest(run)
        if event.event == "progress" and mark is not None:
            weights = watched.read(mark)
            assert weights.step <= event.step
            assert watched.build(run, weights).step == weights.step
            seen.append(weights.step)
    assert len(set(seen)) > 3 and seen == sorted(seen)
    assert event.event == "finished"
    assert not {watched.ASKED, watched.LIVE} & {path.name for path in run.folder.iterdir()}
    last = watched.newest(run)
    assert last is not None and last.path == run.checkpoint and watched.read(last).step == event.step


def test_being_watched_changes_nothing_of_what_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "EVERY", 0.0)
    ended = []
    for asked in (False, True):
        for event in train(maze()):
            if asked:
                watched.ask(runs.find(event.run).folder)
        ended.append(load_file(f"{runs.find(event.run).checkpoint}/weights.safetensors"))
    assert all((ended[0][name] == ended[1][name]).all() for name in ended[0])
