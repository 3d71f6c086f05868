"""What a training's table says, and what it leaves out."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from arena.cli.training_table import TRAINING_LEVELS, _Table, figures, follow, sparkline
from arena.training.run import Event
from arena.training.stopping import Stop

ABOUT = {"agent": "ppo", "game": "maze/run", "seed": 3, "device": "cpu", "config": {}}
SEEN = {"charts/episodic_return": 0.25, "charts/episodic_length": 100.0}


def events(**metrics: float) -> Iterator[Event]:
    yield Event("started", "r", 0, 100, 0.0, about=ABOUT)
    for step in (50, 100):
        yield Event("progress", "r", step, 100, step / 10, metrics, steps_per_second=10.0, seconds_left=1.0)
    yield Event("saved", "r", 100, 100, 10.0, folder="f")
    yield Event("finished", "r", 100, 100, 10.0)


def drawn(table: _Table) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(table.draw())
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_share_of_solved_levels_is_said_to_be_of_trainings_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`arena promote` may tell much less of the same run: held-out levels are harder."""
    follow(events(**SEEN, **{"charts/solved": 0.22}), Stop())
    said = capsys.readouterr()
    assert "solved 22%" in said.out and said.err.count(TRAINING_LEVELS) == 1
    follow(events(**SEEN), Stop())
    assert TRAINING_LEVELS not in capsys.readouterr().err
    table = _Table(Stop())
    for event in events(**SEEN, **{"charts/solved": 0.22}):
        table.take(event)
    shown = drawn(table)
    assert "promote" in shown and "held-out" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_table_says_how_to_stop_until_there_is_nothing_to_stop() -> None:
    stop = Stop()
    table = _Table(stop)
    assert "getting the game" in drawn(table)
    for event in events(**SEEN):
        table.take(event)
        if event.event == "progress":
            assert "Ctrl-C stops" in drawn(table)
    assert "Ctrl-C" not in drawn(table)
    table.over = False
    stop.set()
    assert "then stopping" in drawn(table)


def test_what_is_not_known_yet_is_said_with_the_reason() -> None:
    assert figures({}) == "unknown until every environment has ended an episode"
    assert figures(SEEN) == "0.25, 100 steps long"


def test_a_curve_in_a_few_characters() -> None:
    assert sparkline([]) == sparkline([1.0]) == ""
    assert sparkline([0.0, 1.0]) == "▁█"
    assert sparkline([2.0, 2.0, 2.0]) == "▁▁▁"
    assert len(sparkline([float(i) for i in range(1000)])) == 24


def test_each_phase_of_robustify_is_told_as_it_comes() -> None:
    table = _Table(Stop())
    scouting = {"demonstrations/found": 3.0, "demonstrations/levels": 4.0}
    imitation = {"imitation/epochs": 2.0, "imitation/agreement": 0.75, "losses/imitation_loss": 0.5}
    practice = {"charts/episodic_return": 0.5, "charts/solved": 0.5, "practice/size": 15.0}
    for metrics, told in (
        (scouting, "3 demonstrations found in 4 levels explored"),
        (imitation, "imitates: 75% as demonstrated after 2 passes"),
        (practice, "0.5, solved 50%, in mazes of size 15"),
    ):
        table.take(Event("progress", "r", 50, 100, 1.0, metrics, steps_per_second=10.0))
        assert told in drawn(table)
    attempts = {"charts/episodic_return": 40.0, "practice/left": 0.25, "practice/success": 0.5}
    assert figures(imitation | attempts) == "40; does as well from 75% before the end in 50%"
    assert figures(imitation | {"practice/left": 0.25}).startswith("unknown until")
