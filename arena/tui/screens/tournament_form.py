"""A tournament to be begun: games, players, format, and the few numbers that matter."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.games.catalog import Entry
from arena.games.processes import cores
from arena.store import names
from arena.store.options import whole_number
from arena.store.records import LARGEST_SEED
from arena.store.titles import CHAMPION
from arena.tui.calm import Guarded, in_background
from arena.tui.screens.train_form import parse_settings
from arena.tui.theme import SEATS
from arena.tui.tournaments import Order
from arena.tui.widgets.field import Field, Option

if TYPE_CHECKING:
    from arena.matches.roster import Choice

LINES = {
    "seeds": "1; how many, for each encounter at each game",
    "rounds": "1",
    "seed": "a new one; the same seed has the same standings",
    "workers": "processes that play",
    "options": "name=value ..., as size=9",
}
"""What is typed, with what is meant where nothing is."""

TERMS = "Agents are copied as they are now. Every match is kept when it ends; s stops, r goes on."

KEYS = "↑↓ lines · enter choose or start · esc back"

FIRST = 6
"""Players that are entered unasked, at most."""

Begin = Callable[[Order], Awaitable[str]]
"""Begins what was ordered. Returns what is wrong with it, or nothing once it has begun."""


class TournamentForm(Guarded, ModalScreen[None]):
    """Stays until what was ordered has begun: only who begins it knows whether all of it can be, and what is
    complained about is mended here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back"),
        Binding("ctrl+s", "start", "Start"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    def __init__(self, entries: Sequence[Entry], games: Sequence[str], begin: Begin) -> None:
        super().__init__()
        self._entries, self._begin = entries, begin
        known = {entry.id: entry for entry in entries}
        fit = tuple(game for game in games if game in known and _why_not(known[game]) is None)
        self._games = fit or ("maze/run",)
        self._choices: list[Choice] = []
        self._chosen = False
        """Whether the players are those that the person has chosen."""
        self._checking = self._refused = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form") as box:
            box.border_title = "A new tournament"
            box.border_subtitle = KEYS
            yield Field("games  ", id="games-field")
            yield Field("players", id="players-field")
            yield Field("format ", id="format-field")
            yield Field("seats  ", id="seats-field")
            for name, hint in LINES.items():
                with Horizontal(classes="line"):
                    yield Static(f"{name:<7}", classes="label")
                    yield Input(placeholder=hint, id=name, compact=True)
            yield Static(id="usual", classes="hint", markup=False)
            yield Static(classes="hint", id="said", markup=False)

    def on_mount(self) -> None:
        from arena.tournaments.formats import FORMATS

        self._field("games").offer([Option(self._games, ", ".join(self._games))], self._games)
        formats = [Option(one.name, one.name, one.summary) for one in FORMATS.values()]
        self._field("format").offer(formats, "round-robin")
        self._field("seats").offer([Option(n, str(n), "in a match") for n in (2, 3, 4)], 2)
        self.query_one("#workers", Input).placeholder = f"{cores()}, one a core; processes that play"
        self._field("players").focus()
        self._say(TERMS)
        self._read_players()

    def _field(self, name: str) -> Field:
        return self.query_one(f"#{name}-field", Field)

    # Who may enter

    def _read_players(self) -> None:
        in_background(self, self._offer_players, group="players", exclusive=True)

    async def _offer_players(self) -> None:
        from arena.tui import tournament_folders

        games = self._field("games").value
        self._choices = await asyncio.to_thread(tournament_folders.choices, games)
        if not self._chosen:
            self._enter(_usual_players(self._choices))
        self._tell()

    def _enter(self, players: tuple[str, ...]) -> None:
        many = f"{len(players)} players" if len(players) > 1 else ""
        self._field("players").offer([Option(players, ", ".join(players) or "nobody yet", many)], players)

    def on_field_changed(self, _: Field.Changed) -> None:
        self._changed()

    def on_input_changed(self, _: Input.Changed) -> None:
        self._changed()

    def _changed(self) -> None:
        if self._refused:  # of what is no longer there
            self._say(TERMS)
        self._tell()

    def on_field_asked(self, event: Field.Asked) -> None:
        event.stop()
        in_background(self, partial(self._choose, event.field), group="choose", exclusive=True)

    async def _choose(self, field: Field) -> None:
        from arena.tui.screens.dialogs import Pick
        from arena.tui.screens.pick_some import PickSome

        if field is self._field("games"):
            games = [Option(e.id, e.id, e.summary, _why_not(e), e.title) for e in self._entries]
            picked = await self.app.push_screen_wait(PickSome("Games", games, field.value))
            field.offer([Option(picked, ", ".join(picked) or "none yet")], picked)
            self._read_players()
        elif field is self._field("players"):
            offered = [Option(c.name, c.name, c.detail, c.why_not) for c in self._choices]
            free = "as it is typed: a run, a folder, human:NAME, sb3:FILE"
            self._enter(
                await self.app.push_screen_wait(
                    PickSome("Players, the strongest first", offered, field.value, free=free)
                )
            )
            self._chosen = True
        else:
            one = await self.app.push_screen_wait(Pick(field.label.strip(), field.options, field.value))
            if one is not None:
                field.take(field.options[one].value)
        self._tell()

    # What it comes to

    def _tell(self) -> None:
        """How much there will be to play, or what cannot be."""
        rounds = self.query_one("#rounds", Input)
        rounds.placeholder = _usual_rounds(
            self._field("format").value, len(self._field("players").value or ())
        )
        try:
            said, wrong = _size_of(self._order()), False
        except ArenaError as error:
            said, wrong = str(error), True
        self.query_one("#usual", Static).update(Text(said, style=SEATS[1] if wrong else ""))

    def _order(self) -> Order:
        """Raises UsageError for a number that is none."""
        return Order(
            games=self._field("games").value or (),
            players=self._field("players").value or (),
            format=self._field("format").value,
            pairs=self._number("seeds", 1, 1000) or 1,
            rounds=self._number("rounds", 1, 1000),
            seats=self._field("seats").value,
            seed=self._number("seed", 0, LARGEST_SEED),
            workers=self._number("workers", 1, 1024),
            options=parse_settings(self.query_one("#options", Input).value),
        )

    def _number(self, name: str, least: int, most: int) -> int | None:
        return whole_number(name, self.query_one(f"#{name}", Input).value, least, most)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.action_start()

    def action_start(self) -> None:
        """Check what was chosen, and begin."""
        if self._checking:
            return
        try:
            order = self._order()
            _size_of(order)
        except ArenaError as error:
            self._say(str(error), wrong=True)
            return
        self._checking = True
        self._say("Checking who enters; that takes a few seconds.", keys="esc give it up")
        in_background(self, partial(self._send, order), group="order")

    async def _send(self, order: Order) -> None:
        complaint = await self._begin(order)
        self._checking = False
        if complaint:
            self._say(complaint, wrong=True)
        else:
            self.dismiss()

    def _say(self, text: str, *, wrong: bool = False, keys: str = KEYS) -> None:
        self._refused = wrong
        self.query_one("#said", Static).update(Text(text, style=SEATS[1] if wrong else ""))
        self.query_one(".form").border_subtitle = keys


def _why_not(entry: Entry) -> str | None:
    """Why there can be no tournament at a game."""
    if entry.together:
        return "is played together for one score"
    return entry.missing or (None if max(entry.players) > 1 else "is for one")


def _usual_players(choices: "Sequence[Choice]") -> tuple[str, ...]:
    """The champions, and `random`, which is the zero of every rating; another built-in where they are few."""
    can = [choice for choice in choices if choice.why_not is None]
    agents = [c.name for c in can if c.detail.startswith(CHAMPION) and "@" not in c.name]
    built_in = [c.name for c in can if c.kind == "builtin"]
    built_in.sort(key=lambda name: name != "random")
    players = [*agents[: FIRST - 1], *built_in[:1]]
    return tuple([*players, *built_in[1:3]] if len(players) < 3 else players)


def _usual_rounds(format: str, players: int) -> str:
    from arena.tournaments.formats import FORMATS
    from arena.tournaments.swiss import usual_rounds

    if FORMATS[format].decides:
        return "as many as it takes"
    return f"{usual_rounds(max(players, 2))}" if format == "swiss" else "1; how often all of it is played"


def _size_of(order: Order) -> str:
    """How many matches there will be, in words. Raises UsageError for what cannot be."""
    from arena.tournaments import formats

    players = len(order.players)
    if not order.games:
        raise UsageError("choose a game")
    people = sum(map(names.is_person, order.players))
    if people > 2 and order.seats > 2:
        raise UsageError("more than two people cannot share a keyboard: take 2 seats")
    rounds = formats.check(order.format, players, order.seats, order.rounds)
    entries = [catalog.find(game) for game in order.games]
    for entry in entries:
        entry.check_players(order.seats)
    found = formats.FORMATS[order.format]
    each = order.pairs * sum(1 if entry.seats == (1,) else order.seats for entry in entries)
    if not found.waits:
        encounters = sum(map(len, found.begin(players, order.seats, rounds)))
    elif order.format == "swiss":
        encounters = rounds * (players // order.seats)
    else:
        encounters = found.lives * (players - 1)
    more = " at least" if found.decides else ""
    return (
        f"{_counted(encounters, 'encounter', 'encounters')} of {_counted(each, 'match', 'matches')}: "
        f"{_counted(encounters * each, 'match', 'matches')}{more}."
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
