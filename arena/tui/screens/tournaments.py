"""Tournaments: all that there are, and of one who stands where, who met whom, and what is in play."""

import math
import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Static

from arena.errors import ArenaError
from arena.tui import playing, reading, tournaments
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import QUIET, TEXT
from arena.tui.widgets import tournament_tables as tables
from arena.tui.widgets.panel import Panel
from arena.tui.widgets.table import RowTable
from arena.tui.widgets.tournament_view import TournamentView

if TYPE_CHECKING:
    from arena.store.records import Place
    from arena.tui.tournament_folders import Card, Folders, Look

EVERY = 1.0
"""Seconds between two looks at the folders and the log while something is played; what has not changed is not
read."""

SELDOM = 4
"""As many of them between two looks while nothing is: somebody else may have begun something."""

SHARE = 0.2
"""Of the time goes into looking at most, however long one look takes."""

EMPTY = (
    "No tournament has been played here yet.\n"
    "\n"
    "Press a to begin one: choose games and who enters, and watch the standings and the crosstable fill in. "
    "You may enter too: your matches wait until you play them."
)

STARTING = "It is starting, and will be here in a few seconds."


class TournamentsScreen(ArenaScreen):
    NAME = "tournaments"
    HELP_TEXT = (
        "Every tournament, those that are played now first, then the newest; also those of a command line. "
        "On the right the one under the cursor: its standings, with a rating fitted to it alone as a point "
        "with its 95 % error bar; the crosstable, with the points of each against each (of a knockout, the "
        "bracket); and its matches.\n\n"
        "Tab goes to the matches: w shows the one under the cursor, one in play from its start, one that has "
        "ended as its replay. Matches of people wait: p opens the next (or the one under the cursor) in a "
        "window, to be played against the agents that entered.\n\n"
        "Every match is kept the moment it ends. s stops, r goes on where it stopped. Agents are copied when "
        "they enter: what is trained or promoted later changes nothing."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "end_match", "Close the window"),
        Binding("a", "add", "New", tooltip="tournament: games, players, format"),
        Binding("p", "play", "Play", tooltip="a match that waits for you"),
        Binding("w", "watch", "Watch", tooltip="the match under the cursor, or the first in play"),
        Binding("s", "stop", "Stop", tooltip="this tournament; it can be gone on with"),
        Binding("r", "resume", "Resume", tooltip="this tournament, exactly where it stopped"),
        Binding("t", "turn", "Crosstable", tooltip="or bracket, or standings, where there is room for one"),
        Binding("o", "page", "HTML page", tooltip="standings, crosstable and matches, for a browser"),
        Binding("d", "delete", "Delete", tooltip="this tournament, after a question; its matches stay"),
        Binding("enter", "enter", "To its matches", show=False),
        Binding("escape", "back", "To the tournaments", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._folders: Folders | None = None
        self._cards: dict[str, Card] = {}
        self._look: Look | None = None
        self._wanted: str | None = None
        """The tournament to put the cursor on as soon as it is there."""
        self._rest_until = 0.0
        self._ticks = 0
        self._able: object = None
        """What was possible when the keys were last offered."""

    def body(self) -> ComposeResult:
        with Horizontal(id="contests"):
            with Panel(id="contest-list"):
                yield RowTable(id="tournaments")
            yield TournamentView(id="contest")
        yield Static(EMPTY, id="no-tournament", classes="invitation panel", markup=False)

    def on_mount(self) -> None:
        self.query_one("#no-tournament").display = False
        self._view.display = False
        self._list.focus()
        self.set_interval(EVERY, self._look_again)

    @property
    def _list(self) -> RowTable:
        return self.query_one("#tournaments", RowTable)

    @property
    def _view(self) -> TournamentView:
        return self.query_one(TournamentView)

    # Looking

    def _look_again(self) -> None:
        self._ticks += 1
        lively = any(card.state in ("running", "") for card in self._cards.values())
        lively |= bool(self.arena.processes.running("tournament"))
        looking = any(worker.group == "tournaments" and not worker.is_finished for worker in self.workers)
        rests = time.monotonic() < self._rest_until or not (lively or self._ticks % SELDOM == 0)
        if self.is_current and not looking and not rests:
            self.update_now()

    def update_now(self) -> None:
        in_background(self, self._read, exclusive=True, group="tournaments")

    async def _read(self) -> None:
        began = time.monotonic()
        try:
            cards, whole = await self.read(lambda: self._known().look())
            self._cards = {card.plan.id: card for card in cards}
            self._show_list()
            await self._follow()
        except ArenaError:  # it is said once, and not once a second
            self._rest_until = math.inf
            raise
        if whole:
            self._rest_until = time.monotonic() + (time.monotonic() - began) / SHARE

    def _known(self) -> "Folders":
        """What has been read so far. In a thread: what reads it takes a while to load."""
        from arena.tui.tournament_folders import Folders

        self._folders = self._folders or Folders()
        return self._folders

    async def _follow(self) -> None:
        """Read what is to be told of the tournament under the cursor, and show it."""
        card = self.card
        look = await self.read(lambda: self._known().follow(card)) if card is not None else None
        self._look = look
        if self._look is not None and card is self.card:
            self._show()
        self._offer_keys()

    @property
    def card(self) -> "Card | None":
        """The tournament under the cursor."""
        return self._cards.get(self._list.key or "")

    @property
    def _shown(self) -> "Look":
        """What is shown of it. Raises ArenaError where that is not read yet."""
        if self._look is None or self._look.plan.id != self._list.key:
            raise ArenaError("it is still being read; try again in a moment")
        return self._look

    def _offer_keys(self) -> None:
        """Name the keys below anew where others do something now."""
        look, windows = self._look, bool(self.arena.processes.running("window"))
        kind = look and (look.card.state, bool(look.waiting), bool(look.playing), look.card.played > 0)
        able = kind, windows, self._view.cramped, self._view.matches.has_focus
        if able != self._able:
            self._able = able
            self.refresh_bindings()

    # Showing

    def _show_list(self) -> None:
        none, there = self.query_one("#no-tournament", Static), bool(self._cards)
        self.query_one("#contests").display, none.display = there, not there
        if not there and none.content != (said := STARTING if tournaments.starting(self.arena) else EMPTY):
            none.update(said)
        table = self._list
        room = max(self.query_one("#contest-list").size.width - 15, 8)
        rows = {}
        for card in self._cards.values():
            sign, color = tables.SIGNS[card.state]
            name = Text(tables.games_in_short(card.plan.games), style=TEXT)
            name.append(f" {card.plan.format}", style=QUIET)
            name.truncate(room, overflow="ellipsis")
            share = "" if not card.state else f"{card.played / max(card.matches, 1):.0%}"
            done = Text(reading.ago(card.plan.created) if card.state == "done" else share, style=QUIET)
            done.justify = "right"
            rows[card.plan.id] = [Text(sign, style=color), name, done]
        table.fill(["", "tournament", ""], rows)
        if self._wanted in self._cards:
            table.move_cursor(row=[*rows].index(str(self._wanted)), animate=False)
            self._wanted = None
        if self.is_current and self.focused is None and there:  # the first of all
            table.focus()
        running = sum(card.state == "running" for card in self._cards.values())
        told = [f"{running} played now"] if running else []
        told += [f"{n} starting"] if (n := tournaments.starting(self.arena)) else []
        self.query_one("#contest-list", Panel).entitle("Tournaments", " · ".join([*told, f"{len(rows)}"]))

    def on_resize(self) -> None:
        if self.is_mounted and self._cards:
            self.call_after_refresh(self._show_list)

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        child = tournaments.process(self.arena, look.plan)
        doing = "stopping" if child is not None and child.ending else look.card.state
        doing = {"running": "being played", "waiting": "waits for people"}.get(doing, doing)
        if child is not None and look.card.state == "stopped":
            doing = "starting"
        self._view.show(look, doing, self.arena.settings.me)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.data_table is self._list and (self._look is None or self._look.plan.id != self._list.key):
            in_background(self, self._follow, exclusive=True, group="contest")

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.data_table is self._view.matches:
            self.action_watch()

    def on_descendant_focus(self) -> None:
        self._offer_keys()

    def action_turn(self) -> None:
        self._view.turn()

    def action_enter(self) -> None:
        if self._view.matches.has_focus:
            self.action_watch()
        elif self._view.matches.row_count:
            self._view.matches.focus()

    def action_back(self) -> None:
        self._list.focus()

    # Beginning and stopping

    def action_add(self) -> None:
        in_background(self.app, self._ask, group="form")

    async def _ask(self) -> None:
        from arena.tui.screens.tournament_form import TournamentForm

        games = self.card.plan.games if self.card is not None else (self.arena.settings.game,)
        begin = partial(tournaments.begin, self.arena, began=self._began)
        self.app.push_screen(TournamentForm(await self.read(reading.games), games, begin))

    def _began(self, tournament: str) -> None:
        self._wanted = tournament

    def action_stop(self) -> None:
        if self.card is not None:
            tournaments.stop(self.arena, self.card.plan)

    def action_resume(self) -> None:
        if self.card is not None:
            go_on = partial(tournaments.resume, self.arena, self.card.plan, self._began)
            in_background(self.app, go_on, group="tournament")

    def action_delete(self) -> None:
        if self.card is not None:
            in_background(self.app, partial(self._delete, self.card), group="upkeep")

    async def _delete(self, card: "Card") -> None:
        if await tournaments.delete(self.arena, card.plan, card.played):
            self.update_now()

    def action_page(self) -> None:
        look = self._shown

        async def write() -> None:
            await tournaments.write_page(self.arena, look.tournament)

        in_background(self.app, write, group="page")

    # Its matches

    def action_watch(self) -> None:
        look, at = self._shown, self._view.place
        if not self._view.matches.has_focus:
            ended = (
                place for place in map(tables.place, self._view.matches.keys) if look.tournament.done(place)
            )
            at = min(look.playing, default=next(ended, None))
        if at is None:
            raise ArenaError("no match has begun yet")
        if at in look.waiting:
            self.action_play()
            return
        match = next((one.result.id for one in look.ended if one.place == at), None)
        if match is None:
            self._open(look, at, "the match")
        else:
            in_background(self.app, partial(self._show_replay, match), group="match")

    async def _show_replay(self, match_id: str) -> None:
        from arena.store import replays

        if match_id not in await self.read(replays.ids):
            raise ArenaError(f"the replay of match {match_id[:8]} is gone from {replays.folder()}")
        terminal = bool(self.arena.no_window)
        title = f"the replay of {match_id[:8]}"
        await playing.show(self.arena, title, ["replay", match_id], terminal=terminal)

    def action_play(self) -> None:
        look, at = self._shown, self._view.place
        if not look.waiting:
            raise ArenaError("no match waits for anybody now")
        if at not in look.waiting or not self._view.matches.has_focus:
            me = self.arena.settings.me
            mine = [place for place in look.waiting if me in tables.people_of(look, [place])]
            at = (mine or list(look.waiting))[0]
        assert at is not None
        self._open(look, at, "your match")

    def _open(self, look: "Look", at: "Place", what: str) -> None:
        """A window on a match, from its start."""
        plan = look.plan
        seated = [plan.entrants[one] for one in look.tournament.task(at).order]

        async def show() -> None:
            if await tournaments.trusted(self.arena, [one.name for one in seated if not one.human]):
                title = f"{what} of {plan.id}"
                arguments = ["fixture", plan.id, *tables.key(at).split(".")]
                await playing.show(self.arena, title, arguments, terminal=bool(self.arena.no_window))
                if at in look.waiting and await self.read(partial(tournaments.goes_on, plan)):
                    await tournaments.resume(self.arena, plan, self._began)

        in_background(self.app, show, group="match")

    def action_end_match(self) -> None:
        self.arena.end_window()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done to the tournament under the cursor has no key."""
        if action == "end_match":
            return bool(self.arena.processes.running("window"))
        look = self._look if self.is_mounted and self._cards else None
        able = {
            "stop": look is not None and look.card.state == "running",
            "resume": look is not None and look.card.state == "stopped",
            "play": look is not None and bool(look.waiting),
            "watch": look is not None and bool(look.playing or look.card.played),
            "page": look is not None,
            "turn": look is not None and self._view.cramped,
            "delete": look is not None and look.card.state not in ("running", ""),
        }
        return able.get(action, True)
