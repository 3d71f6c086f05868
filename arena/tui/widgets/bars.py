"""The line at the top, which names the screens, and the line at the bottom, which names the keys."""

from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.events import Click, Mount
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.theme import QUIET, SEATS, TEXT

SCREENS = (
    ("play", "Play"),
    ("train", "Train"),
    ("tournaments", "Tournaments"),
    ("leaderboard", "Leaderboard"),
    ("replays", "Replays"),
)
"""The screens, in the order of their keys 1, 2, ..."""

Part = tuple[str, str, str | None]
"""Text, style, and the key that a click on it stands for."""


class _Line(Widget):
    """One line of parts that can be clicked."""

    ALLOW_SELECT = False

    def parts(self, width: int) -> list[Part]:
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        background = self.rich_style
        segments = [
            Segment(text, background + Style.parse(style)) for text, style, _ in self.parts(self.size.width)
        ]
        return Strip(segments).adjust_cell_length(self.size.width, background)

    def on_click(self, event: Click) -> None:
        at = 0
        for text, _, key in self.parts(self.size.width):
            at += len(text)
            if event.x < at:
                if key is not None:
                    self.app.simulate_key(key)
                return


class TopBar(_Line):
    """The screens, the one that is open bright."""

    DEFAULT_CSS = """
    TopBar { dock: top; height: 1; background: $panel; }
    """

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current

    def parts(self, width: int) -> list[Part]:
        parts: list[Part] = [(" ARENA ", f"bold {SEATS[0]}", None), ("  ", "", None)]
        for number, (name, title) in enumerate(SCREENS, start=1):
            here = name == self._current
            parts.append((f" {number} ", f"{SEATS[0] if here else QUIET}", str(number)))
            parts.append((f"{title} ", f"bold {TEXT}" if here else QUIET, str(number)))
        if _length(parts) > width:
            parts = parts[2:]
        right: list[Part] = [("ctrl+p", SEATS[0], "ctrl+p"), (" commands ", QUIET, "ctrl+p")]
        right += [(" ?", SEATS[0], "question_mark"), (" help ", QUIET, "question_mark")]
        gap = width - _length(parts) - _length(right)
        if gap < 1:
            right = right[2:]
            gap = width - _length(parts) - _length(right)
        return [*parts, (" " * gap, "", None), *right] if gap >= 1 else parts


class KeyHints(_Line):
    """The keys that do something here, as many as fit, the most useful first."""

    DEFAULT_CSS = """
    KeyHints { dock: bottom; height: 1; background: $panel; }
    """

    def on_mount(self, _: Mount) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _: Screen[Any]) -> None:
        self.refresh()

    def parts(self, width: int) -> list[Part]:
        parts: list[Part] = [(" ", "", None)]
        *hints, last = [self._hint(binding) for binding in shown_bindings(self.screen)] or [[]]
        for hint in hints:
            if _length(parts) + _length(hint) + _length(last) <= width + 1:
                parts += hint
        return parts + last

    def _hint(self, binding: Binding) -> list[Part]:
        press = binding.key.split(",")[0]
        key = self.app.get_key_display(binding)
        return [(key, SEATS[0], press), (f" {binding.description}", QUIET, press), ("  ", "", None)]


def shown_bindings(screen: Screen[Any]) -> list[Binding]:
    """The bindings that do something on `screen` now and are meant to be seen, one for each action: those
    of the focused widget first, those of every screen last."""
    found: dict[str, Binding] = {}
    everywhere: dict[str, Binding] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and active.enabled and binding.description:
            group = everywhere if binding.action.startswith("app.") else found
            group.setdefault(binding.action + binding.description, binding)
    return [*found.values(), *reversed(everywhere.values())]


def _length(parts: list[Part]) -> int:
    return sum(len(text) for text, _, _ in parts)
