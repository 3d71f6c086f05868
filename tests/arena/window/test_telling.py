"""What people are told of a match: how it ended, on what terms it is played, and where everybody is."""

from typing import Any

import pytest

from arena.games import catalog
from arena.matches.match import Match
from arena.matches.player import Human, Noop, RandomPlayer
from arena.store.records import Identity, MatchResult, SeatResult
from arena.window import telling


def ended(*seats: tuple[float, int, str | None], **options: Any) -> MatchResult:
    names = ("Ann", "Bob", "Eve")
    told = [
        SeatResult(Identity(f"human:{name}", name, "human"), score, place, forfeit)
        for name, (score, place, forfeit) in zip(names, seats, strict=False)
    ]
    return MatchResult("versus/pong", options, 1, tuple(told), 100, "0" * 16)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (ended((3, 1, None), (1, 2, None)), "Ann wins, 3 to 1"),
        (ended((2, 1, None), (2, 1, None)), "A draw at 2"),
        (ended((2, 1, None), (2, 1, None), (0, 3, None)), "Ann and Bob share the win"),
        (ended((2, 1, None), (0, 3, None), (2, 1, None), teams=2), "Ann and Eve win, 2 to 0"),
        (ended((2, 1, None), (0, 3, "left"), (2, 1, None), teams=2), "Ann and Eve win by forfeit"),
        (ended((0, 1, None), (5, 2, "left the match")), "Ann wins by forfeit"),
        (ended((0, 1, "left the match"), (5, 1, "left the match")), "Nobody wins: all have left"),
        (ended((14, 1, None), (14, 1, None), together=True), "Together: 14 points"),
        (ended((7, 1, None)), "7 points"),
    ],
)
def test_how_it_ended_is_told_in_a_few_words(result: MatchResult, words: str) -> None:
    told = telling.headline(result)
    assert told.removeprefix("Ann: ") == words or told == words


def test_what_all_play_together_is_not_rated_and_that_is_said() -> None:
    told = telling.card(ended((14, 1, None), (14, 1, None), together=True), {}, {}, kept=True)
    assert told.note == "not rated: all play for one score"


class Agent(Noop):
    identity = Identity("agent:x", "ppo", "agent")


@pytest.mark.parametrize(
    ("players", "options", "words"),
    [
        ([Human("Ann", lambda: None), Agent()], {}, "agents decide every 67 ms and act at once"),
        (
            [Human("Ann", lambda: None), Agent()],
            {"reaction_ms": 200, "sticky": 0.25},
            "agents decide every 67 ms, act 200 ms later; 25% of all actions are ignored",
        ),
        ([Agent(), RandomPlayer()], {}, ""),
        ([Human("Ann", lambda: None), Human("Bob", lambda: None)], {}, ""),
    ],
)
def test_on_what_terms_people_and_agents_meet_is_told(players: Any, options: Any, words: str) -> None:
    match = Match("versus/pong", players, 1, options)
    assert telling.terms(match) == words
    match.close()


def test_names_stand_in_the_order_of_the_players_on_the_screen() -> None:
    def order(game_id: str, seats: int) -> list[int]:
        game = catalog.make(game_id, seats=seats)
        order = telling.from_the_left(game.spec, range(seats))
        game.close()
        return order

    assert order("versus/pong", 2) == [1, 0]
    assert order("versus/pong", 4) == [1, 3, 0, 2]
    assert order("versus/boxing", 2) == order("maze/coins", 2) == [0, 1]


def test_what_stands_beside_a_name_is_cut_part_by_part() -> None:
    assert list(telling.ever_shorter("left   -127 ±588   forfeit")) == [
        "left   -127 ±588   forfeit",
        "left   -127 ±588",
        "left",
    ]
