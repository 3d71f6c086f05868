"""One line that says how busy the machine is, and what the run under the cursor takes of it."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.machine import Gpu, Load, size_words
from arena.tui.theme import FAINT, QUIET, SEATS, TEXT, WARNING

BARS = " ▁▂▃▄▅▆▇█"

MOST_CORES = 16
"""Of which each has a bar; of more the whole is told alone."""

LITTLE_MEMORY, LITTLE_DISK = 0.08, 2_000_000_000
"""The share of the memory and the bytes of disk under which the figure warns."""

Part = list[tuple[str, str]]
"""Pieces of text with their colours."""


class LoadLine(Widget):
    DEFAULT_CSS = """
    LoadLine { height: 1; background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._load: Load | None = None
        self._gpus: Sequence[Gpu] = ()

    def show(self, load: Load) -> None:
        self._load = load
        self.refresh()

    def show_gpus(self, gpus: Sequence[Gpu]) -> None:
        self._gpus = gpus
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        segments, used = [Segment(" ", base)], 1
        for part in self._parts() if self._load else ():
            length = sum(len(text) for text, _ in part)
            if used + length <= width:
                segments += [Segment(text, base + Style(color=color)) for text, color in part]
                segments.append(Segment("   ", base))
                used += length + 3
        return Strip(segments).crop(0, width).adjust_cell_length(width, base)

    def _parts(self) -> list[Part]:
        """The most useful first: those that do not fit are left out."""
        load = self._load
        assert load is not None
        bars = (
            "".join(BARS[round(share * 8)] for share in load.cores) if len(load.cores) <= MOST_CORES else ""
        )
        parts: list[Part] = [[("cpu ", QUIET), (f"{load.busy:>4.0%}" if load.cores else "   …", TEXT)]]
        if bars:
            parts[0][1:1] = [("▕", FAINT), (bars, SEATS[0]), ("▏", FAINT)]
        low = load.memory_there - load.memory < LITTLE_MEMORY * load.memory_there
        parts.append([("memory ", QUIET), (_of(load.memory, load.memory_there), WARNING if low else TEXT)])
        for number, gpu in enumerate(self._gpus):
            name = "gpu " if len(self._gpus) == 1 else f"gpu {number} "
            busy = "" if gpu.busy is None else f"{gpu.busy:.0%}  "
            parts.append([(name, QUIET), (busy + _of(gpu.memory, gpu.memory_there), TEXT)])
        if load.trainer:
            share = f"{load.trainer.cores:.0%} of a core, {size_words(load.trainer.memory)}"
            parts.append([("this run ", QUIET), (share, TEXT)])
        low = load.disk_free < LITTLE_DISK
        parts.append([("disk ", QUIET), (f"{size_words(load.disk_free)} free", WARNING if low else TEXT)])
        return parts


def _of(taken: int, there: int) -> str:
    """`6.1 of 25 GB`."""
    first, whole = size_words(taken), size_words(there)
    return f"{first.removesuffix(whole[-3:])} of {whole}"
