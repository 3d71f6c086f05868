"""What runs have come to: final performance over seeds with intervals, curves, and who is better."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from arena.cli.listing import list_runs
from arena.cli.output import note, say, say_json, table
from arena.errors import ArenaError

if TYPE_CHECKING:
    from arena.store.runs import Run
    from arena.training.comparison import Setting

CURVE_ROWS = 10
"""Of a curve that people see; programs get all of it."""

CURVE_WIDTH = 40


def compare(names: Sequence[str], as_json: bool) -> None:
    """The runs of those ids, and of those groups. Raises UsageError for what is neither."""
    from arena.store import runs

    found: dict[str, Run] = {}
    for name in names:
        members = runs.of_group(name) or [runs.find(name)]
        found |= {run.id: run for run in members}
    chosen = list(found.values())
    if as_json:
        say_json(report(chosen))
    elif any(run.state == "done" for run in chosen):
        show(chosen)
    else:
        list_runs(chosen)
        note()
        note("figures over seeds are of finished runs; `arena train --resume RUN` goes on with one")


def report(runs: "Sequence[Run]") -> dict[str, object]:
    """All that is known, for programs."""
    from arena.training.comparison import differences, improvements, left_out, settings_of

    settings = settings_of(runs)
    return {
        "settings": [
            {"name": name, **setting.as_json()}
            for name, setting in zip(differences(settings), settings, strict=True)
        ],
        "better": [
            {
                "setting": one,
                "than": other,
                "measure": measure,
                "probability": better.mean,
                "interval": [better.low, better.high],
            }
            for one, other, measure, better in improvements(settings)
        ],
        "left_out": [
            {"run": run.id, "seed": run.seed, "state": run.state, "why": why, "step": run.step}
            for run, why in left_out(runs)
        ],
    }


def show(runs: "Sequence[Run]") -> None:
    """The same for people. Raises ArenaError where none of the runs is done."""
    from arena.training.comparison import FEW, differences, improvements, left_out, settings_of

    settings = settings_of(runs)
    for run, why in left_out(runs):
        note(f"left out: {run.id}, {why}")
    if not settings:
        raise ArenaError("none of these runs is done, and only finished ones are compared")
    names = differences(settings)
    by_game: dict[str, list[int]] = {}
    for number, setting in enumerate(settings):
        by_game.setdefault(setting.game, []).append(number)
    for game, numbers in by_game.items():
        _final(game, [names[n] for n in numbers], [settings[n] for n in numbers])
    for number, setting in enumerate(settings):
        if len(setting.runs) > 1:
            _curve(names[number], setting)
    for one, other, measure, better in improvements(settings):
        say()
        say(
            f"P({names[one]} is better than {names[other]}) by its {measure}: {better.mean:.0%} "
            f"[{better.low:.0%}, {better.high:.0%}]"
        )
    note()
    if any(1 < len(setting.runs) < FEW for setting in settings):
        note(f"Of fewer than {FEW} seeds an interval is rough: it is narrower than it should be.")
    if any(setting.plays for setting in settings):
        note("These are of training; `arena promote RUN` measures a run's last policy alone.")


def _final(game: str, names: Sequence[str], settings: "Sequence[Setting]") -> None:
    episodes = " or ".join(sorted({str(setting.episodes) for setting in settings if setting.plays}))
    of = [f"the last {episodes} training episodes of each run"] if episodes else []
    of += ["the best that exploring found in each run"] if not all(s.plays for s in settings) else []
    say(f"{game}: {' and '.join(of)}, over seeds with 95% intervals")
    rows = [
        (
            name,
            measure,
            _figure(measure, final.mean),
            _interval(measure, final.mean_interval),
            _figure(measure, final.iqm),
            _interval(measure, final.iqm_interval),
            str(len(setting.runs)),
        )
        for name, setting in zip(names, settings, strict=True)
        for measure, final in setting.final.items()
    ]
    table(("AGENT", "MEASURE", "MEAN", "", "IQM", "", "SEEDS"), rows, right=(2, 4, 6))


def _curve(name: str, setting: "Setting") -> None:
    """The return at every tenth of the steps, as figures and as a bar with its interval."""
    from arena.training.comparison import POINTS

    measure = "return" if setting.plays else "best score"
    points = setting.curves.get(measure, ())
    if not points:
        return
    shown = points[:: -(POINTS // CURVE_ROWS)][::-1]  # the tenths, of which the last is the end
    ends = [end for point in shown for end in (point.interval or (point.iqm,))]
    low, high = min(ends), max(ends)
    say()
    say(
        f"{setting.game} by {name}: {measure} against steps, IQM and 95% interval over "
        f"{len(setting.runs)} seeds"
    )
    table(
        ("STEPS", measure.upper(), "", f"{_figure(measure, low)} to {_figure(measure, high)}"),
        [
            (
                f"{point.step:,}",
                _figure(measure, point.iqm),
                _interval(measure, point.interval),
                _bar(point.iqm, point.interval, low, high),
            )
            for point in shown
        ],
        right=(0, 1),
    )


def _bar(value: float, interval: tuple[float, float] | None, low: float, high: float) -> str:
    """`    ├───●──┤` between the least and the greatest of all."""

    def place(x: float) -> int:
        return round((x - low) / (high - low) * (CURVE_WIDTH - 1)) if high > low else 0

    cells = [" "] * CURVE_WIDTH
    if interval is not None:
        begin, end = map(place, interval)
        cells[begin : end + 1] = "─" * (end + 1 - begin)
        cells[begin], cells[end] = "├", "┤"
    cells[place(value)] = "●"
    return "".join(cells)


def _figure(measure: str, value: float) -> str:
    return f"{value:.1%}" if measure == "solved" else f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _interval(measure: str, interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"[{_figure(measure, interval[0])}, {_figure(measure, interval[1])}]"
