"""One player: its rating at each game, what it is, and its matches."""

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import DataTable, Static

from arena.store.records import Identity
from arena.tui import playing, reading
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.curve import large
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
        "matches, the newest first. Enter shows the replay of a match. Escape goes back to the board."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "watch", "Show the replay"),
        Binding("escape", "back", "Back"),
        Binding("x", "end_match", "Close the window"),
    ]

    def __init__(self, player: Identity, ratings: "dict[str, Standing]") -> None:
        super().__init__()
        self._player, self._ratings = player, ratings
        self._kept: dict[str, KeptMatch] = {}

    def body(self) -> ComposeResult:
        with VerticalScroll(id="who", classes="panel") as who:
            who.border_title = self._player.name
            yield Static(id="page", markup=False)
        with Vertical(id="played", classes="panel") as played:
            played.border_title = "Matches"
            yield RowTable(id="matches")

    def on_mount(self) -> None:
        self._write(None)
        self.query_one(RowTable).focus()

    def update_now(self) -> None:
        self.refresh_bindings()
        in_background(self, self._read, exclusive=True, group="player")

    async def _read(self) -> None:
        matches = await self.read(reading.matches_of, self._player.id, MOST)
        self._kept = {kept.result.id: kept for kept in matches}
        rows = {match_id: self._cells(kept) for match_id, kept in self._kept.items()}
        self.query_one(RowTable).fill(["when", "game", "came", "score", "against"], rows)
        self.query_one("#played").border_subtitle = (
            f"the newest {MOST}" if len(rows) == MOST else f"{len(rows)}"
        )
        if self._player.kind == "agent":
            self._write(await self.read(reading.card, self._player.id))

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
            others,
        ]

    def _write(self, meta: "Meta | None") -> None:
        text = Text()
        detail = f" · {self._player.detail}" if self._player.detail else ""
        text.append(f"{KINDS[self._player.kind]}{detail}\n", style=QUIET)
        low, high = scale(list(self._ratings.values()))
        games = max((len(game) for game in self._ratings), default=0)
        for game, standing in self._ratings.items():
            color = FAINT if standing.provisional else TEXT
            text.append(f"{game:<{games}}  ", style=QUIET)
            text.append(f"{figure(standing):>11}  ", style=color)
            text.append(bar(standing.rating, standing.error, low, high, 24), style=color)
            text.append(f"  {standing.wins}/{standing.draws}/{standing.losses}\n", style=QUIET)
        if meta is not None:
            text.append("\nTraining\n", style=f"bold {QUIET}")
            for name, value in {"agent": meta.agent, "steps": large(meta.step), **meta.card}.items():
                text.append(f"{name.replace('_', ' ')}  ", style=QUIET)
                text.append(f"{_value(value)}\n", style=TEXT)
        self.query_one("#page", Static).update(text)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        self.action_watch()

    def action_watch(self) -> None:
        match_id = self.query_one(RowTable).key
        if match_id is not None:
            title = f"the replay of {match_id[:8]}"
            show = partial(
                playing.show, self.arena, title, ["replay", match_id], terminal=not playing.has_display()
            )
            in_background(self.app, show, group="match")

    def action_back(self) -> None:
        self.dismiss()

    def action_end_match(self) -> None:
        self.arena.end_window()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "end_match" or bool(self.arena.processes.running("window"))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return " · ".join(f"{name} {_value(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_value(inner) for inner in value)
    return str(value)
