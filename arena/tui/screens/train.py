"""Training: every run, how far it is and how it learns; start, stop, resume, promote, play against."""

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from arena.errors import ArenaError
from arena.tui import playing, reading
from arena.tui.calm import in_background
from arena.tui.children import Child
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import BAD, FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.curve import Curve, large, short
from arena.tui.widgets.table import RowTable

if TYPE_CHECKING:
    from arena.store.runs import Run
    from arena.tui.screens.train_form import Order

EVERY = 1.0
"""Seconds between two looks at the runs' folders while the screen is open."""

EMPTY = (
    "Nothing has been trained here yet.\n"
    "\n"
    "Press a to train an agent. A maze takes minutes on a laptop: try ppo at maze/run, watch its curve "
    "rise, then press v to play against what it has learned so far."
)

MARKS = {
    "running": ("●", SEATS[2]),
    "stopped": ("○", SEATS[1]),
    "done": ("✓", QUIET),
    "failed": ("✗", BAD),
}
"""What stands before a run, by its state."""

EPISODES = {"episodic_return": "return", "solved": "solved", "episodic_length": "length"}
LOSSES = {
    "policy_loss": "policy",
    "value_loss": "value",
    "entropy": "entropy",
    "approx_kl": "kl",
    "clipfrac": "clipped",
    "explained_variance": "explained",
}
"""The metrics that are shown, and the words for them."""


class TrainScreen(ArenaScreen):
    NAME = "train"
    HELP_TEXT = (
        "Every training run, the newest first. a starts one; it goes on in a process of its own while you "
        "play. s stops a run after saving it, r goes on where it stopped. v plays against its latest "
        "checkpoint, w watches it play and takes up new weights as it learns. c measures it on levels it has "
        "never seen and makes it the champion of its game, which is who you meet by default; if it is not "
        "better than the champion there is, you are asked. Quitting the launcher saves and stops the runs "
        "that were started in it."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Train an agent"),
        Binding("s", "stop", "Stop"),
        Binding("r", "resume", "Resume"),
        Binding("v", "play", "Play it"),
        Binding("w", "watch", "Watch it"),
        Binding("c", "promote", "Make champion"),
        Binding("x", "end_match", "Close the window"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, Run] = {}
        self._wanted: str | None = None
        """The run to put the cursor on as soon as it is there."""

    def body(self) -> ComposeResult:
        with Horizontal(id="training"):
            with Vertical(id="runs", classes="panel") as runs:
                runs.border_title = "Runs"
                yield RowTable(id="run-list")
            with Vertical(id="run", classes="panel"):
                with Horizontal(id="curve-line"):
                    yield Curve(id="curve")
                yield Static(id="figures", markup=False)
        yield Static(EMPTY, id="no-runs", classes="invitation panel", markup=False)

    def on_mount(self) -> None:
        self.query_one("#no-runs").display = False
        self.query_one(RowTable).show_header = False
        self.query_one(RowTable).focus()
        self.set_interval(EVERY, self._look_again)

    def _look_again(self) -> None:
        if self.is_current:
            self.update_now()

    def update_now(self) -> None:
        in_background(self, self._read, exclusive=True, group="runs")

    async def _read(self) -> None:
        self._runs = {run.id: run for run in await self.read(reading.runs)}
        if self.is_mounted:
            self._show_runs()
            await self._show_run()
            self.refresh_bindings()

    @property
    def run(self) -> "Run | None":
        """The run under the cursor."""
        return self._runs.get(self.query_one(RowTable).key or "")

    def _show_runs(self) -> None:
        self.query_one("#training").display = bool(self._runs)
        self.query_one("#no-runs").display = not self._runs
        rows = {}
        for run in self._runs.values():
            mark, color = MARKS.get(run.state, ("○", QUIET))
            rows[run.id] = [
                Text(mark, style=color),
                Text(f"{min(run.step / max(run.total_steps, 1), 1):.0%}", style=QUIET, justify="right"),
                Text(run.agent, style=TEXT),
                Text(run.game, style=TEXT),
                Text(run.state if self.has_class("-wide") and run.state != "running" else "", style=FAINT),
            ]
        table = self.query_one(RowTable)
        table.fill(["", "", "", "", ""], rows)
        if self._wanted in rows:
            table.move_cursor(row=[*rows].index(self._wanted), animate=False)
            self._wanted = None

    async def _show_run(self) -> None:
        run = self.run
        if run is None:
            return
        panel = self.query_one("#run")
        options = [f"{name} {value}" for name, value in run.options.items()]
        panel.border_title = Content(" · ".join([run.agent, run.game, *options, f"seed {run.seed}"]))
        measuring = self._measuring(run.id)
        doing = run.id if measuring is None else measuring.last_words() or measuring.title
        panel.border_subtitle = Content(doing)
        progress = await self.read(reading.progress, run)
        self.query_one(Curve).show(progress.curve, run.total_steps)
        self.query_one("#figures", Static).update(
            _figures(run, progress, self.query_one("#figures").size.width)
        )

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        in_background(self, self._show_run, exclusive=True, group="run")
        self.refresh_bindings()

    # Starting and stopping

    def ask_for(self, game_id: str) -> None:
        """Ask what to train for a game."""
        in_background(self, partial(self._ask, game_id), exclusive=True, group="form")

    def action_add(self) -> None:
        self.ask_for(self.arena.settings.game)

    async def _ask(self, game_id: str) -> None:
        from arena.tui.screens.train_form import TrainForm

        order = await self.app.push_screen_wait(TrainForm(await self.read(reading.games), game_id))
        if order is not None:
            self._train(order)

    def _train(self, order: "Order") -> None:
        title = f"the training of {order.agent} at {order.game}"
        in_background(self.app, partial(self._follow, title, order.arguments()), group="training")

    async def _follow(self, title: str, arguments: list[str]) -> None:
        """Start a trainer, and listen to it until it ends."""
        arena = self.arena
        child = await arena.start_child("training", title, "arena.training", *arguments)
        arena.say(f"{title[0].upper()}{title[1:]} is starting; that takes a few seconds.")
        complained = False
        try:
            async for event in child.events():
                kind = event.get("event")
                if kind == "started":
                    self._wanted = str(event.get("run", ""))
                    if preparing := event.get("about", {}).get("preparing"):
                        arena.say(f"{preparing[0].upper()}{preparing[1:]}.")
                elif kind == "error":
                    complained = True
                    arena.warn(str(event.get("message", "")))
                elif kind == "finished":
                    arena.say(f"{title[0].upper()}{title[1:]} is done.")
                if kind != "progress":
                    arena.update_screens()
        finally:
            arena.forget(child)
        if child.process.returncode and not complained and not child.ending:
            arena.warn(f"{title} ended early: {child.last_words() or 'it said nothing'}")
        arena.update_screens()

    def _trainer(self, run: "Run") -> Child | None:
        """The process of ours that trains `run`."""
        return next(
            (c for c in self.arena.processes.running("training") if c.facts.get("run") == run.id), None
        )

    def action_stop(self) -> None:
        run = self.run
        trainer = None if run is None else self._trainer(run)
        if trainer is None:
            raise ArenaError("this run was started elsewhere; stop it there, with Ctrl-C")
        trainer.ask_to_stop()
        self.arena.say("It saves what it has learned, and stops.")

    def action_resume(self) -> None:
        run = self.run
        if run is not None:
            title = f"the training of {run.agent} at {run.game}"
            in_background(self.app, partial(self._follow, title, ["--resume", run.id]), group="training")

    # What it has learned

    def action_play(self) -> None:
        in_background(self.app, partial(self._play, self._with_checkpoint(), watched=False), group="match")

    def action_watch(self) -> None:
        in_background(self.app, partial(self._play, self._with_checkpoint(), watched=True), group="match")

    async def _play(self, run: "Run", *, watched: bool) -> None:
        """The person against the run's latest checkpoint, or that one alone."""
        fewest, _ = playing.seat_range(await self.read(reading.entry, run.game))
        learned = f"{run.agent}@{run.id}"
        players = (learned,) * fewest if watched else (playing.HUMAN, *[learned] * max(fewest - 1, 1))
        size = {"size": run.options["size"]} if "size" in run.options else {}
        setup = playing.Setup(run.game, players, options=size, watched=watched)
        await playing.play(self.arena, setup, terminal=not playing.has_display())

    def action_promote(self) -> None:
        run = self._with_checkpoint()
        if self._measuring(run.id) is not None:
            raise ArenaError(f"{run.id} is being measured already")
        in_background(self.app, partial(self._promote, run), group="promote")

    async def _promote(self, run: "Run") -> None:
        """Measure it; if it is not shown to be better than the champion there is, ask."""
        from arena.tui.screens.dialogs import Confirm

        self.arena.say(f"{run.id} is being measured, on levels it has never seen; that takes a moment.")
        told = await self._measure(run.id)
        if told.get("event") == "refused":
            question = f"{told.get('message')}. Make it champion all the same?"
            if not await self.app.push_screen_wait(
                Confirm("Champion", question, yes="Make it champion", no="Leave the champion there is")
            ):
                return
            told = await self._measure(run.id, "--force")
        self.arena.say(str(told.get("message", "")), title="A new champion")

    async def _measure(self, run_id: str, *more: str) -> dict[str, Any]:
        """What `arena promote` came to: its event `promoted` or `refused`. Raises ArenaError with what it
        complained about where it came to nothing."""
        title = _measurement(run_id)
        child = await self.arena.start_child("command", title, "arena", "promote", run_id, "--json", *more)
        told: dict[str, Any] = {}
        try:
            async for event in child.events():
                told = event
        finally:
            self.arena.forget(child)
            self.arena.update_screens()
        if not told:
            why = child.last_words().removeprefix("arena: ")
            raise ArenaError(why or f"{title} came to nothing")
        return told

    def _measuring(self, run_id: str) -> Child | None:
        """The process of ours that measures this run, to make it champion."""
        running = self.arena.processes.running("command")
        return next((child for child in running if child.title == _measurement(run_id)), None)

    def _with_checkpoint(self) -> "Run":
        run = self.run
        if run is None:
            raise ArenaError("choose a run first")
        if run.checkpoint is None:
            raise ArenaError(f"{run.id} has saved no checkpoint yet; wait for its first")
        return run

    def action_end_match(self) -> None:
        self.arena.end_window()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done to the run under the cursor has no key."""
        if action == "end_match":
            return bool(self.arena.processes.running("window"))
        if action not in ("stop", "resume", "play", "watch", "promote"):
            return True
        run = self.run if self.is_mounted else None
        if run is None:
            return False
        if action == "stop":
            return run.state == "running"
        if action == "resume":
            return run.state in ("stopped", "failed")
        return run.checkpoint is not None


def _measurement(run_id: str) -> str:
    return f"measuring {run_id}"


def _figures(run: "Run", progress: reading.Progress, width: int) -> Text:
    """The latest figures of a run, a line a kind, or more where `width` is small."""
    text = Text()

    def line(label: str, *parts: tuple[str, str]) -> None:
        text.append(f"{label:<8}", style=QUIET)
        used = 8
        for before, after in parts:
            if used + len(before) + len(after) + 1 > max(width, 30):
                text.append("\n        ")
                used = 8
            used += len(before) + len(after) + 3
            text.append(f"{before} ", style=TEXT if before[:1].isdigit() else QUIET)
            text.append(f"{after}  ", style=QUIET if before[:1].isdigit() else TEXT)
        text.append("\n")

    if run.why:
        text.append(f"{run.why}\n\n", style=BAD)
    latest = progress.latest
    shown = [(f"charts/{key}", name) for key, name in EPISODES.items()]
    if scores := [(name, short(latest[key])) for key, name in shown if key in latest]:
        line("episode", *scores)
    steps = [(large(run.step), f"of {large(run.total_steps)}")]
    if progress.speed and run.state == "running":
        left = (run.total_steps - run.step) / progress.speed
        steps += [(f"{progress.speed:,.0f}", "steps/s"), (reading.clock(max(left, 0)), "left")]
    line("steps", *steps)
    spent = {key.partition("/")[2]: value for key, value in latest.items() if key.startswith("time/")}
    if sum(spent.values()) > 0:
        line("time", *((name, f"{value / sum(spent.values()):.0%}") for name, value in spent.items()))
    losses = [
        (name, f"{latest[f'losses/{key}']:.3g}") for key, name in LOSSES.items() if f"losses/{key}" in latest
    ]
    if losses:
        line("losses", *losses)
    text.rstrip()
    return text
