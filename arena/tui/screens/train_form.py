"""What to train: agent, game, and the few numbers that matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from agents.catalog import AGENTS
from arena.errors import ArenaError, UsageError
from arena.games.catalog import Entry
from arena.store.records import LARGEST_SEED
from arena.tui.calm import Guarded, in_background
from arena.tui.theme import SEATS
from arena.tui.widgets.field import Field, Option, sizes

UNITS = {"k": 10**3, "m": 10**6, "b": 10**9}


@dataclass(frozen=True, slots=True)
class Order:
    """A training to be started; None is the preset's value."""

    agent: str
    game: str
    steps: int | None
    seed: int
    envs: int | None
    size: int | None = None
    """Of a maze."""

    def arguments(self) -> list[str]:
        """The command line of `python -m arena.training`."""
        arguments = ["--agent", self.agent, "--game", self.game, "--seed", str(self.seed)]
        if self.steps is not None:
            arguments += ["--steps", str(self.steps)]
        if self.envs is not None:
            arguments += ["--envs", str(self.envs)]
        if self.size is not None:
            arguments += ["--option", f"size={self.size}"]
        return arguments


class TrainForm(Guarded, ModalScreen[Order | None]):
    """Answers an order, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("ctrl+s", "start", "Start"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    def __init__(self, entries: Sequence[Entry], game: str) -> None:
        super().__init__()
        self._entries, self._game = entries, game

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form") as box:
            box.border_title = "Train an agent"
            box.border_subtitle = "↑↓ lines · enter start · esc back"
            yield Field("agent", id="agent")
            yield Field("game ", id="game")
            yield Field("size ", id="size")
            for name, hint in (
                ("steps", "the preset; or 200k, 5M, ... decisions"),
                ("seed", "0: the same seed learns the same"),
                ("envs", "the preset: environments stepped together"),
            ):
                with Horizontal(classes="line"):
                    yield Static(f"{name:<6}", classes="label")
                    yield Input(placeholder=hint, id=name, compact=True)
            yield Static(
                "It runs beside everything else, saves as it goes, and can be stopped and resumed.",
                classes="hint",
                markup=False,
            )

    def on_mount(self) -> None:
        self.query_one("#agent", Field).offer([Option(name, name) for name in AGENTS], next(iter(AGENTS)))
        games = [Option(e.id, e.id, e.summary, e.missing) for e in self._entries]
        self.query_one("#game", Field).offer(games, self._game)
        self._offer_sizes()
        self.query_one("#steps").focus()

    def on_field_changed(self, event: Field.Changed) -> None:
        if event.field.id == "game":
            self._offer_sizes()

    def _offer_sizes(self) -> None:
        game = self.query_one("#game", Field).value
        entry = next((entry for entry in self._entries if entry.id == game), None)
        field = self.query_one("#size", Field)
        field.display = entry is not None and entry.size is not None
        field.offer(*sizes(entry) if entry is not None else ([], None))

    def on_field_asked(self, event: Field.Asked) -> None:
        event.stop()
        in_background(self, partial(self._choose, event.field), group="choose", exclusive=True)

    async def _choose(self, field: Field) -> None:
        from arena.tui.screens.dialogs import Pick

        picked = await self.app.push_screen_wait(Pick(field.label.strip(), field.options, field.value))
        if picked is not None:
            field.take(field.options[picked].value)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.action_start()

    def action_start(self) -> None:
        """Check what was typed, and answer."""
        try:
            order = Order(
                agent=self.query_one("#agent", Field).value,
                game=self.query_one("#game", Field).value,
                steps=self._number("steps", 1, 10**12),
                seed=self._number("seed", 0, LARGEST_SEED) or 0,
                envs=self._number("envs", 1, 65536),
                size=self.query_one("#size", Field).value,
            )
        except ArenaError as error:
            self.query_one(".hint", Static).update(Text(str(error), style=SEATS[1]))
            return
        self.dismiss(order)

    def _number(self, name: str, least: int, most: int) -> int | None:
        return parse_number(name, self.query_one(f"#{name}", Input).value, least, most)


def parse_number(name: str, text: str, least: int, most: int) -> int | None:
    """A whole number as people type it (`200k`, `5M`, `1,000`); None for nothing.

    Raises UsageError for anything else, and outside `least` to `most`.
    """
    plain = text.strip().lower().replace(",", "").replace("_", "").replace(" ", "")
    if not plain:
        return None
    unit = UNITS.get(plain[-1], 1)
    digits = plain[:-1] if plain[-1] in UNITS else plain
    try:
        value = float(digits) * unit
    except ValueError:
        raise UsageError(f"{name}: '{text}' is no number; type one like 200k") from None
    if not value.is_integer() or not least <= value <= most:
        raise UsageError(f"{name}: '{text}' is not a whole number from {least:,} to {most:,}")
    return int(value)
