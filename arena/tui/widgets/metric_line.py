"""The line of metrics that can be drawn, the one that is drawn bright; a click chooses another."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from arena.tui.theme import QUIET, SEATS

WORDS = {
    "charts/episodic_return": "return",
    "charts/best_score": "best score",
    "explore/cells": "cells",
    "explore/rooms": "rooms",
    "charts/solved": "solved",
    "selfplay/rating": "rating",
    "selfplay/won": "won against its past",
    "selfplay/margin": "margin against its past",
    "practice/size": "size of mazes",
    "practice/left": "still before it",
    "practice/success": "success",
    "demonstrations/found": "demonstrations",
    "imitation/agreement": "agrees",
    "charts/episodic_score": "score",
    "charts/episodic_length": "length",
    "losses/policy_loss": "policy loss",
    "losses/value_loss": "value loss",
    "losses/td_loss": "td loss",
    "losses/q_values": "q values",
    "losses/entropy": "entropy",
    "losses/approx_kl": "kl",
    "losses/clipfrac": "clipped",
    "losses/explained_variance": "explained variance",
    "losses/grad_norm": "gradient norm",
    "charts/SPS": "steps/s",
    "charts/learning_rate": "learning rate",
    "charts/epsilon": "epsilon",
}
"""What metrics are called, in the order in which they are offered; others follow."""

HIDDEN = ("time/", "losses/old_approx_kl")
"""What is not offered: the first has a bar of its own, the second is the same as another."""

SHARES = {
    *("charts/solved", "losses/clipfrac"),
    *("practice/left", "practice/success", "imitation/agreement", "selfplay/won"),
}
"""Told in per cent."""

MEANINGS = {
    "charts/episodic_return": "rewards of an episode: mean of the latest",
    "charts/best_score": "of a trajectory that gave it again from the start",
    "charts/best_length": "its actions",
    "explore/cells": "places that have been reached",
    "explore/found": "cells that were new or bettered, an iteration",
    "explore/longest": "actions of the longest trajectory",
    "charts/solved": "of training's own levels, near exits too",
    "practice/size": "in which it practises: tiles a side",
    "practice/left": "of the demonstrations, not practised yet",
    "practice/success": "of the latest attempts, as good as demonstrated",
    "selfplay/won": "of the latest games against its past; a draw is half",
    "selfplay/margin": "of its score over the others', against its past",
    "selfplay/rating": "of its latest snapshot, Elo; the first is 0",
    "selfplay/rating_error": "of that rating, 95%",
    "demonstrations/found": "by exploring, to be imitated",
    "demonstrations/levels": "explored for demonstrations",
    "imitation/agreement": "of its actions with those demonstrated",
    "imitation/epochs": "passes over all demonstrations",
    "charts/episodic_score": "the game's own score: mean of the latest episodes",
    "charts/episodic_length": "steps of an episode: mean of the latest",
    "losses/entropy": "how undecided the policy is",
    "losses/approx_kl": "how far an update moves the policy",
    "losses/clipfrac": "of the updates, cut off at the clip range",
    "losses/explained_variance": "of the returns, by the value: 1 is all",
    "charts/SPS": "speed, iteration by iteration",
}
"""Short enough for 80 columns."""


def word(metric: str) -> str:
    return WORDS.get(metric) or metric.rpartition("/")[2].replace("_", " ")


def in_order(metrics: set[str]) -> list[str]:
    """Those that are offered, the usual first."""
    usual = {name: at for at, name in enumerate(WORDS)}
    offered = [name for name in metrics if not name.startswith(HIDDEN)]
    return sorted(offered, key=lambda name: (usual.get(name, len(usual)), name))


class MetricLine(Widget):
    """Posts `Chosen` when one is clicked."""

    DEFAULT_CSS = """
    MetricLine { height: 1; }
    """

    class Chosen(Message):
        def __init__(self, metric: str) -> None:
            super().__init__()
            self.metric = metric

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._metrics: Sequence[str] = ()
        self._chosen = ""

    def show(self, metrics: Sequence[str], chosen: str) -> None:
        if (metrics, chosen) != (self._metrics, self._chosen):
            self._metrics, self._chosen = metrics, chosen
            self.refresh()

    def _pieces(self, width: int) -> list[tuple[str, str | None]]:
        """Text, and the metric that it names. Where not all fit, those before the chosen give way."""
        names = [*self._metrics]
        at = names.index(self._chosen) if self._chosen in names else 0
        first = 0
        while first < at and sum(len(word(name)) + 3 for name in names[first : at + 2]) > width - 5:
            first += 1
        pieces: list[tuple[str, str | None]] = [("‹ ", names[first - 1])] if first else []
        used = 2 if first else 0
        for number, name in enumerate(names[first:], start=first):
            more = 2 if number < len(names) - 1 else 0
            if used + len(word(name)) + more > width:
                pieces.append(("›", name))
                break
            pieces += [(word(name), name), ("   ", None)]
            used += len(word(name)) + 3
        return pieces

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        bright = base + Style(color=SEATS[0], bold=True, underline=True)
        segments = [
            Segment(
                text, bright if name == self._chosen and text == word(name) else base + Style(color=QUIET)
            )
            for text, name in self._pieces(width)
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: Click) -> None:
        at = 0
        for text, name in self._pieces(self.size.width):
            at += len(text)
            if event.x < at:
                if name is not None:
                    self.post_message(self.Chosen(name))
                return
