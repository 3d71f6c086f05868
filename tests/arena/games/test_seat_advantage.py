"""Where a game is the same from both seats, who plays from what a seat sees plays as well from either.

Each policy here knows the first seat's picture alone: it plays from the second only if that one's picture
and actions are turned rightly.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from arena.games import catalog
from arena.games.versus import VersusGame
from arena.games.versus_list import CARTRIDGES

Stack = NDArray[np.uint8]
Policy = Callable[[Stack, np.random.Generator], str | int]
"""From the last four pictures to an action, or its name."""

CHANCE = 0.05
"""How often a policy does something at random, so that matches differ."""


def random_player(_: Stack, rng: np.random.Generator) -> int:
    return int(rng.integers(1_000))


def pong(stack: Stack, _: np.random.Generator) -> str:
    """To where the ball is going, with the paddle on the right."""
    found = [
        (np.nonzero(field[:, 12:73] > 200)[0], np.nonzero(abs(field[:, 74] - 147) < 40)[0])
        for field in stack[-2:, 14:77].astype(int)
    ]
    if not all(len(rows) for pair in found for rows in pair):
        return "fire"
    before, now = (ball.mean() - own.mean() for ball, own in found)
    gap = 2 * now - before
    return "noop" if abs(gap) < 4 else "left" if gap > 0 else "right"


def boxing(stack: Stack, rng: np.random.Generator) -> str:
    """In white: beside the other, within reach, and punch."""
    ring = stack[-1, 14:70, 16:70]
    own, other = np.argwhere(ring > 185), np.argwhere(ring < 40)
    if not len(own) or not len(other):
        return "noop"
    down, right = (other.mean(axis=0) - own.mean(axis=0)) * (2.5, 1.9)
    towards, away = ("down", "up") if down > 0 else ("up", "down")
    ways = [towards] if abs(down) > 22 else [away] if abs(down) < 13 else []
    ways += ["right" if right > 0 else "left"] if abs(right) > 14 else []
    within_reach = 13 <= abs(down) <= 22 and abs(right) <= 28
    return " ".join([*ways, "fire"] if within_reach and rng.random() < 0.8 else ways) or "noop"


def surround(stack: Stack, rng: np.random.Generator) -> str:
    """In blue: the way that is free for longest."""
    picture = stack[-1].astype(int)
    head = np.argwhere(picture[14:79, 2:82] < 78)
    if not len(head):
        return "noop"
    row, column = np.add(head.mean(axis=0), (14, 2))
    free = {"up": (-3.2, 0.0), "down": (3.2, 0.0), "left": (0.0, -2.1), "right": (0.0, 2.1)}
    lengths = {}
    for way, (down, right) in free.items():
        cells = [(round(row + down * far), round(column + right * far)) for far in range(1, 13)]
        walls = [not (0 <= y < 84 and 0 <= x < 84) or picture[y, x] > 115 for y, x in cells]
        lengths[way] = (walls.index(True) if any(walls) else len(walls)) + rng.random()
    return max(lengths, key=lambda way: lengths[way])


def weights(stack: Stack, _: np.random.Generator) -> int:
    """A network that nobody has trained."""
    seen = stack[2:, ::4, ::4].ravel() / 255.0
    return int(np.argmax(np.random.default_rng(7).normal(size=(5, seen.size)) @ (seen - seen.mean())))


def match(game: VersusGame, players: tuple[Policy, Policy], seed: int, ticks: int) -> float:
    """The first seat's score less the second's after so many ticks."""
    game.reset(seed)
    names, actions = game.spec.actions, [0, 0]
    chances = [np.random.default_rng((seed, seat)) for seat in range(2)]
    for tick in range(ticks):
        if tick % game.spec.ticks_per_decision == 0:
            for seat, (player, rng) in enumerate(zip(players, chances, strict=True)):
                chosen = player(game.observe(seat), rng)
                action = names.index(chosen) if isinstance(chosen, str) else chosen % len(names)
                action = int(rng.integers(len(names))) if rng.random() < CHANCE else action
                actions[seat] = game.meant(seat, action)
        if game.tick(actions).ended:
            break
    first, second = game.scores()
    return first - second


def margin(game_id: str, players: tuple[Policy, Policy], matches: int, ticks: int) -> tuple[float, float]:
    """Of the first seat over the second: its mean, and how far its 95% interval goes to either side."""
    game = catalog.make(game_id)
    assert isinstance(game, VersusGame)
    margins = [match(game, players, seed, ticks) for seed in range(matches)]
    game.close()
    return float(np.mean(margins)), float(2.2 * np.std(margins, ddof=1) / matches**0.5)


@pytest.mark.parametrize(
    ("game_id", "policy", "matches", "ticks"),
    [
        ("versus/pong", pong, 5, 2_000),
        ("versus/boxing", boxing, 6, 2_500),
        ("versus/surround", surround, 6, 2_000),
    ],
    ids=["pong", "boxing", "surround"],
)
def test_who_plays_from_what_it_sees_beats_a_random_player_from_either_seat(
    game_id: str, policy: Policy, matches: int, ticks: int
) -> None:
    for seat, players in enumerate(((policy, random_player), (random_player, policy))):
        lead, error = margin(game_id, players, matches, ticks)
        lead = -lead if seat else lead
        assert lead > error, f"from seat {seat + 1}: {lead:.1f} ± {error:.1f}"


@pytest.mark.parametrize(
    ("game_id", "policy", "matches", "ticks"),
    [
        ("versus/pong", pong, 12, 2_500),
        ("versus/foozpong", weights, 9, 2_000),
        ("versus/boxing", boxing, 10, 2_000),
        ("versus/surround", surround, 10, 2_000),
        ("versus/entombed", weights, 9, 2_000),
    ],
    ids=["pong", "foozpong", "boxing", "surround", "entombed"],
)
def test_against_itself_a_policy_has_no_advantage_from_either_seat(
    game_id: str, policy: Policy, matches: int, ticks: int
) -> None:
    lead, error = margin(game_id, (policy, policy), matches, ticks)
    assert abs(lead) <= error, f"the first seat leads by {lead:.1f} ± {error:.1f}"


def test_symmetric_games_are_all_known_here() -> None:
    """Maze Craze has no match here: who wanders at random never leaves the maze."""
    symmetric = {cart.name for cart in CARTRIDGES if cart.view.turned and not cart.together}
    assert symmetric == {"pong", "foozpong", "boxing", "surround", "entombed", "maze_craze"}


def test_in_boxing_the_cartridge_counts_blows_that_land_at_once_for_black_alone() -> None:
    """Both do the same, to the frame: black is some points ahead, and white nearly never."""
    game = catalog.make("versus/boxing", sticky=0.0)
    towards = [game.spec.actions.index(way) for way in ("down right", "down right fire")]
    leads = []
    for seed in range(20):
        game.reset(seed)
        rng = np.random.default_rng(seed)
        for _ in range(300):
            action = int(rng.choice(towards) if rng.random() < 0.4 else rng.integers(len(game.spec.actions)))
            for _ in range(game.spec.ticks_per_decision):
                game.tick([action, game.meant(1, action)])
        white, black = game.scores()
        leads.append(black - white)
    game.close()
    assert np.mean(leads) > 1
    assert sum(lead > 0 for lead in leads) > 3 * sum(lead < 0 for lead in leads)
