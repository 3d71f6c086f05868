"""Trainings from the launcher: begun, listened to, stopped, and their runs measured and made champions."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from arena.errors import ArenaError
from arena.games.processes import cores
from arena.tui.calm import in_background
from arena.tui.children import Child
from arena.tui.machine import size_words
from arena.tui.widgets.axes import large

if TYPE_CHECKING:
    from arena.store.runs import Run
    from arena.tui.app import ArenaApp

Began = Callable[[str], None]
"""Is told the id of a run that has begun."""


@dataclass(frozen=True, slots=True)
class Order:
    """Trainings to be started, one a seed; None is the preset's value."""

    agent: str
    game: str
    steps: int | None
    seed: int
    envs: int | None
    size: int | None = None
    """Of a maze."""
    seeds: int = 1
    """How many: with `seed`, `seed` + 1, ..."""
    settings: tuple[str, ...] = ()
    """Of the agent, each as `name=value`."""
    origin: str = ""
    """The player with whose weights it begins; empty for new ones."""
    opponents: str | None = None
    """Whom it meets in a game for several."""

    @property
    def title(self) -> str:
        return f"the training of {self.agent} at {self.game}"

    def arguments(self) -> list[str]:
        """The command line of `python -m arena.training`."""
        arguments = ["--agent", self.agent, "--game", self.game, "--seed", str(self.seed)]
        if self.seeds > 1:
            arguments += ["--seeds", str(self.seeds)]
        if self.origin:
            arguments += ["--from", self.origin]
        if self.steps is not None:
            arguments += ["--steps", str(self.steps)]
        if self.envs is not None:
            arguments += ["--envs", str(self.envs)]
        if self.size is not None:
            arguments += ["--option", f"size={self.size}"]
        if self.opponents is not None:
            arguments += ["--opponents", self.opponents]
        for setting in self.settings:
            arguments += ["--set", setting]
        return arguments


async def train(app: "ArenaApp", order: Order, began: Began) -> str:
    """Start a training for each seed. Returns as soon as it is known whether the first begins: nothing if it
    does, or else what it complained about. The first makes the runs of all, which so begin with the same
    weights; the others are started only then. It is ended where whoever waits for it no longer does.
    """
    threads = max(1, cores() // order.seeds) if order.seeds > 1 else None
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def first_began(run_id: str) -> None:
        began(run_id)
        first = _trainer(app, run_id)
        for other in first.facts.get("runs", [run_id])[1:] if first else ():
            _resumed.add(other)
            going_on = partial(_told, app, order.title, ["--resume", other], threads, lambda _: None)
            in_background(app, going_on, group="training")
        if not answer.done():
            answer.set_result("")

    async def listen() -> None:
        complaint = f"{order.title} could not be started"
        try:
            complaint = await follow(app, order.title, order.arguments(), first_began, threads=threads)
        except ArenaError as error:
            complaint = str(error)
        finally:
            if not answer.done():
                answer.set_result(complaint)

    listening = in_background(app, listen, group="training")  # to its end, long after the answer
    try:
        return await answer
    except asyncio.CancelledError:
        listening.cancel()
        raise


async def _told(app: "ArenaApp", title: str, arguments: list[str], threads: int | None, began: Began) -> None:
    """`follow`, with nobody else to hear what it complained about."""
    complaint = await follow(app, title, arguments, began, threads=threads)
    if complaint:
        app.warn(complaint)


async def resume(app: "ArenaApp", run: "Run", began: Began) -> None:
    """Go on with a run that has stopped. Raises ArenaError where that has been asked for already."""
    before = trainer(app, run)
    if run.id in _resumed or (before is not None and not before.ending):
        raise ArenaError(f"{run.id} is starting already; that takes a few seconds")
    _resumed.add(run.id)  # now: until its trainer is known there are moments in which it is asked for again
    try:
        if before is not None:  # it has saved all, and takes a moment to end
            await before.process.wait()
    except BaseException:
        _resumed.discard(run.id)
        raise
    await _told(app, f"the training of {run.agent} at {run.game}", ["--resume", run.id], None, began)


_resumed: set[str] = set()
"""Runs that are to be gone on with and have no trainer yet, by id."""


async def follow(
    app: "ArenaApp", title: str, arguments: list[str], began: Began, *, threads: int | None = None
) -> str:
    """Start a trainer, and listen to it until it ends. Returns its complaint where it never began."""
    resumed = arguments[arguments.index("--resume") + 1] if "--resume" in arguments else ""
    try:
        child = await app.start_child("training", title, "arena.training", *arguments, threads=threads)
    finally:
        _resumed.discard(resumed)
    if resumed:
        child.facts["run"] = resumed
    app.update_screens()
    complaint = ""
    run_id = ""
    try:
        async for event in child.events():
            kind = event.get("event")
            if kind == "started":
                run_id = str(event.get("run", ""))
                began(run_id)
                if preparing := event.get("about", {}).get("preparing"):
                    app.say(_sentence(preparing))
            elif kind == "error":
                complaint = str(event.get("message", "")) or "it did not say why"
            elif kind == "finished":
                app.say(_sentence(f"{title} is done"), title=run_id)
            if kind in ("stopped", "finished", "error"):
                child.ending = True
            if kind != "progress":
                app.update_screens()
    finally:
        app.forget(child)
    if child.process.returncode and not complaint and not child.ending:
        complaint = f"{title} {how_it_ended(child)}"
    app.update_screens()
    if run_id and complaint:
        app.warn(complaint)
        return ""
    return complaint


def how_it_ended(child: Child) -> str:
    """For a notice: `was killed (SIGKILL)`, or `ended early: ` and its last words."""
    status = child.process.returncode or 0
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was killed ({signal.Signals(-status).name}); what it saved is kept"
    return f"ended early: {child.last_words() or 'it said nothing'}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def trainer(app: "ArenaApp", run: "Run") -> Child | None:
    """The process of ours that trains `run`."""
    return _trainer(app, run.id)


def _trainer(app: "ArenaApp", run_id: str) -> Child | None:
    running = app.processes.running("training")
    return next((child for child in running if child.facts.get("run") == run_id), None)


def starting(app: "ArenaApp") -> int:
    """How many trainings of ours have no run yet."""
    return sum("run" not in child.facts for child in app.processes.running("training"))


def process_of(app: "ArenaApp", run: "Run") -> int | None:
    """The number of the process that trains `run`, ours or another's; None where it cannot be told."""
    from arena.store import runs

    child = trainer(app, run)
    return runs.trainer(run) if child is None else child.process.pid


def stop(app: "ArenaApp", run: "Run") -> None:
    """Ask whoever trains `run` to save and stop, also where that is another launcher or a command line.
    Raises ArenaError where it cannot be asked."""
    child = trainer(app, run)
    if child is not None:
        child.ask_to_stop()
        return
    pid = process_of(app, run)
    if pid is None or sys.platform == "win32":  # where a signal would end it without saving
        raise ArenaError(f"{run.id} is trained elsewhere; stop it there, with Ctrl-C")
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError as error:
        raise ArenaError(f"{run.id} could not be stopped: {error.strerror}; stop it with Ctrl-C") from error


async def promote(app: "ArenaApp", run: "Run") -> None:
    """Measure it; if it is not shown to be better than the champion there is, ask."""
    from arena.tui.screens.dialogs import Confirm

    app.say(f"{run.id} is being measured, on levels it has never seen; that takes a moment.")
    told = await _measure(app, run.id)
    if told.get("event") == "refused":
        question = f"{told.get('message')}. Make it champion all the same?"
        if not await app.push_screen_wait(
            Confirm("Champion", question, yes="Make it champion", no="Leave the champion there is")
        ):
            return
        told = await _measure(app, run.id, "--force")
    app.say(str(told.get("message", "")), title="A new champion")


async def _measure(app: "ArenaApp", run_id: str, *more: str) -> dict[str, Any]:
    """What `arena promote` came to: its event `promoted` or `refused`. Raises ArenaError with what it
    complained about where it came to nothing."""
    title = _measurement(run_id)
    child = await app.start_child("command", title, "arena", "promote", run_id, "--json", *more)
    told: dict[str, Any] = {}
    try:
        async for event in child.events():
            told = event
    finally:
        app.forget(child)
        app.update_screens()
    if not told:
        why = child.last_words().removeprefix("arena: ")
        raise ArenaError(why or f"{title} came to nothing")
    return told


def measuring(app: "ArenaApp", run_id: str) -> Child | None:
    """The process of ours that measures this run, to make it champion."""
    running = app.processes.running("command")
    return next((child for child in running if child.title == _measurement(run_id)), None)


def doing(app: "ArenaApp", run: "Run") -> str:
    """What a process of ours is about with `run` beside training it; empty for nothing."""
    measurer, learner = measuring(app, run.id), trainer(app, run)
    if measurer is not None:
        what, _, done = (measurer.last_words() or measurer.title).replace(run.id, "it").rpartition(": ")
        return f"{done} · {what}" if done[:1].isdecimal() else f"{what}: {done}" if what else done
    if learner is None:
        return ""
    return "saving, then stopping" if learner.ending else "starting" if run.state != "running" else ""


def _measurement(run_id: str) -> str:
    return f"measuring {run_id}"


async def rename(app: "ArenaApp", run: "Run") -> str | None:
    """Ask for another name of a run, and give it. Returns it; None where it stays as it was. Raises
    ArenaError where the run is being trained."""
    from arena.store import run_upkeep
    from arena.tui.screens.dialogs import Ask

    _check_rest(run)
    hint = "Its player is called so too: ppo@NAME. Letters, digits, - and _."
    name = await app.push_screen_wait(
        Ask("Rename this run", run.id, hint=hint, check=lambda text: _check_name(run, text))
    )
    if name is None or name.strip() == run.id:
        return None
    return await asyncio.to_thread(run_upkeep.rename, run, name)


def _check_rest(run: "Run") -> None:
    if run.state == "running":
        raise ArenaError(f"{run.id} is learning; stop it first, with s")


def _check_name(run: "Run", text: str) -> None:
    from arena.store import run_upkeep

    if text.strip() != run.id:
        run_upkeep.check_name(text)


async def delete(app: "ArenaApp", run: "Run") -> bool:
    """Ask, and delete a run. Returns whether it is gone. Raises ArenaError where it is being trained."""
    from arena.store import run_upkeep
    from arena.tui.screens.dialogs import Confirm

    _check_rest(run)
    size = size_words(await asyncio.to_thread(run_upkeep.size, run))
    question = (
        f"{run.id}: {large(run.step)} steps, {size} of metrics and checkpoints. Deleted is deleted; what it "
        "played and a champion that it became stay."
    )
    if not await app.push_screen_wait(Confirm("Delete this run", question, yes="Delete it", no="Keep it")):
        return False
    await asyncio.to_thread(run_upkeep.delete, run)
    app.say(f"{run.id} is deleted; {size} are free again.")
    return True
