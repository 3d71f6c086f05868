"""Tournaments from the launcher: begun, gone on with, stopped, deleted, and written as a page."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arena.errors import ArenaError
from arena.matches.foreign_names import is_foreign
from arena.tui.calm import in_background
from arena.tui.children import Child
from arena.tui.trainings import how_it_ended

if TYPE_CHECKING:
    from arena.store.tournaments import Plan
    from arena.tournaments.tournament import Tournament
    from arena.tui.app import ArenaApp

Began = Callable[[str], None]
"""Is told the id of a tournament that has begun."""


@dataclass(frozen=True, slots=True)
class Order:
    """A tournament to be begun; None is what is usual."""

    games: tuple[str, ...]
    players: tuple[str, ...]
    format: str = "round-robin"
    pairs: int = 1
    rounds: int | None = None
    seats: int = 2
    seed: int | None = None
    workers: int | None = None
    options: tuple[str, ...] = ()
    """Of the games, each as `name=value`."""

    def arguments(self, me: str) -> list[str]:
        """The command line of `python -m arena.tournaments`, where `human` is `me`."""
        arguments = ["--format", self.format, "--games", str(self.pairs), "--seats", str(self.seats)]
        for name, values in (("game", self.games), ("player", self.players), ("option", self.options)):
            for value in values:
                arguments += [f"--{name}", value]
        for name, number in (("rounds", self.rounds), ("seed", self.seed), ("workers", self.workers)):
            if number is not None:
                arguments += [f"--{name}", str(number)]
        return [*arguments, "--me", me, *(["--trust"] if any(map(is_foreign, self.players)) else [])]


async def trusted(app: "ArenaApp", players: Sequence[str]) -> bool:
    """Whether they may play: code of somebody else's only runs where the person says so."""
    from arena.tui.screens.dialogs import Confirm

    theirs = [name for name in dict.fromkeys(players) if is_foreign(name)]
    if not theirs:
        return True
    question = (
        f"{' and '.join(theirs)} {'is' if len(theirs) == 1 else 'are'} somebody else's. Code from there "
        "would run on this machine, and may do all that you may do. Do you trust it?"
    )
    return await app.push_screen_wait(Confirm("Somebody else's player", question, yes="Run it", no="Do not"))


async def begin(app: "ArenaApp", order: Order, began: Began) -> str:
    """Begin a tournament. Returns as soon as it is known whether it does: nothing if so, or else what it
    complained about. It is ended where whoever waits for it no longer does."""
    if not await trusted(app, order.players):
        return "it was not begun; leave out who is not trusted"
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def has_begun(tournament: str) -> None:
        began(tournament)
        if not answer.done():
            answer.set_result("")

    async def listen() -> None:
        complaint = "the tournament could not be begun"
        try:
            complaint = await _follow(app, order.arguments(app.settings.me), has_begun)
        except ArenaError as error:
            complaint = str(error)
        finally:
            if not answer.done():
                answer.set_result(complaint)

    listening = in_background(app, listen, group="tournament")  # to its end, long after the answer
    try:
        return await answer
    except asyncio.CancelledError:
        listening.cancel()
        raise


def goes_on(plan: "Plan") -> bool:
    """Whether there is something to play without people, and nobody plays it. Reads the log: in a thread."""
    from arena.store import tournaments
    from arena.tournaments.tournament import Tournament

    return not tournaments.is_played(plan) and bool(Tournament.load(plan).lots())


async def resume(app: "ArenaApp", plan: "Plan", began: Began) -> None:
    """Go on with one that has stopped. Raises ArenaError where that has been asked for already."""
    before = process(app, plan)
    if before is not None and not before.ending:
        raise ArenaError(f"{plan.id} is starting already; that takes a few seconds")
    names = [entrant.name for entrant in plan.entrants if not entrant.human]
    if not await trusted(app, names):
        return
    if before is not None:  # it stops just now
        await before.process.wait()
    arguments = ["--resume", plan.id, *(["--trust"] if any(map(is_foreign, names)) else [])]
    if complaint := await _follow(app, arguments, began):
        app.warn(complaint)


async def _follow(app: "ArenaApp", arguments: Sequence[str], began: Began) -> str:
    """Start a process that plays, and listen to it until it ends. Returns its complaint where it never
    began."""
    title = arguments[1] if arguments[0] == "--resume" else "the tournament"
    child = await app.start_child("tournament", title, "arena.tournaments", *arguments)
    if arguments[0] == "--resume":
        child.facts["tournament"] = arguments[1]
    app.update_screens()
    tournament, complaint = "", ""
    try:
        async for event in child.events():
            kind = event.get("event")
            if kind == "started":
                child.title = tournament = str(event.get("tournament", ""))
                began(tournament)
                if preparing := str(event.get("preparing", "")):
                    app.say(f"{preparing[0].upper()}{preparing[1:]}.")
            elif kind == "error":
                complaint = str(event.get("message", "")) or "it did not say why"
            elif kind == "finished":
                waiting = int(event.get("waiting", 0))
                many = f"{waiting:,} matches wait" if waiting > 1 else "A match waits"
                app.say(f"{many} for people: p plays one." if waiting else "It is done.", title=tournament)
            if kind in ("stopped", "finished", "error"):
                child.ending = True
            if kind != "progress":  # of which the screen reads in files, as of a tournament of others
                app.update_screens()
    finally:
        app.forget(child)
    if child.process.returncode and not complaint and not child.ending:
        complaint = f"{child.title} {how_it_ended(child)}"
    app.update_screens()
    if tournament and complaint:
        app.warn(complaint)
        return ""
    return complaint


def process(app: "ArenaApp", plan: "Plan") -> Child | None:
    """The process of ours that plays it."""
    running = app.processes.running("tournament")
    return next((child for child in running if child.facts.get("tournament") == plan.id), None)


def starting(app: "ArenaApp") -> int:
    """How many tournaments of ours are not known yet."""
    return sum("tournament" not in child.facts for child in app.processes.running("tournament"))


def stop(app: "ArenaApp", plan: "Plan") -> None:
    """Ask whoever plays it to stop, also where that is another launcher or a command line. Raises ArenaError
    where it cannot be asked."""
    from arena.store import tournaments

    child = process(app, plan)
    if child is not None:
        child.ask_to_stop()
        return
    pid = tournaments.player(plan)
    if pid is None or sys.platform == "win32":
        raise ArenaError(f"{plan.id} is played elsewhere; stop it there, with Ctrl-C")
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError as error:
        raise ArenaError(f"{plan.id} could not be stopped: {error.strerror}; stop it with Ctrl-C") from error


async def delete(app: "ArenaApp", plan: "Plan", played: int) -> bool:
    """Ask, and delete one. Returns whether it is gone. Raises ArenaError where it is being played."""
    from arena.store import tournaments
    from arena.tui.screens.dialogs import Confirm

    question = (
        f"{plan.id}: {len(plan.entrants)} players at {', '.join(plan.games)}. Its plan and standings go; "
        f"the matches that were played ({played:,}) stay, and the ratings with them."
    )
    yes, no = "Delete it", "Keep it"
    if not await app.push_screen_wait(Confirm("Delete this tournament", question, yes=yes, no=no)):
        return False
    await asyncio.to_thread(tournaments.delete, plan)
    app.say(f"{plan.id} is deleted.")
    return True


async def write_page(app: "ArenaApp", tournament: "Tournament") -> Path:
    """The tournament as one page for a browser, in its folder. Raises ArenaError where it cannot be
    written."""
    from arena.tournaments.page import write

    plan = tournament.plan
    path = plan.folder / "standings.html"
    await asyncio.to_thread(write, tournament, path)
    app.say(f"{path}", title="Written, for a browser", seconds=20)
    return path
