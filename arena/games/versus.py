"""An Atari 2600 cartridge that two to four play on one screen, emulated by multi-agent-ale-py.

Observation: the screen as in Atari with one seat (grey, 84x84, the last four decisions), as it looks from
    a seat. Where the game is the same from both sides, (4, 84, 84): the second seat's picture is turned so
    that it plays where the first does, with actions that mean what they show. Elsewhere all see the same
    picture, and a plane a seat follows, white for one's own: (4 + seats, 84, 84).
Actions: the joystick positions and the button that the cartridge makes use of, by name. A person's joystick
    is read at every tick, sixty times a second; an agent decides every four ticks, and its action is held
    between. With `sticky` (0.25 unless a person plays) the console at each tick ignores a seat's new action
    with that probability and holds the one before. Where a game waits for who is to serve, fire is pressed
    for them after two or three seconds.
Rewards: at each tick, what a seat's score rose by, less `rivalry` times what the others' rose by on average;
    where all play together, what the score rose by. With a rivalry below 1 there is more to win by meeting
    than by keeping out of each other's way, which is what learners at Boxing find out otherwise (they must
    then look at more than a reward's sign).
Scoring: the score that the console counts, read from its memory. Where all play together there is one score,
    everybody comes first, and nobody is rated.
Termination: when the cartridge's game is over, or after five minutes, in some games ten.
Opening: one to thirty ticks of doing nothing, drawn from the seed.
Options: seats (where the cartridge has games for several numbers), sticky (a probability below 1), rivalry
    (from 0 to 1, the usual).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.games import eyes, versus_console
from arena.games.atari import MOST_NOOPS, STICKY, TICK_RATE, check_sticky
from arena.games.console import NOOP, words
from arena.games.eyes import TICKS_PER_DECISION, Eyes, Sight
from arena.games.game import Game, GameSpec, Snapshot, Tick
from arena.games.seat_view import AS_IT_IS
from arena.games.versus_list import Cartridge, cartridge
from arena.games.versus_memory import Reading

FIRE = 1
"""The console's code for the button alone."""

PRESSED = 8
"""Ticks for which it is pressed for who does not serve."""

_CHANCE = 4096
"""Ticks for which chance is drawn at once."""


def make(
    game_id: str, *, seats: int | None = None, sticky: float = STICKY, rivalry: float = 1.0, **other: Any
) -> "VersusGame":
    """The cartridge in an emulator of its own.

    Raises UsageError for an option that makes no sense, ArenaError where a ROM or the emulator is not there.
    """
    if other:
        raise UsageError(f"versus games have no option '{min(other)}'; there are seats, sticky and rivalry")
    if isinstance(rivalry, bool) or not isinstance(rivalry, int | float) or not 0 <= rivalry <= 1:
        raise UsageError(f"rivalry={rivalry!r}: a number from 0 to 1 is wanted")
    cart = cartridge(game_id)
    seats = cart.seats[0] if seats is None else seats
    if isinstance(seats, bool) or not isinstance(seats, int) or seats not in cart.modes:
        wanted = " or ".join(map(str, cart.seats))
        raise UsageError(f"{game_id} is for {wanted} players, and seats={seats!r} was asked for")
    return VersusGame(cart, seats, check_sticky(sticky), rivalry)


def vector(game_id: str, num_envs: int, seed: int, **options: Any) -> Any:
    """The training-time view: see `arena.games.versus_vector`."""
    from arena.games import versus_vector

    return versus_vector.make(game_id, num_envs, seed, **options)


class VersusGame(Game):
    """One console. Sticky actions are drawn here, since the emulator's are not part of its saved state."""

    def __init__(self, cart: Cartridge, seats: int, sticky: float, rivalry: float) -> None:
        self._console = versus_console.take(cart.rom, cart.modes[seats], seats, cart.warm_up)
        self.cartridge, self.sticky, self._rivalry = cart, sticky, rivalry
        self._seed = -1  # of no game: there is none before the first reset
        self.codes = cart.codes or self._console.codes
        self.spec = GameSpec(
            id=cart.id,
            title=cart.title,
            seats=seats,
            actions=tuple(map(words, self.codes)),
            idle_action=0,
            tick_rate=TICK_RATE,
            ticks_per_decision=TICKS_PER_DECISION,
            max_ticks=cart.max_ticks,
            places=cart.places[:seats],
        )
        self.view = view = cart.view if seats == 2 else AS_IT_IS
        self._meanings = [view.meanings(seat, self.codes) for seat in range(seats)]
        self._planes = None if view.turned else _planes(seats)
        screen = self._console.height, self._console.width
        self._eyes = Eyes(*screen, self._console.grey, [view.way(seat) for seat in range(seats)])

    def reset(self, seed: int) -> None:
        self._seed = seed
        rng = np.random.default_rng(seed)
        opening = int(rng.integers(1, MOST_NOOPS, endpoint=True))
        self._chance, self._obeys = rng, np.zeros((0, self.spec.seats), np.bool_)
        console, idle = self._console, [NOOP] * self.spec.seats
        console.load(console.start(seed % self.cartridge.starts))
        for _ in range(opening):
            rewards = console.act(idle)
        self._held, self._pressed, self.ticks = idle, [0] * self.spec.seats, 0
        self._restored: NDArray[np.uint8] | None = None
        self._memory, self._scores = console.memory(), (0.0,) * self.spec.seats
        self._scores = self.cartridge.score(Reading(self._memory, self._memory, rewards, self._scores))
        self._eyes.open()

    def tick(self, actions: Sequence[int]) -> Tick:
        seats, codes = self.spec.seats, self.codes
        if len(actions) != seats or not all(0 <= action < len(codes) for action in actions):
            raise ValueError(f"actions {list(actions)}: {seats} are wanted, each from 0 to {len(codes) - 1}")
        obeyed = self._obeyed()
        self._held = [
            codes[action] if obeys else held
            for action, obeys, held in zip(actions, obeyed, self._held, strict=True)
        ]
        console, cart, before = self._console, self.cartridge, self._scores
        rewards = console.act([FIRE if self._serves(seat) else code for seat, code in enumerate(self._held)])
        self._restored = None
        earlier, self._memory = self._memory, console.memory()
        self._scores = cart.score(Reading(self._memory, earlier, rewards, before))
        if cart.serves and self._scores == before:
            self._pressed = [PRESSED if r < 0 else p for r, p in zip(rewards, self._pressed, strict=True)]
        over = cart.over(self._memory) if cart.over else console.over
        self._eyes.look(self.ticks % TICKS_PER_DECISION, over)
        self.ticks += 1
        gained = [now - then for now, then in zip(self._scores, before, strict=True)]
        return Tick(self._margins(gained, self._rivalry), terminated=over)

    def _obeyed(self) -> list[bool]:
        """For each seat, whether its console takes a new action at this tick, and does not hold the one
        before."""
        at = self.ticks
        while at >= len(self._obeys):
            drawn = self._chance.random((_CHANCE, self.spec.seats)) >= self.sticky
            self._obeys = np.concatenate([self._obeys, drawn])
        obeyed: list[bool] = self._obeys[at].tolist()
        return obeyed

    def _serves(self, seat: int) -> bool:
        """Whether fire is pressed for who has not served in time."""
        left = self._pressed[seat]
        self._pressed[seat] = max(left - 1, 0)
        return left > 0

    def margins(self) -> tuple[float, ...]:
        """How far each seat's score is above the others'; where all play together, the score."""
        return self._margins(self._scores)

    def _margins(self, scores: Sequence[float], rivalry: float = 1.0) -> tuple[float, ...]:
        if self.cartridge.together:
            return tuple(scores)
        total, others = sum(scores), len(scores) - 1
        return tuple(own - rivalry * (total - own) / others for own in scores)

    @property
    def observation_shape(self) -> tuple[int, ...]:
        """Of what `observe` gives."""
        planes = 0 if self._planes is None else self.spec.seats
        return (eyes.STACK + planes, eyes.SIZE, eyes.SIZE)

    def observe(self, seat: int) -> NDArray[np.uint8]:
        stack = self._eyes.stack(seat)
        return stack.copy() if self._planes is None else np.concatenate([stack, self._planes[seat]])

    def meant(self, seat: int, action: int) -> int:
        return self._meanings[seat][action]

    def on_screen(self, seat: int, picture: NDArray[Any]) -> NDArray[Any]:
        return self.view.turn(seat, picture)

    def frame(self, seat: int | None = None, *, blend: float = 1.0) -> NDArray[np.uint8]:
        """(height, 160, 3) in the console's colours, the same for all."""
        return self._console.colours() if self._restored is None else self._restored.copy()

    def scores(self) -> tuple[float, ...]:
        return self._scores

    def snapshot(self) -> Snapshot:
        state = _State(
            seed=self._seed,
            console=self._console.save(),
            ticks=self.ticks,
            held=tuple(self._held),
            pressed=tuple(self._pressed),
            memory=self._memory,
            scores=self._scores,
            sight=self._eyes.save(),
            frame=self.frame(),
        )
        return Snapshot(self.spec.id, state)

    def restore(self, snapshot: Snapshot) -> None:
        if snapshot.game != self.spec.id:
            raise ValueError(f"a snapshot of {snapshot.game} was given to {self.spec.id}")
        state: _State = snapshot.state
        if state.seed != self._seed:
            self.reset(state.seed)
        self._console.load(state.console)
        self.ticks, self._held, self._scores = state.ticks, list(state.held), state.scores
        self._pressed, self._memory = list(state.pressed), state.memory
        self._restored = state.frame  # the emulator's own screen is stale until the next frame
        self._eyes.load(state.sight)

    def digest(self) -> int:
        """Of the emulator's whole state, chance to come, and the score."""
        digest = hashlib.blake2b(self._console.save(), digest_size=8)
        digest.update(
            repr((self._seed, self.ticks, tuple(self._held), tuple(self._pressed), self._scores)).encode()
        )
        return int.from_bytes(digest.digest(), "little")

    def close(self) -> None:
        """Leaves the console to the next game of the same cartridge; this one is played no more."""
        versus_console.leave(self._console)


def _planes(seats: int) -> NDArray[np.uint8]:
    """(seats, seats, 84, 84): for each seat a plane of each, white for its own."""
    own = np.eye(seats, dtype=np.uint8) * np.uint8(255)
    return np.tile(own[:, :, None, None], (1, 1, eyes.SIZE, eyes.SIZE))


@dataclass(frozen=True, slots=True)
class _State:
    seed: int
    console: bytes
    ticks: int
    held: tuple[int, ...]
    pressed: tuple[int, ...]
    memory: NDArray[np.uint8]
    scores: tuple[float, ...]
    sight: Sight
    frame: NDArray[np.uint8]
