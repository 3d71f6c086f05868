"""How a training goes: a live table in a terminal, else a line now and then, or every event as JSON."""

import contextlib
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from arena.cli.output import duration, note, say, say_json

if TYPE_CHECKING:
    from arena.training.run import Event
    from arena.training.stopping import Stop

PICTURES = 4
"""A second, of the live table."""

LINE_SECONDS = 5.0
"""Between two lines where there is no terminal."""

TRAINING_LEVELS = "solved: of training's levels, often easier; `arena promote` tells of held-out ones"
"""Why a champion's card may say much less than the table did."""

RETURN, LENGTH, SCORE, SOLVED, BEST, BEST_LENGTH = (
    f"charts/{name}"
    for name in (
        *("episodic_return", "episodic_length", "episodic_score", "solved"),
        *("best_score", "best_length"),
    )
)
CELLS, ROOMS = "explore/cells", "explore/rooms"
FOUND, LEVELS = "demonstrations/found", "demonstrations/levels"
EPOCHS, AGREEMENT = "imitation/epochs", "imitation/agreement"
WON, RATING = "selfplay/won", "selfplay/rating"
PRACTICE_LEFT, SUCCESS, SIZE = "practice/left", "practice/success", "practice/size"


def follow(events: "Iterator[Event]", stop: "Stop", *, as_json: bool = False) -> "Event":
    """Iterate `events` to their end, showing them. Returns the last.

    Whatever ends the showing (a reader that has gone, an error) also ends the training, with a checkpoint.
    """
    with contextlib.closing(cast("Generator[Event, None, None]", events)):
        if as_json:
            return _as_json(events)
        if sys.stdout.isatty():
            return _live(events, stop)
        return _lines(events)


def _as_json(events: "Iterable[Event]") -> "Event":
    for event in events:
        last = event
        say_json({k: v for k, v in asdict(event).items() if v not in (None, {})}, compact=True)
    return last


def _lines(events: "Iterable[Event]") -> "Event":
    shown, shown_step, explained = float("-inf"), -1, False
    for event in events:
        last = event
        if SOLVED in event.metrics and not explained:
            explained = True
            note(TRAINING_LEVELS)
        if event.event == "started":
            note(_title(event))
            if "preparing" in event.about:
                note(event.about["preparing"])
        elif event.event == "progress" and time.monotonic() - shown >= LINE_SECONDS:
            shown, shown_step = time.monotonic(), event.step
            say(_line(event))
    if last.step != shown_step:
        say(f"step {last.step:,}/{last.total_steps:,}  {last.event} after {duration(last.seconds)}")
    return last


def _live(events: "Iterable[Event]", stop: "Stop") -> "Event":
    table = _Table(stop)
    with Live(get_renderable=table.draw, refresh_per_second=PICTURES, transient=False) as live:
        for event in events:
            last = event
            table.take(event)
        live.refresh()
    return last


class _Table:
    """The live table: what the latest events said."""

    def __init__(self, stop: "Stop") -> None:
        self.stop = stop
        self.title, self.saved, self.preparing = "", "", ""
        self.over = False
        self.latest: Event | None = None
        self.metrics: dict[str, float] = {}
        self.curve: list[float] = []
        """Returns, or how many cells there are."""

    def take(self, event: "Event") -> None:
        if event.event == "started":
            self.title = _title(event)
            self.preparing = event.about.get("preparing", "")
        elif event.event == "saved":
            self.saved = f"step {event.step:,}"
        elif event.event == "progress":
            self.preparing = ""
            self.metrics |= event.metrics
            curve = CELLS if CELLS in event.metrics else RETURN
            if curve in event.metrics:
                self.curve.append(event.metrics[curve])
        if event.event == "progress" or self.latest is None:
            self.latest = event
        self.over = event.event in ("finished", "stopped")

    def draw(self) -> Group:
        event = self.latest
        if event is None:
            return Group(Text("getting the game and the network ready", style="dim"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim")
        grid.add_column()
        share = min(event.step / event.total_steps, 1.0)  # a training ends with a whole rollout
        bar = Table.grid(padding=(0, 2))
        bar.add_row(
            f"{event.step:,} / {event.total_steps:,}",
            ProgressBar(total=1.0, completed=share, width=24),
            f"{share:.0%}",
        )
        grid.add_row("steps", bar)
        told = figures(self.metrics)
        of_play = RETURN in self.metrics or not self.metrics.keys() & {BEST, FOUND, EPOCHS}
        grid.add_row("return" if of_play else "so far", f"{told}   {sparkline(self.curve)}")
        if SOLVED in self.metrics:
            grid.add_row("", Text(TRAINING_LEVELS, style="dim"))
        grid.add_row("speed", _speed(event))
        for name in ("time", "losses"):
            if text := _group(self.metrics, name):
                grid.add_row(name, text)
        if self.saved:
            grid.add_row("saved", self.saved)
        last = (
            "saving a checkpoint, then stopping" if self.stop.is_set() else "Ctrl-C stops, with a checkpoint"
        )
        if self.preparing or self.over:
            last = "" if self.over else self.preparing
        return Group(Text(self.title, style="bold cyan"), grid, Text(last, style="dim"))


def sparkline(values: list[float], width: int = 24) -> str:
    """The curve of `values` in `width` characters at most, from the least to the greatest of them."""
    if len(values) < 2:
        return ""
    count = min(width, len(values))
    edges = [i * len(values) // count for i in range(count + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    return "".join("▁▂▃▄▅▆▇█"[int((m - low) / (high - low) * 7) if high > low else 0] for m in means)


def _title(event: "Event") -> str:
    about = event.about
    return f"{about['agent']} · {about['game']} · seed {about['seed']} · {about['device']} · {event.run}"


def _line(event: "Event") -> str:
    share = min(event.step / event.total_steps, 1.0)
    return (
        f"step {event.step:,}/{event.total_steps:,} ({share:.0%})  {figures(event.metrics)}  {_speed(event)}"
    )


def figures(metrics: Mapping[str, float]) -> str:
    """The mean return of the last episodes, and what else is known of them."""
    if BEST in metrics:
        rooms = f" in {metrics[ROOMS]:,.0f} rooms" if metrics.get(ROOMS, 0) > 1 else ""
        how = f"best score {metrics[BEST]:,.6g}"
        how += f" by {metrics[BEST_LENGTH]:,.0f} actions" if metrics[BEST_LENGTH] else ""
        return f"{how}, {metrics[CELLS]:,.0f} cells{rooms}"
    practises = SIZE in metrics or PRACTICE_LEFT in metrics
    if EPOCHS in metrics and not practises:
        return f"imitates: {metrics[AGREEMENT]:.0%} as demonstrated after {metrics[EPOCHS]:.0f} passes"
    if FOUND in metrics and not practises:
        return f"{metrics[FOUND]:,.0f} demonstrations found in {metrics[LEVELS]:,.0f} levels explored"
    if RETURN not in metrics:
        return "unknown until every environment has ended an episode"
    text = f"{metrics[RETURN]:.3g}"
    if SCORE in metrics:
        text += f", score {metrics[SCORE]:.4g}"
    if SOLVED in metrics:
        text += f", solved {metrics[SOLVED]:.0%}"
    if LENGTH in metrics:
        text += f", {metrics[LENGTH]:,.0f} steps long"
    if WON in metrics:
        text += f", won {metrics[WON]:.0%} against its past"
    if RATING in metrics:
        text += f", rated {metrics[RATING]:+.0f}"
    if SIZE in metrics:
        text += f", in mazes of size {metrics[SIZE]:.0f}"
    if SUCCESS in metrics:
        text += (
            f"; does as well from {1 - metrics[PRACTICE_LEFT]:.0%} before the end in {metrics[SUCCESS]:.0%}"
        )
    return text


def _speed(event: "Event") -> str:
    if event.steps_per_second is None:
        return "starting"
    left = "" if event.seconds_left is None else f", {duration(event.seconds_left)} left"
    return f"{event.steps_per_second:,.0f} steps/s, {duration(event.seconds)} so far{left}"


def _group(metrics: Mapping[str, float], name: str) -> str:
    """`losses/policy_loss` and its like in one line; times as shares of the whole."""
    found = {k.removeprefix(f"{name}/"): v for k, v in metrics.items() if k.startswith(f"{name}/")}
    if name == "time":
        total = sum(found.values())
        return "   ".join(f"{k} {v / total:.0%}" for k, v in found.items()) if total else ""
    words = {k.removesuffix("_loss").replace("_", " "): v for k, v in found.items()}
    return "   ".join(f"{k} {v:.3g}" for k, v in words.items())
