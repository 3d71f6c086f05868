"""Matches side by side: what each comes to must not depend on how far the others have come."""

import time

import numpy as np
import pytest

from arena.matches import roster, together
from arena.matches.match import Match
from arena.matches.player import AgentPlayer, Player
from arena.matches.together import Rows, Together
from arena.store.records import Identity

pytestmark = pytest.mark.usefixtures("bundled")


def others(player: Player, count: int) -> list[AgentPlayer]:
    """More players of the same agent."""
    assert isinstance(player, AgentPlayer)
    return [
        AgentPlayer(player.identity, player.agent, greedy=player.greedy, needs=player.needs)
        for _ in range(count)
    ]


def played(game: str, count: int, absent: frozenset[int] = frozenset()) -> dict[int, tuple[str, int]]:
    """Digest and length of matches of ppo against random, of which some are not played."""
    ppo, random = roster.resolve("ppo", game), roster.resolve("random", game)
    matches: dict[int, Match] = {}
    rows: dict[int, list[int]] = {}
    for number, player in enumerate(others(ppo, count)):
        rows[number] = [number, 0]
        if number not in absent:
            matches[number] = Match(game, [player, type(random)()], seed=100 + number)
    assert isinstance(ppo, AgentPlayer)
    together = Together(matches, rows, {id(ppo.agent): count})
    ended: dict[int, tuple[str, int]] = {}
    while together.playing:
        for number in together.advance():
            ended[number] = (matches[number].digest(), matches[number].ticks)
            matches[number].close()
    return ended


@pytest.mark.parametrize("game", ["maze/race", "maze/run", "maze/coins"])
def test_a_match_is_the_same_whichever_of_the_others_are_played(game: str) -> None:
    whole = played(game, 8)
    assert sorted(whole) == list(range(8))
    for absent in (frozenset({0}), frozenset({1, 2, 5, 6, 7}), frozenset(range(7))):
        left = played(game, 8, absent)
        assert left == {number: told for number, told in whole.items() if number not in absent}


def test_a_match_from_pictures_is_the_same_whichever_of_the_others_are_played() -> None:
    whole = _pictures(frozenset())
    for absent in (frozenset({0, 2}), frozenset({1, 2, 3})):
        assert _pictures(absent) == {n: told for n, told in whole.items() if n not in absent}


def _pictures(absent: frozenset[int], ticks: int = 480) -> dict[int, str]:
    ppo = roster.resolve("ppo", "versus/pong")
    assert isinstance(ppo, AgentPlayer)
    matches, rows = {}, {}
    for number in range(4):
        rows[number] = [2 * number, 2 * number + 1]
        if number not in absent:
            matches[number] = Match("versus/pong", others(ppo, 2), seed=number)
    together = Together(matches, rows, {id(ppo.agent): 8})
    while next(iter(matches.values())).ticks < ticks:
        list(together.advance())
    told = {number: match.digest() for number, match in matches.items()}
    for match in matches.values():
        match.close()
    return told


def test_a_player_is_asked_for_the_same_moves_as_alone() -> None:
    """At a maze of small numbers no rounding comes near a tie."""
    ended = played("maze/run", 6)
    for number in range(6):
        players = [roster.resolve(name, "maze/run") for name in ("ppo", "random")]
        match = Match("maze/run", players, 100 + number)
        match.play()
        assert (match.digest(), match.ticks) == ended[number]


def test_an_agent_that_fails_forfeits_its_own_matches_and_no_other() -> None:
    ppo = roster.resolve("ppo", "maze/race")
    assert isinstance(ppo, AgentPlayer)

    class Broken:
        def act(self, observations: object, *, rng: object = None) -> object:
            raise RuntimeError("out of order")

    broken = AgentPlayer(ppo.identity, Broken(), greedy=True)  # type: ignore[arg-type]
    matches = {
        "broken": Match("maze/race", [broken, *others(ppo, 1)], 1),
        "whole": Match("maze/race", others(ppo, 2), 1),
    }
    rows = {"broken": [0, 0], "whole": [1, 2]}
    together = Together(matches, rows, {id(ppo.agent): 3, id(broken.agent): 1})
    while together.playing:
        list(together.advance())
    assert matches["broken"].forfeits[0][1] == "RuntimeError: out of order"
    assert not matches["whole"].forfeits


def test_what_is_drawn_for_a_row_is_what_it_would_have_drawn_alone() -> None:
    rows = Rows(4, {1: np.random.default_rng(1), 3: np.random.default_rng(3)})
    drawn, whole = rows.random(4), rows.integers(7, size=4)
    for row in (1, 3):
        alone = np.random.default_rng(row)
        assert drawn[row] == alone.random(1)[0] and whole[row] == alone.integers(7, size=1)[0]
    with pytest.raises(ValueError, match="4 rows"):
        rows.random(3)


class Slow(Player):
    identity = Identity("builtin:slow", "slow", "builtin")

    def act(self) -> int:
        time.sleep(0.02)
        return 0


def test_of_players_who_take_their_time_one_hears_before_many_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "LONGEST", 0.05)
    match = Match("maze/race", [Slow(), Slow()], seed=1)
    assert list(Together({0: match}, {0: [0, 0]}, {}).advance()) == []
    assert 0 < match.ticks < 8
    match.close()
