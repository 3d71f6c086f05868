"""Who is best: at each game, and over all of them."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from arena.tui import reading
from arena.tui.calm import in_background
from arena.tui.screens.base import ArenaScreen
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.ratings import bar, figure, scale
from arena.tui.widgets.table import RowTable

if TYPE_CHECKING:
    from arena.tournaments.ratings import Standing

OVERALL = "all games"

BESIDE = 12
"""Columns that what a player is needs beside its game, to say anything."""

KINDS = {"human": "person", "agent": "agent", "builtin": "built-in"}

EMPTY = (
    "Nobody has played yet.\n"
    "\n"
    "Press 1, choose a game and press enter: your first match puts you on this board.\n"
    "Or let agents play: arena match maze/run ppo random --games 20"
)


class LeaderboardScreen(ArenaScreen):
    NAME = "leaderboard"
    HELP_TEXT = (
        "Everybody who has played, people and agents in one list, one list a game. Left and right go from "
        "game to game. A rating is a point with an error bar: with 95 % certainty the true strength is "
        "between its ends; `random` is 0 by definition, and 400 points more mean ten wins for one loss. "
        "Grey is provisional: too few matches to tell. Enter opens a player's page."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Previous game", key_display="←"),
        Binding("right", "turn(1)", "Next game", key_display="→"),
        Binding("g", "pick", "Choose a game"),
        Binding("enter", "open_player", "The player's page"),
        Binding("n", "app.name", "Your name", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._boards: dict[str, list[Standing]] = {}
        self._game = OVERALL

    def body(self) -> ComposeResult:
        with Vertical(id="board", classes="panel"):
            yield RowTable(id="standings")
            yield Static(EMPTY, id="nobody", classes="invitation", markup=False)

    def on_mount(self) -> None:
        self.query_one("#nobody").display = False
        self.query_one(RowTable).focus()

    def update_now(self) -> None:
        in_background(self, self._read, exclusive=True, group="boards")

    async def _read(self) -> None:
        boards = {game: rows for game, rows in (await self.read(reading.boards)).items() if rows}
        self._boards = {OVERALL: reading.overall(boards), **boards} if boards else {}
        if self._game not in self._boards:
            self._game = OVERALL
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        table, empty = self.query_one(RowTable), self.query_one("#nobody")
        table.display, empty.display = bool(self._boards), not self._boards
        panel = self.query_one("#board")
        names = list(self._boards)
        at = f" · {names.index(self._game) + 1} of {len(names)}" if len(names) > 1 else ""
        panel.border_title = Content(f"Leaderboard · {self._game}{at}")
        panel.border_subtitle = (
            "mean rating over the games each has played" if self._game == OVERALL else "random is 0"
        )
        if self._boards:
            columns, rows = self._rows(self._boards[self._game])
            table.fill(columns, rows)
            if not table.has_focus and self.focused is None:
                table.focus()

    def _rows(self, standings: "list[Standing]") -> tuple[list[str], dict[str, list[Text]]]:
        low, high = scale(standings)
        name_room = min(24, max(len(s.player.name) for s in standings))
        figure_room = max(len(figure(s)) for s in standings)
        spare = self.size.width - name_room - figure_room - 38  # matches, w/d/l, seen, and the gaps
        what = {s.player.id: self._what_it_is(s) for s in standings}
        least = max(len(text.partition(" · ")[0]) for text in what.values())
        what_room = max(9, min(20, least), min(60, spare // 2 - 2))
        if self._game == OVERALL and what_room < least + BESIDE:
            what = {player: text.partition(" · ")[0] for player, text in what.items()}
        bar_room = max(0, min(72, spare - what_room))
        rows: dict[str, list[Text]] = {}
        for place, standing in enumerate(standings, start=1):
            player = standing.player
            mine = player.id == f"human:{self.arena.settings.me}"
            color = FAINT if standing.provisional else SEATS[0] if mine else TEXT
            rows[player.id] = [
                Text(str(place), style=QUIET, justify="right"),
                _cut(player.name, name_room, color),
                _cut(what[player.id], what_room, QUIET),
                Text(figure(standing), style=color, justify="right"),
                Text(
                    bar(standing.rating, standing.error, low, high, bar_room) if bar_room >= 7 else "",
                    style=color,
                ),
                Text(str(standing.matches), style=QUIET, justify="right"),
                Text(f"{standing.wins}/{standing.draws}/{standing.losses}", style=QUIET, justify="right"),
                Text(reading.ago(standing.last), style=QUIET, justify="right"),
            ]
        return ["", "player", "what it is", "rating", "", "played", "w/d/l", "seen"], rows

    def _what_it_is(self, standing: "Standing") -> str:
        """Its detail; over all games, after the game it has played: each game has a champion called so."""
        player = standing.player
        detail = player.detail or KINDS[player.kind]
        if self._game != OVERALL:
            return detail
        played = [game for game, rows in self._boards.items() if any(s.player.id == player.id for s in rows)]
        played.remove(OVERALL)
        return f"{played[0] if len(played) == 1 else f'{len(played)} games'} · {detail}"

    def action_turn(self, by: int) -> None:
        names = list(self._boards)
        if names:
            self._game = names[(names.index(self._game) + by) % len(names)]
            self._show()

    def action_pick(self) -> None:
        if self._boards:
            in_background(self, self._pick, exclusive=True, group="pick")

    async def _pick(self) -> None:
        from arena.tui.screens.dialogs import Pick
        from arena.tui.widgets.field import Option

        options = [Option(game, game, f"{len(rows)} players") for game, rows in self._boards.items()]
        picked = await self.app.push_screen_wait(Pick("Leaderboard of", options, self._game))
        if picked is not None:
            self._game = str(options[picked].value)
            self._show()

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        self.action_open_player()

    def action_open_player(self) -> None:
        from arena.tui.screens.player import PlayerScreen

        key = self.query_one(RowTable).key
        found = [s.player for s in self._boards.get(self._game, []) if s.player.id == key]
        if found:
            ratings = {
                game: standing
                for game, rows in self._boards.items()
                for standing in rows
                if standing.player.id == key and game != OVERALL
            }
            self.app.push_screen(PlayerScreen(found[0], ratings, self._game))


def _cut(text: str, room: int, style: str) -> Text:
    cut = Text(text, style=style)
    cut.truncate(room, overflow="ellipsis")
    return cut
