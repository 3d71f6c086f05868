"""Several explorers for many levels: how demonstrations are found for those who practise."""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import wait
from typing import Any

from agents.cores import CORES
from agents.demonstrations import Scouted
from agents.go_explore import Config
from agents.presets import PRESETS
from arena.errors import ArenaError
from arena.games import catalog
from arena.games.explorers import PATIENCE, TRIALS, Worker


def scouted(
    game_id: str, options: Mapping[str, Any], seeds: Sequence[int], steps: int, workers: int = CORES
) -> Iterator[Scouted | None]:
    """Explore the levels of `seeds`, each in a process that may crash and with at most so many actions. What
    comes of them, in order, which does not depend on how many explore; and None now and then.

    Raises ArenaError where one takes down worker after worker.
    """
    family = game_id.partition("/")[0]
    config = Config(**{**PRESETS["go-explore"].get(family, {}), "total_steps": steps})
    simulator = catalog.simulator(game_id, seeds[0], **options)
    simulator.reset()  # what has to be compiled is compiled once, and not by everybody while others wait
    simulator.close()
    waiting = deque(range(len(seeds)))
    done: dict[int, Scouted] = {}
    lost = [0] * len(seeds)
    crew: list[Worker] = []
    at_work: dict[int, int] = {}
    """Which level each worker explores, by its place in the crew."""

    def replace(place: int) -> None:
        """Another worker in place of one that crashed or hangs; its level is explored again."""
        crew[place].dismiss()
        crew[place] = Worker(game_id, seeds[0], options)
        if (level := at_work.pop(place, None)) is not None:
            waiting.appendleft(level)
            lost[level] += 1
            if lost[level] == TRIALS:
                raise ArenaError(f"{game_id}: the explorer of level {seeds[level]} ended {TRIALS} times")

    try:
        while len(crew) < min(workers, len(seeds)):
            crew.append(Worker(game_id, seeds[0], options))
        following = 0
        while following < len(seeds):
            for place, worker in enumerate(crew):
                if waiting and place not in at_work:
                    at_work[place] = waiting.popleft()
                    try:
                        worker.send("scout", (seeds[at_work[place]], config))
                    except OSError:
                        replace(place)
                    worker.heard = time.monotonic()
            ready = wait([worker.connection for worker in crew], timeout=1.0)
            for place, worker in enumerate(crew):
                if worker.connection in ready:
                    try:
                        told: Scouted | None = worker.receive()
                    except (EOFError, OSError):
                        replace(place)
                        continue
                    if told is not None:
                        done[at_work.pop(place)] = told
                elif place in at_work and time.monotonic() - worker.heard > PATIENCE:
                    replace(place)
            while following in done:
                yield done.pop(following)
                following += 1
            yield None
    finally:
        for worker in crew:
            worker.dismiss()
