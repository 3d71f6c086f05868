"""What holds for every game that is listed. A new line in the catalog is tested by being there."""

import pytest

from arena.errors import UsageError
from arena.games import catalog

ENTRIES = catalog.entries()


def test_ids_and_titles_tell_games_apart() -> None:
    ids = [entry.id for entry in ENTRIES]
    assert len(set(ids)) == len(ids)
    titles = [(entry.family, entry.title) for entry in ENTRIES]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_entry_says_what_people_need(entry: catalog.Entry) -> None:
    assert entry.family in catalog.FAMILIES
    assert catalog.find(entry.id) == entry
    assert entry.title.strip() == entry.title != ""
    assert entry.summary.endswith((".", "!"))
    assert "\n" not in entry.summary
    assert len(entry.summary) <= 80
    assert set(entry.seats) <= {1, 2, 3, 4}
    assert entry.seats
    rules = catalog.rules(entry).lower()
    for heading in ("actions", "observation", "rewards", "termination"):
        assert heading in rules, f"the rules say nothing of {heading}"


def test_every_game_is_of_a_family_that_has_a_title() -> None:
    assert {entry.family for entry in catalog.entries()} == set(catalog.FAMILIES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("atari/pnog", "atari/pong"), ("pong", "atari/pong"), ("maze/valt", "maze/vault")],
)
def test_a_mistyped_game_is_answered_with_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(UsageError, match=meant):
        catalog.find(typed)


@pytest.mark.parametrize(
    ("game", "count", "words"),
    [
        ("maze/race", 1, "maze/race is for 2 to 4 players, and 1 was named"),
        ("maze/race", 5, "maze/race is for 2 to 4 players, and 5 were named"),
        ("maze/tag", 3, "maze/tag is for 2 players, and 3 were named"),
        ("atari/pong", 5, "atari/pong is for 1 to 4 players, and 5 were named"),
    ],
)
def test_too_few_and_too_many_players_are_refused(game: str, count: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        catalog.find(game).check_players(count)


def test_a_match_has_a_player_for_each_seat_or_for_each_copy() -> None:
    assert catalog.find("maze/race").players == (2, 3, 4)
    assert catalog.find("maze/run").players == (1, 2, 3, 4)
    for entry in ENTRIES:
        for count in entry.players:
            entry.check_players(count)


def test_any_gymnasium_environment_has_an_entry() -> None:
    entry = catalog.find("gym/MyOwn-v3")
    assert entry.title == "MyOwn-v3"
    assert entry.seats == (1,)
