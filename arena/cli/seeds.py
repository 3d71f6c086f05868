"""Several trainings that differ by their seed: shown together, and what they have come to."""

import contextlib
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import typer
from rich.console import Group as Rows
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from arena.cli.output import StatusLine, duration, note, say, say_json
from arena.cli.training_table import LINE_SECONDS, PICTURES, SOLVED, TRAINING_LEVELS, figures
from arena.errors import ArenaError, UsageError
from arena.store.records import check_seed

if TYPE_CHECKING:
    from arena.store.runs import Run
    from arena.training.group import Group, Member, Said
    from arena.training.settings import Settings
    from arena.training.stopping import Stop


def begin(settings: "Settings", count: int, at_once: int | None, *, as_json: bool) -> None:
    """Train `count` new runs, of the seed in `settings` and those after it."""
    if count < 2:
        raise UsageError(f"--seeds is how many runs to train, at least 2, not {count}; for one use --seed")
    seeds = range(settings.seed, settings.seed + count)
    check_seed(seeds[-1])
    from arena.training import group
    from arena.training.run import check

    status = StatusLine()
    status.show("getting the game and the network ready")
    try:
        config, origin = check(settings)
    finally:
        status.clear()
    _train(group.create(settings, seeds, asdict(config), origin), settings.going_on, at_once, as_json=as_json)


def resume(members: "Sequence[Run]", settings: "Settings", at_once: int | None, *, as_json: bool) -> None:
    """Go on with those runs of a group that are not done."""
    if settings.envs is not None or "num_envs" in settings.overrides or settings.options:
        raise UsageError("a run goes on in the environments it began with; leave --envs and --option out")
    _train(members, settings, at_once, as_json=as_json)


def _train(members: "Sequence[Run]", settings: "Settings", at_once: int | None, *, as_json: bool) -> None:
    from arena.cli.comparing import report, show
    from arena.games.processes import cores
    from arena.store import runs
    from arena.training.group import Group
    from arena.training.stopping import Stop, stop_on_signals

    group = Group(members, settings, at_once or max(1, min(cores(), len(members))))
    first = members[0]
    title = f"{first.agent} · {first.game} · {len(members)} seeds, {group.at_once} at once · {first.group}"
    stop = Stop()
    with (
        stop_on_signals(stop),
        contextlib.closing(cast("Generator[Said, None, None]", group.train(stop))) as said,
    ):
        if as_json:
            for one in said:
                say_json({"seed": one.member.seed, **one.event}, compact=True)
        elif sys.stdout.isatty():
            _live(group, said, title, stop)
        else:
            _lines(group, said, title)
    found = runs.of_group(first.group)
    if as_json:
        say_json({"event": "report", "group": first.group, **report(found)}, compact=True)
    elif any(member.state == "done" for member in group.members):
        say()
        show(found)
    unfinished = [member for member in group.members if member.state != "done"]
    if stop.is_set() and unfinished:
        note(f"stopped; {len(unfinished)} of {len(group.members)} runs are not done, and go on with")
        note(f"arena train --resume {first.group}")
        raise typer.Exit(130)
    if failed := [member for member in unfinished if member.state == "failed"]:
        for member in failed:
            note(f"seed {member.seed} failed: {member.why}")
        seeds = ", ".join(str(member.seed) for member in failed)
        raise ArenaError(
            f"{len(failed)} of {len(group.members)} runs failed (seed {seeds}); "
            f"`arena train --resume {first.group}` tries them again"
        )
    if unfinished:  # stopped by somebody else, one by one
        raise ArenaError(
            f"{len(unfinished)} of {len(group.members)} runs were stopped; "
            f"`arena train --resume {first.group}` goes on with them"
        )
    note(f"done; `arena runs {first.group}` shows this again, `arena watch {first.group}` how they play")


def _lines(group: "Group", said: "Generator[Said, None, None]", title: str) -> None:
    note(title)
    shown: dict[str, float] = {}
    for one in said:
        member, kind = one.member, one.event["event"]
        if kind == "started":
            note(f"seed {member.seed}: {one.event['run']}")
            if member.preparing:
                note(member.preparing)
        elif kind == "progress":
            if time.monotonic() - shown.get(member.run, float("-inf")) >= LINE_SECONDS * group.at_once:
                shown[member.run] = time.monotonic()
                say(f"seed {member.seed}  {_steps(member)}  {figures(member.metrics)}  {_left(group)}")
        elif kind in ("done", "stopped", "failed"):
            say(f"seed {member.seed}  {_steps(member)}  {figures(member.metrics)}  {member.state}")


def _live(group: "Group", said: "Generator[Said, None, None]", title: str, stop: "Stop") -> None:
    with Live(get_renderable=lambda: _table(group, title, stop), refresh_per_second=PICTURES) as live:
        for _ in said:
            pass
        live.refresh()


def _table(group: "Group", title: str, stop: "Stop") -> Rows:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(no_wrap=True, overflow="ellipsis")
    for member in group.members:
        grid.add_row(f"seed {member.seed}", _bar(_share(member)), f"{_share(member):.0%}", _state(member))
    shares = [_share(member) for member in group.members]
    overall = sum(shares) / len(shares)
    grid.add_row("all", _bar(overall), f"{overall:.0%}", _left(group))
    last = "Ctrl-C stops all, each with a checkpoint"
    if all(member.state not in ("running", "waiting") for member in group.members):
        last = ""
    elif stop.is_set():
        last = "saving checkpoints, then stopping"
    elif preparing := next((m.preparing for m in group.members if m.preparing), ""):
        last = preparing
    told = [TRAINING_LEVELS] if any(SOLVED in member.metrics for member in group.members) else []
    return Rows(Text(title, style="bold cyan"), grid, *(Text(line, style="dim") for line in [*told, last]))


def _state(member: "Member") -> str:
    if member.state == "running" and member.steps_per_second is None:
        return "starting"
    if member.state in ("waiting", "stopped"):
        return member.state
    told = figures(member.metrics)
    return f"failed: {member.why}" if member.state == "failed" else told


def _bar(share: float) -> ProgressBar:
    return ProgressBar(total=1.0, completed=share, width=16)


def _share(member: "Member") -> float:
    return min(member.step / member.total_steps, 1.0)


def _steps(member: "Member") -> str:
    return f"step {member.step:,}/{member.total_steps:,} ({_share(member):.0%})"


def _left(group: "Group") -> str:
    if group.seconds_left is None:
        return ""
    return f"{group.steps_per_second:,.0f} steps/s, {duration(group.seconds_left)} left for all"
