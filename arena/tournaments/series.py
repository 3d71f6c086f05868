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

from arena.errors import ArenaError
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

HERE = 3.0
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
        word: Word | None = next(going, None)
        if word is None:
            self._playing, word = None, Left(lot)
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

    Raises UsageError before anything is played where such a match cannot be, and ArenaError where one cannot
    be played to its end.
    """
    roles = tuple((Role(name, player.identity, None),) for name, player in zip(names, players, strict=True))
    job = Job((game,), options, roles)
    lots = _lots(game, players, pairings)
    upcoming = next(lots, None)
    waiting: deque[Task] = deque()
    """Not told yet, in their order."""
    ended: dict[Place, Replay] = {}
    ticks: dict[Place, int] = {}
    lost: Counter[Place] = Counter()
    with ExitStack() as at_the_end:
        engine: Engine = Here(Cast(job, {(number, 0): player for number, player in enumerate(players)}))
        at_the_end.callback(engine.close)
        open_lots, most, began = {engine: 0}, 1, time.monotonic()
        while upcoming is not None or waiting:
            if workers > 1 and upcoming is not None and time.monotonic() - began > HERE:
                folder = at_the_end.enter_context(TemporaryDirectory())
                if (with_copies := _with_copies(job, players, Path(folder))) is not None:
                    engine, most = Local(with_copies, workers), workers
                    at_the_end.callback(engine.close)
                    open_lots[engine] = 0
                workers = 1  # they have been asked for
            while upcoming is not None and open_lots[engine] < most:
                engine.submit(upcoming, ())
                open_lots[engine] += 1
                waiting += upcoming.tasks
                upcoming = next(lots, None)
            for one in open_lots:
                others_play = any(count for other, count in open_lots.items() if other is not one)
                for word in one.words(0.0 if others_play else PATIENCE):
                    if isinstance(word, Ended):
                        ended[word.place] = word.replay
                        ticks.pop(word.place, None)
                    elif isinstance(word, Going):
                        ticks |= word.ticks
                        tell(replace(word, ticks=dict(ticks)))
                    elif isinstance(word, Left):
                        open_lots[one] -= 1
                    elif isinstance(word, Lost):
                        lost[word.lot.key] += 1
                        if lost[word.lot.key] >= ATTEMPTS:
                            raise ArenaError(f"whoever played {game} was lost {ATTEMPTS} times")
                        known = {task.place for task in word.lot.tasks} - {task.place for task in waiting}
                        one.submit(word.lot, known | ended.keys())
                    elif isinstance(word, Failed):
                        raise ArenaError(word.why)
            while waiting and waiting[0].place in ended:
                task = waiting.popleft()
                yield ended.pop(task.place), task.order


def _lots(game: str, players: Sequence[Player], pairings: Iterable[Pairing]) -> Iterator[Lot]:
    lanes = 1 if any(map(is_alone, players)) else LANES[catalog.find(game).family]
    tasks = (
        Task(Place(round=0, encounter=0, game=0, pair=number, turn=0), pairing.seed, pairing.order)
        for number, pairing in enumerate(pairings)
    )
    while lot := tuple(islice(tasks, lanes)):
        yield Lot(0, lot)


def _with_copies(job: Job, players: Sequence[Player], folder: Path) -> Job | None:
    """For those who have to load the players: the checkpoints are copied to `folder`, as a run that learns
    writes others. None where a name means another player by now, or cannot be copied: then nobody else can
    play on."""
    roles: list[tuple[Role, ...]] = []
    try:
        for (role,), player in zip(job.roles, players, strict=True):
            copied = None
            if type(player) is AgentPlayer:
                found = roster.checkpoint_of(role.name, job.games[0])
                if f"agent:{found.digest}" != role.identity.id:
                    return None
                copied = folder / str(len(roles))
                checkpoints.copy(found, copied)
            roles.append((replace(role, folder=copied),))
    except ArenaError:
        return None
    return replace(job, roles=tuple(roles))
