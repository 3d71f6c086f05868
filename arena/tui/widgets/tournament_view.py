"""One tournament: how far it is, its standings, its crosstable and its matches, as there is room for them."""

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from arena.tui.widgets import tournament_tables as tables
from arena.tui.widgets.panel import Panel
from arena.tui.widgets.table import RowTable

if TYPE_CHECKING:
    from arena.store.records import Place
    from arena.tui.tournament_folders import Look

LEAST_MATCHES = 6
"""Rows of the list of matches, with its frame."""

ABOVE = 6
"""Rows of a screen for the bars and for how far it is."""


class TournamentView(Vertical):
    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look: Look | None = None
        self._doing = self._me = ""
        self._drawn: object = None
        """Of what, and how wide, the tables were drawn."""
        self._crossed = False
        """Whether the crosstable is shown where there is room for one table."""
        self.cramped = False
        """Whether there is room for one table only."""

    def compose(self) -> ComposeResult:
        with Panel(id="how-far"):
            yield Static(id="how-far-text", markup=False)
        with Container(id="tables"):
            with VerticalScroll(id="standing", classes="panel") as standing:
                standing.border_title = "Standings"
                yield Static(id="standing-text", markup=False)
            with VerticalScroll(id="cross", classes="panel") as cross:
                cross.border_title = "Crosstable"
                yield Static(id="cross-text", markup=False)
        with Panel(id="fixtures"):
            yield RowTable(id="fixture-list")

    @property
    def matches(self) -> RowTable:
        return self.query_one("#fixture-list", RowTable)

    @property
    def place(self) -> "Place | None":
        """The match under the cursor."""
        key = self.matches.key
        return None if key is None else tables.place(key)

    def show(self, look: "Look", doing: str, me: str) -> None:
        """`doing` is what goes on with it, in words; `me` plays here."""
        self._look, self._doing, self._me = look, doing, me
        self.display = True
        plan = look.plan
        title = f"{plan.format} · {', '.join(plan.games)}"
        self.query_one("#how-far", Panel).entitle(title, f"{doing} · {plan.id}")
        width = max((self.size.width or self.screen.size.width - 32) - 4, 30)
        self._put("#how-far-text", tables.how_far(look, width))
        left, right = self._arrange(look, width)
        drawn = look.standings, left, right, me
        if drawn != self._drawn:
            self._drawn = drawn
            self._put("#standing-text", tables.standings(look, left, me))
            self._put("#cross-text", tables.meetings(look, right))
            knockout = look.tournament.format.decides
            self.query_one("#cross").border_title = "Bracket" if knockout else "Crosstable"
        standing, words = self.query_one("#standing"), _relative(look)
        if standing.border_subtitle != words:
            standing.border_subtitle = Content(words)
        self._list_matches(look, width)

    def on_resize(self) -> None:
        if self._look is not None:
            self.show(self._look, self._doing, self._me)

    def turn(self) -> None:
        """The other of the two tables, where there is room for one."""
        self._crossed = not self._crossed
        self.on_resize()

    def _put(self, where: str, text: Text) -> None:
        shown = self.query_one(where, Static)
        if shown.content != text:
            shown.update(text)

    def _arrange(self, look: "Look", width: int) -> tuple[int, int]:
        """Both tables side by side, or one above the other, or only one of them. Returns their columns."""
        many = len(look.standings.lines)
        high = self.screen.size.height - ABOVE
        need = tables.standings_need(look), tables.cross_need(look)
        standing, cross = self.query_one("#standing"), self.query_one("#cross")
        room = high - LEAST_MATCHES
        rows = max(min(many + 3, room), 4)
        beside = sum(need) + 4 <= width and many > 2
        both = beside or (many > 2 and 2 * rows < room)
        standing.display, cross.display = both or not self._crossed, both or self._crossed
        self.cramped = not both
        self.query_one("#tables").set_class(beside, "-beside")
        standing.styles.height = rows + (not look.card.played and not beside)
        cross.styles.height = max(
            rows, min(tables.cross_rows(look) + 2, room - (rows + 1 if both and not beside else 0))
        )
        cross.styles.width = need[1] + 4 if beside else "1fr"
        return (width - need[1] - 4, need[1]) if beside else (width, width)

    def _list_matches(self, look: "Look", width: int) -> None:
        rows = tables.matches(look)
        out = {"game": len(look.plan.games) == 1, "round": len(look.tournament.rounds) == 1}
        kept = [at for at, title in enumerate(tables.TITLES) if not out.get(title)]
        players = tables.TITLES.index("players")
        others = [
            max([len(tables.TITLES[at]), *(cells[at].cell_len for cells in rows.values())])
            for at in kept
            if at != players
        ]
        room = max(width + 1 - sum(others) - 2 * len(kept), len("players"))
        for cells in rows.values():
            cells[players].truncate(room, overflow="ellipsis")
        self.matches.fill(
            [tables.TITLES[at] for at in kept],
            {key: [cells[at] for at in kept] for key, cells in rows.items()},
        )
        told = [f"{len(look.playing):,} in play"] if look.playing else []
        told += [f"{len(look.waiting):,} waiting"] if look.waiting else []
        told.append(f"{look.card.played:,} played")
        self.query_one("#fixtures", Panel).entitle("Matches", " · ".join(told))


def _relative(look: "Look") -> str:
    """What the ratings are relative to."""
    if not look.card.played:
        return ""
    said = "random is 0" if look.standings.anchored else "their mean is 0"
    same = look.standings.duplicates
    return f"{same} the very same, not counted · {said}" if same else said
