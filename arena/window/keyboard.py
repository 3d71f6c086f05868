"""From keys that are held and tapped to a game's actions, for one or two people at one keyboard.

Keys are names (`up`, `space`, `w`, `left shift`, `1`), as SDL calls them; nothing here knows a window. A key
stands for a *control* (`up`, `down`, `left`, `right`, `fire`, or a digit), and an action is chosen by the
controls in its name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena.errors import UsageError
from arena.games.game import GameSpec

_DIGITS = "123456789"

ARROWS: Mapping[str, str] = {
    "up": "up", "down": "down", "left": "left", "right": "right",
    "space": "fire", "right ctrl": "fire", **{digit: digit for digit in _DIGITS},
}  # fmt: skip
"""The first person's keys."""

LETTERS: Mapping[str, str] = {
    "w": "up", "s": "down", "a": "left", "d": "right", "left shift": "fire", "tab": "fire",
}  # fmt: skip
"""The second person's keys."""

PADS: Mapping[str, str] = {f"pad {control}": control for control in ("up", "down", "left", "right", "fire")}
"""A gamepad's, for either person."""


def layouts(people: int) -> Sequence[Mapping[str, str]]:
    """What each of one or two people may press. Two share the number keys: 1 to 5, and 6 to 0 for the second.

    Raises UsageError for more: there is no room for a third on a keyboard.
    """
    if people > 2:
        raise UsageError(
            f"{people} people at one keyboard: there is room for two; seat players or agents instead"
        )
    if people < 2:
        return [{**ARROWS, **PADS}][:people]
    first = {key: control for key, control in ARROWS.items() if key not in "6789"}
    second = {**LETTERS, **dict(zip("67890", _DIGITS, strict=False))}
    return [{**first, **PADS}, {**second, **PADS}]


_WORDS = {
    "up": "up", "north": "up", "forward": "up", "main": "up", "accelerate": "up", "gas": "up",
    "down": "down", "south": "down", "backward": "down", "back": "down", "brake": "down",
    "left": "left", "west": "left",
    "right": "right", "east": "right",
    "fire": "fire", "use": "fire", "toggle": "fire", "jump": "fire", "interact": "fire",
}  # fmt: skip
"""What the words in the names of actions ask for."""

_SPELLED = {key: f"{key} arrow" for key in ("up", "down", "left", "right")}


def controls(spec: GameSpec) -> dict[int, frozenset[str]]:
    """What must be held for each action, by action; nothing need be for an idle one that is called so.

    Directions and fire are read from the name (`up right fire`). Names that say nothing, or the same as an
    earlier one, get the digits in order. Where fire is only ever a part of other actions (`fire left
    engine`), it need not be held.
    """
    wanted = {
        action: frozenset(_WORDS[word] for word in re.findall(r"[a-z]+", name.lower()) if word in _WORDS)
        for action, name in enumerate(spec.actions)
    }
    if not wanted[spec.idle_action]:
        del wanted[spec.idle_action]
    if frozenset({"fire"}) not in wanted.values():
        relaxed = {action: held - {"fire"} for action, held in wanted.items()}
        if len(set(relaxed.values())) == len(set(wanted.values())):
            wanted = relaxed
    taken: set[frozenset[str]] = set()
    digits = iter(_DIGITS)
    chosen = {}
    for action, held in wanted.items():
        if not held or held in taken:
            digit = next(digits, None)
            if digit is None:
                continue  # more than nine nameless actions: the rest are out of a keyboard's reach
            held = frozenset({digit})
        taken.add(held)
        chosen[action] = held
    return chosen


def _aliases(held: Mapping[int, frozenset[str]]) -> dict[str, str]:
    """The unused axis's keys work too: up is right (as in Pong), down is left, and the other way about."""
    used = frozenset().union(*held.values())
    if used & {"left", "right"} and not used & {"up", "down"}:
        return {"up": "right", "down": "left"}
    if used & {"up", "down"} and not used & {"left", "right"}:
        return {"right": "up", "left": "down"}
    return {}


@dataclass(slots=True)
class _Press:
    """One key that is down, or was tapped since the last tick."""

    control: str
    order: int
    """Rises with every press."""
    down: bool = True
    fresh: bool = True
    """No tick has seen it yet."""
    age: int = 0
    """Ticks that passed since it was let go, unseen."""


class Joystick:
    """What a person's keys ask for at every tick: `joystick()` is the action, None where nothing is held.

    Of actions that the held keys allow, the one that uses most keys is chosen (diagonals, with fire), and of
    equals the one pressed last. A tap shorter than a tick still counts, once.
    """

    def __init__(self, layout: Mapping[str, str]) -> None:
        self.layout = layout
        self._presses: dict[str, _Press] = {}
        self._order = 0
        self._held: dict[int, frozenset[str]] = {}
        self._alias: dict[str, str] = {}

    def bind(self, spec: GameSpec) -> None:
        """Take on the actions of a game."""
        self._held = controls(spec)
        self._alias = _aliases(self._held)
        self.let_go()

    def press(self, key: str) -> None:
        """`key` went down. Keys of others are passed over."""
        if control := self.layout.get(key):
            self._order += 1
            self._presses[key] = _Press(self._alias.get(control, control), self._order)

    def release(self, key: str) -> None:
        """`key` went up."""
        if press := self._presses.get(key):
            press.down = False
            if not press.fresh:
                del self._presses[key]

    def let_go(self) -> None:
        """Nothing is held any more (the window lost the keyboard, or a new match begins)."""
        self._presses.clear()

    @property
    def touched(self) -> bool:
        """Whether any of its keys is held, or was tapped since the last tick."""
        return bool(self._presses)

    def __call__(self) -> int | None:
        # A tap that is over comes before what is still held, or the hold would swallow it.
        taps = {p.control: -p.order for p in self._presses.values() if not p.down}
        held = {p.control: p.order for p in self._presses.values() if p.down}
        action = self._choose(held, taps)
        used = self._held[action] if action is not None else frozenset()
        for key, press in list(self._presses.items()):
            press.fresh = False
            if not press.down:
                press.age += 1
                if press.control in used or press.age > 1:
                    del self._presses[key]
        return action

    def _choose(self, held: Mapping[str, int], taps: Mapping[str, int]) -> int | None:
        active = {**held, **taps}
        best: tuple[int, bool, list[int]] | None = None
        chosen = None
        for action, wanted in self._held.items():
            if wanted <= active.keys():
                rank = (
                    len(wanted),
                    any(control in taps for control in wanted),
                    sorted((active[control] for control in wanted), reverse=True),
                )
                if best is None or rank > best:
                    best, chosen = rank, action
        return chosen


def legend(spec: GameSpec, layout: Mapping[str, str]) -> list[tuple[str, str]]:
    """(keys, what they do) for people: one line an action of one key, and one for those of several."""
    held = controls(spec)
    also = {of: control for control, of in _aliases(held).items()}
    lines, together = [], []
    for action, wanted in held.items():
        if len(wanted) > 1:
            together.append(spec.actions[action])
        else:
            (control,) = wanted
            keys = [_keys(c, layout) for c in (control, also.get(control)) if c is not None]
            lines.append((" / ".join(keys), spec.actions[action]))
    if together:
        lines.append(("together", ", ".join(together[:2]) + (", ..." if len(together) > 2 else "")))
    return lines


def _keys(control: str, layout: Mapping[str, str]) -> str:
    names = [key for key, of in layout.items() if of == control and not key.startswith("pad ")]
    return " / ".join(_spell(name) for name in names[:1]) or control


def _spell(key: str) -> str:
    return _SPELLED.get(key, key.upper() if len(key) == 1 else key)


def summary(spec: GameSpec, layout: Mapping[str, str]) -> str:
    """The keys in a few words, for the line before the start: `arrow keys, space`."""
    used = frozenset().union(*controls(spec).values())
    parts: list[str] = []
    if used & {"up", "down", "left", "right"}:
        parts.append("arrow keys" if layout.get("up") else "W A S D")
    if "fire" in used:
        parts.append(_keys("fire", layout))
    digits: Sequence[str] = sorted(used & set(_DIGITS))
    if digits:
        parts.append(" ".join(_keys(d, layout) for d in digits))
    return " + ".join(parts)


COMMANDS: Mapping[str, str] = {
    "p": "pause", "pause": "pause", "h": "help", "f1": "help", "?": "help", "i": "insight", "v": "views",
    "m": "sound", "s": "saliency", "o": "map", "l": "rail", "n": "next", "f12": "picture",
    **{str(seat): f"seat {seat}" for seat in range(1, 5)},
    "escape": "escape", "return": "accept", "enter": "accept", "r": "rematch", "w": "replay",
    "+": "faster", "=": "faster", "[+]": "faster", "-": "slower", "[-]": "slower",
    "left": "back", "right": "forward", "home": "first", "end": "last", "space": "space",
}  # fmt: skip
"""Keys that command. Those that people also play with mean something only while nobody plays."""
