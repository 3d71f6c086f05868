"""Agents that play alone, to be looked at: a champion, a run while it learns, or up to four in a race.

Weights are taken up as they come, also in the middle of a match: nothing of this is kept or rated. Several
players have the same level or opening before them. The process stands back for the training that it looks at.
"""

from collections.abc import Iterator
from dataclasses import replace

from arena.games.processes import cores
from arena.matches.match import Pairing
from arena.window import telling, thrift
from arena.window.following import runs_among
from arena.window.lens import FREELY, Kind
from arena.window.series import Series
from arena.window.session import Report, Setup

LENS_SHARE = 0.012
"""Of all processors, for maps over the boards while a training needs them."""

REST = 2.0
"""Seconds between two matches."""


class Watching(Series):
    """An endless series of matches of agents alone, with what they think and how they learn beside it."""

    rest = REST

    def __init__(self, setup: Setup, report: Report) -> None:
        """Raises UsageError for players that cannot be watched together."""
        self._stands_back = not any(runs_among(setup))
        """Whether it lets trainings go first, as far as it ever will."""
        self._thrift = thrift.Thrift()
        super().__init__(setup, report)
        self.rail = self.rail_shown = self.insight = True

    def _series(self) -> Iterator[Pairing]:
        """Everybody keeps a seat, and with it a colour."""
        seats = len(self.setup.players)
        seed: int | None = None
        for pairing in super()._series():
            if pairing.seed != seed:  # a new level, and not the same from another seat
                yield replace(pairing, order=tuple(range(seats)))
            seed = pairing.seed

    def _next(self) -> None:
        super()._next()
        if self.bout is not None:
            self.loading = ""  # the board stands until the next one is there

    def update(self, elapsed: float) -> None:
        guest = any(f is not None and f.story.state == "running" for f in self.followed)
        self.pictures = self._thrift.measure(guest)
        if self.lens is not None:
            self.lens.share = LENS_SHARE * cores() if guest else FREELY
        for following in {f for f in self.followed if f is not None}:
            following.take_up()
        super().update(elapsed)
        if self.bout is not None and not self._stands_back:
            self._stands_back = True
            thrift.stand_back()
        if self.bout is not None and (self.insight or self.rail) and self._ended is None:
            self.bout.think()

    def _back(self) -> None:
        super()._back()
        self.insight = True

    @property
    def has_rail(self) -> bool:
        return self.rail and (bool(self.learners()) or self.may_think)

    def more(self, name: str) -> None:
        if name == "rail":
            self.rail = self.rail_pinned = not self.rail_shown
        elif name in ("next", "accept") and self.bout and self._ended is None:
            if self._loading is None and self._settling is None:
                self._next()
        else:
            super().more(name)

    def title(self) -> str:
        if self.bout is None:
            return "arena"
        names = [f.label for _, f in self.learners()] or [p.identity.name for p in self.bout.match.players]
        return f"{', '.join(dict.fromkeys(names))} · {self.setup.game}"

    def status(self) -> str:
        told = super().status()
        learning = [f.story.state for _, f in self.learners()]
        if learning and "running" not in learning:
            ended = "nobody trains it now" if len(learning) == 1 else "nobody trains them now"
            return f"{told}   {ended}"
        return told

    def hint(self) -> str:
        if self.card is not None or self._ended is not None:
            return super().hint()
        maps: tuple[Kind, ...] = self.possible_maps
        parts = ["S what mattered"] if "choice" in maps else []
        parts += ["O maps"] if "values" in maps else []
        parts += ["L learning"] if self.learners() else []
        return "   ".join([*parts, "N next", "H keys", "Esc leave"])

    def key_help(self) -> list[tuple[str, str]]:
        keys = super().key_help()
        if self._ended is not None:
            return keys
        keys = keys if ("", "always") in keys else [("", "always"), *keys]
        return [("", "watching"), telling.NEXT_KEY, telling.RAIL_KEY, *keys]
