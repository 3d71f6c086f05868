"""The curves of several runs: one metric large, the next ones small where there is room."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from arena.tui import comparing
from arena.tui.widgets.axes import end_of
from arena.tui.widgets.metric_line import MEANINGS, SHARES, MetricLine, in_order, word
from arena.tui.widgets.panel import Panel
from arena.tui.widgets.plot import Drawing, Line, Plot

if TYPE_CHECKING:
    from arena.store.progress import Progress
    from arena.store.runs import Run

FIRST = "charts/episodic_return"

MORE = 3
"""Small pictures."""

MORE_FROM = 90, 32
"""Columns and rows from which on there is room for them."""


class Curves(Vertical):
    """Draws what it is shown; which metric, and along which axis, is chosen here."""

    DEFAULT_CSS = """
    Curves { height: 1fr; }
    Curves #large { height: 1fr; }
    Curves #small { height: 30%; min-height: 9; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._runs: Sequence[Run] = ()
        self._known: Mapping[str, Progress] = {}
        self._colors: Mapping[str, str] = {}
        self._here: str | None = None
        self._metrics: list[str] = []
        self._metric = FIRST
        self._timed = False
        # Kept, not looked up: their time comes when the size is known, which may be before they are there.
        self._line, self._plot, self._panel = MetricLine(id="metrics"), Plot(id="plot"), Panel(id="large")
        self._small = Horizontal(id="small")
        self._more = [(Panel(id=f"small-{number}"), Plot()) for number in range(MORE)]

    def compose(self) -> ComposeResult:
        with self._panel:
            yield self._line
            yield self._plot
        with self._small:
            for panel, plot in self._more:
                with panel:
                    yield plot

    def on_mount(self) -> None:
        self._small.display = False

    def on_resize(self) -> None:
        columns, rows = self.size
        self._small.display = columns >= MORE_FROM[0] and rows >= MORE_FROM[1]
        self._draw()

    def show(
        self,
        runs: "Sequence[Run]",
        known: "Mapping[str, Progress]",
        colors: Mapping[str, str],
        here: str | None,
    ) -> None:
        """Draw `runs` from what is `known` of them, in their colours, the one that is `here` in front."""
        self._runs, self._known, self._colors, self._here = runs, known, colors, here
        self._metrics = in_order({metric for run in runs for metric in known[run.id].curves})
        self._draw()

    @property
    def metric(self) -> str:
        """The one that is drawn: the one that was chosen, where the runs have it."""
        return self._metric if self._metric in self._metrics or not self._metrics else self._metrics[0]

    def turn_metric(self, by: int) -> None:
        """Draw the next metric, or the one before."""
        if self._metrics:
            at = self._metrics.index(self.metric)
            self._metric = self._metrics[(at + by) % len(self._metrics)]
            self._draw()

    def turn_axis(self) -> None:
        """Draw over time instead of steps, or the other way round."""
        self._timed = not self._timed
        self._draw()

    def on_metric_line_chosen(self, event: MetricLine.Chosen) -> None:
        self._metric = event.metric
        self._draw()

    def _draw(self) -> None:
        self._line.show(self._metrics, self.metric)
        title = " · ".join([word(self.metric), *sorted({run.game for run in self._runs})])
        self._panel.entitle(title, MEANINGS.get(self.metric, ""))
        self._plot.show(self._drawing(self.metric, legend=True))
        if self._small.display and self._metrics:
            at = self._metrics.index(self.metric)
            for number, (panel, plot) in enumerate(self._more, start=1):
                metric = self._metrics[(at + number) % len(self._metrics)]
                panel.entitle(word(metric))
                plot.show(self._drawing(metric, legend=False))

    def _drawing(self, metric: str, *, legend: bool) -> Drawing:
        called = comparing.names(self._runs)
        lines = []
        for run in self._runs:
            curve = self._known[run.id].curves.get(metric)
            if curve is not None:
                across = curve.seconds if self._timed else curve.steps
                lines.append(
                    Line(called[run.id], self._colors[run.id], across, curve.values, run.id == self._here)
                )
        growing = any(run.state == "running" for run in self._runs)
        reached = max((line.across[-1] for line in lines), default=0.0)
        end = end_of(reached) if growing else reached
        whole = max((run.total_steps for run in self._runs), default=0)
        if not self._timed and reached <= whole:
            end = min(end, whole)
        words = "the curve begins with the first figures" if growing else "no figures were kept"
        return Drawing(tuple(lines), end, self._timed, metric in SHARES, words, legend)
