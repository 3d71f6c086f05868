"""Which runs are drawn together, in which colours, and what tells them from each other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from arena.tui.theme import RUNS

if TYPE_CHECKING:
    from arena.store.runs import Run

MOST = len(RUNS)
"""Runs in one picture: so many colours can be told from each other."""

SHORT = {"learning_rate": "lr", "num_envs": "envs", "entropy_coefficient": "entropy", "batch_size": "batch"}
UNTOLD = ("total_steps",)

SETTINGS_TOLD = 2
"""Settings in which runs differ that their names tell."""


def compared(runs: "Sequence[Run]", here: "Run | None", marked: Sequence[str]) -> "list[Run]":
    """The marked runs; where none is, the run `here` with the newest others of its game. Oldest first."""
    if marked:
        chosen = [run for run in runs if run.id in marked]
    elif here is not None:
        peers = [run for run in runs if (run.game, run.options) == (here.game, here.options)]
        newest = sorted(peers, key=lambda run: run.created, reverse=True)[:MOST]
        chosen = newest if here in newest else [*newest[: MOST - 1], here]
    else:
        chosen = []
    return sorted(chosen, key=lambda run: (run.created, run.id))


def colored(ids: Sequence[str], before: Mapping[str, str]) -> dict[str, str]:
    """A colour for each; who had one keeps it."""
    kept = {run_id: before[run_id] for run_id in ids if run_id in before}
    free = [color for color in RUNS if color not in kept.values()]
    fresh = [run_id for run_id in ids if run_id not in kept]
    return kept | dict(zip(fresh, free, strict=False))


def names(runs: "Sequence[Run]") -> dict[str, str]:
    """What to call each, by its id: its agent, and whatever it does not share with all the others."""
    told = {}
    games = {(run.game, *map(str, run.options.items())) for run in runs}
    for run in runs:
        if renamed(run):
            told[run.id] = run.id
            continue
        words = [run.agent]
        if len(games) > 1:
            words += [run.game, *(f"{name} {value}" for name, value in run.options.items())]
        told[run.id] = " ".join([*words, f"s{run.seed}", *_differing(run, runs)])
    return told


def renamed(run: "Run") -> bool:
    """Whether somebody gave it a name of their own."""
    return not run.id.startswith("-".join([run.agent, *run.game.split("/"), f"s{run.seed}-"]))


def _differing(run: "Run", runs: "Sequence[Run]") -> list[str]:
    """The settings in which it is unlike most of its agent's runs."""
    peers = [other for other in runs if other.agent == run.agent]
    told = []
    for name, value in run.config.items():
        values = [other.config[name] for other in peers if name in other.config]
        if name not in UNTOLD and value != max(values, key=values.count):
            told.append(f"{SHORT.get(name, name.replace('_', ' '))} {value}")
    return told[:SETTINGS_TOLD]
