"""Training: every run, how it learns beside others, and what the machine makes of it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from arena.errors import ArenaError
from arena.store.progress import Progress, progress
from arena.tui import comparing, machine, playing, reading, run_folders, trainings
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.widgets.curves import Curves
from arena.tui.widgets.load_line import LoadLine
from arena.tui.widgets.panel import Panel
from arena.tui.widgets.run_figures import figures
from arena.tui.widgets.run_list import Row, RunList, is_meant, row_of, state_of

if TYPE_CHECKING:
    from arena.store.runs import Run

EVERY = 0.5
"""Seconds between two looks at the runs' folders while the screen is open."""

LOAD_EVERY, GPU_EVERY = 1.0, 5.0
"""Seconds between two looks at the machine, and at its GPUs."""

EMPTY = (
    "Nothing has been trained here yet.\n"
    "\n"
    "Press a to train an agent. A maze takes minutes on a laptop: try ppo at maze/run, watch its curve "
    "rise, then press v to play against what it has learned so far."
)


STARTING = "It is starting, and will be here in a few seconds."


class TrainScreen(ArenaScreen):
    NAME = "train"
    HELP_TEXT = (
        "Every training run, those that learn now first, then the newest; also those that were started on a "
        "command line or in another launcher. The curves are those of the run under the cursor and of others "
        "of its game; mark runs with space to choose which. m takes the next metric, t draws over time.\n\n"
        "Solved, in training, is the share of the latest training levels, where the exit may be near. "
        "Champions are measured on levels that no training has, with the exit far away: less, and the figure "
        "to compare. c measures a run so, and makes it the champion of its game, which is who you meet by "
        "default; if it is not better than the champion there is, you are asked.\n\n"
        "A run goes on in a process of its own while you play. s saves and stops it, r goes on from its last "
        "checkpoint, also where its process was killed. Quitting the launcher saves and stops the runs that "
        "were started in it, and no others."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "end_match", "Close the window"),
        Binding("a", "add", "Train", tooltip="an agent at a game, with one seed or several"),
        Binding("s", "stop", "Stop", tooltip="this run, after saving it"),
        Binding("r", "resume", "Resume", tooltip="from its last checkpoint"),
        Binding(
            "w", "watch", "Watch", tooltip="it play, with new weights as it learns; or up to four marked"
        ),
        Binding("v", "play", "Play", tooltip="against what it has learned so far"),
        Binding("c", "promote", "Champion", tooltip="measure it, and make it the champion of its game"),
        Binding("space", "mark", "Mark", tooltip="choose whose curves are drawn"),
        Binding("m", "turn_metric(1)", "Metric", tooltip="draw the next one: return, solved, losses, ..."),
        Binding("t", "turn_axis", "Steps or time", tooltip="along the axis below"),
        Binding("slash", "search", "Search", tooltip="runs by words of agent, game, seed, state or name"),
        Binding("u", "unmark", "Unmark all", tooltip="draw the runs of the game again"),
        Binding("e", "rename", "Rename", tooltip="this run, and with it its player"),
        Binding("d", "delete", "Delete", tooltip="this run, after a question"),
        Binding("M,shift+m", "turn_metric(-1)", "Previous metric", key_display="M", show=False),
        Binding("escape", "back", "To the runs", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, Run] = {}
        self._known: dict[str, Progress] = {}
        """Of the runs that are drawn, and of the one under the cursor."""
        self._marked: list[str] = []
        self._colors: dict[str, str] = {}
        self._query = ""
        self._wanted: str | None = None
        """The run to put the cursor on as soon as it is there."""
        self._figures = Text("\n")
        self._able: object = None
        """What was possible when the keys were last offered."""
        self._machine = machine.Machine()

    def body(self) -> ComposeResult:
        with Horizontal(id="training"):
            with Panel(id="runs"):
                yield Input(
                    placeholder="agent, game, seed, state", id="find-run", compact=True, disabled=True
                )
                yield RunList(self._row, id="run-list")
            with Vertical(id="learning"):
                yield Curves(id="curves")
                with Panel(id="run"):
                    yield Static(id="figures", markup=False)
        yield Static(EMPTY, id="no-runs", classes="invitation panel", markup=False)
        yield LoadLine(id="load")

    def on_mount(self) -> None:
        self.query_one("#no-runs").display = self.query_one("#find-run").display = False
        self.query_one(RunList).focus()
        self.set_interval(EVERY, self._look_again)
        self.set_interval(LOAD_EVERY, self._look_at_machine)
        self._look_at_machine()
        if machine.has_gpu():
            self.set_interval(GPU_EVERY, self._look_at_gpus)
            self._look_at_gpus()

    # Looking

    def _look_again(self) -> None:
        looking = any(worker.group == "runs" and not worker.is_finished for worker in self.workers)
        if self.is_current and not looking:  # a slow disk is waited for
            self.update_now()

    def update_now(self) -> None:
        in_background(self, self._read, exclusive=True, group="runs")

    async def _read(self) -> None:
        self._runs = {run.id: run for run in await self.read(run_folders.runs)}
        self._marked = [run_id for run_id in self._marked if run_id in self._runs]
        self._list()
        await self._follow()

    async def _follow(self) -> None:
        """Read on in the metrics of the runs that are drawn, and draw them."""
        drawn = comparing.compared([*self._runs.values()], self.run, self._marked)
        runs = {run.id: run for run in [*drawn, *filter(None, [self.run])]}
        self._known = await self.read(lambda: {run_id: progress(run) for run_id, run in runs.items()})
        self._colors = comparing.colored([run.id for run in drawn], self._colors)
        runs_list = self.query_one(RunList)
        runs_list.draw_changes()
        self._count(len(runs_list))
        self.query_one(Curves).show(drawn, self._known, self._colors, runs_list.key)
        self._show_figures()
        self._offer_keys()

    def _offer_keys(self) -> None:
        """Name the keys below anew where others do something now."""
        run, windows = self.run, self.arena.processes.running("window")
        kind = run and (run.state, run.checkpoint is None, run.has_policy)
        able = kind, bool(self._marked), bool(windows)
        if able != self._able:
            self._able = able
            self.refresh_bindings()

    def _look_at_machine(self) -> None:
        if self.is_current:
            in_background(self, self._read_machine, exclusive=True, group="machine")

    async def _read_machine(self) -> None:
        run = self.run
        pid = trainings.process_of(self.arena, run) if run is not None and run.state == "running" else None
        load, line = await self.read(self._machine.look, pid), self.query_one(LoadLine)
        line.display = load is not None
        if load is not None:
            line.show(load)

    def _look_at_gpus(self) -> None:
        if self.is_current:
            in_background(self, self._read_gpus, exclusive=True, group="gpus")

    async def _read_gpus(self) -> None:
        self.query_one(LoadLine).show_gpus(await self.read(machine.gpus))

    # Showing

    @property
    def run(self) -> "Run | None":
        """The run under the cursor."""
        return self._runs.get(self.query_one(RunList).key or "")

    def _list(self) -> None:
        self.query_one("#training").display = bool(self._runs)
        none = self.query_one("#no-runs", Static)
        none.display = not self._runs
        if not self._runs and none.content != (said := STARTING if trainings.starting(self.arena) else EMPTY):
            none.update(said)
        words = self._query.lower().split()
        found = [run for run in self._runs.values() if is_meant(run, words)]
        runs = self.query_one(RunList)
        runs.show(found, "nothing is called that" if words else "")
        if self.is_current and self.focused is None:  # the first run of all
            runs.focus()
        if self._wanted in self._runs:
            runs.go_to(str(self._wanted))
            self._wanted = None
        self._count(len(found))

    def _count(self, found: int) -> None:
        learning = sum(run.state == "running" for run in self._runs.values())
        starting = trainings.starting(self.arena)
        told = [f"{learning} learning"] if learning else []
        told += [f"{starting} starting"] if starting else []
        told += [f"{len(self._marked)} marked"] if self._marked else []
        of = f"{found:,} of " if self._query.strip() else ""
        told.append(f"{of}{len(self._runs):,} {'run' if len(self._runs) == 1 else 'runs'}")
        self.query_one("#runs", Panel).entitle("Runs", " · ".join(told))

    def _row(self, run: "Run") -> Row:
        known = self._known.get(run.id)
        speed = known.speed if known else 0.0
        return row_of(run, speed=speed, curve=self._colors.get(run.id), marked=run.id in self._marked)

    def _show_figures(self) -> None:
        run = self.run
        known = self._known.get(run.id) if run is not None else None
        if run is None or known is None:
            return
        options = [f"{name} {value}" for name, value in run.options.items()]
        doing = f"{state_of(run)} · {run.id}" if self.has_class("-wide") else run.id
        doing = trainings.doing(self.arena, run) or doing
        title = " · ".join([run.agent, run.game, *options, f"seed {run.seed}"])
        self.query_one("#run", Panel).entitle(title, doing)
        shown = self.query_one("#figures", Static)
        width = shown.size.width or self.query_one("#run").size.width - 4
        text = figures(run, known, max(width, 30), rows=self.size.height)
        if text != self._figures:
            as_high = text.plain.count("\n") == self._figures.plain.count("\n")
            self._figures = text
            shown.update(text, layout=not as_high)

    def on_run_list_moved(self) -> None:
        in_background(self, self._follow, exclusive=True, group="run")

    # What is drawn

    def action_mark(self) -> None:
        run = self.run
        if run is None:
            return
        if run.id in self._marked:
            self._marked.remove(run.id)
        elif len(self._marked) >= comparing.MOST:
            raise ArenaError(f"{comparing.MOST} curves are as many as can be told apart; u unmarks all")
        else:
            self._marked.append(run.id)
        self.on_run_list_moved()

    def action_unmark(self) -> None:
        self._marked = []
        self.on_run_list_moved()

    def action_turn_metric(self, by: int) -> None:
        self.query_one(Curves).turn_metric(by)

    def action_turn_axis(self) -> None:
        self.query_one(Curves).turn_axis()

    def action_search(self) -> None:
        find = self.query_one("#find-run", Input)
        find.display, find.disabled = True, False
        find.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._query = event.value
        self._list()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.query_one(RunList).focus()

    def action_back(self) -> None:
        """Out of the search; where there is none, nothing is marked any more."""
        find = self.query_one("#find-run", Input)
        if find.display:
            find.value = ""
            find.display, find.disabled = False, True  # what is only hidden may still get the focus
            self.query_one(RunList).focus()

    # Starting and stopping

    def ask_for(self, game_id: str) -> None:
        """Ask what to train for a game."""
        in_background(self.app, partial(self._ask, game_id), group="form")

    def action_add(self) -> None:
        self.ask_for(self.run.game if self.run else self.arena.settings.game)

    async def _ask(self, game_id: str) -> None:
        from arena.tui.screens.train_form import TrainForm

        begin = partial(trainings.train, self.arena, began=self._began)
        self.app.push_screen(TrainForm(await self.read(reading.games), game_id, begin))

    def _began(self, run_id: str) -> None:
        self._wanted = run_id

    def action_stop(self) -> None:
        run = self.run
        if run is not None:
            trainings.stop(self.arena, run)
            self.arena.say("It saves what it has learned, and stops.", title=run.id)

    def action_resume(self) -> None:
        run = self.run
        if run is not None:
            in_background(self.app, partial(trainings.resume, self.arena, run, self._began), group="training")

    # What it has learned

    def action_play(self) -> None:
        self._show_match(playing.against, self._with_weights(self.run))

    def action_watch(self) -> None:
        marked = [self._runs.get(run_id) for run_id in self._marked]
        self._show_match(playing.watching, *map(self._with_weights, marked or [self.run]))

    def _show_match(self, setup: "Callable[..., playing.Setup]", *runs: "Run") -> None:
        async def show() -> None:
            made = await self.read(setup, *runs)
            await playing.play(self.arena, made, terminal=bool(self.arena.no_window))

        in_background(self.app, show, group="match")

    def action_promote(self) -> None:
        run = self._with_checkpoint(self.run)
        if trainings.measuring(self.arena, run.id) is not None:
            raise ArenaError(f"{run.id} is being measured already")
        in_background(self.app, partial(trainings.promote, self.arena, run), group="promote")

    def _with_weights(self, run: "Run | None") -> "Run":
        """A run in training gives its weights to whoever asks; another has them in its checkpoint."""
        return run if run is not None and run.state == "running" else self._with_checkpoint(run)

    def _with_checkpoint(self, run: "Run | None") -> "Run":
        if run is None:
            raise ArenaError("choose a run first")
        if run.checkpoint is None:
            raise ArenaError(f"{run.id} has saved no checkpoint yet; wait for its first")
        return run

    def action_end_match(self) -> None:
        self.arena.end_window()

    # Its folder

    def action_rename(self) -> None:
        if self.run is not None:
            in_background(self.app, partial(self._rename, self.run), group="upkeep")

    async def _rename(self, run: "Run") -> None:
        self._wanted = await trainings.rename(self.arena, run)
        if self._wanted is not None:
            self._marked = [self._wanted if run_id == run.id else run_id for run_id in self._marked]
            self.update_now()

    def action_delete(self) -> None:
        if self.run is not None:
            in_background(self.app, partial(self._delete, self.run), group="upkeep")

    async def _delete(self, run: "Run") -> None:
        if await trainings.delete(self.arena, run):
            self.update_now()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done to the run under the cursor has no key."""
        if action == "end_match":
            return bool(self.arena.processes.running("window"))
        run = self.run if self.is_mounted else None
        if action == "watch" and self._marked:
            return True
        if action in NEEDS:
            return run is not None and NEEDS[action](run)
        return action != "unmark" or bool(self._marked)


NEEDS: "dict[str, Callable[[Run], bool]]" = {
    "stop": lambda run: run.state == "running",
    "resume": lambda run: run.state in ("stopped", "failed"),
    "play": lambda run: run.has_policy and (run.checkpoint is not None or run.state == "running"),
    "watch": lambda run: run.checkpoint is not None or run.state == "running",
    "promote": lambda run: run.has_policy and run.checkpoint is not None,
    "rename": lambda run: True,
    "delete": lambda run: True,
    "mark": lambda run: True,
    "turn_metric": lambda run: True,
    "turn_axis": lambda run: True,
    "search": lambda run: True,
}
"""What a run must be for an action on it, or near it."""
