"""Versus games as training sees them: any number of them, in processes that emulate at the same time."""

import contextlib
import multiprocessing
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from arena.errors import ArenaError, UsageError
from arena.games import versus
from arena.games.eyes import TICKS_PER_DECISION
from arena.games.processes import as_a_worker, ignore_interrupts

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

PATIENCE = 60.0
"""Seconds without a word after which a process is taken to hang."""

Stepped = tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]


def make(
    game_id: str, num_envs: int, seed: int, *, processes: int | None = None, **options: Any
) -> "VersusVectorEnv":
    """`num_envs` slots in `processes`, by default one a core.

    Raises UsageError for an option that makes no sense, ArenaError for a ROM or an emulator that is not
    there, and ValueError where `num_envs` does not make whole games.
    """
    from agents.cores import CORES  # not for the processes, which would load torch for nothing

    game = versus.make(game_id, **options)  # what cannot be is refused here, not in a process
    seats = game.spec.seats
    observation, actions = game.observation_shape, len(game.spec.actions)
    game.close()
    if num_envs < seats or num_envs % seats:
        raise ValueError(f"{num_envs} environments do not make whole games of {seats} seats (--envs)")
    if processes is not None and (
        isinstance(processes, bool) or not isinstance(processes, int) or processes < 1
    ):
        raise UsageError(f"processes={processes!r} is no number of processes")
    games = num_envs // seats
    shares = np.array_split(np.arange(games), min(processes or CORES, games))
    parts: list[Table] = []
    try:
        parts.extend(Table(game_id, share.tolist(), seats, observation, options) for share in shares)
    except BaseException:
        for part in parts:
            part.close()
        raise
    return VersusVectorEnv(parts, observation, actions, seed)


class VersusVectorEnv(gymnasium.vector.VectorEnv[NDArray[np.uint8], NDArray[Any], NDArray[Any]]):
    """Each seat of each game is a slot, seats of a game side by side. What a slot sees and does is as in
    `arena.games.versus`, a decision a step; its reward is that of four ticks.

    Gymnasium's NEXT_STEP autoreset: the step after a game's end begins the next, whatever the action, and is
    no data. `infos["episode"]` holds, for the slots of `infos["_episode"]`, what ended: `r` (the margin of
    one's own score over the others'; all together: the score), `l` (length), `score` (one's own).

    Either the whole is stepped, or each of what it is `divided` into, by whom and when they like.
    """

    def __init__(
        self, parts: "Sequence[Table]", observation: tuple[int, ...], actions: int, seed: int | None = None
    ) -> None:
        self._parts, self._seed = parts, seed
        self._made = observation, actions
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.num_envs = sum(part.slots for part in parts)
        self.seats = parts[0].seats
        self.single_observation_space = gymnasium.spaces.Box(0, 255, observation, np.uint8)
        self.single_action_space = gymnasium.spaces.Discrete(actions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def divided(self, count: int) -> "list[VersusVectorEnv]":
        """The same slots, in order, in at most `count` environments that may be stepped at the same time.
        They are reset and closed with the whole."""
        groups = np.array_split(np.arange(len(self._parts)), min(count, len(self._parts)))
        return [VersusVectorEnv([self._parts[index] for index in group], *self._made) for group in groups]

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """New games in all slots. The first reset takes the seed that the environment was made with, where
        none is given; later ones go on. Of a list the first number counts."""
        seed, self._seed = self._seed if seed is None else seed, None
        if isinstance(seed, list):
            seed = seed[0]
        for part in self._parts:
            part.begin(seed)
        return np.concatenate([part.answer()[0] for part in self._parts]), {}

    def step(self, actions: NDArray[Any]) -> Stepped:
        """Raises ValueError for actions out of range, and ArenaError where a process has ended."""
        self.step_async(actions)
        return self.step_wait()

    def step_async(self, actions: NDArray[Any]) -> None:
        """Begin a step, which the processes then take. Raises as `step`."""
        chosen = np.asarray(actions)
        known = self._made[1]
        if chosen.shape != (self.num_envs,) or not np.issubdtype(chosen.dtype, np.integer):
            raise ValueError(
                f"{self.num_envs} whole numbers are wanted, and not {chosen.dtype} {chosen.shape}"
            )
        if chosen.min() < 0 or chosen.max() >= known:
            raise ValueError(f"actions {chosen.min()} to {chosen.max()}: 0 to {known - 1} are known")
        begin = 0
        for part in self._parts:
            part.act(chosen[begin : begin + part.slots])
            begin += part.slots

    def step_wait(self) -> Stepped:
        """Wait for the step that was begun, and return what `step` does."""
        observations, outcomes = zip(*(part.answer() for part in self._parts), strict=True)
        outcome = np.concatenate(outcomes)
        ended = outcome["ended"]
        infos: dict[str, Any] = {}
        if ended.any():
            episode = {"r": outcome["margin"], "l": outcome["length"], "score": outcome["score"]}
            infos = {"episode": episode, "_episode": ended.copy()}
        return (
            np.concatenate(observations),
            outcome["reward"].copy(),
            ended & ~outcome["truncated"],
            outcome["truncated"].copy(),
            infos,
        )

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to go on exactly: of each game its seed, and what was played. An emulator's own
        state is not kept: it would be believed whatever it is."""
        state: dict[str, NDArray[Any]] = {}
        first = 0
        for part in self._parts:
            for number, (where, played) in enumerate(part.ask("state", None), first):
                state[f"{number}/where"] = np.array(where, np.int64)
                state[f"{number}/played"] = np.frombuffer(played, np.uint8)
            first += part.slots // part.seats
        return state

    def set_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to what `get_state` returned, by playing it again. Raises ValueError where it does not
        fit."""
        kept = []
        for number in range(self.num_envs // self.seats):
            where, played = state.get(f"{number}/where"), state.get(f"{number}/played")
            if where is None or played is None or where.shape != (WHERE,):
                raise ValueError(f"the state of {self.num_envs} slots does not fit: game {number}")
            kept.append((where.tolist(), np.array(played, np.uint8).tobytes()))
        first = 0
        for part in self._parts:
            count = part.slots // part.seats
            part.send("restore", kept[first : first + count])
            first += count
        for part in self._parts:
            part.answer()

    def close_extras(self, **kwargs: Any) -> None:
        """Ends the processes."""
        for part in self._parts:
            part.close()


WHERE = 3
"""Numbers that say where a game is: its seed, the episode, and whether it is over."""

OUTCOME = np.dtype(
    [
        ("reward", np.float32),
        ("ended", np.bool_),
        ("truncated", np.bool_),
        ("margin", np.float32),
        ("score", np.float32),
        ("length", np.int32),
    ]
)
"""What a step has brought a slot; the last three where a game has ended."""


class Table:
    """Some games in a process of their own, from outside."""

    def __init__(
        self,
        game_id: str,
        numbers: Sequence[int],
        seats: int,
        observation: tuple[int, ...],
        options: Mapping[str, Any],
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self.game_id, self.seats, self.slots = game_id, seats, len(numbers) * seats
        shape = (self.slots, *observation)
        shared = context.RawArray("B", int(np.prod(shape)))
        self._seen = np.frombuffer(shared, np.uint8).reshape(shape)
        self._connection, inside = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_play, args=(inside, shared, shape, game_id, numbers, options), name="games", daemon=True
        )
        self._replays = False
        with as_a_worker():
            self._process.start()
        inside.close()

    def begin(self, seed: int | None) -> None:
        self.send("begin", seed)

    def act(self, actions: NDArray[Any]) -> None:
        self.send("act", actions.astype(np.uint8).tobytes())

    def answer(self) -> tuple[NDArray[np.uint8], NDArray[Any]]:
        """(what the slots see, what the step has brought them), in memory of their own."""
        outcome = np.frombuffer(self._receive(), OUTCOME)
        return self._seen.copy(), outcome

    def ask(self, what: str, content: Any) -> Any:
        """The answer to a question that is no step."""
        self.send(what, content)
        return self._receive()

    def send(self, what: str, content: Any) -> None:
        """Ask for something."""
        self._replays = what == "restore"  # whole games, which takes as long as it takes
        try:
            self._connection.send((what, content))
        except OSError as error:
            raise self._gone() from error

    def _receive(self) -> Any:
        try:
            if not self._connection.poll(None if self._replays else PATIENCE):
                raise EOFError
            fine, content = self._connection.recv()
            self._replays = False
        except (EOFError, OSError) as error:
            raise self._gone() from error
        if not fine:
            raise ArenaError(content)
        return content

    def _gone(self) -> ArenaError:
        return ArenaError(f"the process that emulates {self.game_id} has ended or hangs; resume the run")

    def close(self) -> None:
        if not self._connection.closed:
            self._connection.close()
            self._process.kill()
            self._process.join()
            self._process.close()


def _play(
    connection: Connection,
    shared: Any,
    shape: tuple[int, ...],
    game_id: str,
    numbers: Sequence[int],
    options: Mapping[str, Any],
) -> None:
    """A process of games, from inside: answers until its employer is gone."""
    ignore_interrupts()
    try:
        games = Games(game_id, numbers, options)
        seen = np.frombuffer(shared, np.uint8).reshape(shape)
        while True:
            what, content = connection.recv()
            if what == "state":
                connection.send((True, games.state()))
                continue
            if what == "begin":
                games.begin(content)
            elif what == "restore":
                games.restore(content)
            else:
                games.act(np.frombuffer(content, np.uint8))
            games.observe(seen)
            connection.send((True, games.outcome.tobytes()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        told = (
            str(error)
            if isinstance(error, ArenaError)
            else f"{game_id} failed with an unexpected {type(error).__name__}: {error}"
        )
        with contextlib.suppress(OSError):
            connection.send((False, told))


class Games:
    """Some games that are played together, a decision at a time."""

    def __init__(self, game_id: str, numbers: Sequence[int], options: Mapping[str, Any]) -> None:
        self._games = [versus.make(game_id, **options) for _ in numbers]
        self._numbers, self._episodes = numbers, [0] * len(numbers)
        self._root, self._over = 0, [True] * len(numbers)
        self._played = [bytearray() for _ in numbers]
        """What has been played of each game, tick by tick."""
        self._seats = self._games[0].spec.seats
        self.outcome = np.zeros(len(numbers) * self._seats, OUTCOME)

    def begin(self, seed: int | None) -> None:
        """New games, of a seed, or those that come next."""
        if seed is not None:
            self._root, self._episodes = seed, [0] * len(self._games)
        self.outcome[:] = 0
        for place in range(len(self._games)):
            self._next(place)

    def _next(self, place: int) -> None:
        self._episodes[place] += 1
        self._open(place)

    def _open(self, place: int) -> None:
        """The game of this episode, from its start."""
        key = [self._root % 2**63, self._numbers[place], self._episodes[place]]
        [seed] = np.random.SeedSequence(key).generate_state(1, np.uint32)
        self._games[place].reset(int(seed >> 1))
        self._over[place] = False
        self._played[place].clear()

    def state(self) -> list[tuple[tuple[int, int, bool], bytes]]:
        """Of each game: its seed, episode, and whether it is over; and what has been played of it."""
        told = zip(self._episodes, self._over, self._played, strict=True)
        return [((self._root, episode, over), bytes(played)) for episode, over, played in told]

    def restore(self, kept: Sequence[tuple[Sequence[int], bytes]]) -> None:
        """Go back to what `state` told, by playing it again."""
        for place, ((root, episode, over), played) in enumerate(kept):
            self._root, self._episodes[place] = root, episode
            self._open(place)
            game = self._games[place]
            for tick in range(0, len(played), self._seats):
                game.tick(list(played[tick : tick + self._seats]))
            self._played[place] += played
            self._over[place] = bool(over)
        self.outcome[:] = 0

    def act(self, chosen: NDArray[np.uint8]) -> None:
        """A decision of every slot, by what it sees."""
        self.outcome[:] = 0
        for place, game in enumerate(self._games):
            slots = slice(place * self._seats, (place + 1) * self._seats)
            if self._over[place]:
                self._next(place)
            else:
                meant = [game.meant(seat, int(action)) for seat, action in enumerate(chosen[slots])]
                self._decide(place, game, meant, self.outcome[slots])

    def _decide(
        self, place: int, game: versus.VersusGame, actions: Sequence[int], outcome: NDArray[Any]
    ) -> None:
        limit = game.spec.max_ticks
        for _ in range(TICKS_PER_DECISION):
            tick = game.tick(actions)
            self._played[place] += bytes(actions)
            outcome["reward"] += tick.rewards
            late = limit is not None and game.ticks >= limit
            if tick.ended or late:
                self._over[place] = True
                outcome["ended"] = True
                outcome["truncated"] = not tick.terminated
                outcome["margin"] = game.margins()
                outcome["score"] = game.scores()
                outcome["length"] = -(-game.ticks // TICKS_PER_DECISION)
                return

    def observe(self, seen: NDArray[np.uint8]) -> None:
        """What every slot sees, into (slots, *observation)."""
        for place, game in enumerate(self._games):
            for seat in range(self._seats):
                seen[place * self._seats + seat] = game.observe(seat)
