"""Exploring many levels of a game, each only until its reward is found: where demonstrations come from."""

from collections.abc import Iterator, Mapping
from typing import Any

from gymnasium import spaces

from agents.demonstrations import Demonstration, Scouted, without_loops
from agents.go_explore import Alone, Config, GoExplore
from arena.games import catalog
from arena.games.restorable import Restorable


def scout(game_id: str, options: Mapping[str, Any], seed: int, config: Config) -> Iterator[Scouted | None]:
    """Explore the level of `seed` until there is a reward, or until the config's last step. None says that it
    goes on; the last item is what came of it."""
    simulator = catalog.simulator(game_id, seed, **options)
    try:
        unused = spaces.Discrete(simulator.actions)
        learner = GoExplore(unused, unused, config, seed=seed)
        for _ in learner.learn(Alone(simulator)):
            if learner.record > 0:
                break
            yield None
        found = None
        if learner.record > 0:
            found = Demonstration(seed, shortened(simulator, learner.trajectory))
        yield Scouted(learner.step, found)
    finally:
        simulator.close()


def shortened(simulator: Restorable, actions: bytes) -> bytes:
    """A trajectory without its loops, where that scores as much; else as it is."""
    simulator.reset()
    start = simulator.picture().tobytes()
    steps = [
        # What ends the game is no loop, though the picture may be that of an earlier moment.
        (action, (over, simulator.picture().tobytes()))
        for action, _, over in _played(simulator, actions)
    ]
    short = without_loops((False, start), steps)
    before, after = (sum(reward for _, reward, _ in _played(simulator, way)) for way in (actions, short))
    return short if after == before else actions


def _played(simulator: Restorable, actions: bytes) -> Iterator[tuple[int, float, bool]]:
    """(action, reward, whether the game is over) from the start, as far as the game goes."""
    simulator.reset()
    for action in actions:
        reward, over = simulator.step(action)
        yield action, reward, over
        if over:
            break
