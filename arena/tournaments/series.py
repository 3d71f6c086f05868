"""A series of matches of the same players at one game: played side by side, and told in their order.

It begins in this process. What takes longer than a moment goes on in processes of its own, one a core, as far
as the very same players can be loaded there. Which matches are played side by side, and so what they come to,
follows from the series alone, however many play it.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.matches import roster
from arena.matches.match import Pairing
from arena.matches.player import AgentPlayer, Player
from arena.store import checkpoints
from arena.store.records import Option, Place, Replay
from arena.tournaments.engines import Engine, Failed, Left, Local, Lost, Word
from arena.tournaments.lots import Cast, Ended, Going, Job, Role, is_alone, play
from arena.tournaments.runner import ATTEMPTS, PATIENCE
from arena.tournaments.tournament import LANES, Lot, Task

HERE = 5.0
"""Seconds after which it is worth while to start other processes."""

Order = tuple[int, ...]
"""Which of the series' players sits in each seat."""


class Here:
    """An engine that plays in this process, with players who are here already."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._queue: deque[tuple[Lot, Collection[Place]]] = deque()
        self._playing: tuple[Lot, Iterator[Ended | Going]] | None = None

    def submit(self, lot: Lot, done: Collection[Place]) -> None:
        self._queue.append((lot, done))

    def words(self, seconds: float) -> list[Word]:
        if self._playing is None:
            if not self._queue:
                return []
            lot, done = self._queue.popleft()
            self._playing = lot, play(self._cast, lot, done)
        lot, going = self._playing
        try:
            word = next(going, None)
        except UsageError:  # such a match cannot be
            raise
        except ArenaError as error:
            self._playing = None
            return [Failed(str(error), lot), Left(lot)]
        if word is None:
            self._playing = None
            return [Left(lot)]
        return [word]

    def close(self) -> None:
        self._playing = None
        self._cast.close()


def play_series(
    game: str,
    names: Sequence[str],
    players: Sequence[Player],
    pairings: Iterable[Pairing],
    options: Mapping[str, Option],
    *,
    workers: int = 1,
    tell: Callable[[Going], None],
) -> Generator[tuple[Replay, Order], None, None]:
    """Play the `pairings` of `players`, who were found by these `names`; yields each match in its turn, and
    who sat where. Whoever has heard enough closes the iterator. `tell` hears now and then how far those are
    that are being played. With several `workers`, so many processes play what is left after some seconds.

    Raises UsageError before anything is played where such a match cannot be, and ArenaError in the turn of
    one that cannot be played to its end.
    """
    roles = tuple((Role(name, player.identity, None),) for name, player in zip(names, players, strict=True))
    job, began = Job((game,), options, roles), time.monotonic()
    with ExitStack() as at_the_end:
        here = Here(Cast(job, {(number, 0): player for number, player in enumerate(players)}))
        at_the_end.callback(here.close)
        table = _Table(_lots(game, players, pairings), here, tell)
        while table.goes_on:
            if workers > 1 and table.upcoming is not None and time.monotonic() - began > HERE:
                if (others := _others(job, players, workers, at_the_end)) is not None:
                    table.hand_over(others, workers)
                workers = 1  # they have been asked for
            table.hand_out()
            table.listen()
            yield from table.in_turn()
        table.end()


class _Table:
    """A series while it is played: which lots are out at which engine, and what has come back of them."""

    def __init__(self, lots: Iterator[Lot], here: Here, tell: Callable[[Going], None]) -> None:
        self._lots, self._here, self._tell = lots, here, tell
        self.upcoming = next(lots, None)
        self._engine: Engine = here
        self._most = 1
        """Who is given lots, and how many at a time."""
        self._out: dict[Engine, int] = {here: 0}
        """Lots that each engine has."""
        self._waiting: deque[Task] = deque()
        """Not told yet, in their order."""
        self._ended: dict[Place, Replay] = {}
        self._ticks: dict[Place, int] = {}
        self._lost: Counter[Place] = Counter()
        self._others_live = False
        self._failed: dict[Place, str] = {}
        """Lots by their first place, and why they were not played to the end."""

    @property
    def goes_on(self) -> bool:
        return self.upcoming is not None or any(self._out.values())

    def hand_over(self, others: Engine, most: int) -> None:
        """From now on `others` are given lots, so many at a time."""
        self._engine, self._most = others, most
        self._out[others] = 0

    def hand_out(self) -> None:
        while self.upcoming is not None and self._out[self._engine] < self._most:
            self._engine.submit(self.upcoming, ())
            self._out[self._engine] += 1
            self._waiting += self.upcoming.tasks
            self.upcoming = next(self._lots, None)

    def listen(self) -> None:
        for engine in list(self._out):
            others_play = any(count for other, count in self._out.items() if other is not engine)
            for word in engine.words(0.0 if others_play else PATIENCE):
                self._hear(engine, word)

    def _hear(self, engine: Engine, word: Word) -> None:
        self._others_live |= engine is not self._here and not isinstance(word, Lost)
        if isinstance(word, Ended):
            self._ended[word.place] = word.replay
        elif isinstance(word, Going):
            self._ticks |= word.ticks
            self._tell(replace(word, ticks=dict(self._ticks)))
        elif isinstance(word, Left):
            self._out[engine] -= 1
        elif isinstance(word, Failed):
            self._fail(word.lot, word.why)
        else:
            self._out[engine] -= 1
            self._lost[word.lot.key] += 1
            if self._lost[word.lot.key] < ATTEMPTS:
                self._again(word.lot, engine)
            elif self._others_live:
                self._fail(word.lot, f"whoever played it was lost {ATTEMPTS} times")
            else:  # no process can live beside this one
                self._engine, self._most = self._here, 1
                self._again(word.lot, self._here)

    def _again(self, lot: Lot, engine: Engine) -> None:
        told = {task.place for task in lot.tasks} - {task.place for task in self._waiting}
        engine.submit(lot, told | self._ended.keys())
        self._out[engine] += 1

    def _fail(self, lot: Lot | None, why: str) -> None:
        """What is out is played to its end, as some of it comes before."""
        if lot is not None:
            self._failed[lot.key] = why
        self.upcoming = None

    def in_turn(self) -> Iterator[tuple[Replay, Order]]:
        while self._waiting and self._waiting[0].place in self._ended:
            task = self._waiting.popleft()
            self._ticks.pop(task.place, None)
            yield self._ended.pop(task.place), task.order

    def end(self) -> None:
        """Raises ArenaError where not all could be told."""
        if self._waiting:
            raise ArenaError(self._failed[min(self._failed)])


def _lots(game: str, players: Sequence[Player], pairings: Iterable[Pairing]) -> Iterator[Lot]:
    lanes = 1 if any(map(is_alone, players)) else LANES[catalog.find(game).family]
    tasks = (
        Task(Place(round=0, encounter=0, game=0, pair=number, turn=0), pairing.seed, pairing.order)
        for number, pairing in enumerate(pairings)
    )
    while lot := tuple(islice(tasks, lanes)):
        yield Lot(0, lot)


def _others(job: Job, players: Sequence[Player], workers: int, at_the_end: ExitStack) -> Local | None:
    """Processes that play on, who have to load the players: from copies, as a run that learns writes other
    checkpoints. None where a name means another player by now, or nothing can be copied."""
    roles: list[tuple[Role, ...]] = []
    try:
        folder = Path(at_the_end.enter_context(TemporaryDirectory(prefix="arena-")))
        for (role,), player in zip(job.roles, players, strict=True):
            copied = None
            if type(player) is AgentPlayer:
                found = roster.checkpoint_of(role.name, job.games[0])
                known = f"agent:{found.digest}"
                copied = folder / str(len(roles))
                checkpoints.copy(found, copied)
            else:
                known = roster.resolve(role.name, job.games[0], options=job.options).identity.id
            if known != role.identity.id:
                return None
            roles.append((replace(role, folder=copied),))
    except (ArenaError, OSError):
        return None
    engine = Local(replace(job, roles=tuple(roles)), workers)
    at_the_end.callback(engine.close)
    return engine
