"""An Atari 2600 cartridge with one player, emulated by ale-py.

Observation: what the agents of Mnih et al. 2015 are given. The screen in grey, the brighter of the last two
    frames at every pixel (sprites flicker), shrunk to 84x84 by area; the last four decisions, oldest
    first: (4, 84, 84) uint8. Before the first decision the missing three are black. It is, byte for byte,
    what ale-py's own vector environment gives.
Actions: the joystick positions and the button that the cartridge makes use of, by name: "noop", "fire",
    "up", "up right fire", ... A person's joystick is read at every tick, sixty times a second; an agent
    decides every four ticks and its action is held between. With `sticky` (0.25 unless a person plays) the
    console at each tick ignores the new action with that probability and holds the one before (Machado et
    al. 2018), so that no sequence of actions can be learned by heart.
Rewards: the change of the game's own score at each tick.
Scoring: the game's own score, neither clipped nor scaled, from the reset to the end.
Termination: when the cartridge's game is over. A match ends after 18,000 ticks (five minutes) in any case.
Opening: one to thirty ticks of doing nothing, drawn from the seed, so that two agents which never
    hesitate do not play the same game again and again.
Options: sticky (a probability below 1), mode and difficulty (numbers of the console's switches that the
    cartridge knows; its usual ones where not given).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ale_py
import numpy as np
from numpy.typing import NDArray

from arena.errors import UsageError
from arena.games import console, roms
from arena.games.console import NOOP, Cartridge, cartridge
from arena.games.eyes import TICKS_PER_DECISION, Eyes, Sight
from arena.games.game import Game, GameSpec, Snapshot, Tick
from arena.games.roms import UNSOUND

if TYPE_CHECKING:
    from arena.games.atari_simulator import AtariSimulator

TICK_RATE = 60.0
"""NTSC frames a second (59.92 on the console)."""

MAX_TICKS = 18_000
"""Five minutes: the length of an evaluation game in Mnih et al. 2015."""

STICKY = 0.25
"""The probability of repeating an action: Machado et al. 2018, section 5.2."""

MOST_NOOPS = 30
"""Of the opening: "null-op starts", Mnih et al. 2015, table of evaluation."""

SAMPLE_RATE = 30_720
"""Of `AtariGame.audio`, in Hz: 512 samples a tick."""

_CHANCE = 4096
"""Ticks for which chance is drawn at once."""


def check_sticky(sticky: object) -> float:
    """Raises UsageError unless it is a probability below 1."""
    if isinstance(sticky, bool) or not isinstance(sticky, (int, float)) or not 0 <= sticky < 1:
        raise UsageError(
            f"sticky={sticky!r} is no probability; choose one from 0 to below 1 (usual: {STICKY})"
        )
    return float(sticky)


def _check_switch(name: str, value: object, known: Sequence[int]) -> None:
    if value is not None and (isinstance(value, bool) or value not in known):
        numbers = ", ".join(map(str, known[:24])) + (f", ... {known[-1]}" if len(known) > 24 else "")
        raise UsageError(f"{name}={value!r} is not on this cartridge; choose one of {numbers}")


def make(
    game_id: str,
    *,
    sticky: float = STICKY,
    mode: int | None = None,
    difficulty: int | None = None,
    **other: Any,
) -> "AtariGame":
    """The cartridge in an emulator of its own.

    Raises UsageError for an option that makes no sense, ArenaError for a ROM that is not there.
    """
    if other:
        raise UsageError(f"atari games have no option '{min(other)}'; there are sticky, mode and difficulty")
    known = cartridge(game_id)
    _check_switch("mode", mode, known.modes)
    _check_switch("difficulty", difficulty, known.difficulties)
    return AtariGame(known, sticky=check_sticky(sticky), mode=mode, difficulty=difficulty)


def vector(game_id: str, num_envs: int, seed: int, **options: Any) -> Any:
    """The training-time view: see `arena.games.atari_vector.make`."""
    from arena.games import atari_vector

    return atari_vector.make(game_id, num_envs, seed, **options)


def practice(game_id: str, num_envs: int, seed: int, **options: Any) -> Any:
    """The view of those who learn from demonstrations: see `arena.games.atari_practice`."""
    from arena.games import atari_practice

    return atari_practice.make(game_id, num_envs, seed, **options)


def simulator(game_id: str, seed: int, **options: Any) -> Any:
    """As it is explored: see `arena.games.atari_simulator`. Never sticky."""
    from arena.games.atari_simulator import AtariSimulator

    if check_sticky(options.get("sticky", 0.0)):
        raise UsageError(
            f"{game_id} is explored without sticky actions, so that it can be put back to where it was; "
            f"leave sticky={options['sticky']} out"
        )
    game = make(game_id, **{**options, "sticky": 0.0})
    return AtariSimulator(game, lambda: game.reset(seed), longest=MAX_TICKS // TICKS_PER_DECISION)


class AtariGame(Game):
    """One emulator at frame skip 1.

    Sticky actions are drawn here, from the generator and in the order of the emulator's own (a 32-bit
    Mersenne Twister, of which each frame takes two numbers), and not by the emulator: the action that it
    holds is not part of its saved state, so that a snapshot of a sticky emulator would not be exact.

    Snapshots are exact on every cartridge. Where the emulator's own state is not (`UNSOUND`), a snapshot is
    the seed and the actions so far and `restore` plays them again, which takes as long as it takes to play
    them without drawing (0.15 ms a tick); for the others it takes 0.2 ms.
    """

    def __init__(self, cart: Cartridge, *, sticky: float, mode: int | None, difficulty: int | None) -> None:
        self.spec = GameSpec(
            id=f"atari/{cart.name}",
            title=roms.title(cart.name),
            seats=1,
            actions=cart.actions,
            idle_action=0,
            tick_rate=TICK_RATE,
            ticks_per_decision=TICKS_PER_DECISION,
            max_ticks=MAX_TICKS,
        )
        self.cartridge, self.sticky = cart, sticky
        # The emulator compares in single precision.
        self._threshold = float(np.float32(sticky)) * 2.0**32
        self._replayed = cart.name in UNSOUND
        self._console = console.take(cart.path, mode, difficulty)
        self._ale = self._console.ale
        self._eyes = Eyes(cart.height, cart.width, self._ale.getScreenGrayscale)
        self._seed = -1  # of no game: there is none before the first reset
        self._played = bytearray()

    def reset(self, seed: int, *, noops: int | None = None) -> None:
        """Start anew; `noops` is the length of the opening where it is not to be drawn.

        Seeds are taken modulo 2^31, which is as far as the emulator's go.
        """
        self._seed = seed % 2**31
        if noops is None:
            noops = int(np.random.default_rng(self._seed).integers(1, MOST_NOOPS, endpoint=True))
        self._noops = noops
        self._played.clear()
        self.gamble(seed)
        self._frames, self._held = 0, NOOP
        ale = self._ale
        if self._replayed or noops == 0:  # then what is on the screen at the start matters, or all does
            home = self._console
            console.load(ale, home.path, home.mode, home.difficulty)
        else:
            ale.restoreState(self._console.start)
        for _ in range(noops):
            ale.act(NOOP)
            if ale.game_over():
                ale.reset_game()
        self._frames = noops
        self._ticks, self._score = 0, 0
        self._restored: NDArray[np.uint8] | None = None
        self._eyes.open()

    def gamble(self, seed: int) -> None:
        """From here on let chance be that of another seed. Raises ValueError in the middle of a game whose
        snapshots are played again from its start."""
        if self._replayed and self._played:
            raise ValueError(f"{self.spec.id} cannot have another chance in the middle of a game")
        self._seed = seed % 2**31
        self._chance = np.random.MT19937()
        self._chance._legacy_seeding(self._seed)  # as std::mt19937; SeedSequence would give other numbers
        self._obeys: list[bool] = []
        """For each frame so far and some to come: whether a new action is taken, or the old one held."""

    def tick(self, actions: Sequence[int]) -> Tick:
        (action,) = actions
        if not 0 <= action < len(self.cartridge.codes):
            raise ValueError(f"action {action}: 0 to {len(self.cartridge.codes) - 1} are known")
        if self.obeys(self._frames):
            self._held = self.cartridge.codes[action]
        self._frames += 1
        reward = self._ale.act(self._held)
        over = self._ale.game_over()
        self._score += reward
        self._played.append(action)
        self._restored = None
        self._eyes.look(self._ticks % TICKS_PER_DECISION, over)
        self._ticks += 1
        return Tick((float(reward),), terminated=over)

    def obeys(self, frame: int) -> bool:
        """Whether the console takes a new action at that frame since it was switched on, and does not hold
        the one before."""
        while frame >= len(self._obeys):
            drawn = self._chance.random_raw(2 * _CHANCE)[::2]  # the second of a frame's two is player B's
            self._obeys += (drawn >= self._threshold).tolist()
        return self._obeys[frame]

    def simulator(self, seat: int) -> "AtariSimulator":
        from arena.games.atari_simulator import AtariSimulator

        home, now = self._console, self.snapshot()
        twin = AtariGame(self.cartridge, sticky=self.sticky, mode=home.mode, difficulty=home.difficulty)
        left = (MAX_TICKS - self._ticks) // TICKS_PER_DECISION
        return AtariSimulator(twin, lambda: twin.restore(now), longest=left)

    @property
    def holding(self) -> tuple[int, int]:
        """(frames since it was switched on, the code of the action that the console holds)."""
        return self._frames, self._held

    @property
    def grey(self) -> NDArray[np.uint8]:
        """(height, width): the screen at the latest decision in grey, also just after a restore, when the
        emulator's own is stale."""
        return self._eyes.grey

    @property
    def emulator(self) -> ale_py.ALEInterface:
        """The console itself, for who plays on it past this class, of which nothing then holds until the next
        reset."""
        return self._ale

    def observe(self, seat: int) -> NDArray[np.uint8]:
        return self._eyes.stack().copy()

    def frame(self, seat: int | None = None, *, blend: float = 1.0) -> NDArray[np.uint8]:
        """(height, 160, 3) in the console's colours; most cartridges have 210 lines, some up to 250."""
        if self._restored is not None:
            return self._restored.copy()
        picture: NDArray[np.uint8] = self._ale.getScreenRGB()
        return picture

    def audio(self) -> bytes:
        """The sound of the last tick: 512 unsigned 8-bit samples at `SAMPLE_RATE`, silence being 128.

        Nothing after a restore until the next tick; the phase of the waves is not part of a snapshot.
        """
        return b"" if self._restored is not None else self._ale.getAudio().tobytes()

    def scores(self) -> tuple[float, ...]:
        return (float(self._score),)

    def snapshot(self) -> Snapshot:
        if self._replayed:
            return Snapshot(self.spec.id, (self._seed, self._noops, bytes(self._played)))
        state = _State(
            seed=self._seed,
            noops=self._noops,
            emulator=self._ale.cloneState(),
            frames=self._frames,
            ticks=self._ticks,
            held=self._held,
            score=self._score,
            sight=self._eyes.save(),
            frame=self.frame(),
        )
        return Snapshot(self.spec.id, state)

    def restore(self, snapshot: Snapshot) -> None:
        if snapshot.game != self.spec.id:
            raise ValueError(f"a snapshot of {snapshot.game} was given to {self.spec.id}")
        state = snapshot.state
        if not isinstance(state, _State):
            seed, noops, played = state
            self.reset(seed, noops=noops)
            for action in played:
                self.tick((action,))
            return
        if state.seed != self._seed:
            self.gamble(state.seed)
        self._noops, self._frames, self._ticks = state.noops, state.frames, state.ticks
        self._held, self._score = state.held, state.score
        self._ale.restoreState(state.emulator)
        self._restored = state.frame  # the emulator's own screen is stale until the next frame
        self._eyes.load(state.sight)

    def close(self) -> None:
        """Leaves the console to the next game of the same cartridge; this one is played no more."""
        console.leave(self._console)

    def digest(self) -> int:
        """Of the emulator's whole state (RAM, chips, cartridge, score), chance to come, and the score."""
        digest = hashlib.blake2b(self._ale.cloneState().serialize(), digest_size=8)
        rest = (self._seed, self._frames, self._ticks, self._held, self._score)
        digest.update(b"".join(number.to_bytes(8, "little", signed=True) for number in rest))
        return int.from_bytes(digest.digest(), "little")


@dataclass(frozen=True, slots=True)
class _State:
    """A snapshot of a sound cartridge."""

    seed: int
    noops: int
    emulator: Any
    frames: int
    ticks: int
    held: int
    score: int
    sight: Sight
    frame: NDArray[np.uint8]
