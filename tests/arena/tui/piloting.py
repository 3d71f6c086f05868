"""What tests of the launcher do with a pilot: wait, look, and have something to look at."""

import asyncio
import sys
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from arena.store import keeping, runs
from arena.store.records import MatchResult
from arena.store.replays import Replay
from arena.tui import children
from arena.tui.app import ArenaApp

READING = (
    *("games", "game", "holders", "boards", "runs", "run", "matches", "player", "history"),
    *("tournaments", "contest", "players"),
)
"""The groups of workers that read what is shown."""


async def settle(pilot: Pilot[None]) -> None:
    """Wait until nothing is being read any more."""
    for _ in range(2):
        await pilot.pause()
        busy = [worker for worker in pilot.app.workers if worker.group in READING]
        await asyncio.gather(*(worker.wait() for worker in busy), return_exceptions=True)
    await pilot.pause()


def seen(app: ArenaApp) -> str:
    """What is on the screen, as text."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in lines[:height])


async def shows(pilot: Pilot[None], app: ArenaApp, *texts: str) -> bool:
    """Whether one of `texts` comes to stand on the screen within a minute."""
    for _ in range(600):
        if any(text in seen(app) for text in texts):
            return True
        await pilot.pause(0.1)
    return False


async def told(pilot: Pilot[None], app: ArenaApp, text: str) -> bool:
    """Whether a notice with `text` comes within a minute."""
    for _ in range(600):
        if any(text in notice.message for notice in app._notifications):
            return True
        await pilot.pause(0.1)
    return False


def play(game: str = "maze/run", seed: int = 1, *names: str) -> MatchResult:
    """Play and keep one match of built-in players, a small one in a maze."""
    from arena.matches.match import Match
    from arena.matches.roster import resolve

    players = [resolve(name, game) for name in names or ("pathfinder", "noop")]
    match = Match(game, players, seed, {"size": 9} if game.startswith("maze/") else {})
    match.play()
    kept: Replay = match.replay()
    match.close()
    return keeping.keep(kept)


def kept(
    state: str = "done",
    why: str = "",
    *,
    agent: str = "ppo",
    game: str = "maze/run",
    seed: int = 1,
    returns: Sequence[float] = (0.5,),
    **more: float,
) -> runs.Run:
    """A run of 1,000 steps that has ended (`open`: whose process ended without a word), with something that
    looks like a checkpoint. Each of `returns` has a line of metrics, which tells of `more` as well."""
    options = {"size": 9} if game.startswith("maze/") else {}
    run = runs.create(agent=agent, game=game, options=options, seed=seed, config={"total_steps": 1000})
    for number, value in enumerate(returns, start=1):
        at = number / len(returns)
        metrics = {"charts/episodic_return": value} | {n.replace("__", "/"): v for n, v in more.items()}
        run.log(round(1000 * at), 3 * at, metrics)
    checkpoint = run.checkpoint(1000)
    checkpoint.mkdir(parents=True)
    (checkpoint / "meta.json").write_text("{}")
    if state == "open":
        run.close()
    else:
        run.end(state, why)  # type: ignore[arg-type]
    return run.read()


def children_say(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Every child of the launcher is this program instead, with the arguments of the one it stands for."""
    monkeypatch.setattr(
        children, "command", lambda module, arguments: [sys.executable, "-c", program, *arguments]
    )
