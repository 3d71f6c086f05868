"""What to train: agent, game, and the few numbers that matter."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from agents.catalog import AGENTS, WITHOUT_POLICY, begins_with, plays_as
from arena.errors import ArenaError, UsageError
from arena.games.catalog import Entry
from arena.games.processes import cores
from arena.store.options import whole_number
from arena.store.records import LARGEST_SEED
from arena.tui.calm import Guarded, in_background
from arena.tui.theme import SEATS
from arena.tui.trainings import Order
from arena.tui.widgets.axes import large
from arena.tui.widgets.field import Field, Option, sizes

MOST_SEEDS = 8
"""Runs at once; more than that no picture of curves shows together."""

LINES = {
    "steps": "the preset's; or 200k, 5M, ... decisions",
    "seed": "0; the same seed learns the same",
    "seeds": "1; with N of them, N runs at once",
    "envs": "the preset's; environments stepped together",
    "from": "new weights; or its champion's, or a run's",
    "set": "name=value ..., as learning_rate=0.001",
}
"""What is typed, with what is meant where nothing is."""

KEYS = "↑↓ lines · enter start · esc back"

Begin = Callable[[Order], Awaitable[str]]
"""Starts what was ordered. Returns what is wrong with it, or nothing once it has begun."""


class TrainForm(Guarded, ModalScreen[None]):
    """Stays until what was ordered has begun: only the trainer knows whether all of it makes sense, and what
    it complains about is mended here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back"),
        Binding("ctrl+s", "start", "Start"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    def __init__(self, entries: Sequence[Entry], game: str, begin: Begin) -> None:
        super().__init__()
        self._entries, self._game, self._begin = entries, game, begin
        self._checking = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form") as box:
            box.border_title = "Train an agent"
            box.border_subtitle = KEYS
            yield Field("agent", id="agent")
            yield Field("game ", id="game")
            yield Field("size ", id="size")
            yield Field("meets", id="opponents")
            for name, hint in LINES.items():
                with Horizontal(classes="line"):
                    yield Static(f"{name:<6}", classes="label")
                    yield Input(placeholder=hint, id=name, compact=True)
            yield Static(id="usual", classes="hint", markup=False)
            yield Static(classes="hint", id="said", markup=False)

    def on_mount(self) -> None:
        agents = [Option(name, name) for name in AGENTS]
        self.query_one("#agent", Field).offer(agents, next(iter(AGENTS)))
        games = [Option(e.id, e.id, e.summary, e.missing, e.title) for e in self._entries]
        self.query_one("#game", Field).offer(games, self._game)
        self._offer_choices()
        self._say("It runs beside everything else, saves as it goes, and can be stopped and resumed. Several "
                  f"at once share the {cores()} cores of this machine.")  # fmt: skip
        self._tell_preset()
        self.query_one("#steps").focus()

    def on_field_changed(self, event: Field.Changed) -> None:
        if event.field.id == "game":
            self._offer_choices()
        self._tell_preset()

    def _chosen(self) -> Entry | None:
        """The game."""
        game = self.query_one("#game", Field).value
        return next((entry for entry in self._entries if entry.id == game), None)

    def _offer_choices(self) -> None:
        """What else there is to choose at the game."""
        entry = self._chosen()
        for name, found in (("size", sizes), ("opponents", opponents)):
            field = self.query_one(f"#{name}", Field)
            offered, usual = found(entry) if entry is not None else ([], None)
            field.offer(offered, usual)
            field.display = bool(offered)

    def _tell_preset(self) -> None:
        """What is meant where nothing is typed."""
        agent = self.query_one("#agent", Field).value
        usual = preset(agent, self.query_one("#game", Field).value)
        shown = [f"{name.replace('_', ' ')} {_brief(value)}" for name, value in usual.items()]
        self.query_one("#usual", Static).update("The preset: " + ", ".join(shown) if shown else "")
        meant = {**LINES, "from": _origins(agent, self._chosen())}
        if "total_steps" in usual:
            meant["steps"] = f"{large(usual['total_steps'])}; or 200k, 5M, ... decisions"
        if "num_envs" in usual:
            meant["envs"] = f"{usual['num_envs']}; environments stepped together"
        if agent in WITHOUT_POLICY:
            meant |= {"envs": "the preset's; explorers at once", "set": "name=value ..., as cells=dynamic"}
        for name, hint in meant.items():
            self.query_one(f"#{name}", Input).placeholder = hint

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
        """Check what was typed, and begin."""
        if self._checking:
            return
        try:
            seed = self._number("seed", 0, LARGEST_SEED) or 0
            order = Order(
                agent=self.query_one("#agent", Field).value,
                game=self.query_one("#game", Field).value,
                steps=self._number("steps", 1, 10**12),
                seed=seed,
                envs=self._number("envs", 1, 65536),
                size=self.query_one("#size", Field).value,
                seeds=self._number("seeds", 1, min(MOST_SEEDS, LARGEST_SEED + 1 - seed)) or 1,
                settings=parse_settings(self.query_one("#set", Input).value),
                origin=self.query_one("#from", Input).value.strip(),
                opponents=self.query_one("#opponents", Field).value,
            )
        except ArenaError as error:
            self._say(str(error), wrong=True)
            return
        self._checking = True
        self._say("Checking; that takes a few seconds.", keys="esc give it up")
        in_background(self, partial(self._order, order), group="order")

    async def _order(self, order: Order) -> None:
        complaint = await self._begin(order)
        self._checking = False
        if complaint:
            self._say(complaint, wrong=True)
        else:
            self.dismiss()

    def _say(self, text: str, *, wrong: bool = False, keys: str = KEYS) -> None:
        self.query_one("#said", Static).update(Text(text, style=SEATS[1] if wrong else ""))
        self.query_one(".form").border_subtitle = keys

    def _number(self, name: str, least: int, most: int) -> int | None:
        return whole_number(name, self.query_one(f"#{name}", Input).value, least, most)


def _origins(agent: str, game: Entry | None) -> str:
    """What an agent can begin with at a game."""
    if begins_with(agent) != (agent,) and game is not None and not game.restorable:
        return "nothing; this game cannot be put back, and so not explored"
    if agent in WITHOUT_POLICY:
        return "nothing; it explores a game from its start"
    *_, phase = begins_with(agent)
    if phase != agent:
        mazes = game is not None and game.family == "maze"
        return (
            f"new weights; or {plays_as(agent)}, its champion's" if mazes else f"a run of {phase}, by its id"
        )
    return f"new weights; or {agent}, its champion's; or a run's"


def opponents(game: Entry) -> tuple[list[Option], str | None]:
    """Whom a learner can meet at a game for several, and which is chosen: None, the usual."""
    from arena.training.settings import OPPONENTS, usual_opponents

    if game.seats == (1,):
        return [], None
    usual = usual_opponents(game.id)
    details = {"self": "as it is now", "past": "half its games against snapshots of its past"}
    texts = {"self": "itself", "past": "itself and its past"}
    return [
        Option(
            None if one == usual else one, texts[one], details[one] + (", the usual" if one == usual else "")
        )
        for one in OPPONENTS
    ], None


def preset(agent: str, game: str) -> dict[str, Any]:
    """What an agent's preset for a game's family says, most important first."""
    from agents.presets import PRESETS
    from arena.training.settings import PRESET_OF_FAMILY

    said = PRESETS.get(agent, {}).get(PRESET_OF_FAMILY.get(game.partition("/")[0], ""), {})
    first = [name for name in ("total_steps", "num_envs", "learning_rate", "gamma") if name in said]
    return {name: said[name] for name in dict.fromkeys([*first, *said])}


def _brief(value: Any) -> str:
    return large(value) if isinstance(value, int) and value >= 10_000 else f"{value}"


def parse_settings(text: str) -> tuple[str, ...]:
    """`name=value` after `name=value`, parted by spaces or commas. Raises UsageError for anything else."""
    parts = text.replace(",", " ").split()
    for part in parts:
        name, equals, value = part.partition("=")
        if not (name.isidentifier() and equals and value):
            raise UsageError(f"set: '{part}' is no name=value; type one like learning_rate=0.001")
    return tuple(parts)
