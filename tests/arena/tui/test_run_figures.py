"""A run in figures."""

import pytest

from arena.store import runs
from arena.store.progress import Progress
from arena.tui.widgets.metric_line import MEANINGS, in_order, word
from arena.tui.widgets.run_figures import figures


def shown(latest: dict[str, float], *, width: int = 100, rows: int = 40) -> list[str]:
    opened = runs.create(
        agent="robustify", game="maze/vault", options={}, seed=0, config={"total_steps": 1000, "num_envs": 4}
    )
    opened.log(500, 1.0, latest)
    opened.end("stopped")
    return figures(opened.read(), Progress({}, latest, 0.0, {}), width, rows=rows).plain.splitlines()


@pytest.mark.parametrize(
    ("latest", "line"),
    [
        (
            {"demonstrations/found": 12.0, "demonstrations/levels": 14.0},
            ["lessons", "demonstrations 12", "levels explored 14"],
        ),
        ({"imitation/epochs": 3.0, "imitation/agreement": 0.875}, ["lessons", "passes 3", "agrees 88%"]),
        ({"practice/size": 19.0}, ["practice", "size 19"]),
        (
            {"practice/left": 0.25, "practice/success": 0.6},
            ["practice", "before it 25%", "success 60%"],
        ),
        (
            {"explore/cells": 120.0, "explore/rooms": 3.0, "charts/best_score": 400.0},
            ["archive", "cells 120", "rooms 3"],
        ),
        ({"charts/solved": 0.5, "charts/episodic_return": 1.5}, ["episodes", "return 1.5", "solved 50%"]),
    ],
)
def test_each_phase_of_learning_has_its_line(latest: dict[str, float], line: list[str]) -> None:
    lines = shown(latest)
    assert lines[0].split()[0] == "steps"
    [found] = [text for text in lines if text.startswith(line[0])]
    assert all(part in found for part in line[1:])


def test_of_few_rows_only_what_matters_most_is_told() -> None:
    latest = {"practice/size": 19.0, "losses/entropy": 0.4, "charts/solved": 0.5}
    assert [text.split()[0] for text in shown(latest, rows=15)] == ["steps", "episodes"]
    assert max(map(len, shown(latest, width=60))) <= 60


def test_metrics_are_offered_by_words_the_usual_first() -> None:
    metrics = {
        "practice/success",
        "charts/episodic_return",
        "imitation/agreement",
        "time/act",
        "odd/one_more",
    }
    assert [word(name) for name in in_order(metrics)] == ["return", "success", "agrees", "one more"]
    assert all(len(meaning) <= 52 for meaning in MEANINGS.values())
