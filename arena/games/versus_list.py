"""The multi-player cartridges as plain data: importing this loads no emulator.

What was found by playing each, and comparing its memory with the digits on its screen, is in `versus_memory`.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from arena.errors import UsageError
from arena.games.catalog import Entry, docstring
from arena.games.seat_view import AS_IT_IS, View
from arena.games.versus_memory import (
    Over,
    Score,
    boxing,
    byte,
    checkers_over,
    digits,
    escaped,
    flags_over,
    lives_taken,
    rows_survived,
    taken,
    tennis,
    warlords,
    wizard,
)

WHY_MISSING = (
    "there is no build of its emulator for Windows; use Linux, or WSL"
    if sys.platform == "win32"
    else "its emulator is not installed here: `pip install multi-agent-ale-py`"
)


MINUTES = 3_600
"""Ticks."""

_STICK = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
"""Directions, and fire alone."""

_SHIP = (0, 1, 2, 3, 4, 6, 7, 10, 11, 12, 14, 15)
"""All but what is down, which does nothing."""

_SIDEWAYS = (0, 1, 3, 4, 11, 12)
"""Left and right, and fire."""


@dataclass(frozen=True, slots=True)
class Cartridge:
    """One game. Several may be on one ROM."""

    name: str
    title: str
    summary: str
    how: str
    """The rules, in a few sentences."""
    rom: str
    modes: Mapping[int, int]
    """Number of seats -> number of the console's game."""
    places: tuple[str, ...]
    """Where each seat plays, as people see it."""
    score: Score
    max_ticks: int = 5 * MINUTES
    """Of a match: a game may stall, or take very long."""
    codes: tuple[int, ...] = ()
    """The joystick's codes that do something, where the emulator's own list is not right."""
    view: View = AS_IT_IS
    """Of two; more see the screen as it is."""
    over: Over | None = None
    """Where the emulator does not say it rightly."""
    serves: bool = False
    """Whether a game waits for who is to serve, whom the emulator then takes points from."""
    warm_up: int = 0
    """Ticks at the start in which nobody plays, and the console's state cannot be saved."""
    starts: int = 1
    """How many different starts the emulator's own chance brings, as far as they are used."""
    together: bool = False
    """Whether all play for one score."""
    teams: int = 0
    """Where more play than so many, those in every so many-th seat are one team, with one score."""

    def planes(self, seats: int) -> int:
        """How many planes say where one sits: none where the pictures do."""
        return 0 if seats == 2 and self.view.turned else seats

    @property
    def id(self) -> str:
        return f"versus/{self.name}"

    @property
    def seats(self) -> tuple[int, ...]:
        return tuple(sorted(self.modes))


_PONG = byte(0x0E, 0x0D)
"""Of the right side and of the left one."""

_TEAMS = ("right", "left", "right, striped", "left, striped")

CARTRIDGES = (
    Cartridge(
        "pong",
        "Pong",
        "Table tennis for two, or for two teams: first to 21.",
        "Let the ball past your side, and the other side has a point. Who has scored serves with fire; "
        "after two seconds the ball is served for them. Held fire drives the ball down or up more "
        "steeply. 21 points win.",
        rom="pong",
        modes={2: 4, 4: 6},
        places=_TEAMS,
        score=_PONG,
        teams=2,
        serves=True,
        view=View(("", "x"), sticks=("", ""), greys=((147, 148),)),
    ),
    Cartridge(
        "basketball_pong",
        "Basketball Pong",
        "Jump, and bounce the ball into the hoop: first to 21.",
        "Run left and right in your own half, and jump with fire. The ball through the hoop scores. Who "
        "has scored serves with fire; after two seconds the ball is served for them. 21 points win.",
        rom="pong",
        modes={2: 45, 4: 49},
        places=_TEAMS,
        score=_PONG,
        teams=2,
        serves=True,
        max_ticks=10 * MINUTES,
    ),
    Cartridge(
        "volleyball_pong",
        "Volleyball Pong",
        "Over the net, and not onto your own floor: first to 21.",
        "Run left and right in your own half, and jump with fire. The ball on the other side's floor "
        "scores. Who has scored serves with fire; after two seconds the ball is served for them. 21 "
        "points win.",
        rom="pong",
        modes={2: 39, 4: 41},
        places=_TEAMS,
        score=_PONG,
        teams=2,
        serves=True,
    ),
    Cartridge(
        "foozpong",
        "Foozpong",
        "Table football with rows of paddles: first to 21.",
        "All your rows move up and down together. The ball through the opening behind the other side "
        "scores. Who has scored serves with fire; after two seconds the ball is served for them. 21 "
        "points win.",
        rom="pong",
        modes={2: 19, 4: 21},
        places=_TEAMS,
        score=_PONG,
        teams=2,
        serves=True,
        view=View(("", "x"), sticks=("", ""), greys=((96, 172),)),
    ),
    Cartridge(
        "quadrapong",
        "Quadrapong",
        "Four walls, four paddles, two teams: first to 21.",
        "Everyone guards a wall: bottom and right are one team, top and left the other. A ball that is "
        "let out is a point for the other team. Who has scored serves with fire; after two seconds the "
        "ball is served for them. 21 points win.",
        rom="pong",
        modes={4: 33},
        places=("bottom", "top", "right", "left"),
        score=_PONG,
        teams=2,
        serves=True,
        max_ticks=10 * MINUTES,
    ),
    Cartridge(
        "boxing",
        "Boxing",
        "Two minutes in the ring: most hits, or a knock-out at 100.",
        "Move with the stick, punch with fire. A long jab scores one point, a close blow two. Whoever has"
        " more after two minutes wins; 100 points are a knock-out.",
        rom="boxing",
        modes={2: 2},
        places=("white", "black"),
        score=boxing,
        view=View(("", "xy"), greys=((0, 214),), shift=(3, 0), edge=8),
    ),
    Cartridge(
        "tennis",
        "Tennis",
        "A set of tennis; the players change ends.",
        "Fire serves; run into the ball to return it. The score of a match is the points that were won. A"
        " set is won with six games and a lead of two; after two seconds the ball is served for who does "
        "not serve.",
        rom="tennis",
        modes={2: 2},
        places=("pink", "blue"),
        score=tennis,
        serves=True,
    ),
    Cartridge(
        "ice_hockey",
        "Ice Hockey",
        "Two against two on the ice, three minutes.",
        "You steer whichever of your two men is nearer to the puck. Fire shoots, and trips the others. "
        "Most goals in three minutes win.",
        rom="ice_hockey",
        modes={2: 1},
        places=("blue, defends the top", "yellow, defends the bottom"),
        score=digits((0x0A,), (0x0B,)),
    ),
    Cartridge(
        "double_dunk",
        "Double Dunk",
        "Two against two on half a court, to 24 points.",
        "Choose a play with the stick, then pass and shoot with fire. After a change of sides the ball "
        "has to be cleared first. 24 points win.",
        rom="double_dunk",
        modes={2: 16},
        places=("green, has the ball first", "white"),
        score=digits((0x76,), (0x77,)),
    ),
    Cartridge(
        "combat_tank",
        "Combat: Tanks",
        "Tanks with shots that bounce, two minutes.",
        "Left and right turn the tank, up drives, fire shoots. Shots bounce from walls. A tank that is "
        "hit spins away. Most hits win.",
        rom="combat",
        modes={2: 9},
        places=("left", "right"),
        score=digits((0x21,), (0x22,)),
        codes=_SHIP,
    ),
    Cartridge(
        "combat_plane",
        "Combat: Biplanes",
        "Biplanes among clouds with guided shots, two minutes.",
        "Left and right turn the plane, up and down change its speed, fire shoots, and the shot flies as "
        "you turn. The sky wraps round. Most hits win.",
        rom="combat",
        modes={2: 15},
        places=("yellow", "green"),
        score=digits((0x21,), (0x22,)),
    ),
    Cartridge(
        "space_war",
        "Space War",
        "Two ships drift in space: first to ten hits.",
        "Left and right turn, up thrusts, fire shoots; a ship keeps its speed. Fuel and missiles are "
        "limited. Ten hits win, or most when time is up.",
        rom="space_war",
        modes={2: 1},
        places=("green, upper", "blue, lower"),
        score=digits((0x27,), (0x28,)),
        codes=_SHIP,
    ),
    Cartridge(
        "maze_craze",
        "Maze Craze",
        "A race through a maze that is new each time.",
        "Both start at the same place. Who reaches the exit on the right first wins.",
        rom="maze_craze",
        modes={2: 0},
        places=("red", "blue"),
        score=escaped,
        codes=(0, 2, 3, 4, 5, 6, 7, 8, 9),
        view=View(("", ""), own=(60, 62)),
        max_ticks=6_000,
        warm_up=90,
        starts=1_000,
    ),
    Cartridge(
        "joust",
        "Joust",
        "Flap a bird, and hit the others from above.",
        "Fire flaps the wings, left and right steer. Who is higher in a collision wins; a fallen enemy "
        "leaves an egg to be picked up. The game goes on until both have lost their five lives.",
        rom="joust",
        modes={2: 1},
        places=("yellow, left", "purple, right"),
        score=digits((0x03, 0x05, 0x07), (0x04, 0x06, 0x08)),
        codes=_SIDEWAYS,
    ),
    Cartridge(
        "mario_bros",
        "Mario Bros.",
        "Bump the pests from below and kick them off.",
        "Fire jumps. Hit the floor under a pest to turn it over, then run into it; that is 800, whoever "
        "turned it. The game goes on until both have lost their five lives.",
        rom="mario_bros",
        modes={2: 2},
        places=("purple", "green"),
        score=digits((0x09, 0x0A), (0x0B, 0x0C), unit=100),
        codes=_SIDEWAYS,
    ),
    Cartridge(
        "space_invaders",
        "Space Invaders",
        "Two cannons against one fleet, three lives in all.",
        "Shoot the invaders, five to thirty points each. When a cannon is hit the other side has 200 "
        "points, and both have a life less of the three that they share.",
        rom="space_invaders",
        modes={2: 33},
        places=("left", "right"),
        score=digits((0x66, 0x68), (0x67, 0x69)),
    ),
    Cartridge(
        "wizard_of_wor",
        "Wizard of Wor",
        "Two worriors among monsters; hitting the other pays most.",
        "Walk the dungeon and shoot its monsters. Hitting the other worrior is 1,000. The game goes on "
        "until both have lost their three worriors.",
        rom="wizard_of_wor",
        modes={2: 1},
        places=("yellow, right", "blue, left"),
        score=wizard,
        codes=(0, 1, 2, 3, 4, 5, 10, 11, 12, 13),
    ),
    Cartridge(
        "surround",
        "Surround",
        "A wall behind you, and do not run into one: first to ten.",
        "You never stop, and leave a wall behind you. Who runs into something gives the other a point; "
        "where both do at once, both have one. Ten points win.",
        rom="surround",
        modes={2: 1},
        places=("blue, right", "green, left"),
        score=digits((0x77,), (0x76,)),
        codes=(0, 2, 3, 4, 5),
        view=View(("", "x"), greys=((64, 147),), shift=(0, 4), edge=4),
    ),
    Cartridge(
        "warlords",
        "Warlords",
        "Four castles, one fireball: the last to stand wins.",
        "Guard your castle with the shield; fire held catches the ball, let go it throws. Who is hit is "
        "out. The score is how many fell before you.",
        rom="warlords",
        modes={4: 1},
        places=("top left", "top right", "bottom left", "bottom right"),
        score=warlords,
    ),
    Cartridge(
        "flag_capture",
        "Flag Capture",
        "Find the hidden flag by hints: most flags, or fifteen.",
        "Walk the board and look under a square with fire: a number is how far the flag is, an arrow "
        "where it is, a bomb sends you home. Fifteen flags win.",
        rom="flag_capture",
        modes={2: 1},
        places=("olive, top left", "red, bottom right"),
        score=digits((0x6A,), (0x6B,)),
        over=flags_over,
    ),
    Cartridge(
        "othello",
        "Othello",
        "Reversi with a cursor: most discs.",
        "Move the cursor to a square from where discs of the other colour are enclosed, and press fire; "
        "they turn over. Hold a direction for a quarter of a second. Most discs at the end win.",
        rom="othello",
        modes={2: 4},
        places=("white, begins", "black"),
        score=digits((0x4E,), (0x50,)),
        codes=_STICK,
        max_ticks=10 * MINUTES,
    ),
    Cartridge(
        "video_checkers",
        "Checkers",
        "Checkers with a cursor: most pieces taken.",
        "Fire takes one of your men, a diagonal says where to, fire puts it there. Who has no man or no "
        "move left has lost; the score is the pieces that were taken.",
        rom="video_checkers",
        modes={2: 10},
        places=("orange, begins", "white"),
        score=taken,
        codes=(0, 1, 6, 7, 8, 9),
        over=checkers_over,
        max_ticks=10 * MINUTES,
    ),
    Cartridge(
        "entombed",
        "Entombed",
        "Outlive the other in a maze that scrolls away.",
        "The maze scrolls upwards. Who is carried off or caught loses one of three lives. Fire makes or "
        "breaks a wall, as long as you hold one that you have picked up. The score is the lives that the "
        "other has lost.",
        rom="entombed",
        modes={2: 2},
        places=("purple, left", "yellow, right"),
        score=lives_taken,
        codes=(0, 1, 2, 3, 4, 5),
        view=View(("", "x"), greys=((159, 214),)),
        starts=1_000,
    ),
    Cartridge(
        "entombed_together",
        "Entombed: Together",
        "Get through the scrolling maze side by side.",
        "The maze scrolls upwards. Who is carried off or caught loses a life, and the game ends with the "
        "third of either. Fire makes or breaks a wall. The score, one for both, is the rows that were "
        "passed.",
        rom="entombed",
        modes={2: 3},
        places=("purple, left", "yellow, right"),
        score=rows_survived,
        codes=(0, 1, 2, 3, 4, 5),
        view=View(("", "x"), greys=((159, 214),)),
        starts=1_000,
        together=True,
    ),
)

YARDSTICKS = {"pong": "atari/pong"}
"""Games for one whose agents see and do the same in the first seat."""


@cache
def cartridge(game_id: str) -> Cartridge:
    """The cartridge of `versus/<name>`. Raises UsageError where there is none."""
    for cart in CARTRIDGES:
        if cart.id == game_id:
            return cart
    raise UsageError(f"no game is called '{game_id}'; `arena games` lists them all")


def rules(entry: Entry) -> str:
    """The rules for people: of the game, then what holds for all of them."""
    cart = cartridge(entry.id)
    seats = "\n".join(
        f"Seat {number}: {place}." for number, place in enumerate(cart.places[: cart.seats[-1]], 1)
    )
    return f"{cart.how}\n\n{seats}\n\n{docstring('arena.games.versus')}"


def versus_entries() -> tuple[Entry, ...]:
    """The catalog's lines for Atari with several seats."""
    missing = None if find_spec("multi_agent_ale_py") else WHY_MISSING
    return tuple(
        Entry(
            id=cart.id,
            title=cart.title,
            summary=cart.summary,
            seats=cart.seats,
            module="arena.games.versus",
            rules="arena.games.versus_list",
            together=cart.together,
            teams=cart.teams,
            yardstick=YARDSTICKS.get(cart.name),
            missing=missing,
        )
        for cart in CARTRIDGES
    )
