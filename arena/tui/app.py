"""The launcher: from one terminal, everything that the arena does."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import WorkerFailed

from arena import display, places
from arena.errors import ArenaError
from arena.store import home, names
from arena.store.faults import write_down
from arena.tui import settings
from arena.tui.calm import Guarded, in_background
from arena.tui.children import UNHEARD, Child, Children, command, environment
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import THEME
from arena.tui.widgets.bars import SCREENS, shown_bindings
from arena.tui.widgets.too_small import LEAST

KEYS = {"slash": "/", "question_mark": "?", "escape": "esc", "left": "←", "right": "→"}
"""What is on a key, where Textual's name for it is another."""

MOST_LOGS = 50
"""Files in `logs/`, one for each child process: the newest, and those of children that still run."""


def _play() -> Screen[None]:
    from arena.tui.screens.play import PlayScreen

    return PlayScreen()


def _train() -> Screen[None]:
    from arena.tui.screens.train import TrainScreen

    return TrainScreen()


def _tournaments() -> Screen[None]:
    from arena.tui.screens.tournaments import TournamentsScreen

    return TournamentsScreen()


def _leaderboard() -> Screen[None]:
    from arena.tui.screens.leaderboard import LeaderboardScreen

    return LeaderboardScreen()


def _replays() -> Screen[None]:
    from arena.tui.screens.replays import ReplaysScreen

    return ReplaysScreen()


class ArenaApp(Guarded, App[None]):
    """Owns the screens, the child processes and the settings."""

    TITLE = "arena"
    CSS_PATH = "arena.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "play": _play,
        "train": _train,
        "tournaments": _tournaments,
        "leaderboard": _leaderboard,
        "replays": _replays,
    }
    DEFAULT_MODE = "play"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (LEAST[0], "-middle"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (LEAST[1], "-high")]  # noqa: RUF012
    NOTIFICATION_TIMEOUT = 6.0
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"open('{name}')", title, show=False)
            for number, (name, title) in enumerate(SCREENS, start=1)
        ),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(self) -> None:
        self._standing = False
        """Whether the first screen is there."""
        super().__init__()
        self.register_theme(THEME)
        self.set_reactive(App.theme, THEME.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.processes = Children()
        self.settings = settings.load()
        self.no_window = ""
        """Why no window can be opened here, as far as is known; empty where one can."""
        self.failures: list[BaseException] = []
        """What went wrong so far and was only shown as a notice."""
        self._endings: set[asyncio.Task[None]] = set()
        self._leaving = False

    def on_ready(self) -> None:
        """The first picture is there; only now begins what it does not need."""
        self._standing = True
        self.no_window = display.why_none()
        self.call_after_refresh(self.update_screens)
        if not self.no_window:
            in_background(self, self._try_display, group="display")

    async def _try_display(self) -> None:
        """A display that the environment names may be gone. Only who tries knows, and we cannot: a child
        does, as whatever opens a window does before it."""
        child = await self.start_child("display", "looking for a display", "arena.window", "display")
        try:
            async for event in child.events():
                self.no_window = str(event.get("why_not", ""))
        finally:
            self.forget(child)
        if self.no_window:
            self.update_screens()

    def refresh_css(self, animate: bool = True) -> None:
        """Before the first picture there is nothing to refresh, and it would cost a tenth of the start."""
        if self._standing:
            super().refresh_css(animate)

    # What went wrong

    def report(self, error: BaseException) -> None:
        """Show `error` as one line. What is not meant for people goes to the log, with its traceback."""
        while isinstance(error, WorkerFailed) and isinstance(error.error, BaseException):
            error = error.error
        if isinstance(error, ArenaError):
            self.warn(str(error))
            return
        self.failures.append(error)
        log = write_down(error)
        kept = f"; the details are in {log}" if log else ""
        self.notify(
            f"{type(error).__name__}: {error}"[:200] + kept,
            title="That did not work, and it is a bug of ours",
            severity="error",
            markup=False,
        )

    def _handle_exception(self, error: Exception) -> None:
        """Textual would leave and print a traceback; the launcher says it in one line and goes on."""
        if self._standing or isinstance(error, WorkerFailed):
            self.report(error)
        else:  # nothing is on the screen yet: there is no launcher to go on with
            self.failures.append(error)
            log = write_down(error)
            self._return_code = 1
            self.exit(
                message=f"The launcher could not start: {error}" + (f" (details: {log})" if log else "")
            )

    def warn(self, text: str) -> None:
        """Something could not be done, in one line for the person."""
        self.notify(text, severity="warning", timeout=10.0, markup=False)

    def say(self, text: str, title: str = "", seconds: float | None = None) -> None:
        """Something has been done."""
        self.notify(text, title=title, timeout=seconds, markup=False)

    # Screens and keys

    def action_open(self, name: str) -> None:
        """Show one of the screens."""
        if not self.screen.is_modal:
            self.switch_mode(name)

    def action_help(self) -> None:
        """What the screen is for, and every key of it."""
        from arena.tui.screens.dialogs import Help

        screen = self.screen
        if isinstance(screen, ArenaScreen):
            keys = [(self.get_key_display(b), _told(b)) for b in shown_bindings(screen)]
            keys += [(str(n), title) for n, (_, title) in enumerate(SCREENS, start=1)]
            keys += [("tab", "The next part of the screen"), ("ctrl+p", "Every command, to search")]
            keys += [("n", "Your name on the leaderboard")]
            self.push_screen(Help(dict(SCREENS)[screen.NAME], screen.HELP_TEXT, [*dict.fromkeys(keys)]))

    def get_key_display(self, binding: Binding) -> str:
        """`enter`, not a picture of the key."""
        if binding.key_display:
            return binding.key_display
        first = binding.key.split(",")[0]
        return KEYS.get(first, first)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what can be done on this screen, then the other screens."""
        for binding in shown_bindings(screen):
            if binding.action.startswith("app."):
                continue  # named below, for every screen
            key = self.get_key_display(binding)
            told = " · ".join(filter(None, (f"key {key}", binding.tooltip)))
            yield SystemCommand(binding.description, told, _press(self, binding))
        for name, title in SCREENS:
            if not isinstance(screen, ArenaScreen) or name != screen.NAME:
                yield SystemCommand(
                    f"Open {title}", f"the screen {title}", lambda name=name: self.action_open(name)
                )
        yield SystemCommand("Your name", f"now {self.settings.me}", self.action_name)
        yield SystemCommand("Help", "what this screen is for, and its keys", self.action_help)
        yield SystemCommand("Quit", "end what runs, and leave", self.action_quit)

    async def action_name(self) -> None:
        """Ask for the person's name, and remember it."""
        in_background(self, self._ask_name, exclusive=True, group="name")

    async def _ask_name(self) -> None:
        from arena.tui.screens.dialogs import Ask

        def check(text: str) -> None:
            if not names.clean(text):
                raise ArenaError("a name has at least one letter")

        hint = "Your matches are kept under this name on the leaderboard."
        text = await self.push_screen_wait(Ask("Your name", self.settings.me, hint=hint, check=check))
        if text is not None:
            self.remember(name=names.clean(text))
            self.update_screens()

    def remember(self, **changes: str) -> None:
        """Change settings, and keep them where that is possible."""
        try:
            self.settings = settings.remember(self.settings, **changes)
        except ArenaError as error:
            self.settings = replace(self.settings, **changes)
            self.warn(f"{error}. It holds until you quit")

    def update_screens(self) -> None:
        """Something was played or trained: the open screen reads again, others when they are shown."""
        if self._standing and isinstance(self.screen, ArenaScreen):
            self.screen.update_now()

    def train(self, game_id: str) -> None:
        """Open the runs, and ask what to train for `game_id`."""
        from arena.tui.screens.train import TrainScreen

        self.switch_mode("train")
        if isinstance(self.screen, TrainScreen):
            self.screen.ask_for(game_id)

    # Leaving

    async def action_quit(self) -> None:
        """Leave; ask first where a training would be stopped. Asked again, wait for no training's saving."""
        if not self._leaving:
            in_background(self, self._leave, group="leave")
            return
        for child in self.processes.running("training"):
            child.give_up()

    async def _leave(self) -> None:
        from arena.tui.screens.dialogs import Confirm, Saving

        training = self.processes.running("training")
        if training or self.processes.running("tournament"):
            question = _going_on(training, self.processes.running("tournament"))
            if not await self.push_screen_wait(
                Confirm("Quit", question, yes="Save, stop and quit", no="Stay")
            ):
                return
        self._leaving = True
        if training:
            await self.push_screen(Saving())
        await self.end_children()
        self.exit()

    def leave_now(self) -> None:
        """The terminal is gone, or somebody wants us to end: no question; but every child ends properly."""
        self._leaving = True
        self.exit()

    # Child processes

    async def start_child(
        self, purpose: str, title: str, module: str, *arguments: str, threads: int | None = None
    ) -> Child:
        """Start one; its stderr goes to `logs/` in the saves. Raises ArenaError where that cannot be done."""
        try:
            errors = None if purpose in UNHEARD else self._new_log(purpose)
            return await self.processes.start(
                purpose, title, module, *arguments, errors=errors, threads=threads
            )
        except OSError as error:
            raise ArenaError(f"{title} could not be started: {error.strerror or error}") from error

    def _new_log(self, purpose: str) -> Path:
        """A file for a child's stderr. The oldest make room."""
        folder = home.make_folder(places.saves() / "logs")
        written = {child.errors for child in self.processes.running()}
        for old in sorted(folder.glob("*.log"))[: -MOST_LOGS + 1]:
            if old not in written:
                with contextlib.suppress(OSError):
                    old.unlink()
        return folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}-{purpose}.log"

    async def run_command(self, title: str, *arguments: str) -> None:
        """Run `arena arguments` out of sight. Raises ArenaError with what it complained about."""
        child = await self.start_child("command", title, "arena", *arguments)
        try:
            async for _ in child.events():
                pass
        finally:
            await self.forget(child)
        if child.process.returncode:
            raise ArenaError(child.last_words().removeprefix("arena: ") or f"{title} did not work")

    async def end_children(self) -> None:
        """End every child process. When this returns, none is left."""
        await asyncio.gather(self.processes.end_all(), *self._endings)

    def forget(self, child: Child) -> asyncio.Task[None]:
        """Nobody listens to it any more: end it, in its own time."""
        task = asyncio.create_task(child.end())
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        return task

    def end_window(self) -> None:
        """Close the match's or the replay's window."""
        for child in self.processes.running("window"):
            self.forget(child)

    @contextlib.asynccontextmanager
    async def _terminal_lent(self) -> AsyncIterator[None]:
        """The terminal belongs to somebody else inside; nothing of ours is drawn there."""
        with self.batch_update(), self.suspend():
            yield
        self.refresh(layout=True)

    async def run_here(self, module: str, *arguments: str) -> int:
        """Run `python -m module arguments` in this terminal, in our place. Returns its exit status.

        Ctrl-C there is meant for it, not for us.
        """
        async with self._terminal_lent():
            before = signal.signal(
                signal.SIGINT, lambda *_: None
            )  # a handler, unlike SIG_IGN, is not inherited
            try:
                process = await asyncio.create_subprocess_exec(*command(module, arguments), env=environment())
                try:
                    return await process.wait()
                finally:
                    if process.returncode is None:
                        process.terminate()
                        await process.wait()
            finally:
                signal.signal(signal.SIGINT, before)


def run() -> None:
    """The launcher, until the person leaves. Whatever happens, no child process outlives it."""
    app = ArenaApp()
    asyncio.run(_run(app))
    if app.return_code:
        raise SystemExit(app.return_code)


async def _run(app: ArenaApp) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # Windows has no such signals for a loop
                loop.add_signal_handler(number, app.leave_now)
    try:
        await app.run_async()
    finally:
        await app.end_children()


def _going_on(training: list[Child], playing: list[Child]) -> str:
    """What is lost by leaving: nothing."""
    parts = []
    for children, many in ((training, "trainings"), (playing, "tournaments")):
        if children:
            parts.append(children[0].title if len(children) == 1 else f"{len(children)} {many}")
    what, one = " and ".join(parts), len(training) + len(playing) == 1
    are, it = ("is", "It") if one else ("are", "They")
    return f"{what[0].upper()}{what[1:]} {are} still going on. {it} will be saved, and can be resumed."


def _told(binding: Binding) -> str:
    """What a key does, in full."""
    return f"{binding.description}  {binding.tooltip}" if binding.tooltip else binding.description


def _press(app: ArenaApp, binding: Binding) -> Callable[[], None]:
    return lambda: app.simulate_key(binding.key.split(",")[0])
