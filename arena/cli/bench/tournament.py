"""Frames a second of a tournament's matches, beside the same matches one after the other."""

import time
from collections.abc import Callable
from functools import partial

from arena.cli.bench.timing import Report, compare, rate
from arena.games import catalog
from arena.matches import roster
from arena.matches.foreign import Limits
from arena.matches.match import Match
from arena.store.records import Place
from arena.tournaments.engines import Failed, Local
from arena.tournaments.lots import Ended, Going, Job, Role
from arena.tournaments.tournament import LANES, Lot, Task

GAME, PLAYERS = "atari/pong", ("ppo", "dqn")
SECONDS = 8.0
REPEATS = 3
LOTS = 6


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where the ROM or a champion is missing."""
    alone = "one match after the other"
    candidates: dict[str, Callable[[], float]] = {
        alone: partial(rate, _alone(PLAYERS), SECONDS),
        "nobody thinks, one after the other": partial(rate, _alone(("noop", "random")), SECONDS),
        "1 worker": partial(_at_work, 1),
        "2 workers": partial(_at_work, 2),
    }
    lines = compare(candidates, alone, progress, repeats=REPEATS)
    return Report(
        bench="tournament",
        unit="ticks/s",
        baseline=alone,
        lines=lines,
        setting=f"duels of {' and '.join(PLAYERS)} at {GAME}, {LANES['atari']} matches side by side in each "
        "worker; a tick is a frame in each of the two copies",
    )


def _alone(players: tuple[str, ...]) -> Callable[[], int]:
    """One match after the other, as in a window."""
    seated = [roster.resolve(name, GAME) for name in players]
    seeds = iter(range(10**6))
    match = Match(GAME, seated, next(seeds))

    def advance() -> int:
        nonlocal match
        if match.finished:
            match.close()
            match = Match(GAME, seated, next(seeds))
        match.tick()
        return 1

    return advance


def _at_work(workers: int) -> float:
    """What a tournament's workers do, once all of them are at it."""
    roles = []
    for name in PLAYERS:
        folder = roster.checkpoint_of(name, GAME).folder
        roles.append((Role(name, roster.resolve(name, GAME).identity, folder),))
    lanes = LANES[catalog.find(GAME).family]
    engine = Local(Job((GAME,), {}, tuple(roles), Limits()), workers)
    try:
        for number in range(LOTS):
            places = [Place(0, number, 0, lane, 0) for lane in range(lanes)]
            tasks = tuple(Task(place, place.encounter * lanes + place.pair, (0, 1)) for place in places)
            engine.submit(Lot(0, tasks), ())
        ticks: dict[Place, int] = {}
        began, before = 0.0, 0
        while True:
            for word in engine.words(0.1):
                if isinstance(word, Going):
                    ticks.update(word.ticks)
                elif isinstance(word, Ended):
                    ticks[word.place] = word.replay.result.ticks
                elif isinstance(word, Failed):
                    raise RuntimeError(word.why)
            if not began and len(ticks) >= workers * lanes:
                began, before = time.perf_counter(), sum(ticks.values())
            if began and (elapsed := time.perf_counter() - began) > SECONDS:
                return (sum(ticks.values()) - before) / elapsed
    finally:
        engine.close()
