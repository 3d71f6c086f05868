"""One player: its rating at each game, what it is, and its matches."""

import math
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from arena.store.records import Identity
from arena.tui import playing, reading
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.axes import large
from arena.tui.widgets.rating_plot import RatingPlot
from arena.tui.widgets.ratings import bar, figure, scale
from arena.tui.widgets.table import RowTable

if TYPE_CHECKING:
    from arena.store.checkpoints import Meta
    from arena.store.database import KeptMatch
    from arena.tournaments.ratings import Standing

MOST = 200
"""Matches on the page."""

KINDS = {"human": "a person", "agent": "an agent", "builtin": "a built-in player"}


class PlayerScreen(ArenaScreen):
    NAME = "leaderboard"
    HELP_TEXT = (
        "One player: the rating at each game, the card of the training where it is a champion, and the "
        "matches, the newest first. The line is the rating over the matches, each time refitted to all that "
        "had been played by then; with 95 % certainty the true strength is in the shade. Left and right go "
        "from game to game. Enter shows the replay of a match. Escape goes back to the board."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "watch", "Show the replay"),
        Binding("left", "turn(-1)", "Previous game", key_display="←"),
        Binding("right", "turn(1)", "Next game", key_display="→"),
        Binding("escape", "back", "Back"),
        Binding("x", "end_match", "Close the window"),
    ]

    def __init__(self, player: Identity, ratings: "dict[str, Standing]", game: str | None = None) -> None:
        """`ratings` by game; `game` is the one whose rating is shown over time, or else the most played."""
        super().__init__()
        self._player, self._ratings = player, ratings
        self._game = game if game in ratings else max(ratings, key=lambda name: ratings[name].matches)
        self._meta: Meta | None = None
        self._kept: dict[str, KeptMatch] = {}

    def body(self) -> ComposeResult:
        with Container(id="profile"):
            with VerticalScroll(id="who", classes="panel") as who:
                who.border_title = Content(self._player.name)
                yield Static(id="page", markup=False)
            with Vertical(id="over-time", classes="panel"):
                yield RatingPlot(id="plot")
        with Vertical(id="played", classes="panel") as played:
            played.border_title = "Matches"
            yield RowTable(id="matches")

    def on_mount(self) -> None:
        self._write()
        self.query_one(RowTable).focus()

    def update_now(self) -> None:
        self.refresh_bindings()
        in_background(self, self._read, exclusive=True, group="player")
        in_background(self, self._read_history, exclusive=True, group="history")

    async def _read_history(self) -> None:
        """Draw the rating over time at the game that is chosen."""
        game, panel, plot = self._game, self.query_one("#over-time"), self.query_one(RatingPlot)
        panel.border_title = Content(f"Rating at {game}")
        panel.border_subtitle = ""
        plot.show((), "being fitted")
        points = await self.read(reading.history, game, self._player.id)
        if points and not any(point.error for point in points):
            plot.show((), "0 at all times: it is what ratings are measured from")
            return
        plot.show(points, "the line begins with the second match")
        if points:
            panel.border_subtitle = f"since {points[0].when.astimezone():%Y-%m-%d} · the shade is ±95%"

    def action_turn(self, by: int) -> None:
        games = list(self._ratings)
        self._game = games[(games.index(self._game) + by) % len(games)]
        self._write()
        in_background(self, self._read_history, exclusive=True, group="history")

    async def _read(self) -> None:
        matches = await self.read(reading.matches_of, self._player.id, MOST)
        self._kept = {kept.result.id: kept for kept in matches}
        rows = {match_id: self._cells(kept) for match_id, kept in self._kept.items()}
        self.query_one(RowTable).fill(["when", "game", "came", "score", "length", "against"], rows)
        self.query_one("#played").border_subtitle = (
            f"the newest {MOST}" if len(rows) == MOST else f"{len(rows)}"
        )
        if self._player.kind == "agent":
            self._meta = await self.read(reading.card, self._player.id)
            self._write()

    def _cells(self, kept: "KeptMatch") -> list[Text]:
        result = kept.result
        at = next(i for i, seat in enumerate(result.seats) if seat.player.id == self._player.id)
        mine = result.seats[at]
        others = Text()
        for seat, one in enumerate(result.seats):
            if seat != at:
                others.append(" · " if others else "", style=FAINT)
                others.append(f"{one.player.name} ", style=SEATS[seat])
                others.append("forfeit" if one.forfeit else f"{one.score:g}", style=QUIET)
        came = (
            "alone"
            if len(result.seats) == 1
            else "drawn"
            if result.drawn
            else f"{mine.place} of {len(result.seats)}"
        )
        return [
            Text(reading.ago(kept.ended), style=QUIET, justify="right"),
            Text(result.game, style=TEXT),
            Text(came, style=SEATS[2] if came.startswith("1 ") else QUIET),
            Text("forfeit" if mine.forfeit else f"{mine.score:g}", style=TEXT, justify="right"),
            Text(reading.length(result), style=QUIET, justify="right"),
            others,
        ]

    def _write(self) -> None:
        text, meta = Text(), self._meta
        detail = f" · {self._player.detail}" if self._player.detail else ""
        text.append(f"{KINDS[self._player.kind]}{detail}\n", style=QUIET)
        low, high = scale(list(self._ratings.values()))
        games = max((len(game) for game in self._ratings), default=0)
        for game, standing in self._ratings.items():
            color = FAINT if standing.provisional else TEXT
            chosen = game == self._game
            text.append("› " if chosen else "  ", style=SEATS[0])
            text.append(f"{game:<{games}}  ", style=TEXT if chosen else QUIET)
            text.append(f"{figure(standing):>11}  ", style=color)
            text.append(bar(standing.rating, standing.error, low, high, 24), style=color)
            text.append(f"  {standing.wins}/{standing.draws}/{standing.losses}\n", style=QUIET)
        if meta is not None:
            text.append("\nTraining\n", style=f"bold {QUIET}")
            for name, value in _training(meta).items():
                text.append(f"{name:<10}", style=QUIET)
                text.append(f"{value}\n", style=TEXT)
        self.query_one("#page", Static).update(text)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        self.action_watch()

    def action_watch(self) -> None:
        match_id = self.query_one(RowTable).key
        if match_id is not None:
            title = f"the replay of {match_id[:8]}"
            show = partial(
                playing.show, self.arena, title, ["replay", match_id], terminal=bool(self.arena.no_window)
            )
            in_background(self.app, show, group="match")

    def action_back(self) -> None:
        self.dismiss()

    def action_end_match(self) -> None:
        self.arena.end_window()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "turn":
            return len(self._ratings) > 1
        return action != "end_match" or bool(self.arena.processes.running("window"))


def _training(meta: "Meta") -> dict[str, str]:
    """A champion's card in words, as far as it tells. It comes from a file: nothing is taken for granted."""
    seconds, random = meta.card.get("seconds"), meta.card.get("random")
    took = ""
    if isinstance(seconds, int | float) and math.isfinite(seconds):
        took = f" in {reading.clock(seconds)}"
    before = f", after {large(meta.steps_before)} before" if meta.steps_before else ""
    card = {
        "trained": f"{large(meta.step)} steps{took}, seed {meta.seed}{before}",
        "strength": meta.card.get("summary"),
        "random": random.get("summary") if isinstance(random, dict) else None,
        "published": meta.card.get("published"),
        "measured": meta.card.get("protocol"),
        "run": meta.card.get("run"),
        "date": meta.card.get("date"),
    }
    return {name: value for name, value in card.items() if isinstance(value, str)}
