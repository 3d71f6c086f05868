"""Keys from a terminal, which tells of them only by repeating them: how long one is held is a guess.

Terminals with Kitty's keyboard protocol (https://sw.kovidgoyal.net/kitty/keyboard-protocol/) also tell when a
key is let go; they are asked to, and where they do nothing is guessed.
"""

import os
import re
import select
import sys
import time
from importlib.util import find_spec
from types import TracebackType
from typing import Self

from arena.window.keyboard import COMMANDS
from arena.window.session import Session

READABLE = find_spec("termios") is not None
"""Whether this system tells of single keys here; Windows has no termios."""

if READABLE:
    import termios

TAP = 0.08
"""Seconds that a key counts as held when it is first seen."""

REPEATED = 0.15
"""Seconds that it counts as held when it has been repeated; keyboards repeat every 30 to 50 ms."""

PAUSE = 0.7
"""Seconds after which the same key is a new press and no repetition; the first one takes up to 0.66."""

_ALL_KEYS_AND_RELEASES = "\x1b[>11u"
_AS_BEFORE = "\x1b[<u"

_SEQUENCE = re.compile(r"\x1b(?:\[(\??)(\d*)[:\d]*(?:;(\d*)(?::(\d))?)?[;\d:]*([A-Za-z~])|O([A-DHF]))")
_LETTERS = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "P": "f1"}
_NUMBERS = {1: "home", 7: "home", 4: "end", 8: "end", 11: "f1"}
_CODES = {
    9: "tab", 13: "return", 27: "escape", 32: "space", 57441: "left shift", 57448: "right ctrl",
    57414: "return", 57417: "left", 57418: "right", 57419: "up", 57420: "down", 57413: "+", 57412: "-",
}  # fmt: skip
_CHARACTERS = {" ": "space", "\t": "tab", "\r": "return", "\n": "return"}


class TerminalKeys:
    """A terminal's input without echo and line by line, put back as it was at the end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before: list[object] | None = None
        self._until: dict[str, float] = {}
        """When each held key counts as let go."""
        self._seen: dict[str, float] = {}
        self._rest = ""
        self.releases_known = False
        """Whether this terminal tells when keys are let go."""

    def __enter__(self) -> Self:
        if os.isatty(self._descriptor):
            self._before = termios.tcgetattr(self._descriptor)
            raw = termios.tcgetattr(self._descriptor)
            raw[0] &= ~(termios.ICRNL | termios.IXON)
            raw[3] &= ~(termios.ICANON | termios.ECHO)  # signals stay: Ctrl-C ends the match
            raw[6][termios.VMIN], raw[6][termios.VTIME] = 0, 0
            raw[6][termios.VSUSP] = b"\x00"  # Ctrl-Z would leave a picture behind
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, raw)
            sys.stdout.write(_ALL_KEYS_AND_RELEASES + "\x1b[?u")
            sys.stdout.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            sys.stdout.write(_AS_BEFORE)
            sys.stdout.flush()
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._before)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> None:
        """Until a key comes, or for so long."""
        if self._before is None:
            time.sleep(max(seconds, 0.0))
        else:
            select.select([self._descriptor], [], [], max(seconds, 0.0))

    def handle(self, session: Session, now: float) -> None:
        """Pass on what has been pressed, and let go what has not been repeated."""
        if self._before is not None:
            try:
                data = os.read(self._descriptor, 4096).decode(errors="ignore")
            except OSError:  # the terminal is gone
                session.closed = True
                return
            for key, kind in self.parse(data):
                self._key(session, key, kind, now)
        for key in [key for key, until in self._until.items() if until <= now]:
            self._let_go(session, key)

    def parse(self, data: str) -> list[tuple[str, int]]:
        """(key, 1 for a press, 2 for a repetition, 3 for a release) for each that `data` tells of."""
        data, keys = self._rest + data, []
        self._rest = ""
        while data:
            match = _SEQUENCE.match(data)
            if match:
                private, number, _, event, final, plain = match.groups()
                data = data[match.end() :]
                if private:
                    self.releases_known |= final == "u" and number not in ("", "0")
                    continue
                code = int(number or 0)
                if final == "u":
                    key = _CODES.get(code) or (
                        chr(code) if 32 < code < 0x110000 and chr(code).isprintable() else ""
                    )
                elif final == "~":
                    key = _NUMBERS.get(code, "")
                else:
                    key = _LETTERS.get(final or plain, "")
                if key:
                    keys.append((key, int(event or 1)))
            elif data[0] == "\x1b" and data[1:2] in ("[", "O"):
                if len(data) < 16:
                    self._rest = data  # the rest of it is still to come
                    break
                data = data[1:]
            else:
                key = "escape" if data[0] == "\x1b" else _CHARACTERS.get(data[0], data[0].lower())
                keys.append((key, 1))
                data = data[1:]
        return keys

    def _key(self, session: Session, key: str, kind: int, now: float) -> None:
        if kind == 3:
            self._let_go(session, key)
            return
        repeated = kind == 2 or (key in self._seen and now - self._seen[key] < PAUSE)
        self._seen[key] = now
        if key not in self._until:
            for joystick in session.joysticks:
                joystick.press(key)
        self._until[key] = float("inf") if self.releases_known else now + (REPEATED if repeated else TAP)
        name = COMMANDS.get(key)
        if name and (kind == 1 or name in ("back", "forward")):
            session.command(name)

    def _let_go(self, session: Session, key: str) -> None:
        if self._until.pop(key, None) is not None:
            for joystick in session.joysticks:
                joystick.release(key)
