"""A run in figures: how far it is, how its latest episodes went, what its time goes into, its losses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from arena.tui.reading import clock
from arena.tui.theme import BAD, FAINT, QUIET, SEATS, TEXT, WARNING
from arena.tui.widgets.axes import large, short

if TYPE_CHECKING:
    from arena.store.progress import Progress
    from arena.store.runs import Run

LABEL, GAP = 10, 2
"""Columns before the figures of a line, and between two of them."""

FEW_ROWS, MANY_ROWS = 20, 34

EPISODES = {
    "best_score": "best score",
    "best_length": "actions",
    "episodic_return": "return",
    "episodic_score": "score",
    "solved": "solved",
    "episodic_length": "length",
}
ARCHIVE = {"cells": "cells", "rooms": "rooms", "longest": "longest"}
LESSONS = {"found": "demonstrations", "levels": "levels explored", "epochs": "passes", "agreement": "agrees"}
PRACTICE = {"size": "size", "left": "before it", "success": "success"}
LOSSES = {
    "policy_loss": "policy",
    "value_loss": "value",
    "td_loss": "td",
    "q_values": "q",
    "entropy": "entropy",
    "approx_kl": "kl",
    "clipfrac": "clipped",
    "explained_variance": "explained",
    "grad_norm": "gradient",
}
"""The metrics that are shown, and the words for them."""

SHARED = ("solved", "clipfrac", "agreement", "left", "success")
"""Told in per cent."""

PHASES = ("#4cc9f0", "#3a86b0", "#8fa8bd", "#5b6b7d", "#445263")
"""Colours in the bar of what the time goes into, `other` faint."""


def figures(run: "Run", progress: "Progress", width: int, *, rows: int) -> Text:
    """What `progress` says of `run`, in lines of `width` characters, for a screen of so many `rows`: of the
    fewest only the most important, and what finds no room in the line of its kind goes on in another only
    where there are many."""
    brief = rows < MANY_ROWS
    text = Text()
    if run.why:
        text.append(f"{run.why}\n", style=BAD if run.state == "failed" else WARNING)
    for label, parts in (
        ("steps", _steps(run, progress, width)),
        ("episodes", _named(progress, "charts/", EPISODES)),
        ("practice", _named(progress, "practice/", PRACTICE)),
        ("lessons", _named(progress, "demonstrations/", LESSONS) + _named(progress, "imitation/", LESSONS)),
        ("time", _time(progress, width)),
        ("archive", _named(progress, "explore/", ARCHIVE)),
        ("losses", _named(progress, "losses/", LOSSES)),
    ):
        if parts and (rows >= FEW_ROWS or label in ("steps", "episodes", "archive")):
            _line(text, label, parts, width, brief=brief and label != "steps")
    text.rstrip()
    return text


def _line(text: Text, label: str, parts: Sequence[Text], width: int, *, brief: bool) -> None:
    text.append(f"{label:<{LABEL}}", style=QUIET)
    used = LABEL
    for part in parts:
        if used > LABEL and used + part.cell_len > width:
            if brief:
                break
            text.append("\n" + " " * LABEL)
            used = LABEL
        text.append_text(part)
        text.append(" " * GAP)
        used += part.cell_len + GAP
    text.rstrip()
    text.append("\n")


def _steps(run: "Run", progress: "Progress", width: int) -> list[Text]:
    share = min(run.step / max(run.total_steps, 1), 1.0)
    across, running = _bar_room(width), run.state == "running"
    parts = [Text.assemble(bar(share, across), (f" {share:.0%}", TEXT))] if across else []
    parts.append(_told(large(run.step), f"of {large(run.total_steps)}"))
    if running and progress.speed:
        parts.append(_told(f"{progress.speed:,.0f}", "steps/s"))
    if seconds := run.latest.get("seconds"):
        parts.append(_figure("trained" if not running else "up", clock(seconds)))
    if running and progress.speed:
        left = max(run.total_steps - run.step, 0) / progress.speed
        parts.append(_told(clock(left), "left"))
    return parts


def bar(share: float, width: int) -> Text:
    """`━━━━╸────`, as far as `share`."""
    halves = round(share * width * 2)
    done = "━" * (halves // 2) + ("╸" if halves % 2 else "")
    return Text.assemble((done, SEATS[0]), ("─" * (width - len(done)), FAINT))


def _time(progress: "Progress", width: int) -> list[Text]:
    """A bar of what the time goes into, and its legend."""
    if not progress.shares:
        return []
    named = [(name, share) for name, share in progress.shares.items() if name != "other"]
    named.append(("other", progress.shares.get("other", 0.0)))
    colors = [*PHASES[: len(named) - 1], *[PHASES[-1]] * len(named)]
    across = _bar_room(width)
    picture = Text()
    drawn, sum_ = 0, 0.0
    for (_, share), color in zip(named, colors, strict=False):
        sum_ += share
        to = round(min(sum_, 1.0) * across)
        picture.append("█" * (to - drawn), style=color)
        drawn = to
    legend = [
        Text.assemble(("■ " if across else "", color), (f"{name} ", QUIET), (f"{share:.0%}", TEXT))
        for (name, share), color in zip(named, colors, strict=False)
    ]
    return [picture, *legend] if across else legend


def _bar_room(width: int) -> int:
    """Columns of a bar, none where figures need them."""
    return min(30, width // 4) if width >= 70 else 0


def _named(progress: "Progress", group: str, names: dict[str, str]) -> list[Text]:
    latest = progress.latest
    return [
        _figure(word, _written(key, latest[group + key]))
        for key, word in names.items()
        if group + key in latest
    ]


def _written(key: str, value: float) -> str:
    if key in SHARED:
        return f"{value:.0%}"
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1000 else short(value)


def _figure(name: str, value: str) -> Text:
    return Text.assemble((f"{name} ", QUIET), (value, TEXT))


def _told(value: str, unit: str) -> Text:
    return Text.assemble((value, TEXT), (f" {unit}", QUIET))
