"""A match of a tournament in the window: looked at, or played by the person it waits for."""

import pytest

from arena.errors import UsageError
from arena.store import replays, tournaments
from arena.store.records import Place
from arena.store.tournaments import Plan
from arena.tournaments.engines import Local
from arena.tournaments.entering import enter
from arena.tournaments.runner import job, run
from arena.tournaments.tournament import Tournament
from arena.window.fixture import Fixture
from tests.arena.window.test_series import begun, finished, until


def planned(*players: str, **more: object) -> Plan:
    settings: dict[str, object] = {
        "games": ["maze/race"],
        "options": {"size": 11},
        "pairs": 2,
        "seed": 4,
        "rounds": None,
    }
    return enter(format="round-robin", players=players, seats=2, me="Ann", **{**settings, **more})  # type: ignore[arg-type]


def played(plan: Plan) -> Tournament:
    """With all that needs nobody."""
    known = Tournament.load(plan)
    engine = Local(job(plan), 1)
    try:
        run(known, engine, lambda _: None)
    finally:
        engine.close()
    return known


def opened(plan: Plan, place: Place, events: list[dict[str, object]] | None = None) -> Fixture:
    session = Fixture(plan.id, place, (events if events is not None else []).append)
    until(session, lambda: not session.loading)
    return session


def test_a_match_in_play_is_the_tournaments_own_and_not_kept_again() -> None:
    plan = planned("random", "pathfinder")
    known, place = Tournament.load(plan), Place(0, 0, 0, 1, 1)
    session = opened(plan, place)
    assert session.bout.match.seed == known.task(place).seed
    finished(session)
    assert session.card is not None and "R again" in session.hint()
    assert replays.ids() == []
    own = {one.place: one.result for found in played(plan).played().values() for one in found}
    assert session.results == [own[place]]
    session.close()


def test_a_person_plays_their_match_and_it_has_its_place() -> None:
    plan = planned("random", "human")
    known = played(plan)
    assert len(known.waiting()) == 4
    place, events = known.waiting()[1], []
    session = opened(plan, place, events)
    assert session.people == ("Ann",) and session.waiting
    assert [p.identity.name for p in session.bout.match.players] == ["Ann", "random"]
    finished(session)
    assert "rematch" not in session.hint() and ("R", "rematch") not in session.key_help()
    session.command("rematch")
    assert session.card is not None
    session.close()
    again = Tournament.load(plan)
    assert again.done(place) and again.matches[0] == 1
    assert [event["event"] for event in events] == ["started", "result"]
    with pytest.raises(UsageError, match="has been played"):
        Fixture(plan.id, place, print)


def test_who_leaves_their_match_has_lost_it() -> None:
    plan = planned("random", "human:Bob")
    place = Tournament.load(plan).waiting()[0]
    session = opened(plan, place)
    begun(session)
    until(session, lambda: session.bout.match.ticks > 0)
    session.leave()
    session.close()
    known = Tournament.load(plan)
    (one,) = known.played()[0, 0]
    assert {seat.player.name: seat.forfeit for seat in one.result.seats} == {
        "random": None,
        "Bob": "left the match",
    }


def test_who_leaves_before_the_first_key_may_play_it_later() -> None:
    plan = planned("random", "human")
    place = Tournament.load(plan).waiting()[0]
    session = opened(plan, place)
    session.leave()
    session.close()
    assert place in Tournament.load(plan).waiting()


@pytest.mark.parametrize("place", [Place(0, 0, 0, 9, 0), Place(3, 0, 0, 0, 0), Place(0, 0, 1, 0, 0)])
def test_a_match_that_is_not_planned_is_refused(place: Place) -> None:
    plan = planned("random", "human")
    with pytest.raises(UsageError, match="no such match"):
        Fixture(plan.id, place, print)


def test_the_agents_are_those_that_entered(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned("random", "human")
    names: list[str] = []
    from arena.matches import roster

    resolve = roster.resolve
    monkeypatch.setattr(
        roster, "resolve", lambda name, *a, **k: names.append(name) or resolve("noop", *a, **k)
    )
    monkeypatch.setattr(Plan, "frozen", lambda plan, entrant, game: plan.folder / f"{entrant}-{game}")
    session = opened(plan, Tournament.load(plan).waiting()[0])
    assert names == [str(plan.folder / "0-0")]
    session.close()
    assert tournaments.find(plan.id) == plan
