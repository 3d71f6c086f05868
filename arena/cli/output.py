"""Words and tables for people, JSON for programs: data on stdout, all else on stderr."""

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from arena.errors import ArenaError

GAP = "  "
"""Between the columns of a table."""


def say(text: str = "") -> None:
    """A line of data, at once: what was printed has reached the reader even if the next moment kills us."""
    print(_printable(text), flush=True)


def note(text: str = "") -> None:
    """A line that is not data."""
    print(_printable(text), file=sys.stderr, flush=True)


def announce(game_id: str) -> None:
    """Say what the first use of a game on this machine has to wait for, if anything."""
    from arena.games import catalog

    if words := catalog.preparing(game_id):
        note(words)


def say_json(data: Any, *, compact: bool = False) -> None:
    """One JSON document; on one line where `compact`."""
    print(json.dumps(data, indent=None if compact else 2, ensure_ascii=False), flush=True)


def agree(question: str, refusal: str) -> None:
    """Go on only where the person at the terminal says yes.

    Raises ArenaError, with `refusal` where there is nobody to ask.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ArenaError(refusal)
    note(question)
    sys.stderr.write("[y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise ArenaError("nothing has been changed")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """Columns as wide as their widest cell; those numbered in `right` flush right, for figures. In a terminal
    too narrow for that, sentences are folded between their words."""
    from rich.cells import cell_len

    cells = [[_printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    widths = _narrowed(cells, widths, room())
    flush_right = set(right)
    for row in cells:
        folded = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in zip_longest(*folded, fillvalue=""):
            padded = [
                " " * (width - cell_len(cell)) + cell
                if i in flush_right
                else cell + " " * (width - cell_len(cell))
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            say(GAP.join(padded).rstrip())


def room() -> int:
    """Characters that a line of data may have: the terminal's, and any number elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def _narrowed(cells: Sequence[Sequence[str]], widths: Sequence[int], room: int) -> list[int]:
    """Columns' widths with which a table fits into `room` characters, as far as its longest words allow."""
    columns = zip(*cells, strict=True)
    longest = [max(len(word) for cell in column for word in _words(cell)) for column in columns]
    narrowed = list(widths)
    for _ in range(sum(widths) + len(GAP) * (len(widths) - 1) - room):
        widest = max(range(len(narrowed)), key=lambda i: narrowed[i] * (narrowed[i] > longest[i]))
        narrowed[widest] -= narrowed[widest] > longest[widest]
    return narrowed


def _words(cell: str) -> list[str]:
    """A drawing, in which spaces count, is one."""
    return cell.split() or [""] if "  " not in cell else [cell]


def _folded(cell: str, width: int) -> list[str]:
    if len(cell) <= width or len(_words(cell)) == 1:
        return [cell]
    return textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)


class StatusLine:
    """What is being done, on stderr: a line that rewrites itself in a terminal, else one now and then."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.interval = 0.1 if self.live else 5.0
        self.shown = time.monotonic() - (self.interval if self.live else 0.0)

    def show(self, text: str) -> None:
        """Show `text`, when the last time was long enough ago."""
        now = time.monotonic()
        if now - self.shown < self.interval:
            return
        self.shown = now
        if self.live:
            width = shutil.get_terminal_size().columns - 1  # a line that wraps cannot be written over
            line = text if len(text) <= width else text[: width - 1] + "…"
            sys.stderr.write(f"\r\x1b[2K{_printable(line)}")
            sys.stderr.flush()
        else:
            note(text)

    def clear(self) -> None:
        """Leave no trace in a terminal, so that the next line starts clean."""
        if self.live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def time_left(elapsed: float, done: float, total: float) -> str:
    """In words, by how long the part that is done took."""
    return f"{duration(elapsed / done * (total - done))} left"


def duration(seconds: float) -> str:
    """3:07, or 1:02:03."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _printable(text: str) -> str:
    """Names come from people and files: no control character of theirs reaches the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
