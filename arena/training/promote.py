"""A run's latest checkpoint becomes its agent's champion: measured, frozen, with a card that tells it."""

import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arena.errors import ArenaError
from arena.games import catalog
from arena.store import checkpoints, runs
from arena.store.checkpoints import Meta
from arena.store.records import Option
from arena.training.evaluate import Strength, better_greedy, strength

GAMES = {"maze": 1000, "atari": 30, "gym": 100}
"""Games that are played to measure a champion, by family."""

SEED = 20_000
"""Of the measurement. The choice between greedy and sampled is made with the seed before: on other levels,
so that the winner's luck is not in its card."""


def promote(run_id: str, *, games: int | None = None) -> Meta:
    """Measure the latest checkpoint of a run on the game as it is offered by default, and make it champion.

    It plays greedily or sampled, whichever is stronger. Raises UsageError for an unknown run, and ArenaError
    when there is no checkpoint yet, or nothing can be written; an earlier champion is then still there.
    """
    run = runs.find(run_id)
    if run.checkpoint is None:
        raise ArenaError(f"run {run.id} has no checkpoint yet; let it train for a minute")
    agent, meta = checkpoints.load_agent(run.checkpoint)
    options = played_options(meta)
    family = catalog.find(meta.game).family
    games = games or GAMES[family]
    greedy = better_greedy(agent, meta.game, games=max(1, games // 2), seed=SEED - 1, options=options)
    measured = strength(agent, meta.game, games=games, seed=SEED, greedy=greedy, options=options)
    random = strength(None, meta.game, games=games, seed=SEED, options=options)
    seconds = next((line["seconds"] for line in run.metrics() if line["step"] == meta.step), 0.0)
    card = {
        "summary": str(measured),
        "game": meta.game,
        "measure": measured.measure,
        "score": measured.estimate.mean,
        "interval": [measured.estimate.low, measured.estimate.high],
        "episodes": games,
        "plays": "greedy" if greedy else "sampled",
        "own_score": asdict(measured.score),
        "random": {"summary": str(random), **_numbers(random)},
        "protocol": _protocol(measured, options),
        "steps": meta.step,
        "seconds": round(seconds, 1),
        "machine": {"cores": os.cpu_count(), "cpu": cpu()},
        "seed": meta.seed,
        "run": run.id,
        "date": datetime.now(UTC).date().isoformat(),
    }
    return checkpoints.save_champion(meta, options=options, greedy=greedy, card=card)


def played_options(meta: Meta) -> dict[str, Option]:
    """The options that a match needs for this agent to see what it learned to see; size and the like are
    the game's own, whatever it was trained on."""
    return {name: value for name, value in meta.options.items() if name == "observation"}


def _numbers(measured: Strength) -> dict[str, Any]:
    estimate = measured.estimate
    return {
        "score": estimate.mean,
        "interval": [estimate.low, estimate.high],
        "own_score": asdict(measured.score),
    }


def _protocol(measured: Strength, options: dict[str, Option]) -> str:
    what = {
        "solved": "held-out levels, one episode each; Wilson 95% interval",
        "won": "matches against random on held-out levels, seats swapped; Wilson 95% interval",
        "score": "matches as they are played; bootstrap 95% interval",
    }[measured.measure]
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    return f"{measured.games} {what}; seed {SEED}" + (f"; {said}" if said else "")


def cpu() -> str:
    """The processor's name, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
