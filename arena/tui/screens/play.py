"""Home: choose a game, see it, choose who plays, start."""

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from arena.errors import ArenaError
from arena.games.catalog import MAZES, MOST_PLAYERS, Entry
from arena.store.records import Option as GameOption
from arena.tui import playing, reading
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import QUIET, SEATS
from arena.tui.widgets.field import Field, Option, sizes
from arena.tui.widgets.games import GameList
from arena.tui.widgets.preview import Preview
from arena.tui.widgets.ratings import best_lines

if TYPE_CHECKING:
    from textual.widgets import Input

    from arena.matches.roster import Choice
    from arena.tournaments.ratings import Standing

GAMES = (1, 2, 3, 5, 10, 20, 50)
"""What the arrows offer for the number of games; any other can be typed."""

STICKY = (
    Option(None, "as is usual", "0 with a person, else 0.25"),
    Option(0.0, "0", "every action counts"),
    Option(0.25, "0.25", "the last action is sometimes repeated"),
)


class PlayScreen(ArenaScreen):
    NAME = "play"
    HELP_TEXT = (
        "Choose a game on the left. Enter starts a match at once: you against the best opponent there is. "
        "Tab goes to the seats, where left and right change who sits there, and enter shows everyone who "
        "may. Several players at a game with one seat play a copy each, with the same seed: a duel, and "
        "the better score wins. The match opens in a window of its own; where there is no display it is "
        "drawn in this terminal. Every match is kept: see Leaderboard and Replays."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search"),
        Binding("t", "train", "Train an agent for it"),
        Binding("w", "watch", "Watch the best"),
        Binding("r", "rules", "Rules"),
        Binding("x", "end_match", "End the match"),
        Binding("n", "app.name", "Your name"),
        Binding("ctrl+s", "start", "Start", show=False),
        Binding("escape", "back", "To the games", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._begun = self._furnished = False
        """Whether what follows the first picture is on its way, and whether it is there."""
        self._shown: Entry | None = None
        self._sized = ""
        """The game whose sizes are on offer."""
        self._choices: list[Choice] = []
        self._players: dict[str, list[str | None]] = {}
        """By game: who was chosen for each seat."""

    def body(self) -> ComposeResult:
        with Horizontal(id="home"):
            with Vertical(id="games", classes="panel") as games:
                games.border_title = "Games"
                yield Static("/ search", id="no-search")
                yield GameList(MAZES, self.arena.settings.game, id="list")
            with Vertical(id="right"):
                yield Horizontal(id="about", classes="panel")
                yield Vertical(id="seating", classes="panel")

    def on_mount(self) -> None:
        self.query_one("#about").border_title = Content(self.entry.title if self.entry else "")
        self.query_one("#seating").border_title = "Seats"
        self.games.focus()

    async def _furnish(self) -> None:
        """Put in what the first picture need not wait for."""
        from textual.widgets import Input

        await self.query_one("#no-search").remove()
        await self.query_one("#games").mount(
            Input(placeholder="/ search", id="search", compact=True), before=self.games
        )
        facts = VerticalScroll(Static(id="text", markup=False), id="facts", can_focus=False)
        await self.query_one("#about").mount(Preview(id="preview"), facts)
        seats = [Field(str(seat + 1), color=color, id=f"seat-{seat}") for seat, color in enumerate(SEATS)]
        names = {"count": "games", "seed": "seed", "sticky": "sticky", "size": "size", "view": "in"}
        terms = {name: Field(label, id=name) for name, label in names.items()}
        await self.query_one("#seating").mount(
            Vertical(*seats, id="seats"),
            Horizontal(*terms.values(), id="terms"),
            StartLine("enter  Start the match", id="start"),
        )
        terms["count"].offer([Option(n, str(n)) for n in GAMES], 1)
        terms["seed"].offer([Option(None, "random")], None)
        terms["sticky"].offer(STICKY, None)
        self._furnished = True
        self._offer_views()
        self._show_game()

    @property
    def games(self) -> GameList:
        return self.query_one("#list", GameList)

    @property
    def entry(self) -> Entry | None:
        return self.games.chosen

    async def _list_games(self) -> None:
        await self._furnish()
        self.games.show(await self.read(reading.games))
        if self.entry is None or self.entry.id != self.arena.settings.game:
            self.games.choose(self.arena.settings.game)
        self._show_game()

    def update_now(self) -> None:
        if not self._begun:
            self._begun = True
            in_background(self, self._list_games, group="games")
        elif self._furnished:
            self._offer_views()
            self._show_game()
        in_background(self, self._note_holders, exclusive=True, group="holders")

    async def _note_holders(self) -> None:
        """Who is best, right of each game's title."""
        boards = await self.read(reading.boards)
        self.games.note({game: _holder(standings) for game, standings in boards.items() if standings})

    # The game under the cursor

    def on_game_list_chosen(self, _: GameList.Chosen) -> None:
        self._show_game()

    def _show_game(self) -> None:
        entry = self.entry
        if entry is None or not self._furnished:
            return
        self.query_one("#about").border_title = Content(entry.title)
        window = self.arena.processes.running("window")
        self.query_one(Preview).show_game(entry if self.is_current and not window else None)
        if window:
            self.query_one(Preview).show_words("the window is open")
        if entry != self._shown:
            self._shown = entry
            self._write_facts(entry, [], "")
        in_background(self, partial(self._read_game, entry), exclusive=True, group="game")

    async def _read_game(self, entry: Entry) -> None:
        self._choices = await self.read(reading.choices, entry.id)
        self._offer_seats(entry)
        standings = await self.read(reading.standings, entry.id)
        self._write_facts(entry, standings, await self.read(reading.rules, entry))

    def _write_facts(self, entry: Entry, standings: "list[Standing]", rules: str) -> None:
        """What it is, who is best at it, and how it is played."""
        text = Text()
        if entry.missing:
            text.append(f"{entry.missing}\n\n", style=SEATS[1])
        text.append(f"{entry.summary}\n")
        text.append(f"{_seats_in_words(entry)} · {entry.id}\n\n", style=QUIET)
        if standings:
            text.append("Best here\n", style=f"bold {QUIET}")
            width = self.query_one("#text").size.width or 40
            text.append_text(best_lines(standings, self.arena.settings.me, width, 5))
        elif rules:
            text.append("Nobody has played it yet: be the first.\n", style=QUIET)
        if rules:
            text.append("\n")
            text.append_text(_in_sections(rules.partition("\n\n")[2]))
        self.query_one("#text", Static).update(text)

    def action_rules(self) -> None:
        """The rules alone, with room to read."""
        if self.entry is not None:
            in_background(self, partial(self._show_rules, self.entry), exclusive=True, group="rules")

    async def _show_rules(self, entry: Entry) -> None:
        from arena.tui.screens.dialogs import Help

        self.app.push_screen(Help(entry.title, _in_sections(await self.read(reading.rules, entry)), []))

    # Seats

    def _offer_seats(self, entry: Entry) -> None:
        fewest, most = playing.seat_range(entry)
        players = self._players.setdefault(entry.id, playing.default_players(entry, self._choices))
        who = [Option(c.name, c.label, c.detail, c.why_not) for c in self._choices]
        for seat in range(MOST_PLAYERS):
            field = self.query_one(f"#seat-{seat}", Field)
            field.display = seat < most
            if seat < most:
                empty = [] if seat < fewest else [Option(None, "empty")]
                field.offer([*who, *empty], players[seat])
        self.query_one("#sticky").display = entry.emulated
        size = self.query_one("#size", Field)
        size.display = entry.size is not None
        if self._sized != entry.id:
            self._sized = entry.id
            size.offer(*sizes(entry))
        self._show_mode()

    def _offer_views(self) -> None:
        """Anew only where it has become known that no window can be opened: what was chosen stays."""
        why_not = self.arena.no_window or None
        views = (Option(True, "a window", why_not=why_not), Option(None, "this terminal"))
        view = self.query_one("#view", Field)
        if view.options != views:
            view.offer(views, None if why_not else True)

    def _show_mode(self) -> None:
        entry = self.entry
        if entry is None:
            return
        count = sum(player is not None for player in self._players.get(entry.id, ()))
        mode = "a duel: a copy each, the same seed" if entry.seats == (1,) and count > 1 else ""
        on = self.arena.processes.running("window")
        panel = self.query_one("#seating")
        panel.border_title = f"Seats · {mode}" if mode else "Seats"
        panel.border_subtitle = Content(f"{on[0].title} is on · x ends it" if on else "")
        self.refresh_bindings()

    def on_field_changed(self, event: Field.Changed) -> None:
        if self.entry is not None and (event.field.id or "").startswith("seat-"):
            seat = int(str(event.field.id).removeprefix("seat-"))
            self._players[self.entry.id][seat] = event.value
            event.field.offer(event.field.options, event.value)
            self._show_mode()

    def on_field_asked(self, event: Field.Asked) -> None:
        event.stop()
        in_background(self, partial(self._choose, event.field), exclusive=True, group="choose")

    async def _choose(self, field: Field) -> None:
        """Let the person choose from a list, or type."""
        from arena.tui.screens.dialogs import Ask, Pick

        if field.id == "seed":
            hint = "The same seed with the same players is the same match. Nothing: a new seed each time."
            was = "" if field.value is None else str(field.value)
            typed = await self.app.push_screen_wait(Ask("Seed", was, hint=hint, check=playing.check_seed))
            if typed is not None:
                seed = playing.check_seed(typed)
                field.offer(
                    [Option(None, "random"), *([] if seed is None else [Option(seed, str(seed))])], seed
                )
            return
        if field.id == "count":
            hint = "How many matches. On a game with several seats, seats are swapped from one to the next."
            typed = await self.app.push_screen_wait(
                Ask("Games", str(field.value), hint=hint, check=_check_count)
            )
            if typed is not None:
                field.offer([Option(n, str(n)) for n in sorted({*GAMES, int(typed)})], int(typed))
            return
        title = f"Who takes seat {field.label}?" if (field.id or "").startswith("seat-") else field.label
        picked = await self.app.push_screen_wait(Pick(title, field.options, field.value))
        if picked is not None:
            field.take(field.options[picked].value)

    # Starting

    def on_game_list_started(self, _: GameList.Started) -> None:
        self.action_start()

    def action_start(self) -> None:
        """Play with what is chosen."""
        entry = self.entry
        if entry is None or not self._furnished:
            return
        if entry.missing:
            raise ArenaError(entry.missing)
        players = self._players.get(entry.id)
        if players is None:
            raise ArenaError(f"who may play {entry.title} is still being read; try again in a moment")
        options: dict[str, GameOption] = {}
        sticky = self.query_one("#sticky", Field).value
        if entry.emulated and sticky is not None:
            options["sticky"] = sticky
        if (size := self.query_one("#size", Field).value) is not None:
            options["size"] = size
        count, seed = self.query_one("#count", Field).value, self.query_one("#seed", Field).value
        setup = playing.Setup(entry.id, playing.seated(entry, players), count, seed, options)
        if entry.id != self.arena.settings.game:
            self.arena.remember(game=entry.id)
        self._start(setup)

    def _start(self, setup: playing.Setup) -> None:
        terminal = not self.query_one("#view", Field).value
        self.query_one(Preview).show_game(None)
        in_background(self.app, partial(playing.play, self.arena, setup, terminal=terminal), group="match")

    def action_watch(self) -> None:
        """The best player there is, at every seat."""
        entry = self.entry
        if entry is None or entry.missing or not self._furnished:
            return
        best = playing.champion(self._choices)
        if best is None:
            raise ArenaError(
                f"nobody is there to be watched at {entry.title}; press t to train an agent for it"
            )
        fewest, _ = playing.seat_range(entry)
        self._start(playing.Setup(entry.id, (best,) * fewest, watched=True))

    def action_train(self) -> None:
        """Start a training for this game, on the screen for it."""
        if self.entry is not None:
            self.arena.train(self.entry.id)

    def action_end_match(self) -> None:
        self.arena.end_window()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "end_match" or bool(self.arena.processes.running("window"))

    # Search

    @property
    def _search(self) -> "Input":
        return self.query_one("#search")  # type: ignore[return-value]

    def action_search(self) -> None:
        if self._furnished:
            self._search.focus()

    def action_back(self) -> None:
        if not self._furnished:
            return
        search = self._search
        if search.has_focus or self.games.has_focus:
            search.clear()
        self.games.focus()

    def on_input_changed(self, event: "Input.Changed") -> None:
        self.games.search(event.value)

    def on_input_submitted(self, _: "Input.Submitted") -> None:
        self.games.focus()

    def key_down(self) -> None:
        if self._furnished and self._search.has_focus:
            self.games.focus()

    def on_screen_suspend(self) -> None:
        if self._furnished:
            self.query_one(Preview).show_game(None)


class StartLine(Static, can_focus=True):
    """Starts the match on enter or a click."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "screen.start", "Start")]

    async def on_click(self) -> None:
        await self.run_action("screen.start")


def _check_count(text: str) -> None:
    if not text.strip().isdecimal() or not 1 <= int(text) <= 1000:
        raise ArenaError(f"'{text}' is no number of games; type one from 1 to 1000")


def _in_sections(rules: str) -> Text:
    """Rules with their headings set off: a heading is a line before an indented one."""
    lines = rules.splitlines()
    text = Text()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        heading = following.startswith(" ") and not line.startswith(" ") and bool(line)
        text.append("\n" if heading and text and not text.plain.endswith("\n\n") else "")
        text.append(line.strip() + "\n", style=f"bold {QUIET}" if heading else "")
    return text


def _holder(standings: "list[Standing]") -> str:
    best: Any = next((s for s in standings if not s.provisional), standings[0])
    return f"{best.player.name} {best.rating:.0f}"


def _seats_in_words(entry: Entry) -> str:
    if entry.seats == (1,):
        return "1 seat, or a duel of up to 4"
    return f"{entry.seats_in_words} seats"
