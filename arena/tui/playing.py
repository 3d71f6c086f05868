"""A match from the launcher: who may sit where, what the window is asked for, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.games.catalog import Entry
from arena.store.names import HUMAN
from arena.store.records import LARGEST_SEED, Option

if TYPE_CHECKING:
    from arena.matches.roster import Choice
    from arena.store.runs import Run
    from arena.tui.app import ArenaApp


@dataclass(frozen=True, slots=True)
class Setup:
    """A series that can be started."""

    game: str
    players: tuple[str, ...]
    games: int = 1
    seed: int | None = None
    """None: a new one each time."""
    options: Mapping[str, Option] = field(default_factory=dict)
    watched: bool = False
    """Agents alone, over and over until it is left, read anew before each match; nothing is rated."""

    def arguments(self, me: str) -> list[str]:
        """The command line of `python -m arena.window`, where people play under the name `me`."""
        arguments = ["play", "--game", self.game]
        for player in self.players:
            arguments += ["--player", player]
        arguments += ["--games", str(self.games), "--me", me]
        if self.seed is not None:
            arguments += ["--seed", str(self.seed)]
        for name, value in self.options.items():
            arguments += ["--option", f"{name}={value}"]
        return [*arguments, "--unrated", "--endless"] if self.watched else arguments


def against(run: "Run") -> Setup:
    """The person against what a run has learned by now."""
    from arena.matches.roster import seats

    fewest = seats(run.game, run)
    return Setup(run.game, (HUMAN, *[f"{run.agent}@{run.id}"] * max(fewest - 1, 1)), options=_size(run))


def watching(*runs: "Run") -> Setup:
    """Runs that play alone, side by side, each as it is now and as it gets better. Raises ArenaError for more
    than find room, and for runs of different games."""
    from arena.matches.roster import seats

    first = runs[0]
    if len(runs) > catalog.MOST_PLAYERS:
        raise ArenaError(
            f"{catalog.MOST_PLAYERS} runs can be watched together, and {len(runs)} are marked; "
            "unmark some with space"
        )
    for run in runs:
        if run.game != first.game:
            raise ArenaError(
                f"{first.id} learns {first.game} and {run.id} {run.game}: together they can only be watched "
                "at one game; unmark one with space"
            )
    fewest = seats(first.game, first)
    players = tuple(f"{run.agent}@{run.id}" for run in runs)
    return Setup(first.game, players * (fewest if len(runs) == 1 else 1), options=_size(first), watched=True)


def _size(run: "Run") -> dict[str, Option]:
    """The maze is as large as those it learns in."""
    return {"size": run.options["size"]} if "size" in run.options else {}


def seat_range(entry: Entry) -> tuple[int, int]:
    """The fewest and the most players of a match: copies of a one-seat game, or seats of one world."""
    return min(entry.players), max(entry.players)


def default_players(entry: Entry, choices: Sequence["Choice"]) -> list[str | None]:
    """You, then the best opponent on offer in every seat that needs one. One for each seat there can be,
    None for an empty one."""
    fewest, most = seat_range(entry)
    can = [choice.name for choice in choices if choice.why_not is None]
    opponents: list[str | None] = [name for name in can if name != HUMAN] or [None]
    first = HUMAN if HUMAN in can else opponents[0]
    needed = max(fewest, 2)
    return [first, *(opponents[0] if seat < needed else None for seat in range(1, most))]


def champion(choices: Sequence["Choice"]) -> str | None:
    """The best there is to watch: an agent if there is one, else the best built-in player."""
    can = [choice.name for choice in choices if choice.why_not is None and choice.name != HUMAN]
    return can[0] if can else None


def seated(entry: Entry, players: Sequence[str | None]) -> tuple[str, ...]:
    """The players of a match, seat by seat. Raises UsageError where they are too few."""
    sitting = tuple(player for player in players if player is not None)
    if len(sitting) not in entry.players:
        raise UsageError(f"{entry.title} needs {entry.seats_in_words} players; choose one more")
    return sitting


def check_seed(text: str) -> int | None:
    """A seed that was typed; None for an empty line. Raises ArenaError for anything but a whole number."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or int(text) > LARGEST_SEED:
        raise ArenaError(f"'{text}' is no seed; type a whole number up to {LARGEST_SEED}, or nothing")
    return int(text)


async def play(app: "ArenaApp", setup: Setup, *, terminal: bool) -> None:
    """Play `setup` in a window of its own, or in this terminal; say what came of it."""
    arguments = setup.arguments(app.settings.me)
    await show(app, f"the match at {setup.game}", arguments, terminal=terminal)


async def show(app: "ArenaApp", title: str, arguments: Sequence[str], *, terminal: bool) -> None:
    """Run `python -m arena.window arguments` to its end."""
    if terminal:
        await _show_here(app, title, arguments)
        return
    if app.processes.running("window"):
        app.warn(f"{app.processes.running('window')[0].title} is still open; x ends it")
        return
    child = await app.start_child("window", title, "arena.window", *arguments)
    app.update_screens()
    complained = False
    try:
        async for event in child.events():
            if event.get("event") == "result":
                app.say(describe(event), title=str(event.get("headline", "")))
                app.update_screens()
            elif event.get("event") == "error":
                complained = True
                app.warn(str(event.get("message", "")))
    finally:
        app.forget(child)
    if child.process.returncode and not complained and not child.ending:
        app.warn(f"{title} ended early: {child.last_words() or 'it said nothing'}")
    app.update_screens()


async def _show_here(app: "ArenaApp", title: str, arguments: Sequence[str]) -> None:
    """As `show`, in this terminal: its screen is ours again only at the end, and then what came is told."""
    with TemporaryDirectory(prefix="arena-") as folder:
        file = Path(folder) / "events"
        status = await app.run_here("arena.window", *arguments, "--terminal", "--events", str(file))
        whole = file.read_bytes().split(b"\n")[:-1] if file.exists() else []  # the last may be torn
        events = [json.loads(line) for line in whole]
    app.update_screens()
    results = [event for event in events if event.get("event") == "result"]
    errors = [event for event in events if event.get("event") == "error"]
    if results:
        headline = str(results[-1].get("headline", "")) if len(results) == 1 else f"{len(results)} matches"
        app.say(describe(together(results)), title=headline, seconds=20)
    if errors:
        app.warn(str(errors[-1].get("message", "")))
    elif status != 0:
        app.warn(f"{title} did not end well; `arena doctor` shows what works on this machine")


def together(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The last `result` event of a series, with the ratings from before the first."""
    before = {seat["player"]: seat.get("before") for event in reversed(results) for seat in event["seats"]}
    seats = [seat | {"before": before[seat["player"]]} for seat in results[-1]["seats"]]
    return {**results[-1], "seats": seats}


def describe(event: Mapping[str, Any]) -> str:
    """What a match did, from its `result` event: the ratings after it, with what changed."""
    words = []
    for seat in event.get("seats", ()):
        before, after = seat.get("before"), seat.get("after")
        if after:
            change = f" ({after['rating'] - before['rating']:+.0f})" if before else ""
            words.append(f"{seat['name']} {after['rating']:.0f} ±{after['error']:.0f}{change}")
        else:
            words.append(f"{seat['name']} {seat['score']:g}")
    return " · ".join([str(event.get("game", "")), *words])
