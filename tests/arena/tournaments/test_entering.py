"""What is refused before a tournament begins, and what it is when it does."""

from dataclasses import replace
from typing import Any

import pytest

from arena import places
from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.matches import roster
from arena.store import tournaments
from arena.tournaments.entering import enter
from arena.tournaments.tournament import Tournament

TOGETHER = next((entry.id for entry in catalog.entries() if entry.together), None)


def entered(**asked: Any) -> tournaments.Plan:
    usual: dict[str, Any] = {
        "format": "round-robin",
        "games": ["maze/race"],
        "players": ["random", "noop", "pathfinder"],
        "options": {},
        "seats": 2,
        "pairs": 1,
        "rounds": None,
        "seed": 7,
        "me": "Ada",
    }
    return enter(**usual | asked)


def test_what_was_entered_is_what_is_found_again() -> None:
    plan = entered(players=["human", "random", "human:Bob"], games=["maze/race", "maze/run"], pairs=3)
    assert tournaments.find(plan.id) == plan == tournaments.find("last")
    assert [one.name for one in plan.entrants] == ["Ada", "random", "Bob"]
    assert [one.human for one in plan.entrants] == [True, False, True]
    assert [one.id for one in plan.entrants[0].identities] == ["human:Ada", "human:Ada"]
    assert (plan.seats, plan.pairs, plan.rounds, plan.seed) == (2, 3, 1, 7)
    assert Tournament.load(plan).matches == (0, 3 * (2 * 3 + 3))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"games": []}, "needs a game"),
        ({"games": ["maze/rase"]}, "no game is called 'maze/rase'"),
        ({"games": ["maze/race", "maze/race"]}, "the game maze/race is named twice"),
        ({"players": ["random", "random"]}, "the player random is named twice"),
        ({"players": ["random"]}, "1 player: .*needs 2"),
        ({"players": []}, "0 players.*needs 2"),
        ({"players": ["human", "random", "human:Ada"]}, "Ada and Ada are the same player"),
        ({"players": ["random", "nobody-knows-it"]}, "nobody-knows-it"),
        ({"pairs": 0}, "0 games for each encounter: from 1 to 1,000"),
        ({"pairs": 1001}, "1001 games for each encounter"),
        ({"seed": -1}, "the seed -1"),
        ({"seats": 5, "players": ["random", "noop", "pathfinder", "human:B", "human:C"]}, "maze/race is for"),
        (
            {"seats": 3, "games": ["maze/tag"]},
            "maze/tag is for 2 players, and a match of .* has 3 .--seats",
        ),
        ({"seats": 1}, "1 seats"),
        ({"format": "ladder"}, "there is no format 'ladder'"),
        ({"format": "knockout", "rounds": 2}, "leave rounds=2 out"),
    ],
)
def test_what_cannot_be_played_is_refused_and_leaves_nothing_behind(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        entered(**asked)
    assert not (places.saves() / "tournaments").exists()


@pytest.mark.skipif(TOGETHER is None, reason="no game here is played together")
def test_a_game_that_is_played_together_has_no_tournament() -> None:
    with pytest.raises(UsageError, match="for one score"):
        entered(games=[TOGETHER])


def test_tournaments_of_one_minute_have_ids_of_their_own() -> None:
    ids = [entered().id for _ in range(3)]
    assert len(set(ids)) == 3 and {plan.id for plan in tournaments.tournaments()} == set(ids)


@pytest.mark.usefixtures("bundled")
def test_a_run_that_writes_a_checkpoint_while_it_enters_is_frozen_as_what_it_is_entered_as(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = roster.checkpoint_of("ppo", "maze/race")
    found = [replace(right, greedy=not right.greedy), right]
    monkeypatch.setattr(roster, "checkpoint_of", lambda name, game: found.pop(0))
    plan = entered(players=["ppo", "random"])
    assert not found and plan.entrants[0].identities[0].id == f"agent:{right.digest}"
    found[:] = [replace(right, greedy=not right.greedy)] * 9
    with pytest.raises(ArenaError, match="ppo writes checkpoints faster than they can be read"):
        entered(players=["ppo", "random"])
    assert len(tournaments.tournaments()) == 1


def test_the_beginning_of_an_id_is_enough_where_only_one_begins_so() -> None:
    swiss, first = entered(format="swiss", rounds=1), entered()
    assert tournaments.find("sw") == swiss and tournaments.find("round") == first
    second = entered()
    assert tournaments.find(first.id) == first, "an id is itself, also where another begins with it"
    with pytest.raises(UsageError, match=f"'round' may be {second.id} or {first.id}; type more of it"):
        tournaments.find("round")
    with pytest.raises(UsageError, match="no tournament is called 'rund'"):
        tournaments.find("rund")
