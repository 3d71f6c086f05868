"""Small questions over a screen: pick one, type one, yes or no; and the help."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option as Line

from arena.errors import ArenaError
from arena.tui.calm import Guarded
from arena.tui.matching import search
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.field import Option

LONG = 12
"""Options above which a list is searched rather than walked through."""

WALKS: dict[str, Callable[[OptionList], None]] = {
    "up": OptionList.action_cursor_up,
    "down": OptionList.action_cursor_down,
    "pageup": OptionList.action_page_up,
    "pagedown": OptionList.action_page_down,
}
"""What the keys of a list do, also while letters are typed."""


class Pick(Guarded, ModalScreen[int | None]):
    """A list of options; what cannot be chosen is grey, with its reason. A long one shows what is found by
    the letters that are typed, while the arrows walk in it. Answers an option's index, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        *(Binding(key, f"walk('{key}')", show=False) for key in WALKS),
    ]

    def __init__(self, title: str, options: Sequence[Option], value: Any = None) -> None:
        super().__init__()
        self._title, self._options, self._value = title, options, value
        self._shown = [*range(len(options))]
        """The options in the list, by index."""

    def compose(self) -> ComposeResult:
        long = len(self._options) > LONG
        with Vertical(classes="dialog long" if long else "dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = f"{'type to search · ' if long else ''}enter choose · esc back"
            if long:
                yield Input(placeholder="/ search", compact=True)
            yield OptionList(*(_line(option) for option in self._options))

    def on_mount(self) -> None:
        self._point_at_chosen()

    def _point_at_chosen(self) -> None:
        self.query_one(OptionList).highlighted = next(
            (i for i, option in enumerate(self._options) if option.value == self._value), 0
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        shown, options = self.query_one(OptionList).clear_options(), self._options
        if not event.value.strip("/ "):
            self._shown = [*range(len(options))]
            shown.add_options(_line(option) for option in options)
            self._point_at_chosen()
            return
        found = search(event.value, range(len(options)), lambda i: options[i].text, lambda i: options[i].also)
        self._shown = [one.item for one in found]
        shown.add_options(_line(options[one.item], one.at) for one in found)
        shown.action_first()
        if not found:
            shown.add_option(Line(Text("nothing is called that", style=QUIET), disabled=True))

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.query_one(OptionList).action_select()

    def action_walk(self, key: str) -> None:
        WALKS[key](self.query_one(OptionList))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index])


def _line(option: Option, found: Sequence[int] = ()) -> Line:
    """`found` is where its text holds the letters that were searched for."""
    why_not = option.why_not
    text = Text(option.text, style=FAINT if why_not else TEXT)
    for at in found:
        text.stylize(f"bold {SEATS[0]}", at, at + 1)
    detail = why_not or option.detail
    if detail:
        text.append(f"  {detail}", style=FAINT if why_not else QUIET)
    return Line(text, disabled=why_not is not None)


class Ask(Guarded, ModalScreen[str | None]):
    """One line to type. `check` says what is wrong with it by raising ArenaError. Answers it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        hint: str = "",
        placeholder: str = "",
        check: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint, self._check = title, value, hint, check
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = "enter done · esc back"
            yield Input(self._value, placeholder=self._placeholder)
            yield Static(self._hint, classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            if self._check is not None:
                self._check(event.value)
        except ArenaError as error:
            self.query_one(".hint", Static).update(Text(str(error), style=SEATS[1]))
            return
        self.dismiss(event.value)


class Confirm(Guarded, ModalScreen[bool]):
    """A question with two answers; enter takes the one that loses nothing unless `yes` is the safe one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "No"),
        Binding("y", "dismiss(True)", "Yes"),
    ]

    def __init__(self, title: str, question: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._title, self._question, self._yes, self._no = title, question, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = "y yes · n no"
            yield Static(self._question, classes="question", markup=False)
            yield OptionList(Line(Text(self._no)), Line(Text(self._yes)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index == 1)


class Saving(Guarded, ModalScreen[None]):
    """Trainings are saved before the launcher leaves, however long that takes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Give up")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content("Quit")
            yield Static("Saving the training ... (quit again to give up)", classes="question", markup=False)


class Help(Guarded, ModalScreen[None]):
    """What a screen is for, and its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss(None)", "Back")]

    def __init__(self, title: str, text: str | Text, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._text, self._keys = title, text, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog wide") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = "esc back"
            yield Static(self._text, markup=False)
            keys = Table.grid(padding=(0, 2))
            keys.add_column(no_wrap=True, style=SEATS[0])
            keys.add_column(style=TEXT)
            for key, does in self._keys:
                keys.add_row(key, does)
            yield Static(keys, classes="keys")
