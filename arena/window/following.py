"""Runs on show: how far each is and how it learns, read from its folder time and again beside the drawing."""

import contextlib
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.errors import ArenaError, UsageError
from arena.store import names, runs, watched
from arena.store.progress import HEADLINES, Follower, Progress
from arena.store.records import Option
from arena.store.runs import Run
from arena.store.watched import Mark, Weights

if TYPE_CHECKING:
    from agents.agent import Learner
    from arena.matches.player import Player
    from arena.window.session import Setup

LOOK = 1.0
"""Seconds between two looks into a run's folder."""

ASK = 4.0
"""Seconds between two questions for weights."""

SHOWN = ("charts/solved", *HEADLINES, "explore/cells")
"""What a curve can show, the most telling first."""

State = Literal["running", "stopped", "done", "failed", "gone"]


class Curve(NamedTuple):
    """One figure over the steps."""

    figure: str
    """`solved` or `return`."""
    steps: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a run now."""

    run: Run
    state: State
    why: str
    """Why it failed."""
    step: int
    seconds: float
    """Of training so far."""
    rate: float | None
    """Steps a second, of late."""
    curves: tuple[Curve, ...]
    """The most telling first."""

    @property
    def curve(self) -> Curve | None:
        return self.curves[0] if self.curves else None


class Following:
    """One run. Its weights are asked for as they improve; who plays with them takes them when it likes."""

    def __init__(self, run: Run) -> None:
        self.label = run.agent
        """What people read above its board: see `name_apart`."""
        self.story = Story(run, run.state, run.why, run.step, 0.0, None, ())
        self.facing: int | None = None
        """The step of the weights that play now."""
        self.taken = 0.0
        """When they were taken, by the monotonic clock."""
        self._weights: Weights | None = None
        self._fresh = False
        self._mark: Mark | None = None
        self._follower = Follower(run.folder / "metrics.jsonl")
        self._known: Progress | None = None
        self._curves: tuple[Curve, ...] = ()
        self._agent: Learner | None = None
        self.looked = threading.Event()
        """Set when its folder has been read once."""
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def run(self) -> Run:
        return self.story.run

    def close(self) -> None:
        """Look no more."""
        self._left.set()

    def player(self) -> "Player | None":
        """A player with the newest weights, which draws its actions from its policy as it does in training;
        None while there are none yet. Raises ArenaError where they do not fit.

        All players of one run share one agent.
        """
        from arena.matches import roster

        weights = self._take()
        if weights is None:
            return None
        if self._agent is not None:
            with contextlib.suppress(ValueError):  # a run that was made anew under this name
                self._agent.load_weights(weights.tensors)
                return roster.learning(self._agent, self.run, weights)
        self._agent = watched.build(self.run, weights)
        return roster.learning(self._agent, self.run, weights)

    def take_up(self) -> bool:
        """Go on playing with newer weights, in the middle of whatever is played; whether there were any."""
        weights = self._take() if self._fresh else None
        if weights is None or self._agent is None:
            return False
        with contextlib.suppress(ValueError):  # a run that was made anew under this name has another network
            self._agent.load_weights(weights.tensors)
        return True

    def news(self) -> "Mapping[str, NDArray[Any]] | None":
        """The newest weights, once: None until others come."""
        weights = self._take() if self._fresh else None
        self.facing = None  # nobody plays with them
        return None if weights is None else weights.tensors

    @property
    def age(self) -> float:
        """Seconds since the weights that play were taken."""
        return time.monotonic() - self.taken

    def _take(self) -> Weights | None:
        with self._lock:
            if self._weights is not None and self._fresh:
                self._fresh, self.facing, self.taken = False, self._weights.step, time.monotonic()
            return self._weights

    # Beside the drawing

    def _follow(self) -> None:
        asked = -math.inf
        while not self._left.is_set():
            if time.monotonic() - asked >= ASK and self.story.state == "running":
                watched.ask(self.run.folder)
                asked = time.monotonic()
            self._look()
            self.looked.set()
            self._left.wait(LOOK)

    def _look(self) -> None:
        """Read what has changed. What cannot be read now, or is half written, is read the next time."""
        try:
            run = runs.read_run(self.run.folder)
        except ArenaError:
            if not self.run.folder.exists():
                self.story = replace(self.story, state="gone")
            return
        known = self._follower.read()
        step, seconds = int(known.latest.get("step", run.step)), known.latest.get("seconds", 0.0)
        if known is not self._known:
            self._known, self._curves = known, _curves(known)
        if self._left.is_set():  # whoever looks on has its own story to tell
            return
        self.story = Story(run, run.state, run.why, step, seconds, known.speed or None, self._curves)
        mark = watched.newest(run)
        if mark is not None and (self._mark is None or mark.written > self._mark.written):
            with contextlib.suppress(ArenaError):
                weights = watched.read(mark)
                with self._lock:
                    self._mark, self._weights, self._fresh = mark, weights, True


def _curves(progress: Progress) -> tuple[Curve, ...]:
    return tuple(
        Curve(
            name.rpartition("/")[2].removeprefix("episodic_"),
            np.array(progress.curves[name].steps),
            np.array(progress.curves[name].values),
        )
        for name in SHOWN
        if name in progress.curves
    )


def name_apart(following: Sequence[Following]) -> None:
    """Give each the shortest name that tells it from the others: its agent's, with the seed, or an id."""
    told = [f.run for f in following]
    choices = (
        [run.agent for run in told],
        [f"{run.agent} s{run.seed}" for run in told],
        [f"{run.agent} {run.id.partition(f'-s{run.seed}-')[2] or run.id}" for run in told],
        [run.id for run in told],
    )
    ids = [run.id for run in told]
    names = next((c for c in choices if len(set(zip(c, ids, strict=True))) == len(set(c))), choices[-1])
    for each, name in zip(following, names, strict=True):
        each.label = name


def shared_curve(stories: Sequence[Story]) -> str | None:
    """The most telling figure that every run with a curve has."""
    having = [{curve.figure for curve in story.curves} for story in stories if story.curves]
    for figure in [curve.figure for story in stories for curve in story.curves]:
        if having and all(figure in each for each in having):
            return figure
    return None


def runs_among(setup: "Setup") -> tuple[Run | None, ...]:
    """For each of the players its run, where it is one's that is followed. In a series of agents alone none
    is: what is rated there is a checkpoint, which can be named and asked again.

    Raises UsageError for a run that there is not, or that learns another game.
    """
    from agents.catalog import AGENTS
    from arena.matches import roster
    from arena.matches.player import BUILT_IN

    if not setup.endless and not any(map(names.is_person, setup.players)):
        return (None,) * len(setup.players)
    known = {*BUILT_IN, *AGENTS}
    told = tuple(
        None if name in known or names.is_person(name) else roster.run_of(name) for name in setup.players
    )
    for run in filter(None, told):
        if run.game != setup.game:
            raise UsageError(f"run {run.id} learns {run.game}, and cannot play {setup.game}")
    return told


def follow(setup: "Setup") -> tuple[Following | None, ...]:
    """Follow the runs among the players, each once, however many seats it has. Raises as `runs_among`, and
    UsageError for one that has no policy."""
    told = runs_among(setup)
    for run in filter(None, told):
        if not run.has_policy:
            raise UsageError(f"{run.id} has explored {run.game}, and has no policy to play by")
    each = {run.id: Following(run) for run in told if run is not None}
    name_apart(list(each.values()))
    return tuple(None if run is None else each[run.id] for run in told)


def as_trained(setup: "Setup", followed: Sequence[Following | None]) -> "Setup":
    """With the games' options that the runs were trained with, where none are named.

    Raises UsageError where the runs do not agree.
    """
    told = [following.run for following in followed if following is not None]
    options: dict[str, Option] = {}
    for name in sorted({name for run in told for name in run.options} - {"observation", *setup.options}):
        values = {run.options.get(name) for run in told}
        if len(values) > 1:
            known = " or ".join(sorted(str(value) for value in values if value is not None))
            raise UsageError(
                f"these runs were trained with different {name}: choose, --option {name}={known}"
            )
        if (value := values.pop()) is not None:
            options[name] = value
    return replace(setup, options={**options, **setup.options})
