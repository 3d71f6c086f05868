"""What tests of the launcher do with a pilot: wait, look, and have something to look at."""

import asyncio

from textual.pilot import Pilot

from arena.store import keeping
from arena.store.records import MatchResult
from arena.store.replays import Replay
from arena.tui.app import ArenaApp


async def settle(pilot: Pilot[None]) -> None:
    """Wait until nothing is being read any more."""
    for _ in range(2):
        await pilot.pause()
        busy = [
            w
            for w in pilot.app.workers
            if w.group in ("games", "game", "holders", "boards", "runs", "matches", "player", "history")
        ]
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
