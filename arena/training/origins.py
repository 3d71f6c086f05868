"""Runs that begin with what another has learned, and how much that was."""

from collections.abc import Mapping
from typing import Any

from agents.agent import Learner
from arena.errors import ArenaError, UsageError
from arena.matches import roster
from arena.store import checkpoints, runs
from arena.store.checkpoints import Meta
from arena.store.runs import Run


def begin_with(learner: Learner, player: str, agent: str, game: str) -> dict[str, Any]:
    """Give a new learner the weights of `player`: a champion, a run or a checkpoint's folder. Returns what is
    to be told of it (see `Run.origin`).

    Optimizer, exploration and learning rate begin anew. Raises UsageError where the weights do not fit, and
    ArenaError where they cannot be read.
    """
    meta = roster.checkpoint_of(player, game)
    if meta.agent != agent:
        raise UsageError(f"{agent} cannot begin with what {meta.agent} has learned; name another with --from")
    other, _ = checkpoints.load_agent(meta.folder)
    try:
        learner.load_weights(other.weights())
    except ValueError as error:
        raise UsageError(f"{agent} at {game} cannot begin with {player}, of {meta.game}: {error}") from error
    return {"player": player, "game": meta.game, "digest": meta.digest, "steps": meta.step, **_before(meta)}


def begin_again(learner: Learner, run: Run) -> None:
    """As `begin_with`, for a run that was stopped before its first checkpoint. Raises ArenaError where what
    it began with is no longer there."""
    player = str(run.origin["player"])
    if roster.checkpoint_of(player, run.game).digest != run.origin["digest"]:
        raise ArenaError(f"run {run.id} began with {player}, which has changed since; begin a new one")
    begin_with(learner, player, run.agent, run.game)


def _before(meta: Meta) -> Mapping[str, Any]:
    """What is known of how it was trained, and of what it began with itself."""
    if meta.card:
        return {name: meta.card[name] for name in ("seconds", "machine", "began_with") if name in meta.card}
    run = next((run for run in runs.runs() if meta.folder in run.checkpoints), None)
    return {"began_with": dict(run.origin)} if run is not None and run.origin else {}
