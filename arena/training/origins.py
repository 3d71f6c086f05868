"""Runs that begin with what another has learned: what that was stays with the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.agent import Learner
from agents.catalog import WITHOUT_POLICY, begins_with
from arena.errors import UsageError
from arena.matches import roster
from arena.store import checkpoints, runs
from arena.store.checkpoints import Meta
from arena.store.records import Option
from arena.store.runs import Run

KEPT = "origin"
"""In a run's folder: a copy of what it began with, for acting only."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A checkpoint whose weights new runs begin with."""

    player: str
    """What it was called."""
    meta: Meta

    def told(self) -> dict[str, Any]:
        """What is kept of it with a run, and on the card of a champion that comes of that."""
        meta = self.meta
        known: dict[str, Any] = {
            name: meta.card[name] for name in ("seconds", "machine", "began_with") if name in meta.card
        }
        here = meta.folder.resolve()
        run = next((run for run in runs.runs() if run.folder.resolve() in here.parents), None)
        if run is not None:
            known = {"seconds": run.seconds_at(meta.step)}
            if run.origin:
                known["began_with"] = dict(run.origin)
        return {
            "player": self.player,
            "game": meta.game,
            "digest": meta.digest,
            "steps": meta.step,
            **known,
        }

    def keep(self, folder: Path) -> None:
        """Copy it into a run's folder. Raises ArenaError where it cannot be read or written."""
        checkpoints.copy(self.meta, folder / KEPT)


def begin_with(learner: Learner, player: str, agent: str, game: str, options: Mapping[str, Option]) -> Origin:
    """Let a new learner begin with what `player` has learned: a champion, a run or a checkpoint's folder.
    Optimizer, exploration and learning rate begin anew.

    Raises UsageError where that does not fit, and ArenaError where it cannot be read.
    """
    if agent in WITHOUT_POLICY:
        raise UsageError(f"{agent} explores a game from its start; --from is for agents that learn a policy")
    other, meta = checkpoints.load_agent(roster.checkpoint_of(player, game).folder)
    if meta.agent not in begins_with(agent):
        raise UsageError(f"{agent} cannot begin with what {meta.agent} has learned; name another with --from")
    if meta.agent in WITHOUT_POLICY and (meta.game, _world(meta.options)) != (game, _world(options)):
        raise UsageError(
            f"{player} has explored {_called(meta.game, meta.options)}, and its trajectories lead nowhere in "
            f"{_called(game, options)}"
        )
    try:
        learner.begin_with(other)
    except ValueError as error:
        raise UsageError(f"{agent} at {game} cannot begin with {player}, of {meta.game}: {error}") from error
    return Origin(player, meta)


def begin_again(learner: Learner, run: Run) -> None:
    """Give a learner what its run began with, which was stopped before its first checkpoint. Raises
    ArenaError where that cannot be read, and ValueError where it does not fit."""
    other, _ = checkpoints.load_agent(run.folder / KEPT)
    learner.begin_with(other)


def _world(options: Mapping[str, Option]) -> dict[str, Option]:
    """What makes a trajectory lead where it led: all but chance."""
    return {name: value for name, value in options.items() if name != "sticky"}


def _called(game: str, options: Mapping[str, Option]) -> str:
    chosen = ", ".join(f"{name}={value}" for name, value in _world(options).items())
    return f"{game} ({chosen})" if chosen else game
