"""Players of somebody else's in a tournament: each fails in its own way, and all else goes on."""

from pathlib import Path

import pytest

from arena.matches.foreign import Limits
from arena.store import tournaments
from arena.tournaments.engines import Local
from arena.tournaments.entering import enter
from arena.tournaments.runner import job, run
from arena.tournaments.standings import standings
from arena.tournaments.tournament import Tournament
from tests.arena.matches.visitors import install

FAILING = {
    "entry:crashing": "ZeroDivisionError: division by zero",
    "entry:hanging": "did not answer within",
    "entry:word": "which is no action's number",
    "entry:eating": "memory",
}
"""And how each is told of."""


@pytest.fixture(autouse=True)
def visitors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    install(tmp_path / "site", monkeypatch)


@pytest.mark.slow
def test_who_crashes_hangs_answers_nonsense_or_eats_memory_forfeits_and_all_others_go_on() -> None:
    plan = enter(
        format="round-robin",
        games=["maze/race"],
        players=["entry:random", "random", *FAILING],
        options={},
        seats=2,
        pairs=1,
        rounds=None,
        seed=1,
    )
    tournament = Tournament.load(plan)
    engine = Local(job(plan, Limits(seconds=1.5, megabytes=250)), 2)
    try:
        with tournaments.lock(plan):
            run(tournament, engine, lambda news: None)
    finally:
        engine.close()
    assert tournament.over and tournament.matches == (30, 30)
    for one in (one for found in tournament.played().values() for one in found):
        for entrant, seat in zip(one.order, one.result.seats, strict=True):
            why = FAILING.get(plan.entrants[entrant].name)
            others = [plan.entrants[other].name for other in one.order if other != entrant]
            if why is None:
                assert seat.forfeit is None, (plan.entrants[entrant].name, seat.forfeit)
            elif others[0] not in FAILING:
                assert seat.forfeit is not None and why in seat.forfeit and seat.place == 2
    lines = {line.name: line for line in standings(tournament).lines}
    assert lines["entry:random"].place <= 2 and lines["random"].place <= 2
    for name in FAILING:
        assert lines[name].forfeits >= 4, "against the two who play on it loses all"
        assert lines[name].points < lines["random"].points
