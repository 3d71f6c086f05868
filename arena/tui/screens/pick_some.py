"""A small question over a screen: which of these, several, in which order?"""

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option as Line

from arena.tui.calm import Guarded
from arena.tui.matching import search
from arena.tui.screens.dialogs import WALKS
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT
from arena.tui.widgets.field import Option


class PickSome(Guarded, ModalScreen[tuple[Any, ...]]):
    """Options, each with its number in the order in which they were marked. Letters that are typed find some
    of them; with `free`, what is typed can be added to them. Answers the values that are marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "done", "Done"),
        *(Binding(key, f"walk('{key}')", show=False) for key in WALKS),
    ]

    def __init__(
        self, title: str, options: Sequence[Option], values: Sequence[Any], *, free: str = ""
    ) -> None:
        super().__init__()
        self._title, self._options, self._free = title, [*options], free
        self._marked = [*values]
        for value in values:
            if all(option.value != value for option in options):
                self._options.append(Option(value, str(value)))
        order = {value: at for at, value in enumerate(values)}
        self._options.sort(key=lambda option: order.get(option.value, len(order)))
        self._found: list[tuple[Option, Sequence[int]]] = []
        """The options in the list, and where their texts hold the letters that are searched for."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog long") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = "type to search · enter mark · esc done"
            yield Input(placeholder=f"/ search{', or ' + self._free if self._free else ''}", compact=True)
            yield OptionList()

    def on_mount(self) -> None:
        self._fill(0)

    def _fill(self, at: int) -> None:
        words, options = self.query_one(Input).value, self._options
        self._found = [(option, ()) for option in options]
        if plain := words.strip("/ "):
            found = search(words, options, lambda o: o.text, lambda o: o.also)
            self._found = [(one.item, one.at) for one in found]
            if self._free and all(option.text != plain for option in options):
                self._found.append((Option(plain, plain, self._free), ()))
        shown = self.query_one(OptionList).clear_options()
        shown.add_options(self._line(option, letters) for option, letters in self._found)
        if not self._found:
            shown.add_option(Line(Text("nothing is called that", style=QUIET), disabled=True))
        shown.highlighted = min(at, max(len(self._found) - 1, 0))

    def _line(self, option: Option, letters: Sequence[int]) -> Line:
        marked, why_not = option.value in self._marked, option.why_not
        text = Text(f"{self._marked.index(option.value) + 1:>2} " if marked else "   ", style=SEATS[0])
        text.append(option.text, style=SEATS[0] if marked else FAINT if why_not else TEXT)
        for at in letters:
            text.stylize("bold underline", 3 + at, 4 + at)
        if detail := why_not or option.detail:
            text.append(f"  {detail}", style=FAINT if why_not else QUIET)
        return Line(text, disabled=why_not is not None and not marked)

    def on_input_changed(self, _: Input.Changed) -> None:
        self._fill(0)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.query_one(OptionList).action_select()

    def action_walk(self, key: str) -> None:
        WALKS[key](self.query_one(OptionList))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        option, _ = self._found[event.option_index]
        if option.value in self._marked:
            self._marked.remove(option.value)
        else:
            self._marked.append(option.value)
        if option not in self._options:
            self._options.insert(0, option)
        search_line = self.query_one(Input)
        if search_line.value:
            search_line.value = ""  # which fills the list anew
        else:
            self._fill(event.option_index)

    def action_done(self) -> None:
        self.dismiss(tuple(self._marked))
