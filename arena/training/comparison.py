"""What several runs of one setting have come to, and how settings compare.

The final performance of a run is what its last line of metrics says: the means over the latest episodes of
training, as many as `episodes_of`. They were played by a policy that was still learning, drawn from or
exploring, on levels for training; `arena promote` measures the last policy on levels held out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.catalog import WITHOUT_POLICY, plays_as
from agents.episodes import Episodes
from arena.store.records import Option
from arena.store.runs import Run
from arena.training.estimates import Estimate, mean
from arena.training.statistics import probability_of_improvement, stratified_bootstrap

MEASURES = {
    "return": "charts/episodic_return",
    "score": "charts/episodic_score",
    "solved": "charts/solved",
    "best score": "charts/best_score",
}
"""What is told of episodes, by its name for people: the undiscounted sum of rewards; where games say so,
their own score and the share that was solved."""

POINTS = 50
"""Of a curve, at equal distances up to the last step."""

FEW = 5
"""Runs: intervals of fewer are rough."""


@dataclass(frozen=True, slots=True)
class Final:
    """One measure of the final performance, over runs."""

    values: Sequence[float]
    """One a run, in the order of the seeds."""
    mean: float
    iqm: float
    """The interquartile mean."""
    mean_interval: tuple[float, float] | None
    """95%; None of one run."""
    iqm_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Point:
    """A curve at one step: the interquartile mean over runs with its 95% interval."""

    step: int
    iqm: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Setting:
    """Runs that differ by nothing but their seed, all of them done."""

    agent: str
    game: str
    options: Mapping[str, Option]
    config: Mapping[str, Any]
    origin: Mapping[str, Any]
    """What they began with: see `Run.origin`."""
    runs: Sequence[Run]
    """In the order of their seeds."""
    final: Mapping[str, Final]
    """By the names of `MEASURES`; those that every run tells of."""
    curves: Mapping[str, Sequence[Point]]

    @property
    def plays(self) -> bool:
        """Whether it tells of episodes, and not of what exploring found."""
        return self.agent not in WITHOUT_POLICY

    @property
    def practises(self) -> bool:
        """Whether its episodes are not those of the game: they begin in a demonstration, or in smaller
        mazes."""
        return plays_as(self.agent) != self.agent

    @property
    def episodes(self) -> int:
        """So many episodes, at most, are in each figure of each run."""
        return episodes_of(self.config)

    def as_json(self) -> dict[str, Any]:
        return {
            "agent": self.agent,
            "game": self.game,
            "options": dict(self.options),
            "config": dict(self.config),
            "began_with": dict(self.origin) or None,
            "measured": f"mean of the last {self.episodes} training episodes of each run"
            if self.plays
            else "the best that exploring found in each run",
            "interval": "95%, stratified bootstrap over runs",
            "runs": [{"run": run.id, "seed": run.seed} for run in self.runs],
            "final": {name: asdict(final) for name, final in self.final.items()},
            "curves": {name: [asdict(point) for point in curve] for name, curve in self.curves.items()},
        }


def episodes_of(config: Mapping[str, Any]) -> int:
    """The latest episodes that a run's metrics are means of."""
    return max(Episodes.LATEST, 2 * int(config.get("num_envs", 1)))


def settings_of(runs: Sequence[Run]) -> list[Setting]:
    """The runs that count, those that differ by their seed alone together, in the order they are named."""
    alike: dict[str, list[Run]] = {}
    without = {id(run) for run, _ in left_out(runs)}
    for run in runs:
        if id(run) not in without:
            alike.setdefault(_key(run), []).append(run)
    return [_setting(sorted(found, key=lambda run: (run.seed, run.id))) for found in alike.values()]


def left_out(runs: Sequence[Run]) -> list[tuple[Run, str]]:
    """The runs that do not count, and why: those that are not done, and all but the newest of those that
    have even their seed in common, which are no two samples."""
    found = []
    newest: dict[tuple[str, int], Run] = {}
    for run in sorted(runs, key=lambda run: run.created):
        if run.state != "done":
            why = f": {run.why}" if run.why else ""
            found.append((run, f"{run.state} at step {run.step:,} of {run.total_steps:,}{why}"))
            continue
        if older := newest.get((_key(run), run.seed)):
            found.append((older, f"its seed, {run.seed}, was trained again as {run.id}"))
        newest[_key(run), run.seed] = run
    return found


def _key(run: Run) -> str:
    """Equal for runs that differ by nothing but their seed."""
    began_with = run.origin.get("digest")
    return json.dumps([run.agent, run.game, run.options, run.config, began_with], sort_keys=True)


def differences(settings: Sequence[Setting]) -> list[str]:
    """What to call each setting among the others: its agent, and what of its config they do not share."""
    names = []
    for one in settings:
        peers = [other for other in settings if (other.agent, other.game) == (one.agent, one.game)]
        told = [
            f"{key}={value}"
            for key, value in one.config.items()
            if any(other.config.get(key) != value for other in peers)
        ]
        options = [
            f"{key}={value}"
            for key, value in one.options.items()
            if any(other.options.get(key) != value for other in settings if other.game == one.game)
        ]
        began = [f"from={one.origin.get('player')}"] if one.origin else []
        names.append(" ".join([one.agent, *told, *options, *began]))
    return names


def improvements(settings: Sequence[Setting]) -> list[tuple[int, int, str, Estimate]]:
    """For each two settings of one game: their numbers, the measure they are compared by, and how probably a
    run of the first is better than one of the second."""
    found = []
    for one, other in combinations(range(len(settings)), 2):
        a, b = settings[one], settings[other]
        if (a.game, a.options, a.practises) != (b.game, b.options, b.practises):
            continue
        name = next((name for name in reversed(MEASURES) if name in a.final and name in b.final), None)
        if name and (better := probability_of_improvement(a.final[name].values, b.final[name].values)):
            found.append((one, other, name, better))
    return found


def _setting(runs: list[Run]) -> Setting:
    first = runs[0]
    metrics = [run.metrics() for run in runs]
    final, curves = {}, {}
    for name, key in MEASURES.items():
        told = [np.array([(line["step"], line[key]) for line in lines if key in line]) for lines in metrics]
        if all(len(rows) for rows in told):
            final[name] = _final([float(rows[-1, 1]) for rows in told])
            curves[name] = _curve(told, first.total_steps)
    return Setting(first.agent, first.game, first.options, first.config, first.origin, runs, final, curves)


def _final(values: list[float]) -> Final:
    column = np.array(values)
    means, middles = stratified_bootstrap([column], mean), stratified_bootstrap([column])
    if means is None or middles is None:
        return Final(values, values[0], values[0], None, None)
    return Final(values, means.mean, middles.mean, (means.low, means.high), (middles.low, middles.high))


def _curve(told: Sequence[NDArray[np.float64]], total_steps: int) -> list[Point]:
    """At each step what every run had told last, from where all of them have told something; at the end, what
    they told at their end."""
    points = []
    for number in range(1, POINTS + 1):
        step = total_steps * number // POINTS
        counts = [
            len(rows) if number == POINTS else int(np.searchsorted(rows[:, 0], step, side="right"))
            for rows in told
        ]
        if all(counts):
            final = _final([float(rows[count - 1, 1]) for rows, count in zip(told, counts, strict=True)])
            points.append(Point(step, final.iqm, final.iqm_interval))
    return points
