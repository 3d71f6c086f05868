"""What has been measured of a run's checkpoints is kept with the run: asked again, it is known."""

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agents.agent import Agent
from arena.errors import ArenaError
from arena.games import catalog
from arena.games.atari import MOST_NOOPS, STICKY
from arena.store import home
from arena.store.records import Option
from arena.training.estimates import Estimate
from arena.training.evaluate import Progress, Strength, measure_of, strength, untold

FILE = "measurements.json"
"""In a run's folder: each measurement by who was measured, how it played, and the protocol."""


class Measurements:
    """Of a run's checkpoints, and of those they are compared with, at the run's game."""

    def __init__(self, folder: Path, game: str, options: Mapping[str, Option]) -> None:
        """`folder` is the run's, `options` are the game's."""
        self._folder, self._game, self._options = folder, game, dict(options)

    def strength(
        self,
        agent: Agent | None,
        digest: str,
        *,
        games: int,
        seed: int,
        greedy: bool = True,
        progress: Progress = untold,
    ) -> Strength:
        """As `evaluate.strength`, measured only where that is not known. `digest` is the agent's identity."""
        who = "random" if agent is None else f"{digest} {'greedy' if greedy else 'sampled'}"
        key = f"{who}, {protocol(self._game, games, seed, self._options)}"
        if (known := _understood(self._read().get(key))) is not None:
            return known
        measured = strength(
            agent,
            self._game,
            games=games,
            seed=seed,
            greedy=greedy,
            options=self._options,
            progress=progress,
        )
        self._keep(key, measured)
        return measured

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads((self._folder / FILE).read_bytes())
        except (OSError, ValueError):  # none yet, or damaged: what it said is measured anew
            return {}
        return content if isinstance(content, dict) else {}

    def _keep(self, key: str, measured: Strength) -> None:
        if not (self._folder / "config.json").exists():  # the run was renamed or deleted meanwhile
            return
        content = json.dumps(self._read() | {key: asdict(measured)}, indent=1)
        with contextlib.suppress(ArenaError):  # no room for it: only the next time takes longer
            home.write_atomically(self._folder / FILE, content.encode())


def protocol(game: str, games: int, seed: int, options: Mapping[str, Option]) -> str:
    """How strength is measured, in words; what was measured by the same can be compared."""
    what = {
        "solved": "held-out levels, one episode each; Wilson 95% interval",
        "won": "matches against random on held-out levels, seats swapped; Wilson 95% interval",
        "score": "matches as they are played; bootstrap 95% interval",
    }[measure_of(game, options)]
    if catalog.find(game).family == "atari":
        what = (
            f"whole games, all lives, half an hour at most, sticky actions {STICKY}, "
            f"up to {MOST_NOOPS} no-ops; bootstrap 95% interval"
        )
    if catalog.find(game).family == "versus":
        what = f"matches against random, sticky actions {STICKY}, seats swapped; Wilson 95% interval"
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    return f"{games} {what}; seed {seed}" + (f"; {said}" if said else "")


def _understood(told: Any) -> Strength | None:
    """What is kept of a measurement, None where that is not what we wrote."""
    try:
        estimate, score = (Estimate(**told[name]) for name in ("estimate", "score"))
        numbers = [*asdict(estimate).values(), *asdict(score).values()]
        if told["measure"] not in ("solved", "won", "score") or not all(map(math.isfinite, numbers)):
            return None
        return Strength(told["measure"], int(told["games"]), estimate, score)
    except (KeyError, TypeError, ValueError):
        return None
